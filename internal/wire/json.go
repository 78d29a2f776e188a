package wire

import (
	"bytes"
	"fmt"
)

// EscapeC1 writes the control characters U+0080 to U+009F in a line of JSON as
// escapes. JSON lets them stand, but terminals may obey them. It returns the line
// itself when there are none.
func EscapeC1(line []byte) []byte {
	if !HasC1(line) {
		return line
	}
	out := make([]byte, 0, len(line)+32)
	for i := 0; i < len(line); i++ {
		if c1(line[i:]) {
			i++
			out = fmt.Appendf(out, `\u%04x`, line[i])
			continue
		}
		out = append(out, line[i])
	}
	return out
}

// HasC1 reports whether there are such characters in UTF-8.
func HasC1(line []byte) bool {
	for {
		i := bytes.IndexByte(line, 0xc2)
		switch {
		case i < 0:
			return false
		case c1(line[i:]):
			return true
		}
		line = line[i+1:]
	}
}

// c1 reports whether UTF-8 begins with one.
func c1(s []byte) bool { return len(s) > 1 && s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0 }
