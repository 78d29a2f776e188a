package ui

import (
	"time"
)

// Marks of the scrollbar, the more urgent the larger.
type barMark uint8

const (
	barNothing barMark = iota
	barHit             // a match of the search
	barError
	barParted // not so in the other recording
	barMarked // by the user
)

// scrollbar is the right edge of a list: the part in sight, and where errors,
// matches and marks are. The marks are looked for again when something else
// than new rows has changed, and once a second otherwise: a screen must not cost
// more the more rows there are.
type scrollbar struct {
	key   barKey
	n     int
	taken time.Time
	marks []barMark
}

type barKey struct {
	h        int
	revision uint64
}

// refresh looks for the marks again if it is time. find marks the cells of rows.
func (b *scrollbar) refresh(key barKey, n int, now time.Time, find func(mark func(row int, m barMark))) {
	same := key == b.key && b.marks != nil
	if same && (n == b.n || now.Sub(b.taken).Abs() < time.Second) {
		return
	}
	b.key, b.n, b.taken = key, n, now
	b.marks = make([]barMark, max(key.h, 0))
	if n == 0 || key.h == 0 {
		return
	}
	find(func(row int, m barMark) {
		y := min(row*key.h/n, key.h-1)
		b.marks[y] = max(b.marks[y], m)
	})
}

// draw returns a cell for each row of the window; nil when everything is in
// sight.
func (b *scrollbar) draw(t *theme, from, to, n int) []string {
	h := b.key.h
	if n <= to-from || h == 0 {
		return nil
	}
	top := from * h / n
	bottom := max(to*h/n, top+1)
	if to == n {
		bottom = h
		top = min(top, h-1)
	}
	out := make([]string, h)
	for y := range h {
		thumb := y >= top && y < bottom
		sty, glyph := styleBorder, " "
		switch b.marks[y] {
		case barHit:
			sty, glyph = styleMatch, "="
		case barError:
			sty, glyph = styleBadStrong, t.glyphs.bad
		case barParted:
			sty, glyph = styleBadStrong, t.glyphs.differs
		case barMarked:
			sty, glyph = styleAccent, t.glyphs.mark
		}
		switch { // what is in sight says itself what it is
		case thumb && b.marks[y] == barNothing:
			sty, glyph = styleBar, t.glyphs.thumb
		case thumb:
			glyph = t.glyphs.thumb
		}
		out[y] = t.render(say(sty, glyph), 1, false)
	}
	return out
}
