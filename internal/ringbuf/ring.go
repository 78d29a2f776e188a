package ringbuf

import (
	"iter"
	"slices"
	"sync"
)

// ChunkSize is the number of values in a chunk, and the largest number that is
// copied in one hold of the lock.
const ChunkSize = 1024

// Defaults of [Config].
const (
	DefaultEntries = 1 << 20
	DefaultBytes   = 256 << 20
)

// Config says how much a [Ring] keeps and how its values are measured. It is not
// changed by the ring.
type Config[T any] struct {
	// Entries is the largest number of values kept. Zero means
	// DefaultEntries; a negative number means no limit in entries.
	Entries int
	// Bytes is the largest sum of Size over the values kept. Zero means
	// DefaultBytes; a negative number means no limit in bytes. The newest value
	// is kept even if it alone is larger.
	Bytes int64
	// Size returns what a value costs, in bytes. It is called once for each
	// value, after Stamp. Nil means that values cost nothing and only Entries
	// limits the ring.
	Size func(v *T) int
	// Stamp, if set, writes the sequence number into the value as it is
	// appended.
	Stamp func(v *T, seq uint64)
}

// Ring is a ring of values. Make one with [New].
type Ring[T any] struct {
	maxEntries uint64 // immutable after New; 0 means no limit
	maxBytes   int64  // immutable after New; 0 means no limit
	size       func(*T) int
	stamp      func(*T, uint64)

	mu      sync.Mutex // guards what follows
	chunks  []*chunk[T]
	base    uint64 // index of chunks[0] in the run of all chunks
	spare   *chunk[T]
	first   uint64
	next    uint64
	bytes   int64
	cursors []*Cursor[T]
	closed  bool
}

type chunk[T any] struct {
	values [ChunkSize]T
	sizes  [ChunkSize]int
}

// New returns an empty ring whose first value will have the sequence number 1.
func New[T any](cfg Config[T]) *Ring[T] {
	r := &Ring[T]{size: cfg.Size, stamp: cfg.Stamp, first: 1, next: 1}
	switch {
	case cfg.Entries == 0:
		r.maxEntries = DefaultEntries
	case cfg.Entries > 0:
		r.maxEntries = uint64(cfg.Entries)
	}
	switch {
	case cfg.Bytes == 0:
		r.maxBytes = DefaultBytes
	case cfg.Bytes > 0:
		r.maxBytes = cfg.Bytes
	}
	return r
}

// Append adds a value, overwrites the oldest as the limits demand, wakes every
// cursor and returns the sequence number of the value. It never blocks on a
// reader. After [Ring.Close] it keeps nothing and returns 0.
func (r *Ring[T]) Append(v T) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return 0
	}
	seq := r.next
	c, i := r.slotLocked(seq)
	p := &c.values[i]
	*p = v
	if r.stamp != nil {
		r.stamp(p, seq)
	}
	if r.size != nil {
		c.sizes[i] = r.size(p)
		r.bytes += int64(c.sizes[i])
	}
	r.next++
	r.evictLocked()
	for _, c := range r.cursors {
		c.signal()
	}
	return seq
}

// slotLocked returns the place of a sequence number that is kept or about to be,
// adding a chunk at the end if there is none for it yet.
func (r *Ring[T]) slotLocked(seq uint64) (*chunk[T], int) {
	at := (seq-1)/ChunkSize - r.base
	if at == uint64(len(r.chunks)) {
		c := r.spare
		r.spare = nil
		if c == nil {
			c = new(chunk[T])
		}
		r.chunks = append(r.chunks, c)
	}
	return r.chunks[at], int((seq - 1) % ChunkSize)
}

// evictLocked drops the oldest values until the limits hold. Dropped slots are
// cleared, so that what they pointed to can be collected at once.
func (r *Ring[T]) evictLocked() {
	for r.next-r.first > 1 && r.overLocked() {
		c, i := r.slotLocked(r.first)
		r.bytes -= int64(c.sizes[i])
		var zero T
		c.values[i], c.sizes[i] = zero, 0
		r.first++
		if i == ChunkSize-1 {
			r.spare = c
			r.chunks = slices.Delete(r.chunks, 0, 1)
			r.base++
		}
	}
}

func (r *Ring[T]) overLocked() bool {
	return r.maxEntries > 0 && r.next-r.first > r.maxEntries ||
		r.maxBytes > 0 && r.bytes > r.maxBytes
}

// At returns the value with a sequence number, and whether it is still, or
// already, there.
func (r *Ring[T]) At(seq uint64) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq < r.first || seq >= r.next {
		var zero T
		return zero, false
	}
	c, i := r.slotLocked(seq)
	return c.values[i], true
}

// Bounds returns the sequence number of the oldest value kept and the one that
// the next value will get. They are equal when the ring is empty; first-1 values
// have been overwritten so far.
func (r *Ring[T]) Bounds() (first, next uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first, r.next
}

// Len returns the number of values kept.
func (r *Ring[T]) Len() int {
	first, next := r.Bounds()
	return int(next - first)
}

// Bytes returns the sum of the sizes of the values kept.
func (r *Ring[T]) Bytes() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes
}

// Range iterates over the values from ≤ seq < to with their sequence numbers, in
// order. It sees what was in the ring when the iteration began, less what is
// overwritten before the iteration reaches it; a jump in the numbers shows such a
// loss. The lock is not held while the loop body runs.
func (r *Ring[T]) Range(from, to uint64) iter.Seq2[uint64, T] {
	return func(yield func(uint64, T) bool) {
		_, next := r.Bounds()
		end := min(to, next)
		buf := make([]T, 0, min(ChunkSize, int(end-min(from, end))))
		for seq := from; seq < end; {
			buf, seq = r.copyRange(buf[:0], seq, end)
			start := seq - uint64(len(buf))
			for i := range buf {
				if !yield(start+uint64(i), buf[i]) {
					return
				}
			}
		}
	}
}

// copyRange appends the values from seq (or the oldest kept, if that is later) to
// the end of its chunk or to end, and returns the sequence number after them. When
// everything before end is gone the number it returns is at least end.
func (r *Ring[T]) copyRange(buf []T, seq, end uint64) ([]T, uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.copyLocked(buf, max(seq, r.first), min(end, r.next))
}

func (r *Ring[T]) copyLocked(buf []T, seq, end uint64) ([]T, uint64) {
	if seq >= end {
		return buf, seq
	}
	c, i := r.slotLocked(seq)
	n := min(end-seq, uint64(ChunkSize-i))
	return append(buf, c.values[i:i+int(n)]...), seq + n
}

// Close ends the ring: appends are ignored from now on, and the wake channel of
// every cursor is closed. What is kept can still be read. Closing twice is
// harmless.
func (r *Ring[T]) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.closed = true
	for _, c := range r.cursors {
		close(c.wake)
	}
	r.cursors = nil
}
