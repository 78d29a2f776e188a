package config

import (
	"fmt"
	"strings"

	"streamscope/internal/wire"
)

// Error is everything that is wrong with the settings, together.
type Error struct {
	Problems []Problem
}

// Error returns one block for each problem.
func (e *Error) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.String()
	}
	return strings.Join(texts, "\n")
}

// Problem says where, what, and how to mend it.
type Problem struct {
	// File is the path of the file, or the name of the variable or flag.
	File string
	// Line and Column count from 1; 0 where there are none.
	Line, Column int
	// Key is the path of the key, empty when the file as a whole is meant.
	Key  string
	Text string
	// Hint says how to mend it; may be empty.
	Hint string
	// Excerpt is the line in question with a mark below, secrets masked.
	Excerpt string
}

// String returns the problem as a person reads it: place, text, hint, and the
// line below.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	if p.Excerpt != "" {
		b.WriteString("\n" + p.Excerpt)
	}
	return b.String()
}

// Warning is something that works and should be different.
type Warning struct {
	Text, Hint string
}

// hintedError carries what to do apart from what is wrong.
type hintedError struct{ text, hint string }

func (e *hintedError) Error() string { return e.text }

// suggest names the word that was probably meant.
func suggest(text, got string, words []string) error {
	hint := ""
	if word, ok := nearest(got, words); ok {
		hint = fmt.Sprintf("did you mean %q?", word)
	}
	return &hintedError{wire.Clean(text), hint}
}

// nearest returns the word that begins with what was written, or the one that
// takes the fewest edits, unless more than a third of it would change.
func nearest(got string, words []string) (string, bool) {
	best, least := "", len(got)
	for _, word := range words {
		if len(got) > 2 && strings.HasPrefix(word, strings.ToLower(got)) {
			return word, true
		}
		n := distance(strings.ToLower(got), word)
		if n < least && n <= max(1, max(len(got), len(word))/3) {
			best, least = word, n
		}
	}
	return best, best != ""
}

// distance is the number of edits between two words, a swap of neighbours
// counting as one.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, now := rows[0], rows[1], rows[2]
		now[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			now[j] = min(last[j]+1, now[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		rows = [3][]int{last, now, before}
	}
	return rows[1][len(b)]
}
