// Package replay puts a recording to use: as a server that answers a client as
// the recorded server did, and beside another recording, to find where the two
// part.
//
// # Model
//
// [NewScript] reads a timeline and keeps the server's side of it. Each recorded
// socket that reached the network becomes a part: how its upgrade ended (open,
// refused with a status, never answered, cut), the frames that came in with
// their distance from the auth frame, and the end (a close frame, a loss, or the
// client's own going). Each answer to a REST request is kept under its method
// and path, in order. [Server] plays that: the n-th socket gets the n-th part of
// its user, the n-th request its n-th answer, and the last answer repeats.
// Connection ids, times in bodies and error texts are as they were recorded.
// Tokens are not, because recordings hold none: any token is accepted, and a
// guest is given one that the server signs itself.
//
// [Diff] takes two timelines apart into lanes (the connection, the requests,
// the answers, the calls of each session, and the faults), because what happens
// in two lanes has no order that means anything. It gives users, calls and
// sessions numbers in the order in which a lane meets them, leaves out ids,
// times, sizes and keep-alives, and returns the earliest step at which a lane
// of one recording is not that of the other.
//
// # Ownership and concurrency
//
// A Script is immutable. A Server plays each socket in the goroutine of its HTTP
// handler; a second one reads what the client says and ends before the first.
// [Server.Serve] returns when all of them have ended. What has been played is
// guarded by one mutex. Diff is a pure function.
//
// # What it does not do
//
// It does not judge what a client sends: a request that the recorded client did
// not make is answered with 404 and code 16 (telemetry, which means nothing to
// the story, with 201), and a frame with silence. A body that was cut when it was recorded is sent as far as it was kept. WebSocket
// pings are the library's.
package replay
