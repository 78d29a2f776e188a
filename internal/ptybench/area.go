package main

import (
	"encoding/binary"
	"hash/fnv"
	"strings"
)

// area is the inside of a pane: columns x to before right, rows y to before end.
type area struct{ x, y, right, end int }

// pane finds the inside of a pane by the title in its upper wall.
func (s *screen) pane(title string) (area, bool) {
	for y := range s.h {
		row := []rune(s.grid(y))
		at := strings.Index(string(row), "─ "+title+" ")
		if at < 0 {
			continue
		}
		left := len([]rune(string(row)[:at])) - 1
		if left < 0 {
			return area{}, false
		}
		in := area{left + 1, y + 1, left + 1, y + 1}
		for in.right < s.w && !strings.ContainsRune("┐┬┤", row[in.right]) {
			in.right++
		}
		for in.end < s.h && s.rows[in.end][left].text == '│' {
			in.end++
		}
		return in, in.end > in.y
	}
	return area{}, false
}

// grid is a row with exactly one rune for each cell.
func (s *screen) grid(y int) string {
	row := make([]rune, s.w)
	for x, c := range s.rows[y] {
		row[x] = c.text
		if c.text == 0 {
			row[x] = ' '
		}
	}
	return string(row)
}

// sum stands for everything that can be seen in an area.
func (s *screen) sum(in area) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for y := in.y; y < in.end; y++ {
		for _, c := range s.rows[y][in.x:in.right] {
			binary.LittleEndian.PutUint32(b[:4], uint32(c.text))
			binary.LittleEndian.PutUint32(b[4:], c.look)
			h.Write(b[:])
		}
	}
	return h.Sum64()
}

// lines are the rows of an area, from the top.
func (s *screen) lines(in area) []string {
	var out []string
	for y := in.y; y < in.end; y++ {
		out = append(out, strings.TrimRight(s.text(y, in.x, in.right), " "))
	}
	return out
}

// changed returns what says that an area looks different from now.
func (p *program) changed(title string) func(*screen) bool {
	var before uint64
	p.look(func(s *screen) {
		if in, ok := s.pane(title); ok {
			before = s.sum(in)
		}
	})
	return func(s *screen) bool {
		in, ok := s.pane(title)
		return ok && s.sum(in) != before
	}
}

func has(text string) func(*screen) bool { return func(s *screen) bool { return s.has(text) } }

func hasNot(text string) func(*screen) bool { return func(s *screen) bool { return !s.has(text) } }
