package record

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"streamscope/internal/wire"
	"streamscope/logsink"
	"streamscope/timeline"
)

// appendFrame appends the line of a frame, byte for byte as the codec of the
// timeline writes it, in a tenth of the time: a recording is mostly frames and log
// lines, and writing them must not be felt. False means that the frame has
// something rare, and the codec has to write it.
func appendFrame(dst []byte, e *timeline.Event, f *timeline.Frame) ([]byte, bool) {
	if f.ByHand || f.Bad != "" || f.Code != 0 || f.Message != "" || e.Offset < 0 {
		return dst, false
	}
	l := line{out: dst}
	l.out = append(l.out, '{')
	if e.Seq != 0 {
		l.unsigned(`"seq":`, e.Seq)
		l.out = append(l.out, ',')
	}
	if !e.Time.IsZero() {
		l.instant(`"t":`, e.Time)
		l.out = append(l.out, ',')
	}
	l.number(`"off_ns":`, int64(e.Offset))
	l.optional(`,"session":`, e.Session)
	if e.Attempt != 0 {
		l.number(`,"attempt":`, int64(e.Attempt))
	}
	l.text(`,"kind":"frame","data":{"dir":`, string(f.Dir))
	l.text(`,"op":`, f.Op)
	l.number(`,"size":`, int64(f.Size))
	l.optional(`,"type":`, f.Type)
	l.optional(`,"cid":`, f.CID)
	if len(f.Body) > 0 {
		l.text(`,"body":`, string(f.Body))
	}
	if f.Cut != 0 {
		l.number(`,"cut":`, int64(f.Cut))
	}
	l.optional(`,"connection_id":`, f.ConnectionID)
	l.optional(`,"by":`, f.By)
	l.out = append(l.out, "}}\n"...)
	return l.done(dst)
}

// appendLog is appendFrame for a log record.
func appendLog(dst []byte, r *logsink.Record) ([]byte, bool) {
	if !r.Level.Valid() || r.Level == logsink.Off {
		return dst, false
	}
	l := line{out: append(dst, `{"log":{"kind":"log"`...)}
	if r.Seq != 0 {
		l.unsigned(`,"seq":`, r.Seq)
	}
	if !r.Time.IsZero() {
		l.instant(`,"time":`, r.Time)
	}
	l.text(`,"level":`, r.Level.String())
	l.optional(`,"scope":`, r.Scope)
	for tag := range strings.SplitSeq(r.Tags, ",") {
		if r.Tags == "" {
			break
		}
		open := `,`
		if !l.inTags {
			open, l.inTags = `,"tags":[`, true
		}
		l.text(open, tag)
	}
	if l.inTags {
		l.out = append(l.out, ']')
	}
	l.optional(`,"session":`, r.Session)
	if r.Event != 0 {
		l.unsigned(`,"event":`, r.Event)
	}
	l.text(`,"message":`, r.Message)
	if r.Attrs != "" {
		l.attrs(r)
	}
	if r.Dropped != 0 {
		l.unsigned(`,"dropped":`, r.Dropped)
	}
	l.out = append(l.out, "}}\n"...)
	return l.done(dst)
}

// line is a line that is being written.
type line struct {
	out    []byte
	inTags bool
	rare   bool // something that is left to the codec
}

// done returns what was there before if the codec has to write the line.
func (l *line) done(before []byte) ([]byte, bool) {
	if l.rare || wire.HasC1(l.out[len(before):]) {
		return l.out[:len(before)], false
	}
	return l.out, true
}

func (l *line) number(name string, n int64) {
	l.out = strconv.AppendInt(append(l.out, name...), n, 10)
}

func (l *line) unsigned(name string, n uint64) {
	l.out = strconv.AppendUint(append(l.out, name...), n, 10)
}

func (l *line) instant(name string, t time.Time) {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		l.rare = true
	}
	l.out = append(l.out, name...)
	l.out = append(t.AppendFormat(append(l.out, '"'), time.RFC3339Nano), '"')
}

func (l *line) optional(name, s string) {
	if s != "" {
		l.text(name, s)
	}
}

// text writes a string as encoding/json does without the escapes for HTML.
func (l *line) text(name, s string) {
	l.out = append(append(l.out, name...), '"')
	start := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b >= ' ' && b != '"' && b != '\\' && b < utf8.RuneSelf {
			continue
		}
		if b >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
				l.rare = true
				return
			}
			i += n - 1
			continue
		}
		l.out = append(l.out, s[start:i]...)
		start = i + 1
		switch b {
		case '"', '\\':
			l.out = append(l.out, '\\', b)
		case '\n':
			l.out = append(l.out, `\n`...)
		case '\t':
			l.out = append(l.out, `\t`...)
		case '\r':
			l.out = append(l.out, `\r`...)
		default:
			l.rare = true
			return
		}
	}
	l.out = append(append(l.out, s[start:]...), '"')
}

// attrs writes attributes of the simplest form, key=word and key=number, itself,
// and asks the log store for the others.
func (l *line) attrs(r *logsink.Record) {
	l.out = append(l.out, `,"attrs":`...)
	start := len(l.out)
	l.out = append(l.out, '{')
	for pair := range strings.SplitSeq(r.Attrs, " ") {
		key, value, _ := strings.Cut(pair, "=")
		if !simple(key) || !simple(value) || value == "true" || value == "false" || value == "null" {
			l.out = append(l.out[:start], r.AttrsJSON()...)
			return
		}
		if len(l.out) > start+1 {
			l.out = append(l.out, ',')
		}
		l.text("", key)
		l.out = append(l.out, ':')
		if value[0] < '0' || value[0] > '9' {
			l.text("", value)
		} else if n, err := strconv.Atoi(value); err == nil && strconv.Itoa(n) == value {
			l.out = append(l.out, value...)
		} else {
			l.out = append(l.out[:start], r.AttrsJSON()...)
			return
		}
	}
	l.out = append(l.out, '}')
}

// simple reports whether a text is made of characters that mean nothing in JSON or
// in attributes.
func simple(s string) bool {
	for i := range len(s) {
		b := s[i]
		if (b < 'a' || b > 'z') && (b < 'A' || b > 'Z') && (b < '0' || b > '9') && b != '_' && b != '.' && b != '/' && b != ':' {
			return false
		}
	}
	return s != ""
}
