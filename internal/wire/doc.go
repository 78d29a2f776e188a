// Package wire holds the JSON shapes that travel between a Stream Video client
// and its coordinator, as both of our ends and the tap read and write them.
//
// The model is deliberately thin: a struct per message, the numeric error
// [Code] with the service's own names, a [Time] that reads both of the formats
// the service uses, [SniffType] to learn what a frame is without decoding it,
// and [Clean] to make text from the network safe to show.
//
// Decoding is tolerant, because a debugger must survive what it is there to
// show: missing and unknown members are fine, a member of the wrong shape is
// left zero and reported by the error of [Decode] while the rest is still
// filled in, and nothing panics. Encoding is strict: members that the service
// always sends are always sent, empty lists as [] and empty objects as {}.
//
// All types are plain values without goroutines or locks. The package does no
// I/O, keeps no state, and knows nothing about sockets, retries or ringing.
package wire
