package record

import (
	"encoding/json"
	"strconv"
	"strings"
	"unsafe"
)

// members are the members of a JSON object in their order.
type members []member

type member struct {
	key   string
	value string // JSON
}

// read takes an object apart.
func (m *members) read(object string) bool {
	c := scan{s: object}
	*m = (*m)[:0]
	c.blanks()
	c.object(func(key string) {
		c.blanks()
		start := c.i
		c.value()
		*m = append(*m, member{key, c.s[start:c.i]})
		c.blanks()
	})
	return c.end() || m.slow(object)
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

// append writes the members as the attributes of a record. It takes those that
// can be written as they stand; the others are for the log store, which is the
// reference.
func (m members) append(out []byte) ([]byte, bool) {
	for i, have := range m {
		if i > 0 {
			out = append(out, ' ')
		}
		if !bare(have.key) {
			return nil, false
		}
		out = append(append(out, have.key...), '=')
		text, isText := strings.CutPrefix(have.value, `"`)
		text = strings.TrimSuffix(text, `"`)
		switch {
		case isText && bare(text) && !typed(text):
			out = append(out, text...)
		case isText && plain(text), !isText && scalar(text):
			out = append(out, have.value...)
		default:
			return nil, false
		}
	}
	return out, true
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

func bare(s string) bool  { return s != "" && bareBytes.all(s) }
func plain(s string) bool { return plainBytes.all(s) }

// typed reports whether a text without its marks would be taken for something
// else than a text.
func typed(s string) bool {
	switch c := s[0]; {
	case c == '{' || c == '[' || s == "true" || s == "false" || s == "null":
		return true
	case c == '-' || c >= '0' && c <= '9':
		return json.Valid([]byte(s))
	}
	return false
}

// scalar reports whether a value is a whole number or one of the three words.
func scalar(s string) bool {
	switch s {
	case "true", "false", "null":
		return true
	}
	n, err := strconv.Atoi(s)
	return err == nil && (n > 0 && s[0] != '0' && s[0] != '+' || s == "0")
}

// arena gives room for the texts of many lines at once. What was taken is never
// written to again, so it can be a string as it is.
type arena struct{ left []byte }

const arenaSize = 32 << 10

// room returns no bytes, with room for n.
func (a *arena) room(n int) []byte {
	if cap(a.left) < n {
		a.left = make([]byte, 0, max(n, arenaSize))
	}
	return a.left[:0:n]
}

// take returns what was written to the room as a text.
func (a *arena) take(b []byte) string {
	a.left = a.left[min(len(b), cap(a.left)):cap(a.left)][:0]
	return unsafe.String(unsafe.SliceData(b), len(b))
}
