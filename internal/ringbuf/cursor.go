package ringbuf

import "slices"

// Cursor is one reader's place in a [Ring]. Make one with [Ring.Cursor]; it
// belongs to one goroutine, except for Wake and Close.
type Cursor[T any] struct {
	ring *Ring[T]
	wake chan struct{} // one slot; closed, with ring.mu held, at the end
	pos  uint64        // owned by the reader
}

// Cursor returns a cursor whose first value will be the one with the sequence
// number from. Zero means the oldest that is kept; the next number of
// [Ring.Bounds] means only what is yet to come. If there is something to read at
// once, the cursor is already woken. Close it when done.
func (r *Ring[T]) Cursor(from uint64) *Cursor[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if from == 0 {
		from = r.first
	}
	c := &Cursor[T]{ring: r, wake: make(chan struct{}, 1), pos: from}
	if r.closed {
		close(c.wake)
		return c
	}
	r.cursors = append(r.cursors, c)
	if from < r.next {
		c.signal()
	}
	return c
}

// Wake returns the channel that receives a value when there may be something to
// read. It holds one signal, however much has arrived: after a signal, call Next.
// It is closed when the ring or the cursor is closed; Next may then still return
// what is left.
func (c *Cursor[T]) Wake() <-chan struct{} { return c.wake }

// Pos returns the sequence number of the next value that Next will look for. The
// first value of the batch that Next has just returned has the number
// Pos() - len(batch).
func (c *Cursor[T]) Pos() uint64 { return c.pos }

// Next appends everything after the cursor to buf, moves the cursor behind it and
// returns the extended slice; pass buf[:0] to use the memory again. The second
// result is the number of values that were overwritten before this batch could be
// read. Values overwritten while Next is at work end the batch early; they are
// counted by the call after it, for which the cursor is woken.
func (c *Cursor[T]) Next(buf []T) (batch []T, dropped uint64) {
	return c.NextN(buf, int(^uint(0)>>1))
}

// NextN is [Cursor.Next] with a limit on how many values are taken. If any are
// left the cursor is woken again.
func (c *Cursor[T]) NextN(buf []T, limit int) (batch []T, dropped uint64) {
	first, next := c.ring.Bounds()
	if c.pos < first {
		dropped = first - c.pos
		c.pos = first
	}
	end := next
	if uint64(limit) < next-min(c.pos, next) {
		end = c.pos + uint64(limit)
	}
	for c.pos < end {
		var ok bool
		if buf, ok = c.take(buf, end); !ok {
			break
		}
	}
	if c.pos < next {
		c.ring.again(c)
	}
	return buf, dropped
}

// take copies up to one chunk. It reports false if the cursor has been overtaken.
func (c *Cursor[T]) take(buf []T, end uint64) ([]T, bool) {
	r := c.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.pos < r.first {
		return buf, false
	}
	buf, c.pos = r.copyLocked(buf, c.pos, end)
	return buf, true
}

// signal fills the slot of the wake channel if it is empty; ring.mu is held.
func (c *Cursor[T]) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (r *Ring[T]) again(c *Cursor[T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.cursors, c) {
		c.signal()
	}
}

// Close takes the cursor off the ring and closes its wake channel. Closing twice,
// or after the ring, is harmless.
func (c *Cursor[T]) Close() {
	r := c.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.cursors, c); i >= 0 {
		r.cursors = slices.Delete(r.cursors, i, i+1)
		close(c.wake)
	}
}
