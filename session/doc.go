// Package session is one user's connection to a Stream Video coordinator: the
// official JavaScript client's twin in Go, traps included.
//
// # The model
//
// [Session.Run] is a loop around a pure machine. The loop takes one input at a
// time (a command, the result of something it started, or the passing of time),
// lets the machine step, and then, in this order, publishes the [Status],
// appends the events to Config.Timeline, and carries out the effects: so the
// record always shows a cause before its consequence. The machine does no I/O,
// reads no clock and starts nothing; it is what the tests explore.
//
//	command, result, timer ──> machine.step(now, input) ──> events ──> timeline.Store
//	        ^                                          └──> effects ─> dial, send, load, request …
//	        └─────────────────── results, with the attempt's number ────────┘
//
// Each socket is an attempt with a number. What an effect starts carries the
// number, the result brings it back, and a result whose attempt is over is
// dropped with a Note.
//
// The official client is written with promises and timers that run beside each
// other, and what goes over the wire depends on how they meet. So the machine
// has promises ([promise], settled within a step) and a list of deadlines
// ([timers]); the file layout follows the client's own parts: the outer loop of
// connectUser (machine_connect.go), the connection object and its sockets
// (machine_socket.go, machine_frames.go), parallel reconnects
// (machine_reconnect.go, backoff.go), health (health.go), the token manager
// (token.go, token_judge.go), REST with its gate (rest.go), the location hint
// (hint.go), telemetry (telemetry.go), and calls (ringing.go, ring_*.go). What policy steady repairs
// is in steady.go and in the branches that ask for it; each time it tells in a Note
// what it did and what the official client would have done.
//
// A server can make the official client keep as much as it likes. Here calls, the
// events that wait for their turn, members and requests in flight have bounds, and
// what a bound leaves out is counted in a Note.
//
// # States
//
// The word for what a session does is derived from the client's variables, not
// kept beside them (state.go). These are the transitions that can be seen, and
// what causes each; TestTransitionTable holds the table to what the machine does.
//
//	from            to              on
//	idle            loading token   connectUser
//	loading token   no socket       an anonymous user: a token or none, and no socket by design
//	loading token   dialing         the token is there
//	loading token   connected       connection.ok on a socket that lives on
//	loading token   backoff         the token source failed, or its token is refused
//	loading token   failed          the same, in the last attempt of connectUser
//	loading token   stalled         the same, while reconnecting (K6)
//	loading token   offline         the same, while the device is offline
//	loading token   disconnected    disconnectUser, while reconnecting
//	dialing         authenticating  the upgrade is answered: the auth message goes out
//	dialing         loading token   refused or given up, where a new token comes first
//	dialing         backoff         refused, reset, or no answer in time
//	dialing         failed          the same, in the last attempt of connectUser
//	dialing         offline         the same, while the device is offline
//	dialing         disconnected    disconnectUser, while reconnecting
//	authenticating  connected       connection.ok
//	authenticating  loading token   refused or given up, where a new token comes first
//	authenticating  dialing         reconnect by the user or the app
//	authenticating  backoff         close, no answer in time, or code 40 with a provider
//	authenticating  failed          connection.error or close 1000, in the last attempt
//	authenticating  stalled         connection.error or close 1000 while reconnecting (K3, K4, K5)
//	authenticating  offline         any of these, while the device is offline
//	authenticating  disconnected    disconnectUser, while reconnecting
//	connected       backoff         any close but 1000, silence for 35 s, reconnect by the user or the app
//	connected       loading token   the same, beside a token that is being loaded
//	connected       offline         the device went offline
//	connected       stalled         a second connection.error without a refresh (K9)
//	connected       disconnected    disconnectUser
//	backoff         dialing         the earliest wait is over
//	backoff         loading token   the same, where a new token comes first
//	backoff         connected       connection.ok on a socket that lives on
//	backoff         failed          the wait for health of the last attempt is over
//	backoff         stalled         the last wait that led anywhere is over
//	backoff         offline         the device went offline
//	backoff         disconnected    disconnectUser
//	offline         backoff         the device is online again
//	offline         loading token   a wait is over, or connectUser
//	offline         dialing         a wait is over
//	offline         connected       connection.ok on the socket that was there
//	offline         stalled         the device is online again, and nothing follows
//	offline         failed          the last attempt of connectUser is over
//	offline         disconnected    disconnectUser
//	stalled         backoff         online, silence (protocol.md 4.4, row 29), reconnect by the user or the app
//	stalled         offline         the device went offline
//	stalled         connected       connection.ok on a socket that lives on (K9)
//	stalled         disconnected    disconnectUser
//	failed          loading token   connectUser
//	failed          backoff         connectUser, with the user of the failed one still set (K11, K12)
//	failed          offline         the same, while the device is offline
//	failed          stalled         the same, where an old success is taken for the new one
//	failed          disconnected    disconnectUser
//	disconnected    loading token   connectUser
//	no socket       loading token   connectUser of another user
//	no socket       disconnected    disconnectUser
//
// # Ownership and concurrency
//
// The loop's goroutine owns the machine and all that hangs on it. Every other
// goroutine is started by the loop's spawn: one that dials and reads for each
// socket, one that writes, one for each close handshake, token load and REST
// call. They end before Run returns, and a panic in one ends Run with an error.
// The exported methods may be called from anywhere: they post an input, or read
// an atomic snapshot.
//
// # Secrets
//
// Tokens live in the token manager, in the auth frame and in Authorization.
// Events hold [timeline.TokenInfo], and bodies that [timeline.Redact] has
// cleaned; log records and errors hold neither.
//
// # What it does not do
//
// There is no media: joined means that the coordinator has answered the join.
// Accidents of a JavaScript process (an unhandled rejection that ends Node) are
// told, not imitated. Words for people are package explain's.
package session
