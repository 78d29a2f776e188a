// Package coordinator is a local Stream Video coordinator: a real HTTP and
// WebSocket server that official clients and server SDKs run against unchanged,
// for development, for tests, and for causing every failure on purpose.
//
// # Model
//
// [Server] holds users, calls and connections in memory. A client opens
// /video/connect, proves who it is in its first frame, and receives events; the
// REST routes of both API surfaces (/video with RFC 3339 times, /api/v2 with
// integer nanoseconds) change users and calls, and every change becomes an event
// for the members and watchers of the call. Failures are told in Stream's own
// envelope, and on the socket by connection.error after a good upgrade, never by
// the status of the upgrade (protocol.md 2.6).
//
// Faults ([Server.Arm]) are small values of package fault. Each kind is a stage
// at one of four places: the listener, the handshake, the frames of a
// connection, the requests. Simulated users ([Server.Ring],
// [Server.SetBehaviour]) go through the same call logic as HTTP clients.
//
// What there is from the start is a [Seed], which [LoadSeed] reads from a file.
//
// # Who may use it, and how much
//
// Through a loopback address it answers the programs and pages of this machine:
// a foreign Origin and a Host that somebody's name server could answer for are
// refused (origin.go). Whatever a client sends is bounded in size and time:
// headers, bodies, frames, paths, ids, custom data, queries, the auth message of
// a socket, and what waits for a client that does not read. Users, calls,
// connections, faults and the members of a call are limited in number.
//
// # Extending it, most common first
//
//   - an answer to a request: add a row to the route table in routes.go, and to
//     the exchanges of shape_test.go
//   - an event: emit it where the state changes (ring.go, session.go, user.go)
//   - a fault: add its kind to package fault, then a stage in fault_frames.go,
//     fault_conn.go or fault_rest.go
//   - a behaviour of a simulated user: puppet.go
//
// # Ownership and concurrency
//
// All methods are safe for concurrent use. The data (users, calls, the list of
// connections) is guarded by one mutex, under which nothing blocks: sending to a
// connection appends to its outbox. Each connection is owned by one goroutine,
// which reads: that of its HTTP handler until it is authenticated, then its own.
// A second one exists only while its outbox is not empty. Timers (missed calls,
// simulated users) belong to the server. [Server.Serve] and [Server.Close]
// return when all of these have ended. Hooks are called in order, never at the
// same time, and without a lock held.
//
// # What it does not do
//
// It keeps nothing on disk, carries no media (the credentials of a join lead
// nowhere), sends no push notifications, and knows only the permissions that
// ringing needs. Times are the clock's: inside a testing/synctest bubble they
// are the bubble's.
package coordinator
