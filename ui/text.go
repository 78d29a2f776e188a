package ui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"streamscope/internal/wrap"
)

// span is a run of text in one style, and line a row made of them. Panes speak
// in lines; the theme turns a line into cells of an exact width. It is the one
// place where text becomes output, so it is also where text is cleaned.
type span struct {
	style style
	text  string
}

type line []span

// say starts a line with one span.
func say(s style, text string) line { return line{{s, text}} }

// add appends a span and returns the line.
func (l line) add(s style, text string) line { return append(l, span{s, text}) }

// plain returns the text of the line without styles.
func (l line) plain() string {
	if len(l) == 1 {
		return l[0].text
	}
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return b.String()
}

// width is how many cells the line wants.
func (l line) width() int {
	n := 0
	for _, s := range l {
		n += width(s.text)
	}
	return n
}

// isPlain reports whether every byte of s is a printable ASCII character, so
// that its length is its width and nothing needs cleaning.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// width is the number of cells that s takes once it is cleaned.
func width(s string) int {
	if isPlain(s) {
		return len(s)
	}
	return ansi.StringWidth(clean(s))
}

// clean takes out of s what could move the terminal's cursor or make the width
// of the text a matter of opinion: control characters, marks that turn the
// direction of writing, and sequences that terminals measure differently.
func clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		g, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		if g == "" {
			break
		}
		s = s[len(g):]
		switch {
		case g == "\t" || g == "\n" || g == "\r\n":
			b.WriteByte(' ')
		case unsafeCluster(g) || w == 0 || w != ansi.StringWidthWc(g):
			b.WriteString("·")
		default:
			b.WriteString(g)
		}
	}
	return b.String()
}

func unsafeCluster(g string) bool {
	for _, r := range g {
		switch {
		case r < 0x20, r >= 0x7f && r < 0xa0, r == '\uFFFD':
			return true
		case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return true
		case r == 0x061c, r == 0xfeff, r >= 0xe0000:
			return true
		}
	}
	return false
}

// cut shortens s to w cells, with an ellipsis where something is missing.
func cut(s string, w int, ellipsis string) string {
	if isPlain(s) {
		if len(s) <= w {
			return s
		}
		n := width(ellipsis)
		if w < n {
			return s[:max(w, 0)]
		}
		return s[:w-n] + ellipsis
	}
	return ansi.Truncate(clean(s), max(w, 0), ellipsis)
}

// pad returns s in exactly w cells.
func pad(s string, w int) string {
	n := width(s)
	if n > w {
		s = cut(s, w, "")
		n = width(s)
	}
	return s + spaces(w-n)
}

// padLeft returns s in w cells, flush right.
func padLeft(s string, w int) string {
	n := width(s)
	if n >= w {
		return cut(s, w, "")
	}
	return spaces(w-n) + s
}

const blank = "                                                                                "

func spaces(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// wrapText breaks s into lines of at most w cells at spaces, and inside words
// that are longer than a line.
func wrapText(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	s = clean(s)
	if width(s) <= w {
		return []string{s}
	}
	return wrap.Lines(s, w)
}

// wrapLine breaks a line into several of at most w cells; the ones after the
// first are indented.
func wrapLine(l line, w, indent int) []line {
	if w <= indent+1 || l.width() <= w {
		return []line{l}
	}
	var out []line
	row, free := line{}, w
	for _, s := range l {
		text := clean(s.text)
		for text != "" {
			n := width(text)
			if n <= free {
				row, free = row.add(s.style, text), free-n
				break
			}
			head := ansi.Truncate(text, free, "")
			row = row.add(s.style, head)
			out = append(out, row)
			text = text[len(head):]
			row, free = say(styleText, spaces(indent)), w-indent
			if head == "" && width(text) > 0 && free < 2 {
				return out
			}
		}
	}
	return append(out, row)
}

// sentence wraps a sentence into lines of one style.
func sentence(s style, text string, w int) []line {
	rows := wrapText(text, w)
	out := make([]line, len(rows))
	for i, r := range rows {
		out[i] = say(s, r)
	}
	return out
}

// useRoom breaks lines that are too wide for w, as far as h has rows that would
// stay empty: nothing is cut beside blank rows.
func useRoom(lines []line, w, h int) []line {
	spare := h - len(lines)
	var out []line
	for i, l := range lines {
		if spare > 0 && l.width() > w {
			if rows := foldLine(l, w, 2); len(rows)-1 <= spare {
				if out == nil {
					out = slices.Clone(lines[:i])
				}
				spare -= len(rows) - 1
				out = append(out, rows...)
				continue
			}
		}
		if out != nil {
			out = append(out, l)
		}
	}
	if out == nil {
		return lines
	}
	return out
}

// foldLine breaks a line into several of at most w cells at blanks, the ones
// after the first indented. A word that is wider than a row is left to be cut.
func foldLine(l line, w, indent int) []line {
	var out []line
	row, used := line{}, 0
	for _, s := range l {
		for _, word := range strings.SplitAfter(clean(s.text), " ") {
			n := width(strings.TrimRight(word, " "))
			if n > 0 && used+n > w && used > indent {
				out = append(out, row)
				row, used = say(styleText, spaces(indent)), indent
			}
			row = row.add(s.style, word)
			used += width(word)
		}
	}
	return append(out, row)
}
