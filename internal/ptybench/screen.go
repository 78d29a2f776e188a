package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// cell is a character on the screen. look stands for its colours and
// attributes: equal looks, equal sequences.
type cell struct {
	text rune
	look uint32
}

var blank = cell{text: ' '}

// screen is the part of a terminal that is needed to know what a program has
// painted: a grid of cells, and the sequences that renderers move and erase
// with. It is owned by whoever writes to it.
type screen struct {
	w, h     int
	rows     [][]cell
	x, y     int
	last     rune // for REP
	look     uint32
	wrap     bool // the cursor stands behind the last column
	top, end int  // rows that scroll: from top to before end
	saved    [2]int
	// held says that the program paints between the marks of a synchronized
	// frame (mode 2026): nobody sees the grid until it is whole.
	held bool
	// answer is given what a terminal answers to questions.
	answer func(text string)
	parser *ansi.Parser
}

func newScreen(w, h int, answer func(string)) *screen {
	s := &screen{w: w, h: h, end: h, rows: make([][]cell, h), answer: answer}
	for y := range s.rows {
		s.rows[y] = make([]cell, w)
		s.erase(y, 0, w)
	}
	s.parser = ansi.NewParser()
	s.parser.SetHandler(ansi.Handler{
		Print: s.print, Execute: s.control, HandleCsi: s.csi, HandleEsc: s.escape, HandleOsc: s.osc,
	})
	return s
}

// Write takes what the program wrote; a sequence may be cut anywhere.
func (s *screen) Write(b []byte) (int, error) {
	s.parser.Parse(b)
	return len(b), nil
}

// line is the text of a row without the blanks at its end.
func (s *screen) line(y int) string { return strings.TrimRight(s.text(y, 0, s.w), " ") }

// text is what stands in a row between two columns. A wide character stands
// where it begins.
func (s *screen) text(y, from, to int) string {
	var b strings.Builder
	for _, c := range s.rows[y][from:to] {
		if c.text != 0 {
			b.WriteRune(c.text)
		}
	}
	return b.String()
}

// has reports whether a text stands in a row.
func (s *screen) has(text string) bool {
	for y := range s.rows {
		if strings.Contains(s.line(y), text) {
			return true
		}
	}
	return false
}

func (s *screen) print(r rune) {
	width := ansi.StringWidth(string(r))
	if width <= 0 {
		return
	}
	if s.wrap || s.x+width > s.w {
		s.x = 0
		s.feed()
	}
	s.rows[s.y][s.x] = cell{r, s.look}
	if width == 2 && s.x+1 < s.w {
		s.rows[s.y][s.x+1] = cell{0, s.look}
	}
	s.last = r
	s.x += width
	s.wrap = s.x >= s.w
	if s.wrap {
		s.x = s.w - 1
	}
}

func (s *screen) control(b byte) {
	switch b {
	case '\r':
		s.move(0, s.y)
	case '\n', '\v', '\f':
		s.feed()
	case '\b':
		s.move(s.x-1, s.y)
	case '\t':
		s.move((s.x/8+1)*8, s.y)
	}
}

// feed goes one row down, and scrolls at the end.
func (s *screen) feed() {
	s.wrap = false
	if s.y == s.end-1 {
		s.scroll(s.top, 1)
		return
	}
	s.y = min(s.y+1, s.h-1)
}

func (s *screen) move(x, y int) {
	s.x, s.y, s.wrap = max(0, min(x, s.w-1)), max(0, min(y, s.h-1)), false
}

// erase blanks a part of a row.
func (s *screen) erase(y, from, to int) {
	for x := max(from, 0); x < min(to, s.w); x++ {
		s.rows[y][x] = blank
	}
}

// scroll moves the rows from a row to the end of the region up by n, or down.
func (s *screen) scroll(from, n int) {
	for range min(max(n, -n), s.end-from) {
		if n > 0 {
			out := s.rows[from]
			copy(s.rows[from:s.end], s.rows[from+1:s.end])
			s.rows[s.end-1] = out
			s.erase(s.end-1, 0, s.w)
		} else {
			out := s.rows[s.end-1]
			copy(s.rows[from+1:s.end], s.rows[from:s.end-1])
			s.rows[from] = out
			s.erase(from, 0, s.w)
		}
	}
}

// shift moves the rest of a row right by n, or left, and blanks what is left.
func (s *screen) shift(n int) {
	rest := s.rows[s.y][s.x:]
	k := min(max(n, -n), len(rest))
	if n > 0 {
		copy(rest[k:], rest)
		s.erase(s.y, s.x, s.x+k)
	} else {
		copy(rest, rest[k:])
		s.erase(s.y, s.w-k, s.w)
	}
}

func (s *screen) escape(cmd ansi.Cmd) {
	if cmd.Intermediate() != 0 {
		return
	}
	switch cmd.Final() {
	case 'D':
		s.feed()
	case 'E':
		s.x = 0
		s.feed()
	case 'M':
		if s.y == s.top {
			s.scroll(s.top, -1)
		} else {
			s.move(s.x, s.y-1)
		}
	case '7':
		s.saved = [2]int{s.x, s.y}
	case '8':
		s.move(s.saved[0], s.saved[1])
	}
}

// osc answers the question for the background's colour.
func (s *screen) osc(cmd int, data []byte) {
	if cmd == 11 && strings.HasSuffix(string(data), "?") {
		s.answer("\x1b]11;rgb:0000/0000/0000\x1b\\")
	}
}
