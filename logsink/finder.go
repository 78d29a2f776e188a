package logsink

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"
)

// finder looks for a text in a slab of a hundred megabytes. Case-sensitive search is
// the standard library's. For search that ignores the case of ASCII letters, eight
// positions are looked at together: two letters of the text, the two that are
// rarest in logs, are compared with the bytes where they would stand if the text
// began at each of the eight positions, with bit 5, which is all that tells "A" from
// "a", set in both. Where both agree the text is compared as a whole.
type finder struct {
	text string // in lower case if fold is set
	fold bool

	a, b         int // positions of the two letters, a < b, or a == b
	wantA, wantB uint64
}

const (
	onesBytes = 0x0101010101010101
	highBytes = 0x8080808080808080
	bit5      = 0x2020202020202020
)

func newFinder(text string, fold bool) finder {
	f := finder{text: text, fold: fold}
	if !fold {
		return f
	}
	f.a, f.b = rarest(text)
	f.wantA = uint64(text[f.a]|0x20) * onesBytes
	f.wantB = uint64(text[f.b]|0x20) * onesBytes
	return f
}

// commonFirst has the characters of log lines, roughly by how common they are.
const commonFirst = " eotnaisrc.l-d:0\"1_2u/p,m3h4g58b796fvywkx()=qjz"

// rarest returns the positions of the two characters of a text that should be met
// least often.
func rarest(text string) (a, b int) {
	rank := func(i int) int {
		if r := strings.IndexByte(commonFirst, text[i]); r >= 0 {
			return r
		}
		return len(commonFirst)
	}
	a, b = 0, len(text)-1
	if rank(b) > rank(a) {
		a, b = b, a
	}
	for i := 1; i < len(text)-1; i++ {
		switch r := rank(i); {
		case r > rank(a):
			a, b = i, a
		case r > rank(b):
			b = i
		}
	}
	return min(a, b), max(a, b)
}

// index returns where the text is first found in s at or after from, or -1.
func (f *finder) index(s string, from int) int {
	if !f.fold {
		if n := strings.Index(s[from:], f.text); n >= 0 {
			return from + n
		}
		return -1
	}
	data := unsafe.Slice(unsafe.StringData(s), len(s))
	last := len(data) - len(f.text)
	i := from
	for ; i <= last && i+f.b+8 <= len(data); i += 8 {
		x := (binary.LittleEndian.Uint64(data[i+f.a:]) | bit5) ^ f.wantA |
			(binary.LittleEndian.Uint64(data[i+f.b:]) | bit5) ^ f.wantB
		for hit := (x - onesBytes) &^ x & highBytes; hit != 0; hit &= hit - 1 {
			if at := i + bits.TrailingZeros64(hit)/8; at <= last && f.at(s, at) {
				return at
			}
		}
	}
	for ; i <= last; i++ {
		if f.at(s, i) {
			return i
		}
	}
	return -1
}

// at reports whether the text stands at i, the case of ASCII letters aside.
func (f *finder) at(s string, i int) bool {
	for j := range len(f.text) {
		c := s[i+j]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != f.text[j] {
			return false
		}
	}
	return true
}
