package main

import (
	"hash/fnv"

	"github.com/charmbracelet/x/ansi"
)

// Modes that matter here.
const (
	modeAltScreen    = 1049
	modeSynchronized = 2026
)

// csi carries out a control sequence. What it does not know changes no cell
// and is left out.
func (s *screen) csi(cmd ansi.Cmd, params ansi.Params) {
	switch {
	case cmd.Prefix() == '?':
		s.private(cmd, params)
	case cmd.Prefix() != 0 || cmd.Intermediate() != 0:
	case cmd.Final() == 'm':
		s.style(params)
	case cmd.Final() == 'c':
		s.answer("\x1b[?62;22c")
	default:
		n, _, _ := params.Param(0, 1)
		if !s.goTo(cmd.Final(), max(n, 1), params) {
			s.edit(cmd.Final(), max(n, 1), params)
		}
	}
}

// private switches modes, and says of which we know something.
func (s *screen) private(cmd ansi.Cmd, params ansi.Params) {
	mode, _, _ := params.Param(0, 0)
	on := cmd.Final() == 'h'
	switch {
	case cmd.Final() == 'p' && mode == modeSynchronized:
		s.answer("\x1b[?2026;2$y")
	case !on && cmd.Final() != 'l':
	case mode == modeSynchronized:
		s.held = on
	case mode == modeAltScreen:
		for y := range s.rows {
			s.erase(y, 0, s.w)
		}
	}
}

// goTo moves the cursor, and reports whether the sequence was one that does.
func (s *screen) goTo(final byte, n int, params ansi.Params) bool {
	switch final {
	case 'A':
		s.move(s.x, s.y-n)
	case 'B', 'e':
		s.move(s.x, s.y+n)
	case 'C', 'a':
		s.move(s.x+n, s.y)
	case 'D':
		s.move(s.x-n, s.y)
	case 'E':
		s.move(0, s.y+n)
	case 'F':
		s.move(0, s.y-n)
	case 'G', '`':
		s.move(n-1, s.y)
	case 'd':
		s.move(s.x, n-1)
	case 'I':
		s.move((s.x/8+n)*8, s.y)
	case 'Z':
		s.move(((s.x+7)/8-n)*8, s.y)
	case 'H', 'f':
		column, _, _ := params.Param(1, 1)
		s.move(column-1, n-1)
	default:
		return false
	}
	return true
}

// edit changes cells.
func (s *screen) edit(final byte, n int, params ansi.Params) {
	part, _, _ := params.Param(0, 0)
	switch final {
	case 'J':
		s.eraseScreen(part)
	case 'K':
		s.eraseLine(part)
	case 'X':
		s.erase(s.y, s.x, s.x+n)
	case '@':
		s.shift(n)
	case 'P':
		s.shift(-n)
	case 'L':
		s.scroll(s.y, -n)
	case 'M':
		s.scroll(s.y, n)
	case 'S':
		s.scroll(s.top, n)
	case 'T':
		s.scroll(s.top, -n)
	case 'b':
		for range n {
			s.print(s.last)
		}
	case 'r':
		end, _, _ := params.Param(1, s.h)
		s.top, s.end = n-1, min(end, s.h)
		s.move(0, 0)
	}
}

func (s *screen) eraseLine(part int) {
	switch part {
	case 0:
		s.erase(s.y, s.x, s.w)
	case 1:
		s.erase(s.y, 0, s.x+1)
	case 2:
		s.erase(s.y, 0, s.w)
	}
}

func (s *screen) eraseScreen(part int) {
	from, to := 0, s.h
	switch part {
	case 0:
		s.eraseLine(0)
		from = s.y + 1
	case 1:
		s.eraseLine(1)
		to = s.y
	}
	for y := from; y < to; y++ {
		s.erase(y, 0, s.w)
	}
}

// style notes that the look has changed. Renderers write the same sequences
// for the same change, so that a sum over them tells one look from another.
func (s *screen) style(params ansi.Params) {
	sum := fnv.New32a()
	reset := len(params) == 0
	params.ForEach(0, func(i, param int, _ bool) {
		reset = reset || i == 0 && param == 0
		sum.Write([]byte{byte(param), byte(param >> 8)})
	})
	switch {
	case reset && len(params) <= 1:
		s.look = 0
	case reset:
		s.look = sum.Sum32()
	default:
		s.look = s.look*31 + sum.Sum32()
	}
}
