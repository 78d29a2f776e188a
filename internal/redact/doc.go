// Package redact masks secrets in text that is about to be kept, logged or shown:
// tokens by their shape, other secrets by the key in front of them.
//
// It works on text, not on parsed JSON, because what it is given may be cut,
// escaped twice, a URL, a header or a sentence. A mask keeps the shape and the
// last six characters of what it hides, and redacting twice changes nothing more.
//
// All functions are pure and may be called from any goroutine. The package does
// not know where text comes from, and cannot find a secret that looks like a word
// and stands behind no telling key.
package redact
