package redact

import (
	"encoding/binary"
	"strings"
	"unsafe"
)

// Whether a line has anything to hide must be known in some 50 ns, because every
// line of a log pays for it. A token is found by its capital J, which the standard library
// looks for 32 bytes at a time. A secret key is found by three letters: every third
// position is looked at, and each key has three consecutive groups of three letters
// in a small table, so that one of them is met wherever the key stands. What the
// table says may be wrong, because other letters can share a place in it; then a
// few bytes around are looked at closely.

// keyGroups are, for each of secretKeys, for the word Bearer and for the rarer
// starts of tokens, letters that no occurrence can be without: five in a row, whose
// three groups of three go into the table.
var keyGroups = []string{"token", "rizat", "ecret", "asswo", "asswd", "beare",
	"eyaia", "eyaid", "eyaiy", "eyagi", "ewogi", "ewoji"}

// groupTable is a set of bits: one at the place of every group of keyGroups.
var groupTable = makeGroupTable()

const (
	groupBits  = 15
	lowerCase  = 0x2020202020202020
	groupMask  = 0xffffff
	groupPrime = 0x9E3779B97F4A7C15
)

func groupIndex(group uint64) uint64 { return group * groupPrime >> (64 - groupBits) }

func makeGroupTable() (table [1 << groupBits / 64]uint64) {
	for _, letters := range keyGroups {
		for i := range len(letters) - 2 {
			place := groupIndex(uint64(letters[i]) | uint64(letters[i+1])<<8 | uint64(letters[i+2])<<16)
			table[place/64] |= 1 << (place % 64)
		}
	}
	return table
}

// usualStart is what a JSON object without blanks begins with when it is encoded.
const usualStart = "eyJ"

// around is how far a key can reach beyond a group of its letters.
const around = len("authorization")

// suspicious reports whether there might be something to hide.
func suspicious(s string) bool {
	for i := 0; i < len(s); i++ {
		n := strings.IndexByte(s[i:], usualStart[2])
		if n < 0 {
			break
		}
		i += n
		if i >= 2 && s[i-2:i+1] == usualStart {
			return true
		}
	}
	if len(s) < 8 {
		return hasKey(s)
	}
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for i := 0; i+8 <= len(b); i += 6 {
		if letters := binary.LittleEndian.Uint64(b[i:]) | lowerCase; (inTable(letters) || inTable(letters>>24)) && keyNear(s, i) {
			return true
		}
	}
	last := len(b) - 8
	letters := binary.LittleEndian.Uint64(b[last:]) | lowerCase
	return (inTable(letters) || inTable(letters>>24) || inTable(letters>>40)) && keyNear(s, last)
}

func inTable(letters uint64) bool {
	place := groupIndex(letters & groupMask)
	return groupTable[place/64]>>(place%64)&1 != 0
}

// keyNear looks for a secret key around the eight bytes at i.
func keyNear(s string, i int) bool {
	return hasKey(s[max(0, i-around):min(len(s), i+8+around)])
}

// hasKey looks for a secret key in a short text.
func hasKey(s string) bool {
	for i := range len(s) {
		switch s[i] | 0x20 {
		case 'k':
			if foldAt(s, i-2, "token") {
				return true
			}
		case 'c':
			if foldAt(s, i-2, "secret") {
				return true
			}
		case 'w':
			if foldAt(s, i-4, "passw") {
				return true
			}
		case 'z':
			if foldAt(s, i-7, "authorization") {
				return true
			}
		case 'b':
			if foldAt(s, i, "bearer ") {
				return true
			}
		case 'e':
			if i+3 <= len(s) && tokenStart(s[i:i+3]) {
				return true
			}
		}
	}
	return false
}

// foldAt reports whether s has the text, in whatever case, at position i.
func foldAt(s string, i int, text string) bool {
	return i >= 0 && len(s)-i >= len(text) && strings.EqualFold(s[i:i+len(text)], text)
}
