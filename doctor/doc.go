// Package doctor finds out whether the network between this machine and Stream
// stands in the way of a connection, and where.
//
// # Model
//
// [Run] makes a fixed list of checks and returns one [Finding] for each, in the
// order of the list: proxy settings, DNS, both families of addresses, TLS, HTTP,
// clock, WebSocket upgrade, location hint. Checks that do not need each other run
// at the same time; one whose ground is missing is skipped and says so. No check
// sends a token.
//
//	proxy   hint
//	dns ─┬─ ipv4 ── ipv6
//	     └─ tls ─┬─ http ── clock
//	             └─ websocket
//
// What a failure means and what to do comes from the dictionary in explain.
//
// # Ownership and concurrency
//
// Run owns the goroutines of its checks and has ended them when it returns, at the
// latest when its time is up. A [Report] is a value.
//
// # What it does not do
//
// It does not connect a user: that is what a session is for. It changes nothing,
// and it cannot see what only other machines on the way know.
package doctor
