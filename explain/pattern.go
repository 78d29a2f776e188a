package explain

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// pattern is one text of an entry, ready to be searched for.
type pattern struct {
	entry  int      // index into the dictionary
	pieces []string // lower case; anything may stand between them
	weight int      // bytes of literal text: the longer, the more specific
}

// patterns are made from the texts of all entries, once.
var patterns = sync.OnceValue(func() []pattern {
	var all []pattern
	for i, e := range dictionary().all {
		for _, text := range e.Texts {
			p := pattern{entry: i, pieces: strings.Split(strings.ToLower(text), "…")}
			for _, piece := range p.pieces {
				p.weight += len(piece)
			}
			all = append(all, p)
		}
	}
	return all
})

// find returns where the pattern stands in text, which is in lower case. A
// number or word must not be a part of a longer one.
func (p pattern) find(text string) (start, end int, ok bool) {
	for from := 0; from <= len(text); {
		i := strings.Index(text[from:], p.pieces[0])
		if i < 0 {
			return 0, 0, false
		}
		start = from + i
		if end, ok = p.findRest(text, start+len(p.pieces[0])); !ok {
			return 0, 0, false
		}
		if !splitsWord(text, start) && !splitsWord(text, end) {
			return start, end, true
		}
		from = start + 1
	}
	return 0, 0, false
}

// findRest finds the pieces after the first, each behind the one before it, and
// returns where the last one ends. A pattern that ends in "…" ends at the end
// of the word.
func (p pattern) findRest(text string, from int) (int, bool) {
	for n, piece := range p.pieces[1:] {
		if piece == "" && n == len(p.pieces)-2 {
			for from < len(text) && splitsWord(text, from) {
				from++
			}
			return from, true
		}
		i := strings.Index(text[from:], piece)
		if i < 0 {
			return 0, false
		}
		from += i + len(piece)
	}
	return from, true
}

// splitsWord reports whether a letter or digit stands on both sides of i.
func splitsWord(text string, i int) bool {
	if i <= 0 || i >= len(text) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return isWord(before) && isWord(after)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
