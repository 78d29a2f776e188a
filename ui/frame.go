package ui

import (
	"slices"
	"strings"
)

// box is a pane drawn: the words in its walls and the rows inside them, each
// row exactly as wide as the place's inner rectangle with its padding.
type box struct {
	place   place
	title   line // on the top wall, after the tabs
	badge   line // on the top wall, flush right
	status  line // on the bottom wall, flush right
	rows    []string
	bar     []string // a cell beside each row, for a scrollbar; nil for none
	focused bool
}

func (j joint) left(g *glyphs, at string) string {
	switch j {
	case tee:
		return g.teeLeft
	case cross:
		if at == g.topLeft {
			return g.teeTop
		}
		return g.teeBottom
	}
	return at
}

func (j joint) right(g *glyphs, at string) string {
	switch j {
	case tee:
		return g.teeRight
	case cross:
		if at == g.topRight {
			return g.teeTop
		}
		return g.teeBottom
	}
	return at
}

// drawTitled returns the box as lines, one for each row of its rectangle, each
// exactly as wide as the rectangle.
func (t *theme) drawTitled(bx box, title string) []string {
	p, r := bx.place, bx.place.rect
	wall := styleBorder
	if bx.focused {
		wall = styleFocus
	}
	out := make([]string, 0, r.h)
	out = append(out, t.topWall(bx, title, wall))
	side := t.render(say(wall, t.glyphs.vertical), 1, false)
	right := side
	if p.openRight {
		right = ""
	}
	in := p.inner()
	padding := spaces(p.contentPadding)
	for y := range in.h {
		row := spaces(in.w)
		if y < len(bx.rows) {
			row = bx.rows[y]
		}
		edge := padding
		if y < len(bx.bar) && p.contentPadding > 0 {
			edge = bx.bar[y] + spaces(p.contentPadding-1)
		}
		out = append(out, side+padding+row+edge+right)
	}
	if !p.openBottom {
		out = append(out, t.bottomWall(bx, wall))
	}
	return out
}

func (t *theme) topWall(bx box, title string, wall style) string {
	p, g := bx.place, &t.glyphs
	l := say(wall, p.topLeft.left(g, g.topLeft)+g.horizontal)
	titles := styleTitle
	if bx.focused {
		titles = styleFocus
	}
	switch {
	case len(p.tabs) > 1:
		for i, tab := range p.tabs {
			if i > 0 {
				l = l.add(wall, g.horizontal)
			}
			st := styleMuted
			if tab == p.pane {
				st = titles
			}
			l = l.add(st, " "+tab.String()+" ")
		}
	default:
		l = l.add(titles, " "+title+" ")
	}
	if len(bx.title) > 0 {
		l = append(append(l, bx.title...), span{styleText, " "})
	}
	end := g.horizontal + p.topRight.right(g, g.topRight)
	if p.openRight {
		end = g.horizontal
	}
	return t.wallLine(l, bx.badge, end, p.rect.w, wall)
}

func (t *theme) bottomWall(bx box, wall style) string {
	p, g := bx.place, &t.glyphs
	end := g.horizontal + p.bottomRight.right(g, g.bottomRight)
	if p.openRight {
		end = g.horizontal
	}
	return t.wallLine(say(wall, p.bottomLeft.left(g, g.bottomLeft)), bx.status, end, p.rect.w, wall)
}

// wallLine fills the space between what stands left and right with wall.
func (t *theme) wallLine(left, right line, end string, w int, wall style) string {
	if len(right) > 0 {
		right = append(say(styleText, " "), append(slices.Clone(right), span{styleText, " "})...)
	}
	rw := right.width() + width(end)
	lw := left.width()
	if lw+right.width()+width(end) > w && lw+width(end) <= w {
		right, rw = nil, width(end)
	}
	fill := w - lw - rw
	if fill < 0 {
		return t.render(left, w-width(end), false) + t.render(say(wall, end), width(end), false)
	}
	l := append(slices.Clone(left), span{wall, strings.Repeat(t.glyphs.horizontal, fill)})
	l = append(append(l, right...), span{wall, end})
	return t.render(l, w, false)
}

// compose puts drawn boxes into one frame between a header and a footer. The
// boxes must tile the space between.
func compose(s screen, header, bar, switcher, footer string, places []place, boxes [][]string) []string {
	rows := make([]string, s.h)
	rows[0] = header
	if s.bar.h > 0 {
		rows[s.bar.y] = bar
	}
	if s.switcher.h > 0 {
		rows[s.switcher.y] = switcher
	}
	for y := s.header.h + s.bar.h + s.switcher.h; y < s.footer.y; y++ {
		var b strings.Builder
		for i, p := range places {
			if y >= p.rect.y && y < p.rect.y+p.rect.h {
				b.WriteString(boxes[i][y-p.rect.y])
			}
		}
		rows[y] = b.String()
	}
	rows[s.footer.y] = footer
	return rows
}
