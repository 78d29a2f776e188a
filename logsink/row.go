package logsink

import (
	"strings"
	"time"
	"unsafe"
)

// Row is a line in a [Store], looked at without copying it. It is small, can be kept
// and passed around, and stays valid after the store has dropped the line; while it
// is kept, so is the memory of the lines around it. The zero Row has no line.
//
// The texts are as they came, redacted: pass what goes on the screen through
// wire.Clean. Strings that a Row returns share the store's memory; use Record to
// get copies to keep.
type Row struct {
	store *Store
	chunk *chunk
	text  string
	index int
}

// row makes a row of line i of a chunk; slab is the chunk's text as it was when the
// line was known to be there.
func (s *Store) row(c *chunk, slab []byte, i int) Row {
	text := slab[c.start(i):c.end[i]]
	return Row{store: s, chunk: c, text: view(text), index: i}
}

// view returns the bytes of a slab as a string without copying them. That is sound
// because bytes in a slab never change once they are written.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// OK reports whether there is a line.
func (r Row) OK() bool { return r.chunk != nil }

// Seq returns the sequence number of the line.
func (r Row) Seq() uint64 { return r.chunk.first + uint64(r.index) }

// Time returns when the line was logged; the zero time if that is not known.
func (r Row) Time() time.Time { return at(r.chunk.time[r.index]) }

// Level returns the level of the line.
func (r Row) Level() Level { return Level(r.chunk.level[r.index] & levelMask) }

// Repeat reports whether the line says the same as the line before it in the store:
// same scope, session, level and text.
func (r Row) Repeat() bool { return r.chunk.level[r.index]&repeatFlag != 0 }

// Scope returns the name of the line's scope.
func (r Row) Scope() string { return r.store.scopes.all()[r.chunk.scope[r.index]] }

// Session returns the user session that the line came from; empty if none.
func (r Row) Session() string { return r.store.sessions.all()[r.chunk.session[r.index]] }

// Event returns the sequence number of the timeline event that the line belongs to;
// 0 if none.
func (r Row) Event() uint64 { return r.chunk.event[r.index] }

// Tags returns the line's tags, with commas between them.
func (r Row) Tags() string { return r.text[:r.chunk.tags[r.index]] }

// Text returns the message and, after a blank, the attributes: what the user reads
// and searches.
func (r Row) Text() string {
	if n := int(r.chunk.tags[r.index]); n > 0 {
		return r.text[n+1:]
	}
	return r.text
}

// Message returns the message.
func (r Row) Message() string { return r.Text()[:r.chunk.message[r.index]] }

// Attrs returns the attributes as key=value text; see [Record].
func (r Row) Attrs() string {
	text, n := r.Text(), int(r.chunk.message[r.index])
	if len(text) == n {
		return ""
	}
	return text[n+1:]
}

// Record returns a copy of the line that shares no memory with the store.
func (r Row) Record() Record {
	out := r.shared()
	out.Tags, out.Message, out.Attrs = strings.Clone(out.Tags), strings.Clone(out.Message), strings.Clone(out.Attrs)
	return out
}

// shared returns a record whose texts share the store's memory.
func (r Row) shared() Record {
	return Record{
		Seq: r.Seq(), Time: r.Time(), Level: r.Level(), Scope: r.Scope(), Tags: r.Tags(),
		Session: r.Session(), Message: r.Message(), Attrs: r.Attrs(), Event: r.Event(),
	}
}
