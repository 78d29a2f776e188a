package logsink

import (
	"iter"
	"slices"
	"sort"
	"sync"
	"time"
)

// DefaultStoreBytes is the limit of a [Store] that is not given one: room for some
// 1.2 million lines of 170 bytes.
const DefaultStoreBytes = 256 << 20

// StoreConfig says how much a [Store] keeps.
type StoreConfig struct {
	// Bytes is the limit of the memory that lines may take, text and columns
	// together. Zero means DefaultStoreBytes. The oldest lines are dropped in
	// runs of up to 1,024; the run that is being written to is always kept.
	Bytes int64
}

// Store keeps the lines of all scopes and sessions, the newest ones if not all fit,
// whatever their level: levels decide what is shown, not what is kept. A line costs
// its text and 31 bytes.
//
// All methods are safe for concurrent use and none waits for a reader. What is read
// from a store was redacted when it was appended.
type Store struct {
	limit int64 // immutable

	scopes   names // guarded by mu, but for what is published
	sessions names

	mu      sync.Mutex // guards what follows
	chunks  []*chunk
	base    int    // number of chunks dropped so far
	first   uint64 // sequence number of the oldest line
	next    uint64 // sequence number of the next line
	bytes   int64  // memory of all chunks but the last
	counts  []lineCounts
	cursors []*Cursor
	closed  bool
}

// lineCounts counts the lines of one scope by level.
type lineCounts struct{ seen, kept [numLevels]uint64 }

// ScopeCount is the number of lines of one scope, by level: how many there ever
// were, and how many of them are still kept.
type ScopeCount struct {
	Name       string
	Seen, Kept [numLevels]uint64
}

// NewStore returns an empty store.
func NewStore(cfg StoreConfig) *Store {
	s := &Store{limit: cfg.Bytes, first: 1, next: 1}
	if s.limit == 0 {
		s.limit = DefaultStoreBytes
	}
	return s
}

// Append redacts a line, adds it, and returns the sequence number that it gets; the
// Seq of the argument is ignored. It never waits for a reader. After [Store.Close]
// it keeps nothing and returns 0.
func (s *Store) Append(r Record) uint64 {
	l := r.line()
	return s.append(&l, r.Scope, r.Session)
}

// appendRun is how many lines AppendAll adds at a time. It bounds how long others
// wait for the lock, to some 20 µs.
const appendRun = 256

// AppendAll adds lines in their order, as [Store.Append] does, but for one thing:
// their texts must have been redacted already. It is for readers of files and
// pipes, who have to redact a line before they can take it apart.
func (s *Store) AppendAll(lines []Record) {
	for run := range slices.Chunk(lines, appendRun) {
		if !s.appendRun(run) {
			return
		}
	}
}

func (s *Store) appendRun(run []Record) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	for i := range run {
		l := run[i].line()
		l.limit()
		s.addLocked(&l, run[i].Scope, run[i].Session)
	}
	s.signalLocked()
	return true
}

// append takes the texts of the line by reference and copies them.
func (s *Store) append(l *line, scope, session string) uint64 {
	l.tags, l.message, l.attrs = Redact(l.tags), Redact(l.message), Redact(l.attrs)
	l.limit()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0
	}
	s.addLocked(l, scope, session)
	s.signalLocked()
	return s.next - 1
}

func (s *Store) addLocked(l *line, scope, session string) {
	var more bool
	if l.scope, more = s.scopes.of(scope); more {
		l.message = "[" + Redact(scope) + "]: " + l.message
	}
	l.session, _ = s.sessions.of(session)
	s.roomLocked(l.size()).add(l)
	s.countLocked(l)
	s.next++
}

func (s *Store) signalLocked() {
	for _, c := range s.cursors {
		c.signal()
	}
}

// roomLocked returns the chunk that the next line goes to.
func (s *Store) roomLocked(size int) *chunk {
	room := 16 << 10
	if n := len(s.chunks); n > 0 {
		last := s.chunks[n-1]
		if !last.full(size) {
			return last
		}
		last.trim()
		s.bytes += last.bytes()
		room = last.slabRoom()
	}
	c := &chunk{first: s.next, text: make([]byte, 0, room)}
	s.chunks = append(s.chunks, c)
	s.evictLocked()
	return c
}

// evictLocked drops the oldest chunks until the limit holds, as if the chunk that
// is being written to were full.
func (s *Store) evictLocked() {
	for len(s.chunks) > 1 && s.bytes+s.chunks[len(s.chunks)-1].bytes() > s.limit {
		c := s.chunks[0]
		for i := range c.lines {
			s.counts[c.scope[i]].kept[c.level[i]&levelMask]--
		}
		s.bytes -= c.bytes()
		s.chunks = slices.Delete(s.chunks, 0, 1)
		s.base++
		s.first = s.chunks[0].first
	}
}

func (s *Store) countLocked(l *line) {
	for int(l.scope) >= len(s.counts) {
		s.counts = append(s.counts, lineCounts{})
	}
	n := &s.counts[l.scope]
	n.seen[l.level]++
	n.kept[l.level]++
}

// Bounds returns the sequence numbers of the oldest line that is kept and of the
// next one to come. The first number less one is how many lines were dropped.
func (s *Store) Bounds() (first, next uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first, s.next
}

// Len returns the number of lines that are kept.
func (s *Store) Len() int {
	first, next := s.Bounds()
	return int(next - first)
}

// Dropped returns the number of lines that were dropped because of the limit.
func (s *Store) Dropped() uint64 {
	first, _ := s.Bounds()
	return first - 1
}

// Bytes returns the memory that the lines take.
func (s *Store) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.bytes
	if len(s.chunks) > 0 {
		n += s.chunks[len(s.chunks)-1].bytes()
	}
	return n
}

// Row returns the line with a sequence number, and whether it is there.
func (s *Store) Row(seq uint64) (Row, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq < s.first || seq >= s.next {
		return Row{}, false
	}
	c := s.chunks[s.findLocked(seq)]
	return s.row(c, c.text, int(seq-c.first)), true
}

// Range iterates over the lines from ≤ seq < to in order. It sees what was there
// when it began, less what is dropped before it gets there; the numbers of the rows
// show such a gap. The lock is not held while the loop body runs.
func (s *Store) Range(from, to uint64) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		_, next := s.Bounds()
		var buf []Row
		for end := min(to, next); from < end; {
			buf, from = s.rows(buf[:0], from, end)
			for _, r := range buf {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// rows appends the lines from seq, or the oldest if that is later, to the end of
// their chunk or to end, and returns the number after them.
func (s *Store) rows(buf []Row, seq, end uint64) ([]Row, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rowsLocked(buf, max(seq, s.first), min(end, s.next))
}

func (s *Store) rowsLocked(buf []Row, seq, end uint64) ([]Row, uint64) {
	if seq >= end {
		return buf, seq
	}
	c := s.chunks[s.findLocked(seq)]
	from := int(seq - c.first)
	to := min(c.lines, int(end-c.first))
	for i := from; i < to; i++ {
		buf = append(buf, s.row(c, c.text, i))
	}
	return buf, c.first + uint64(to)
}

// findLocked returns the index of the chunk that has a line that is kept.
func (s *Store) findLocked(seq uint64) int {
	return sort.Search(len(s.chunks), func(i int) bool { return s.chunks[i].first > seq }) - 1
}

// Scopes returns the scopes that lines were seen of, in the order of their first
// line, with exact counts.
func (s *Store) Scopes() []ScopeCount {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]ScopeCount, len(s.counts))
	for i, n := range s.counts {
		out[i] = ScopeCount{Name: s.scopes.list[i], Seen: n.seen, Kept: n.kept}
	}
	return out
}

// Close ends the store: appends are ignored from now on and the wake channel of
// every cursor is closed. What is kept can still be read. Closing twice is
// harmless.
func (s *Store) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	for _, c := range s.cursors {
		close(c.wake)
	}
	s.cursors = nil
}

// at is the time of a line as a time.Time.
func at(nanos int64) time.Time {
	if nanos == noTime {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}
