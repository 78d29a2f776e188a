package timeline

import (
	"iter"
	"slices"
	"sync"
	"time"

	"streamscope/internal/ringbuf"
)

// Options says how much a [Store] keeps. The zero value is usable.
type Options struct {
	// MaxEvents is the largest number of events kept. Zero means 1,048,576; a
	// negative number means no limit.
	MaxEvents int
	// MaxBytes is the largest estimated memory of the events kept. Zero means
	// 256 MiB; a negative number means no limit.
	MaxBytes int64
	// Start is the instant that offsets are measured from. Zero means the moment
	// of [NewStore]. Take it from the clock that events take their Time from.
	Start time.Time
}

// Store is the one true timeline: events in the order in which they were
// appended. It overwrites the oldest when a limit is passed. All methods may be
// called from any goroutine; none of them blocks on a reader.
type Store struct {
	ring  *ringbuf.Ring[Event]
	start time.Time // immutable after NewStore

	mu   sync.Mutex // guards last, and keeps appends in the order of offsets
	last time.Duration
}

// NewStore returns an empty store.
func NewStore(o Options) *Store {
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	s := &Store{start: o.Start}
	s.ring = ringbuf.New(ringbuf.Config[Event]{
		Entries: o.MaxEvents,
		Bytes:   o.MaxBytes,
		Size:    sizeOf,
		Stamp:   func(e *Event, seq uint64) { e.Seq = seq },
	})
	return s
}

// Start returns the instant that offsets are measured from.
func (s *Store) Start() time.Time { return s.start }

// Append adds an event and returns it as it was stored. Seq and Offset are
// assigned here: Offset is Time less the store's start, and never less than
// that of the event before, so that the order of events and of offsets agree.
// A zero Time means now. After [Store.Close] nothing is kept and Seq is 0.
func (s *Store) Append(e Event) Event {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	offset := e.Time.Sub(s.start)
	e.Time = e.Time.Round(0) // for display only: the monotonic reading is in Offset now
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last, offset)
	e.Offset = s.last
	e.Seq = s.ring.Append(e)
	return e
}

// Restore adds an event of a recording: Time and Offset stay as they were
// recorded, Seq is assigned.
func (s *Store) Restore(e Event) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last, e.Offset)
	e.Seq = s.ring.Append(e)
	return e
}

// At returns the event with a sequence number, and whether it is kept.
func (s *Store) At(seq uint64) (Event, bool) { return s.ring.At(seq) }

// Bounds returns the sequence numbers of the oldest event kept and of the one
// that comes next; equal when the store is empty.
func (s *Store) Bounds() (first, next uint64) { return s.ring.Bounds() }

// Len returns the number of events kept.
func (s *Store) Len() int { return s.ring.Len() }

// Bytes returns the estimated memory of the events kept.
func (s *Store) Bytes() int64 { return s.ring.Bytes() }

// All iterates over what is kept when the iteration begins, oldest first. The
// store is not locked while the loop body runs; what is overwritten meanwhile
// shows as a jump in Seq.
func (s *Store) All() iter.Seq[Event] { return s.Range(0, ^uint64(0)) }

// Range iterates over the kept events with from ≤ Seq < to, like [Store.All].
func (s *Store) Range(from, to uint64) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for _, e := range s.ring.Range(from, to) {
			if !yield(e) {
				return
			}
		}
	}
}

// Close ends the store: appends are ignored, and the wake channel of every
// cursor is closed. What is kept can still be read.
func (s *Store) Close() { s.ring.Close() }

// Cursor returns a reader whose first event is the one numbered from; 0 means
// the oldest kept. Close it when done.
func (s *Store) Cursor(from uint64) *Cursor {
	return &Cursor{ring: s.ring.Cursor(from)}
}

// Cursor is one reader's place in a [Store]. It belongs to one goroutine; only
// Wake and Close may be used from another.
type Cursor struct {
	ring *ringbuf.Cursor[Event]
}

// Wake returns the channel that holds one signal when there may be something to
// read, however much has come. It is closed with the store or the cursor; Next
// may then still return what is left.
func (c *Cursor) Wake() <-chan struct{} { return c.ring.Wake() }

// Pos returns the sequence number of the event that Next will look for.
func (c *Cursor) Pos() uint64 { return c.ring.Pos() }

// Next appends everything after the cursor to buf and returns it; pass buf[:0]
// to use the memory again. Events that were overwritten before they could be
// read appear as one [Dropped] event with the number of the last of them.
func (c *Cursor) Next(buf []Event) []Event { return c.NextN(buf, int(^uint(0)>>1)) }

// NextN is [Cursor.Next] with a limit on the number of events taken. If any are
// left, the cursor is woken again.
func (c *Cursor) NextN(buf []Event, limit int) []Event {
	start := len(buf)
	buf, dropped := c.ring.NextN(buf, limit)
	if dropped == 0 {
		return buf
	}
	loss := Event{
		Seq:     c.ring.Pos() - uint64(len(buf)-start) - 1,
		Payload: Dropped{Count: dropped},
	}
	if start < len(buf) {
		loss.Time, loss.Offset = buf[start].Time, buf[start].Offset
	}
	return slices.Insert(buf, start, loss)
}

// Close takes the cursor off the store and closes its wake channel.
func (c *Cursor) Close() { c.ring.Close() }

// eventBytes is what an event costs beside the text that its payload points to:
// the event itself, and a payload of middling size behind the interface.
const eventBytes = 240

// sizeOf estimates the memory of an event. Only what can be large is counted.
func sizeOf(e *Event) int {
	n := eventBytes
	switch p := e.Payload.(type) {
	case Frame:
		n += len(p.Body) + len(p.CID) + len(p.Bad)
	case HTTPRequest:
		n += len(p.Body) + len(p.Query) + len(p.Path) + 16*len(p.Members)
	case HTTPResponse:
		n += len(p.Body) + len(p.Path)
	case CallEvent:
		n += 16 * (len(p.Members) + len(p.Accepted) + len(p.Rejected) + len(p.Missed))
	case ConnectFailed:
		n += 256 * len(p.All)
	case Note:
		n += len(p.Text)
	case Mark:
		n += len(p.Text)
	}
	return n
}
