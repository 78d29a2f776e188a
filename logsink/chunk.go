package logsink

import (
	"fmt"
	"math"
	"strings"
)

// Limits of a chunk. Lines are many and small: a chunk of 1,024 is scanned in some
// 40 µs, which is how often a background scan looks whether it is still wanted.
const (
	chunkLines = 1024
	// chunkText ends a chunk early when its lines are long, so that dropping the
	// oldest chunk never drops much more than it must.
	chunkText = 1 << 20
	// maxText is the longest text of one line; what is beyond it is cut, with a
	// note in its place.
	maxText = 1 << 20
	// columnBytes is what the columns of one chunk take.
	columnBytes = chunkLines * (8 + 8 + 4 + 4 + 2 + 2 + 2 + 1)
)

// levelMask leaves the level in an entry of the level column; repeatFlag says that
// the line says the same as the one before it.
const (
	levelMask  = 0x7f
	repeatFlag = 0x80
)

// chunk is a run of lines: their text in one slab, everything else in columns.
//
// A line's part of the columns, and its bytes of the slab, are written once, before
// the line is published under the store's lock, and never again. Whoever has learnt
// under the lock that a chunk has n lines, and has its slab as it was then, may read
// the n lines without the lock while the store appends more.
type chunk struct {
	first uint64 // sequence number of line 0; immutable

	text  []byte // guarded by the store's mu as a slice; the bytes are as said above
	lines int    // guarded by the store's mu

	time    [chunkLines]int64  // nanoseconds since 1970; noTime if the line has none
	event   [chunkLines]uint64 // number of the timeline event, 0 if none
	end     [chunkLines]uint32 // where the line's text ends in the slab
	message [chunkLines]uint32 // length of its message
	scope   [chunkLines]uint16 // index in the store's table of scopes
	session [chunkLines]uint16 // index in the store's table of sessions
	tags    [chunkLines]uint16 // length of its tags
	level   [chunkLines]uint8  // level and repeatFlag
}

const noTime = math.MinInt64

// A line's text in the slab is its tags, its message and its attributes, with a
// blank between two that are there. The message and the attributes thus stand as
// they do on the screen, and a search sees what the user sees.

// start returns where the text of line i begins in the slab.
func (c *chunk) start(i int) int {
	if i == 0 {
		return 0
	}
	return int(c.end[i-1])
}

// bytes returns the memory that the chunk takes.
func (c *chunk) bytes() int64 { return int64(cap(c.text)) + columnBytes }

// slabRoom returns how large to make the slab of the chunk after this one: for as
// much text and a little more, in whole pages, because that is what the runtime gives.
func (c *chunk) slabRoom() int {
	const page = 8 << 10
	want := len(c.text) * chunkLines / c.lines * 65 / 64
	return (min(want, chunkText) + page - 1) / page * page
}

// trim gives back the room that the slab has beyond its text, if it is worth it.
func (c *chunk) trim() {
	if n := len(c.text); cap(c.text)-n > n/32+8<<10 {
		c.text = append(make([]byte, 0, n), c.text...)
	}
}

// full reports whether a line with n bytes of text needs another chunk.
func (c *chunk) full(n int) bool {
	return c.lines == chunkLines || c.lines > 0 && len(c.text)+n > chunkText
}

// line is a line on its way into a chunk. The strings are copied.
type line struct {
	time           int64
	level          Level
	event          uint64
	scope, session uint16
	tags           string
	message        string
	attrs          string
}

// line takes the texts of a record by reference. The names of its scope and
// session become numbers under the store's lock.
func (r *Record) line() line {
	l := line{
		time: noTime, level: min(max(r.Level, Trace), Error), event: r.Event,
		tags: r.Tags, message: r.Message, attrs: r.Attrs,
	}
	if !r.Time.IsZero() {
		l.time = r.Time.UnixNano()
	}
	return l
}

func (l *line) size() int { return len(l.tags) + len(l.message) + len(l.attrs) + 2 }

// add writes a line behind the last one; the caller holds the store's mu and has
// checked that there is room.
func (c *chunk) add(l *line) {
	i := c.lines
	from := len(c.text)
	if l.tags != "" {
		c.text = append(append(c.text, l.tags...), ' ')
	}
	c.text = append(c.text, l.message...)
	if l.attrs != "" {
		c.text = append(append(c.text, ' '), l.attrs...)
	}
	c.time[i], c.event[i] = l.time, l.event
	c.end[i] = uint32(len(c.text))
	c.message[i], c.tags[i] = uint32(len(l.message)), uint16(len(l.tags))
	c.scope[i], c.session[i] = l.scope, l.session
	c.level[i] = uint8(l.level)
	if i > 0 && c.same(i, i-1, from) {
		c.level[i] |= repeatFlag
	}
	c.lines++
}

// same reports whether line i, whose text begins at from, says what line j says.
func (c *chunk) same(i, j, from int) bool {
	return c.scope[i] == c.scope[j] && c.session[i] == c.session[j] && c.message[i] == c.message[j] &&
		c.level[i] == c.level[j]&levelMask &&
		string(c.text[from:]) == string(c.text[c.start(j):c.end[j]])
}

// limit cuts what is longer than a line may be and says so in its place.
func (l *line) limit() {
	const maxTags = 1 << 10
	l.message = cut(l.message, maxText)
	l.attrs = cut(l.attrs, maxText-len(l.message))
	l.tags = cut(l.tags, maxTags)
}

// cut shortens a text to n bytes, or to the note that it was, and copies nothing if
// there is no need.
func cut(s string, n int) string {
	n = max(n, 0)
	if len(s) <= n {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes cut)", strings.ToValidUTF8(s[:n], ""), len(s)-n)
}
