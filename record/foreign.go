package record

import (
	"strings"
	"time"

	"streamscope/logsink"
)

// foreign reads lines of logs that are not ours: JSON records, the console format
// of the official client, key=value lines, and lines of time, level, scope and
// message.
type foreign struct {
	words words
	form  int // of stampForms, which matched last
}

// foreignLine reads one line of a log. No line is lost: what is in no known form
// is a message as it stands.
func (d *decoder) foreignLine(line string) {
	line = strings.TrimRight(line, "\r")
	if strings.TrimSpace(line) == "" {
		return
	}
	if d.log.words == nil {
		d.log.words = d.words
	}
	if continuation(line) {
		if n := len(d.out.records); n > 0 {
			d.out.records[n-1].Message += "\n" + line
			return
		}
		d.out.continues = true
	}
	d.record(d.log.parse(line))
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
	r.Time, rest = f.leadingTime(rest)
	if !r.Time.IsZero() {
		rest = withoutProcess(rest)
	}
	level, rest, levelled := leadingLevel(rest)
	if levelled {
		r.Level = level
		if r.Time.IsZero() { // the level may come first
			r.Time, rest = f.leadingTime(rest)
		}
	}
	rest = f.speaker(&r, rest, levelled)
	r.Message, r.Attrs = trailingObject(rest)
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
				r.Session = f.words.keep(first)
			} else if strings.HasPrefix(after, "'") { // what React Native prints is quoted
				message = strings.TrimSuffix(message, "'")
			}
		}
	}
	switch {
	case ok:
		r.Scope, r.Tags = f.words.keep(scope), f.words.keep(tags)
		return message
	case found && levelled && !r.Time.IsZero() && word(first):
		r.Scope = f.words.keep(strings.TrimSuffix(first, ":"))
		return strings.TrimLeft(after, " ")
	}
	return s
}

// withoutProcess takes the numbers of a process and a thread off the front, as the
// log of Android has them between time and level.
func withoutProcess(s string) string {
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
	return s != "" && len(s) <= 80 && !strings.ContainsAny(s, " \t[](){}\"'=,")
}

// levelWords are the words that logs use for levels, in lower case.
var levelWords = map[string]logsink.Level{
	"trace": logsink.Trace, "trc": logsink.Trace, "verbose": logsink.Trace, "silly": logsink.Trace, "v": logsink.Trace,
	"debug": logsink.Debug, "dbg": logsink.Debug, "debg": logsink.Debug, "d": logsink.Debug,
	"info": logsink.Info, "inf": logsink.Info, "information": logsink.Info, "notice": logsink.Info, "log": logsink.Info, "i": logsink.Info,
	"warn": logsink.Warn, "warning": logsink.Warn, "wrn": logsink.Warn, "w": logsink.Warn,
	"error": logsink.Error, "err": logsink.Error, "eror": logsink.Error, "fatal": logsink.Error, "critical": logsink.Error,
	"crit": logsink.Error, "panic": logsink.Error, "e": logsink.Error, "f": logsink.Error,
}

// leadingLevel takes a level off the front: INFO, [info], info:, WARN  |.
func leadingLevel(s string) (logsink.Level, string, bool) {
	trimmed := strings.TrimLeft(s, " \t")
	if bracketed, ok := strings.CutPrefix(trimmed, "["); ok {
		name, rest, ok := strings.Cut(bracketed, "]")
		if level, known := levelOf(name); ok && known {
			return level, strings.TrimLeft(strings.TrimPrefix(rest, ":"), " \t"), true
		}
		return logsink.Info, s, false
	}
	end := strings.IndexAny(trimmed, " \t:|")
	if end <= 0 {
		return logsink.Info, s, false
	}
	level, known := levelOf(trimmed[:end])
	if !known {
		return logsink.Info, s, false
	}
	return level, strings.TrimLeft(trimmed[end:], " \t:|"), true
}

// levelOf looks a word up. Single letters count in capitals only, as the logs of
// Android have them.
func levelOf(name string) (logsink.Level, bool) {
	name = strings.TrimSpace(name)
	if len(name) > len("information") {
		return 0, false
	}
	if level, ok := levelWords[name]; ok && len(name) > 1 {
		return level, true
	}
	if len(name) == 1 && (name[0] < 'A' || name[0] > 'Z') {
		return 0, false
	}
	level, ok := levelWords[strings.ToLower(name)]
	return level, ok
}

// stampForms are the forms of times at the front of a line.
var stampForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05.999999999",
	"2006/01/02 15:04:05.999999999", "01-02 15:04:05.999999999", "15:04:05.999999999",
}

// leadingTime takes a time off the front: with a date or without, in brackets or
// not. Times without a zone are taken as they stand, in UTC.
func (f *foreign) leadingTime(s string) (time.Time, string) {
	trimmed := strings.TrimLeft(s, " \t")
	body, bracketed := strings.CutPrefix(trimmed, "[")
	if body == "" || body[0] < '0' || body[0] > '9' {
		return time.Time{}, s
	}
	if bracketed {
		stamp, rest, ok := strings.Cut(body, "]")
		if t, parsed := f.stamp(stamp); ok && parsed {
			return t, strings.TrimLeft(rest, " \t:|")
		}
		return time.Time{}, s
	}
	end := 0
	for range 3 { // a stamp has at most two blanks
		next := strings.IndexAny(body[end:], " \t")
		if next < 0 {
			break
		}
		if t, ok := f.stamp(body[:end+next]); ok {
			return f.longestStamp(body, end+next, t)
		}
		end += next + 1
	}
	return time.Time{}, s
}

// longestStamp takes a zone that follows after a blank into the time.
func (f *foreign) longestStamp(body string, end int, t time.Time) (time.Time, string) {
	rest := strings.TrimLeft(body[end:], " \t|")
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		if next := strings.IndexAny(rest, " \t"); next > 0 {
			if zoned, ok := f.stamp(body[:end] + " " + rest[:next]); ok {
				return zoned, strings.TrimLeft(rest[next:], " \t|")
			}
		}
	}
	return t, rest
}

// stamp reads a time, first in the form that the one before had.
func (f *foreign) stamp(s string) (time.Time, bool) {
	s = strings.TrimSuffix(s, ":")
	if len(s) < len("15:04:05") || len(s) > 40 {
		return time.Time{}, false
	}
	s = strings.Replace(s, ",", ".", 1) // the decimal sign of some loggers
	if t, err := time.Parse(stampForms[f.form], s); err == nil {
		return t, true
	}
	for i, form := range stampForms {
		if t, err := time.Parse(form, s); err == nil {
			f.form = i
			return t, true
		}
	}
	return time.Time{}, false
}

// trailingObject takes a JSON object off the end of a message: its attributes.
func trailingObject(s string) (message, attrs string) {
	if !strings.HasSuffix(s, "}") {
		return s, ""
	}
	for at := strings.IndexByte(s, '{'); at >= 0; {
		if at == 0 || s[at-1] == ' ' {
			var r logsink.Record
			if r.SetAttrs([]byte(s[at:])) == nil && validObject(s[at:]) {
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
