// Package explain is the dictionary: it turns a coordinator code, a WebSocket
// close code, an error text, a trap of the official client or a user token into
// what it means, why it happens, what to do about it, and what the app sees
// meanwhile.
//
// The dictionary is one table of [Entry] values, written as data in the files
// codes.go, closes.go, texts*.go, transport.go, provider.go, peers.go,
// traps.go and symptoms.go, and put together once in entry.go. Everything else is a way to find
// entries in it: [Code], [Close], [Trap], [Text] for any line of a log, [Lookup]
// for what a person types, and [Failure] for a failure of our own, which also
// words the entry for the facts at hand. [Token] and [TokenVerdict] are the
// token bench: they judge a token before the service does.
//
// All functions are pure: no network, no clock that is not passed in, no state
// but the table, which never changes after it is built. They are safe for
// concurrent use. Text that came from outside is cleaned of control characters
// in every result, and no result holds a token.
//
// The package recognises nothing by itself: that a trap has sprung is decided
// by the fold in package timeline, and what the session does next by package
// session. The sentences here are for people; nothing may decide by them.
package explain
