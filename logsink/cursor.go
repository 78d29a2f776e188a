package logsink

import (
	"math"
	"slices"
)

// Cursor is one reader's place in a [Store]. Make one with [Store.Cursor]; it
// belongs to one goroutine, except for Wake and Close.
type Cursor struct {
	store *Store
	wake  chan struct{} // one slot; closed, with store.mu held, at the end
	pos   uint64        // owned by the reader
}

// Cursor returns a cursor whose first line will be the one with the sequence number
// from; zero means the oldest that is kept. If there is something to read at once
// it is already woken. Close it when done.
func (s *Store) Cursor(from uint64) *Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from == 0 {
		from = s.first
	}
	c := &Cursor{store: s, wake: make(chan struct{}, 1), pos: from}
	if s.closed {
		close(c.wake)
		return c
	}
	s.cursors = append(s.cursors, c)
	if from < s.next {
		c.signal()
	}
	return c
}

// Wake returns the channel that receives a value when there may be something to
// read: one, however much has arrived. It is closed when the store or the cursor is
// closed; Next may then still return what is left.
func (c *Cursor) Wake() <-chan struct{} { return c.wake }

// Pos returns the sequence number of the next line that Next will look for.
func (c *Cursor) Pos() uint64 { return c.pos }

// Next appends the lines after the cursor to buf, moves the cursor behind them and
// returns the extended slice; pass buf[:0] to use the memory again. The second
// result is the number of lines that were dropped before they could be read. Lines
// dropped while Next is at work end the batch early and are counted by the next
// call, for which the cursor is woken.
func (c *Cursor) Next(buf []Row) (rows []Row, dropped uint64) {
	return c.NextN(buf, math.MaxInt)
}

// NextN is [Cursor.Next] with a limit on how many lines are taken. If any are left
// the cursor is woken again.
func (c *Cursor) NextN(buf []Row, limit int) (rows []Row, dropped uint64) {
	first, next := c.store.Bounds()
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
		c.again()
	}
	return buf, dropped
}

// take copies the rows of at most one chunk. It reports false if the cursor has been
// overtaken.
func (c *Cursor) take(buf []Row, end uint64) ([]Row, bool) {
	s := c.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.pos < s.first {
		return buf, false
	}
	buf, c.pos = s.rowsLocked(buf, c.pos, end)
	return buf, true
}

// signal fills the slot of the wake channel if it is empty; store.mu is held.
func (c *Cursor) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Cursor) again() {
	c.store.mu.Lock()
	defer c.store.mu.Unlock()
	if slices.Contains(c.store.cursors, c) {
		c.signal()
	}
}

// Close takes the cursor off the store and closes its wake channel. Closing twice,
// or after the store, is harmless.
func (c *Cursor) Close() {
	s := c.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.cursors, c); i >= 0 {
		s.cursors = slices.Delete(s.cursors, i, i+1)
		close(c.wake)
	}
}
