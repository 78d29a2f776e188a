// Package ringbuf is an append-only ring of values that numbers what it is
// given, keeps the newest part of it, and never makes a writer wait for a
// reader.
//
// # Model
//
// Every value gets a sequence number, from 1, without gaps. A [Ring] keeps a
// contiguous run of them, [first, next), as [Ring.Bounds] reports; when a limit
// in entries or in bytes is passed the oldest are overwritten. Values live in
// chunks of [ChunkSize]; a chunk that has been overwritten as a whole is used
// again, so a ring that has filled once appends without allocating.
//
// Readers pull. A [Cursor] remembers the next sequence number it wants, is woken
// through its own one-slot channel, and takes everything that has arrived since.
// A reader that is too late is told how many values it missed: loss is counted,
// never silent. The usual loop is
//
//	c := r.Cursor(0)
//	defer c.Close()
//	for open := true; open; {
//		_, open = <-c.Wake()
//		batch, dropped = c.Next(batch[:0])
//		…
//	}
//
// # Ownership and concurrency
//
// A Ring is a mutex around data: it starts no goroutine, and all its methods may
// be called from any goroutine. The lock is held for the copying of at most one
// chunk. The Size and Stamp functions are called with the lock held and must not
// call back into the ring. A Cursor belongs to one reader; only its Wake and
// Close may be used from another goroutine.
//
// # What it does not do
//
// It does not copy deeply: a value that holds pointers shares them with every
// reader, so what is appended must not be changed afterwards. It does not block,
// filter or store on disk.
package ringbuf
