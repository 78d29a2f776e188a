package record

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"streamscope/logsink"
)

// The members under which logs keep what a record has of its own. The first that
// is there wins; the others stay attributes.
var (
	timeKeys    = []string{"time", "ts", "timestamp", "@timestamp", "t", "date"}
	levelKeys   = []string{"level", "severity", "lvl", "log.level", "loglevel"}
	messageKeys = []string{"message", "msg", "text", "event"}
	scopeKeys   = []string{"scope", "logger", "name", "component", "module", "category"}
	sessionKeys = []string{"session", "user_id", "userId"}
)

func validObject(s string) bool { return json.Valid([]byte(s)) }

// json reads a record of JSON: ours, that of slog, zap, zerolog, pino and others.
func (f *foreign) json(line string) (logsink.Record, bool) {
	if strings.HasPrefix(line, `{"kind":"log"`) {
		var r logsink.Record
		if r.UnmarshalJSON([]byte(line)) == nil {
			return r, true
		}
	}
	m, ok := membersOf(line)
	if !ok {
		return logsink.Record{}, false
	}
	return f.fromMembers(m)
}

// fromMembers makes a record of what a log says in words of its own.
func (f *foreign) fromMembers(m members) (logsink.Record, bool) {
	r := logsink.Record{Level: logsink.Info, Scope: logsink.DefaultScope}
	if v := m.take(messageKeys); v != "" {
		r.Message = textOf(v)
	}
	if v := m.take(levelKeys); v != "" {
		r.Level = jsonLevel(v)
	}
	if v := m.take(timeKeys); v != "" {
		r.Time = f.jsonTime(v)
	}
	if v := m.take(scopeKeys); v != "" {
		r.Scope = f.words.keep(textOf(v))
	}
	if v := m.take(sessionKeys); v != "" {
		r.Session = f.words.keep(textOf(v))
	}
	if v := m.take([]string{"tags"}); v != "" {
		r.Tags = tagsOf(v)
	}
	// The message may be a line of Stream's logger itself.
	if scope, tags, message, ok := console(r.Message); ok {
		r.Scope, r.Tags, r.Message = f.words.keep(scope), f.words.keep(tags), message
	}
	return r, m.attrs(&r)
}

// members are the members of an object in their order.
type members []member

type member struct {
	key   string
	value string
}

// membersOf takes an object apart; the values are JSON.
func membersOf(line string) (members, bool) {
	c := scan{s: line}
	m := make(members, 0, 8)
	c.object(func(key string) {
		c.blanks()
		start := c.i
		c.value()
		m = append(m, member{key, c.s[start:c.i]})
		c.blanks()
	})
	return m, c.end() || m.slow(line)
}

// slow takes an object apart that is written in a form that is not common.
func (m *members) slow(line string) bool {
	dec := json.NewDecoder(strings.NewReader(line))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	*m = (*m)[:0]
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return false
		}
		name, _ := key.(string)
		*m = append(*m, member{name, string(value)})
	}
	_, err := dec.Token()
	return err == nil && !dec.More()
}

// take removes the first of the keys that is there and returns its value.
func (m *members) take(keys []string) string {
	for _, key := range keys {
		for i, have := range *m {
			if have.key == key {
				*m = append((*m)[:i:i], (*m)[i+1:]...)
				return have.value
			}
		}
	}
	return ""
}

// attrs makes attributes of what was not taken. The simplest values are written
// here, the others by the log store.
func (m members) attrs(r *logsink.Record) bool {
	out := make([]byte, 0, 64)
	for i, have := range m {
		value, isText := strings.CutPrefix(have.value, `"`)
		value = strings.TrimSuffix(value, `"`)
		if n, err := strconv.Atoi(value); !simple(have.key) || !simple(value) || isText != (err != nil) || err == nil && strconv.Itoa(n) != value ||
			isText && (value[0] >= '0' && value[0] <= '9' || value == "true" || value == "false" || value == "null") {
			return r.SetAttrs(m.object()) == nil
		}
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(append(append(out, have.key...), '='), value...)
	}
	r.Attrs = string(out)
	return true
}

// object puts the members together again.
func (m members) object() []byte {
	out := []byte{'{'}
	for i, have := range m {
		if i > 0 {
			out = append(out, ',')
		}
		key, err := json.Marshal(have.key)
		if err != nil {
			continue // a string always can be written
		}
		out = append(append(append(out, key...), ':'), have.value...)
	}
	return append(out, '}')
}

// textOf returns a string as it reads, and any other value as JSON.
func textOf(v string) string {
	if !strings.HasPrefix(v, `"`) {
		return v
	}
	c := scan{s: v}
	if s := c.text(); c.end() {
		return s
	}
	var s string
	if json.Unmarshal([]byte(v), &s) == nil {
		return s
	}
	return v
}

// jsonLevel reads a word, or a number: Stream's own 0 to 4, those of pino and
// bunyan (10 to 60).
func jsonLevel(v string) logsink.Level {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		word, _, _ := strings.Cut(textOf(v), "+") // slog prints INFO+2
		level, ok := levelOf(word)
		if !ok {
			return logsink.Info
		}
		return level
	}
	switch {
	case n >= 0 && n <= 4:
		return logsink.Level(n)
	case n >= 50:
		return logsink.Error
	case n >= 40:
		return logsink.Warn
	case n >= 30:
		return logsink.Info
	case n >= 20:
		return logsink.Debug
	case n >= 10:
		return logsink.Trace
	}
	return logsink.Info
}

// jsonTime reads text, or a number since 1970 of seconds, milliseconds,
// microseconds or nanoseconds, told apart by their size.
func (f *foreign) jsonTime(v string) time.Time {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		t, _ := f.stamp(textOf(v))
		return t
	}
	switch abs := math.Abs(n); {
	case abs < 1e11:
		sec, frac := math.Modf(n)
		return time.Unix(int64(sec), int64(frac*1e9)).UTC()
	case abs < 1e14:
		return time.UnixMicro(int64(n * 1e3)).UTC()
	case abs < 1e17:
		return time.UnixMicro(int64(n)).UTC()
	case abs < 9e18:
		return time.Unix(0, int64(n)).UTC()
	}
	return time.Time{}
}

func tagsOf(v string) string {
	var list []string
	if json.Unmarshal([]byte(v), &list) == nil {
		return strings.Join(list, ",")
	}
	return textOf(v)
}

// logfmt reads a line of key=value pairs, as slog and others print them. Such a
// line is known by its first key.
func (f *foreign) logfmt(line string) (logsink.Record, bool) {
	key, _, ok := strings.Cut(line, "=")
	if !ok || !slices.Contains(timeKeys, key) && !slices.Contains(levelKeys, key) && key != "msg" {
		return logsink.Record{}, false
	}
	m, ok := pairsOf(line)
	if !ok {
		return logsink.Record{}, false
	}
	return f.fromMembers(m)
}

// pairsOf takes key=value pairs apart; the values become JSON.
func pairsOf(line string) (members, bool) {
	var m members
	for rest := line; rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, value, ok := strings.Cut(rest, "=")
		if !ok || !simple(key) {
			return nil, false
		}
		if !strings.HasPrefix(value, `"`) {
			value, rest, _ = strings.Cut(value, " ")
			if n, err := strconv.Atoi(value); err != nil || strconv.Itoa(n) != value {
				data, err := json.Marshal(value)
				if err != nil {
					return nil, false
				}
				value = string(data)
			}
			m = append(m, member{key, value})
			continue
		}
		quoted, err := strconv.QuotedPrefix(value)
		if err != nil {
			return nil, false
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, false
		}
		data, err := json.Marshal(text)
		if err != nil {
			return nil, false
		}
		m = append(m, member{key, string(data)})
		rest = value[len(quoted):]
	}
	return m, true
}
