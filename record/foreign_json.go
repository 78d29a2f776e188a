package record

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"streamscope/logsink"
)

// The members under which logs keep what a record has of its own, the best first.
// Of those that are there the best is taken; the others stay attributes.
var fieldKeys = [...][]string{
	fieldTime:    {"time", "ts", "timestamp", "@timestamp", "t", "date"},
	fieldLevel:   {"level", "severity", "lvl", "log.level", "loglevel"},
	fieldMessage: {"message", "msg", "text", "event"},
	fieldScope:   {"scope", "logger", "name", "component", "module", "category"},
	fieldSession: {"session", "user_id", "userId"},
	fieldTags:    {"tags"},
}

const (
	fieldTime = iota
	fieldLevel
	fieldMessage
	fieldScope
	fieldSession
	fieldTags
	numFields
)

// place is what a key is good for: a field, and how good it is, 0 is best.
type place struct{ field, rank int }

var places = func() map[string]place {
	all := map[string]place{}
	for field, keys := range fieldKeys {
		for rank, key := range keys {
			all[key] = place{field, rank}
		}
	}
	return all
}()

// fields are the values of the fields, as JSON; empty is none.
type fields [numFields]string

// take removes what belongs to a field from the members.
func (m *members) take() (of fields) {
	var best [numFields]int // one more than its index
	for i, have := range *m {
		p, ok := places[have.key]
		if !ok {
			continue
		}
		if was := best[p.field]; was == 0 || p.rank < places[(*m)[was-1].key].rank {
			best[p.field] = i + 1
		}
	}
	left := (*m)[:0]
	for i, have := range *m {
		p, ok := places[have.key]
		if ok && best[p.field] == i+1 {
			of[p.field] = have.value
			continue
		}
		left = append(left, have)
	}
	*m = left
	return of
}

// json reads a record of JSON: ours, that of slog, zap, zerolog, pino and others.
func (f *foreign) json(line string) (logsink.Record, bool) {
	if strings.HasPrefix(line, `{"kind":"log"`) {
		var r logsink.Record
		if r.UnmarshalJSON([]byte(line)) == nil {
			return r, true
		}
	}
	if !f.members.read(line) {
		return logsink.Record{}, false
	}
	return f.fromMembers()
}

// fromMembers makes a record of what a log says in words of its own.
func (f *foreign) fromMembers() (logsink.Record, bool) {
	of := f.members.take()
	r := logsink.Record{Level: logsink.Info, Scope: logsink.DefaultScope, Message: textOf(of[fieldMessage]), Session: textOf(of[fieldSession])}
	if v := of[fieldLevel]; v != "" {
		r.Level = jsonLevel(v)
	}
	if v := of[fieldTime]; v != "" {
		r.Time = f.jsonTime(v)
	}
	if v := of[fieldScope]; v != "" {
		r.Scope = textOf(v)
	}
	if v := of[fieldTags]; v != "" {
		r.Tags = tagsOf(v)
	}
	// The message may be a line of Stream's logger itself.
	if scope, tags, message, ok := console(r.Message); ok {
		r.Scope, r.Tags, r.Message = scope, tags, message
	}
	return r, f.attrs(&r)
}

// attrs makes attributes of the members.
func (f *foreign) attrs(r *logsink.Record) bool {
	size := 0
	for _, have := range f.members {
		size += len(have.key) + len(have.value) + 2
	}
	out, ok := f.members.append(f.arena.room(size))
	if !ok {
		return r.SetAttrs(f.members.object()) == nil
	}
	r.Attrs = f.arena.take(out)
	return true
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
	n, isNumber := number(v)
	if !isNumber {
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
	n, isNumber := number(v)
	if !isNumber {
		t, _ := f.stamps.read(textOf(v))
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

// number reads a JSON number.
func number(v string) (float64, bool) {
	if v[0] == '"' {
		return 0, false
	}
	n, err := strconv.ParseFloat(v, 64)
	return n, err == nil
}

func tagsOf(v string) string {
	var list []string
	if json.Unmarshal([]byte(v), &list) == nil {
		return strings.Join(list, ",")
	}
	return textOf(v)
}
