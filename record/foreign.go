package record

import (
	"strings"

	"streamscope/logsink"
)

// foreign reads lines of logs that are not ours: JSON records, the console format
// of the official client, key=value lines, and lines of time, level, scope and
// message.
//
// The texts of a record are parts of the line wherever they can be: nothing is
// copied before the store does it. It belongs to one goroutine.
type foreign struct {
	stamps  stamps
	members members // used again for each line
	arena   arena
}

// foreignLine reads one line of a log. No line is lost: what is in no known form
// is a message as it stands.
func (d *decoder) foreignLine(line string) {
	line = strings.TrimRight(line, "\r")
	if strings.TrimSpace(line) == "" {
		return
	}
	if continuation(line) {
		if n := len(d.out.records); n > 0 {
			d.out.records[n-1].Message += "\n" + line
			return
		}
		d.out.continues = true
	}
	r := d.log.parse(line)
	unescape(&r, line)
	d.record(r)
}

// continuation reports whether a line goes on with what the line before says:
// the frames of a stack trace, the rest of a printed object.
func continuation(line string) bool {
	switch line[0] {
	case ' ', '\t', '}', ']', ')':
		return true
	}
	return strings.HasPrefix(line, "Caused by: ")
}

// parse reads a line in whatever form it has.
func (f *foreign) parse(line string) logsink.Record {
	if line[0] == '{' {
		if r, ok := f.json(line); ok {
			return r
		}
	}
	if r, ok := f.logfmt(line); ok {
		return r
	}
	r := logsink.Record{Level: logsink.Info, Scope: logsink.DefaultScope}
	rest := line
	r.Time, rest = f.stamps.leading(rest)
	if !r.Time.IsZero() {
		rest = withoutProcess(rest)
	}
	level, rest, levelled := leadingLevel(rest)
	if levelled {
		r.Level = level
		if r.Time.IsZero() { // the level may come first
			r.Time, rest = f.stamps.leading(rest)
		}
	}
	rest = f.speaker(&r, rest, levelled)
	r.Message, r.Attrs = f.trailingObject(rest)
	return r
}

// speaker takes who speaks off the front of a message: [scope](tags): behind
// nothing, behind a user as in our own text form, or behind the name of a source
// file or program as consoles put it; or a scope alone behind time and level.
func (f *foreign) speaker(r *logsink.Record, s string, levelled bool) string {
	scope, tags, message, ok := console(s)
	first, after, found := strings.Cut(s, " ")
	if !ok && found && word(first) {
		if scope, tags, message, ok = console(strings.TrimLeft(strings.TrimPrefix(after, "'"), " ")); ok {
			if levelled && !strings.Contains(first, ":") {
				r.Session = first
			} else if strings.HasPrefix(after, "'") { // what React Native prints is quoted
				message = strings.TrimSuffix(message, "'")
			}
		}
	}
	switch {
	case ok:
		r.Scope, r.Tags = scope, tags
		return message
	case found && levelled && !r.Time.IsZero() && word(first):
		r.Scope = strings.TrimSuffix(first, ":")
		return strings.TrimLeft(after, " ")
	}
	return s
}

// withoutProcess takes the numbers of a process and a thread off the front, as the
// log of Android has them between time and level.
func withoutProcess(s string) string {
	if s == "" || s[0] != ' ' && (s[0] < '0' || s[0] > '9') {
		return s
	}
	rest := s
	for range 2 {
		number, after, ok := strings.Cut(strings.TrimLeft(rest, " "), " ")
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			return s
		}
		rest = after
	}
	return strings.TrimLeft(rest, " ")
}

// console reads the form that Stream's logger prints: [scope](tags): message.
func console(s string) (scope, tags, message string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return "", "", "", false
	}
	scope, rest, ok := strings.Cut(s[1:], "]")
	if !ok || !word(scope) {
		return "", "", "", false
	}
	if strings.HasPrefix(rest, "(") {
		if tags, rest, ok = strings.Cut(rest[1:], ")"); !ok {
			return "", "", "", false
		}
		tags = strings.ReplaceAll(tags, ", ", ",")
	}
	message, ok = strings.CutPrefix(rest, ":")
	return scope, tags, strings.TrimPrefix(message, " "), ok
}

// word reports whether a text can be the name of a scope or a user.
func word(s string) bool {
	return s != "" && len(s) <= 80 && noWord.index(s) < 0
}

// trailingObject takes a JSON object off the end of a message: its attributes.
func (f *foreign) trailingObject(s string) (message, attrs string) {
	if !strings.HasSuffix(s, "}") {
		return s, ""
	}
	for at := strings.IndexByte(s, '{'); at >= 0; {
		if at == 0 || s[at-1] == ' ' {
			var r logsink.Record
			if f.members.read(s[at:]) && f.attrs(&r) {
				return strings.TrimRight(s[:at], " "), r.Attrs
			}
		}
		next := strings.IndexByte(s[at+1:], '{')
		if next < 0 || at > maxAttrsStart {
			break
		}
		at += next + 1
	}
	return s, ""
}

// maxAttrsStart bounds the search for an object in a message.
const maxAttrsStart = 4 << 10
