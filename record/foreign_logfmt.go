package record

import (
	"encoding/json"
	"strconv"
	"strings"

	"streamscope/logsink"
)

// logfmt reads a line of key=value pairs, as slog and others print them. Such a
// line is known by its first key.
func (f *foreign) logfmt(line string) (logsink.Record, bool) {
	key, _, ok := strings.Cut(line, "=")
	if !ok || len(key) > len("@timestamp") {
		return logsink.Record{}, false
	}
	if p, known := places[key]; !known || p.field != fieldTime && p.field != fieldLevel && key != "msg" {
		return logsink.Record{}, false
	}
	if !f.members.pairs(line) {
		return logsink.Record{}, false
	}
	return f.fromMembers()
}

// pairs takes key=value pairs apart; the values become JSON.
func (m *members) pairs(line string) bool {
	*m = (*m)[:0]
	for rest := line; rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, value, ok := strings.Cut(rest, "=")
		if !ok || !simple(key) {
			return false
		}
		if !strings.HasPrefix(value, `"`) {
			value, rest, _ = strings.Cut(value, " ")
			if n, err := strconv.Atoi(value); err != nil || strconv.Itoa(n) != value {
				data, err := json.Marshal(value)
				if err != nil {
					return false
				}
				value = string(data)
			}
			*m = append(*m, member{key, value})
			continue
		}
		quoted, err := strconv.QuotedPrefix(value)
		if err != nil {
			return false
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return false
		}
		data, err := json.Marshal(text)
		if err != nil {
			return false
		}
		*m = append(*m, member{key, string(data)})
		rest = value[len(quoted):]
	}
	return true
}
