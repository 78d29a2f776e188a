// Package tap stands between the developer's own app and Stream: the app's SDK is
// pointed at it by its base-URL option, and it passes everything on.
//
//	app ──HTTP, WebSocket──> Proxy ──> upstream
//	                           │ decoded, both directions
//	app ──log lines──> hub ────┤
//	    <──log levels──        └──> timeline.Store, logsink.Store
//
// # Model
//
// A [Proxy] publishes what passes as the events of package timeline, one session for
// each user of an API key, so that whatever reads a timeline works on it. What the
// app's client is up to inside is read from its traffic by the fold.
//
// A request is told to its user by its query, its token or its body; a socket by its
// auth message. What a socket did before that is kept back until then.
//
// # What it never does
//
// It does not change bytes, the order of messages, their kind, close codes, reasons
// or answers, unless an armed fault says so, and it answers nobody in the place of
// the other end. Where upstream cannot be reached the app's connection is cut, as
// the network would do it: no close frame, no status of ours. A connection of the app
// has one of its own to upstream, and no request is made twice. Only strangers, who
// are turned away before anything is passed on, get an answer of its own.
//
// Two things are each end's own and not passed on byte by byte, because the
// WebSocket library does them: compression, which is used towards the app exactly
// when upstream agreed to it, and the pongs that answer control pings. A ping of one
// end makes one at the other.
//
// # Ownership and concurrency
//
// Every socket has a goroutine for each direction. They end with the socket, and all
// of them before [Proxy.Serve] returns. A slow end holds back the other: nothing
// piles up but what a fault keeps back.
package tap
