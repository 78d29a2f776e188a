// Package faultwire makes one end of a wire misbehave: the dialer and the requests
// of our own session, and the tap in the middle of somebody else's.
//
// The server is real and knows nothing of it: what a fault says that the server does
// is done here, on the way. A [Set] holds what is armed and decides what strikes.
// [Set.Wrap] puts it on the way of a socket's messages, in both directions;
// handshakes and requests ask it with [Set.Strike], and [Refusal] is the answer that
// a struck request gets. A kind is extended in the switch of the place where it
// strikes.
//
// A Set is safe for concurrent use. A wrapped socket owns one goroutine, which ends
// with it. Nothing is read from the network here and nothing is shown: who is struck
// is told to the function that the Set was made with.
package faultwire
