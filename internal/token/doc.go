// Package token reads, masks, signs and checks the JSON Web Tokens that Stream
// Video users connect with.
//
// [Parse] looks into a token without checking its signature, because the
// program must say what is wrong with a token that nobody would accept.
// [Verify] checks the signature and nothing else. [Sign] makes development
// tokens. [Raw] is the type that a token travels in: whatever prints it, be it
// fmt, slog, JSON or YAML, shows the mask, and only [Raw.Reveal] gives the text.
//
// All functions are pure and safe for concurrent use; nothing is kept. No error
// of this package contains any part of a token or secret.
//
// The package does not judge: what a claim means for a session is the business
// of package explain.
package token
