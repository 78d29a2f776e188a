package record

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// scan reads JSON in the form in which our own writer puts it. Whatever else
// comes, valid or not, makes it fail, and the line is read by the codec of the
// timeline instead, which is the reference and ten times slower.
type scan struct {
	s      string
	i      int
	failed bool
}

func (c *scan) fail() { c.failed = true }

// eat takes one byte.
func (c *scan) eat(b byte) bool {
	if c.i < len(c.s) && c.s[c.i] == b {
		c.i++
		return true
	}
	return false
}

// object calls member with each key of an object, which has to take the value.
func (c *scan) object(member func(key string)) {
	if !c.eat('{') {
		c.fail()
		return
	}
	if c.eat('}') {
		return
	}
	for !c.failed {
		key := c.text()
		if !c.eat(':') {
			c.fail()
		}
		if c.failed {
			return
		}
		member(key)
		if c.eat('}') {
			return
		}
		if !c.eat(',') {
			c.fail()
		}
	}
}

// text takes a string. Without escapes it is a part of the line.
func (c *scan) text() string {
	raw, plain := c.quoted()
	if plain {
		return raw
	}
	return string(c.unescape(raw))
}

// bytes is text that does not hold on to the line.
func (c *scan) bytes() []byte {
	raw, plain := c.quoted()
	if plain {
		return []byte(raw)
	}
	return c.unescape(raw)
}

// quoted takes a string as it stands in the line, and reports whether it is free
// of escapes.
func (c *scan) quoted() (raw string, plain bool) {
	if !c.eat('"') {
		c.fail()
		return "", true
	}
	start := c.i
	ascii := true
	plain = true
	for c.i < len(c.s) {
		switch b := c.s[c.i]; {
		case b == '"':
			raw := c.s[start:c.i]
			c.i++
			if !ascii && !utf8.ValidString(raw) {
				c.fail()
			}
			return raw, plain
		case b == '\\':
			plain = false
			c.i++
		case b < ' ':
			c.fail()
			return "", true
		case b >= utf8.RuneSelf:
			ascii = false
		}
		c.i++
	}
	c.i = len(c.s) // a backslash at the end would lead beyond it
	c.fail()
	return "", true
}

// whole takes an object as it stands in the line; what it holds is not looked at.
func (c *scan) whole() string {
	start, depth := c.i, 0
	for c.i < len(c.s) && !c.failed {
		switch c.s[c.i] {
		case '"':
			c.quoted()
			continue
		case '{':
			depth++
		case '}':
			depth--
		}
		c.i++
		if depth == 0 {
			return c.s[start:c.i]
		}
	}
	c.fail()
	return ""
}

// unescape resolves escapes; those beyond the basic plane are left to the codec.
func (c *scan) unescape(raw string) []byte {
	out := make([]byte, 0, len(raw)-strings.Count(raw, `\`))
	for {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			return append(out, raw...)
		}
		out = append(out, raw[:i]...)
		if i+1 >= len(raw) {
			c.fail()
			return nil
		}
		switch b := raw[i+1]; b {
		case '"', '\\', '/':
			out = append(out, b)
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			if len(raw) < i+6 {
				c.fail()
				return nil
			}
			n, err := strconv.ParseUint(raw[i+2:i+6], 16, 32)
			if err != nil || n >= 0xd800 && n < 0xe000 {
				c.fail()
				return nil
			}
			out = utf8.AppendRune(out, rune(n))
			i += 4
		default:
			c.fail()
			return nil
		}
		raw = raw[i+2:]
	}
}

// blanks passes over white space between values.
func (c *scan) blanks() {
	for c.i < len(c.s) && (c.s[c.i] == ' ' || c.s[c.i] == '\t') {
		c.i++
	}
}

// value passes over a string, a number or a word; lists and objects are left to
// the codec.
func (c *scan) value() {
	if c.i < len(c.s) && c.s[c.i] == '"' {
		c.text()
		return
	}
	start := c.i
	for c.i < len(c.s) && strings.IndexByte(",}] \t", c.s[c.i]) < 0 {
		c.i++
	}
	switch v := c.s[start:c.i]; v {
	case "true", "false", "null":
	default:
		if _, err := strconv.ParseFloat(v, 64); err != nil || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
			c.fail()
		}
	}
}

// number takes a whole number.
func (c *scan) number() int64 {
	start := c.i
	for c.i < len(c.s) && (c.s[c.i] >= '0' && c.s[c.i] <= '9' || c.s[c.i] == '-' && c.i == start) {
		c.i++
	}
	n, err := strconv.ParseInt(c.s[start:c.i], 10, 64)
	if err != nil || c.i-start > 1 && (c.s[start] == '0' || strings.HasPrefix(c.s[start:], "-0")) {
		c.fail()
	}
	return n
}

func (c *scan) small() int {
	n := c.number()
	if int64(int(n)) != n {
		c.fail()
	}
	return int(n)
}

func (c *scan) count() uint64 {
	n := c.number()
	if n < 0 {
		c.fail()
	}
	return uint64(n)
}

// instant takes a time in UTC.
func (c *scan) instant() time.Time {
	s := c.text()
	var t time.Time
	if t.UnmarshalText([]byte(s)) != nil || !strings.HasSuffix(s, "Z") {
		c.fail()
	}
	return t
}

// end reports whether everything was read, and nothing failed.
func (c *scan) end() bool { return !c.failed && c.i == len(c.s) }
