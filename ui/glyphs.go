package ui

import "strings"

// glyphs are the characters that are not letters. Each stands beside a word or
// a position that says the same, so that nothing is lost in the ASCII set. None
// is an emoji, and all are one cell wide.
type glyphs struct {
	horizontal, vertical                               string
	topLeft, topRight, bottomLeft, bottomRight         string
	teeLeft, teeRight, teeTop, teeBottom               string
	ok, bad, wait, off, busy, skip, pending, dot, here string
	in, out, to, ellipsis, mark, empty, full, up, down string
	inherit, on, folded, unfolded, thumb, differs      string
	sparks                                             []string
}

var unicodeGlyphs = glyphs{
	horizontal: "─", vertical: "│",
	topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
	teeLeft: "├", teeRight: "┤", teeTop: "┬", teeBottom: "┴",
	ok: "✓", bad: "✗", wait: "◌", off: "○", busy: "◐", skip: "–", pending: "·", dot: "●", here: "▸",
	in: "←", out: "→", to: "→", ellipsis: "…", mark: "◆", empty: "░", full: "█", up: "▲", down: "▼",
	inherit: "·", on: "▪", folded: "▸", unfolded: "▾", thumb: "┃", differs: "≠",
	sparks: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
}

var asciiGlyphs = glyphs{
	horizontal: "-", vertical: "|",
	topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
	teeLeft: "+", teeRight: "+", teeTop: "+", teeBottom: "+",
	ok: "+", bad: "x", wait: "~", off: "o", busy: "*", skip: "-", pending: ".", dot: "*", here: ">",
	in: "<", out: ">", to: "->", ellipsis: "~", mark: "#", empty: ".", full: "#", up: "^", down: "v",
	inherit: ".", on: "*", folded: ">", unfolded: "v", thumb: "|", differs: "!",
	sparks: []string{"_", "_", ".", ".", "-", "-", "=", "^"},
}

var asciiReplacer = strings.NewReplacer(
	"…", "...", "·", "-", "–", "-", "—", "-", "→", "->", "←", "<-", "×", "x",
	"“", `"`, "”", `"`, "‘", "'", "’", "'", "≤", "<=", "≥", ">=",
)

// asciiFold writes the signs of our own sentences with ASCII characters. Names
// and texts of others stay as they are.
func asciiFold(s string) string {
	if isPlain(s) {
		return s
	}
	return asciiReplacer.Replace(s)
}
