package wire

import (
	"bytes"
	"encoding/json"
)

// SniffType returns the type of an event, the string member "type" of a JSON
// object, without decoding the rest. It returns "" for everything else: text
// that is no object (the client's own pings are arrays), an object without the
// member, or one whose member is not a string. It does not validate what
// follows the member, and never panics on truncated input.
func SniffType(frame []byte) string {
	s := scanner{frame, 0}
	if !s.eat('{') {
		return ""
	}
	for {
		key, ok := s.text()
		if !ok || !s.eat(':') {
			return ""
		}
		if string(key) == `"type"` {
			value, ok := s.text()
			if !ok {
				return ""
			}
			return unquote(value)
		}
		if !s.skip() || !s.eat(',') {
			return ""
		}
	}
}

// IsArray reports whether a frame is a JSON array, the form in which the
// official client sends its health checks (protocol.md 2.5).
func IsArray(frame []byte) bool {
	s := scanner{frame, 0}
	return s.eat('[')
}

func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var text string
	if json.Unmarshal(quoted, &text) != nil {
		return ""
	}
	return text
}

// scanner walks over JSON without building anything.
type scanner struct {
	in  []byte
	pos int
}

// peek returns the next byte that is not white space, or 0 at the end.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.in); s.pos++ {
		switch c := s.in[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) eat(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// text consumes a string and returns it with its quotes.
func (s *scanner) text() ([]byte, bool) {
	if s.peek() != '"' {
		return nil, false
	}
	start := s.pos
	for s.pos++; s.pos < len(s.in); s.pos++ {
		switch s.in[s.pos] {
		case '\\':
			s.pos++
		case '"':
			s.pos++
			return s.in[start:s.pos], true
		}
	}
	return nil, false
}

// skip consumes one value of any kind. Brackets are counted, not matched.
func (s *scanner) skip() bool {
	depth := 0
	for s.pos < len(s.in) {
		switch c := s.peek(); c {
		case 0:
			return false
		case '"':
			if _, ok := s.text(); !ok {
				return false
			}
		case '{', '[':
			depth++
			s.pos++
		case '}', ']':
			if depth == 0 {
				return true
			}
			depth--
			s.pos++
		case ',':
			if depth == 0 {
				return true
			}
			s.pos++
			continue
		case ':':
			s.pos++
			continue
		default:
			s.scalar()
		}
		if depth == 0 {
			return true
		}
	}
	return false
}

func (s *scanner) scalar() {
	for s.pos < len(s.in) && bytes.IndexByte([]byte(",:{}[]\" \t\r\n"), s.in[s.pos]) < 0 {
		s.pos++
	}
}
