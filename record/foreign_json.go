package record

import (
	"bytes"
	"encoding/json"
	"math"
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
	r := logsink.Record{Level: logsink.Info, Scope: logsink.DefaultScope}
	if v := m.take(messageKeys); v != nil {
		r.Message = textOf(v)
	}
	if v := m.take(levelKeys); v != nil {
		r.Level = jsonLevel(v)
	}
	if v := m.take(timeKeys); v != nil {
		r.Time = jsonTime(v)
	}
	if v := m.take(scopeKeys); v != nil {
		r.Scope = f.words.keep(textOf(v))
	}
	if v := m.take(sessionKeys); v != nil {
		r.Session = f.words.keep(textOf(v))
	}
	if v := m.take([]string{"tags"}); v != nil {
		r.Tags = tagsOf(v)
	}
	// The message may be a line of Stream's logger itself.
	if scope, tags, message, ok := console(r.Message); ok {
		r.Scope, r.Tags, r.Message = f.words.keep(scope), f.words.keep(tags), message
	}
	return r, r.SetAttrs(m.rest()) == nil
}

// members are the members of an object in their order.
type members []member

type member struct {
	key   string
	value json.RawMessage
}

func membersOf(line string) (members, bool) {
	dec := json.NewDecoder(strings.NewReader(line))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var m members
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return nil, false
		}
		name, _ := key.(string)
		m = append(m, member{name, value})
	}
	if _, err := dec.Token(); err != nil || dec.More() {
		return nil, false
	}
	return m, true
}

// take removes the first of the keys that is there and returns its value.
func (m *members) take(keys []string) json.RawMessage {
	for _, key := range keys {
		for i, have := range *m {
			if have.key == key {
				*m = append((*m)[:i:i], (*m)[i+1:]...)
				return have.value
			}
		}
	}
	return nil
}

// rest writes what was not taken as an object.
func (m members) rest() []byte {
	if len(m) == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, have := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(have.key)
		if err != nil {
			continue // a string always can be written
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(have.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// textOf returns a string as it reads, and any other value as JSON.
func textOf(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

// jsonLevel reads a word, or a number: Stream's own 0 to 4, those of pino and
// bunyan (10 to 60).
func jsonLevel(v json.RawMessage) logsink.Level {
	var n float64
	if json.Unmarshal(v, &n) != nil {
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
func jsonTime(v json.RawMessage) time.Time {
	var n float64
	if json.Unmarshal(v, &n) != nil {
		t, _ := parseStamp(textOf(v))
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

func tagsOf(v json.RawMessage) string {
	var list []string
	if json.Unmarshal(v, &list) == nil {
		return strings.Join(list, ",")
	}
	return textOf(v)
}
