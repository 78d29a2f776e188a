package record

import (
	"bytes"
	"io"
	"strings"
	"time"
	"unsafe"

	"streamscope/internal/redact"
	"streamscope/logsink"
	"streamscope/timeline"
)

// decoded is what a chunk holds.
type decoded struct {
	events  []timeline.Event
	records []logsink.Record
	// continues says that the first record belongs to the message of the one
	// before it (logs of others only).
	continues bool
	report    Report // of this chunk alone
	thrown    error  // a bug of the decoder
}

// decoder turns chunks into events and records. It belongs to one goroutine.
type decoder struct {
	kind  Kind
	used  <-chan []logsink.Record // records whose memory can be used again; may be nil
	codec *timeline.Reader
	feed  feed
	words words
	log   foreign
	out   decoded
}

func newDecoder(kind Kind) (*decoder, error) {
	d := &decoder{kind: kind, words: words{}}
	if kind == KindLog {
		return d, nil
	}
	header, err := headerLine(timeline.Header{})
	if err != nil {
		return nil, err
	}
	d.feed.line = header
	d.codec, err = timeline.NewReader(&d.feed)
	return d, err
}

// feed gives the codec one line at a time: it is at its end after each, and goes
// on when it has another.
type feed struct{ line []byte }

func (f *feed) Read(p []byte) (int, error) {
	if len(f.line) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.line)
	f.line = f.line[n:]
	return n, nil
}

// decode reads a chunk. Secrets that somebody else has left in it are masked
// before anything is made of them.
func (d *decoder) decode(c *chunk) decoded {
	d.out = decoded{}
	if d.kind == KindLog {
		d.out.records = d.room(1 + bytes.Count(c.text, []byte("\n")))
	}
	// The text is not written to any more, and lives as long as what is made of it.
	text, number := unsafe.String(unsafe.SliceData(c.text), len(c.text)), c.line
	for _, n := range c.long {
		d.out.report.TooLong++
		d.bad(n)
	}
	for ; text != ""; number++ {
		line, rest, whole := strings.Cut(text, "\n")
		text = rest
		if len(line) > MaxLine {
			d.out.report.TooLong++
			d.bad(number)
			continue
		}
		clean := redact.Text(line)
		if clean != line {
			d.out.report.Masked++
		}
		d.out.report.Lines++
		if d.kind == KindLog {
			d.foreignLine(clean)
		} else {
			d.line(strings.TrimSuffix(clean, "\r"), number, whole)
		}
	}
	return d.out
}

// room returns room for n records: that of a chunk which has been stored, if there
// is one.
func (d *decoder) room(n int) []logsink.Record {
	select {
	case used := <-d.used:
		if cap(used) >= n {
			return used[:0]
		}
	default:
	}
	return make([]logsink.Record, 0, n)
}

// line reads one line of a recording.
func (d *decoder) line(s string, number int, whole bool) {
	switch {
	case strings.TrimSpace(s) == "":
		return
	case d.fast(s):
		return
	case strings.HasPrefix(s, `{"streamscope_recording"`) && number > 1:
		d.out.report.Headers++
	case strings.HasPrefix(strings.TrimPrefix(s, "\ufeff"), `{"streamscope_recording"`):
	case d.slow(s):
	case whole:
		d.bad(number)
	default:
		d.out.report.Torn, d.out.report.TornLine = true, number
	}
}

// bad counts a line that could not be read, and keeps the numbers of the first.
func (d *decoder) bad(number int) {
	d.out.report.Bad++
	if len(d.out.report.BadLines) < keptLines {
		d.out.report.BadLines = append(d.out.report.BadLines, number)
	}
}

// slow reads a line with the codec.
func (d *decoder) slow(s string) bool {
	d.feed.line = append([]byte(s), '\n')
	unknown := d.codec.Report().Unknown
	entry, err := d.codec.Next()
	if err != nil {
		return false
	}
	if entry.Log == nil {
		d.event(entry.Event)
		d.out.report.Unknown += d.codec.Report().Unknown - unknown
		return true
	}
	var r logsink.Record
	if r.UnmarshalJSON(entry.Log) != nil {
		return false
	}
	unescape(&r, s)
	d.record(r)
	return true
}

func (d *decoder) event(e timeline.Event) {
	d.out.report.Events++
	if p, ok := e.Payload.(timeline.Dropped); ok {
		d.out.report.Lost += p.Count
	}
	d.out.events = append(d.out.events, e)
}

func (d *decoder) record(r logsink.Record) {
	if r.Dropped > 0 {
		d.out.report.Lost += r.Dropped
		if r.Message == "" {
			r = lostLines(r.Dropped, r.Time)
		}
		r.Dropped = 0 // a store keeps lines, not gaps; the message tells
	}
	d.out.report.Logs++
	d.out.records = append(d.out.records, r)
}

// unescape masks what could not be seen in a line because it stood in escapes.
func unescape(r *logsink.Record, line string) {
	if strings.IndexByte(line, '\\') >= 0 {
		r.Tags, r.Message, r.Attrs = redact.Text(r.Tags), redact.Text(r.Message), redact.Text(r.Attrs)
	}
}

// fast reads the lines that a recording is full of: frames and log records, as
// our own writer puts them.
func (d *decoder) fast(s string) bool {
	if strings.HasPrefix(s, `{"log":{"kind":"log",`) {
		return d.fastLog(s)
	}
	c := scan{s: s}
	var e timeline.Event
	var kind timeline.Kind
	c.object(func(key string) {
		switch key {
		case "seq":
			e.Seq = c.count()
		case "t":
			e.Time = c.instant()
		case "off_ns":
			e.Offset = time.Duration(c.number())
		case "session":
			e.Session = d.words.keep(c.text())
		case "attempt":
			e.Attempt = c.small()
		case "kind":
			kind = timeline.Kind(c.text())
		case "data":
			if kind == timeline.KindFrame {
				e.Payload = d.frame(&c)
			} else {
				e.Payload = d.payload(&c, kind)
			}
		default:
			c.fail()
		}
	})
	if !c.end() || e.Payload == nil {
		return false
	}
	d.event(e)
	return true
}

// payload reads the data of what is no frame.
func (d *decoder) payload(c *scan, kind timeline.Kind) timeline.Payload {
	data := c.whole()
	if c.failed {
		return nil
	}
	p, known := timeline.ReadPayload(kind, []byte(data))
	if !known { // the codec tells what to do about it
		c.fail()
	}
	return p
}

// frame reads the data of a frame.
func (d *decoder) frame(c *scan) timeline.Frame {
	var f timeline.Frame
	c.object(func(key string) {
		switch key {
		case "dir":
			f.Dir = timeline.Direction(d.words.keep(c.text()))
		case "op":
			f.Op = d.words.keep(c.text())
		case "size":
			f.Size = c.small()
		case "type":
			f.Type = d.words.keep(c.text())
		case "cid":
			f.CID = d.words.keep(c.text())
		case "body":
			f.Body = c.bytes()
		case "cut":
			f.Cut = c.small()
		case "connection_id":
			f.ConnectionID = d.words.keep(c.text())
		case "by":
			f.By = d.words.keep(c.text())
		default: // rare, or new
			c.fail()
		}
	})
	return f
}

// fastLog reads a log record without attributes; those are the log store's to
// read.
func (d *decoder) fastLog(s string) bool {
	c := scan{s: s, i: len(`{"log":`)}
	var r logsink.Record
	c.object(func(key string) {
		switch key {
		case "kind":
			if c.text() != "log" {
				c.fail()
			}
		case "seq":
			r.Seq = c.count()
		case "time":
			r.Time = c.instant()
		case "level":
			if r.Level.UnmarshalText([]byte(c.text())) != nil {
				c.fail()
			}
		case "scope":
			r.Scope = d.words.keep(c.text())
		case "session":
			r.Session = d.words.keep(c.text())
		case "event":
			r.Event = c.count()
		case "message":
			r.Message = c.text()
		default:
			c.fail()
		}
	})
	if !c.eat('}') || !c.end() {
		return false
	}
	unescape(&r, s)
	d.record(r)
	return true
}

// words keeps one copy of each short text that comes again and again, so that an
// event does not hold on to the chunk that it was read from.
type words map[string]string

// maxWords bounds what is remembered.
const maxWords = 4096

func (w words) keep(s string) string {
	if kept, ok := w[s]; ok {
		return kept
	}
	if len(w) >= maxWords {
		clear(w)
	}
	s = strings.Clone(s)
	w[s] = s
	return s
}
