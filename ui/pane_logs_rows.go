package ui

import (
	"strings"
	"time"

	"streamscope/logsink"
)

// show returns the rows of the pane, the histogram first where there is room,
// and the scrollbar beside them.
func (p *logPane) show(t *theme, w, h int, focused bool, now time.Time) (rows, bar []string) {
	p.charted = false
	if h >= histogramRoom && !p.timeless() {
		p.minutes.refresh(p.view, now, w)
		p.charted = p.minutes.cells != nil
	}
	if !p.charted {
		rows = p.render(t, w, h, focused)
		return rows, p.edge(t, h, now)
	}
	rows = append([]string{t.render(p.minutes.line(&t.glyphs), w, false)}, p.render(t, w, h-1, focused)...)
	if bar = p.edge(t, h-1, now); bar != nil {
		bar = append([]string{" "}, bar...)
	}
	return rows, bar
}

// edge is the scrollbar, with errors, matches and marks on it.
func (p *logPane) edge(t *theme, h int, now time.Time) []string {
	n := p.view.Len()
	if p.wrap || n <= h {
		return nil
	}
	p.bar.refresh(barKey{h, p.touched}, n, now, func(mark func(int, barMark)) {
		errors := seekLevel(p.view, logsink.Error)
		matches := &seeker{next: p.view.NextMatch}
		for y := range h {
			from, to := (y*n+h-1)/h, ((y+1)*n+h-1)/h
			if from >= to || to > n {
				continue
			}
			first, last := p.view.Row(from).Seq(), p.view.Row(to-1).Seq()
			if errors.inside(first, last) {
				mark(from, barError)
			}
			if p.expr != "" && matches.inside(first, last) {
				mark(from, barHit)
			}
		}
		for seq := range p.marks {
			if i, exact := p.view.Index(seq); exact {
				mark(i, barMarked)
			}
		}
	})
	from, to := p.list.window(h)
	return p.bar.draw(t, from, to, n)
}

// firstLine is the first line of a text, and how many more it has.
func firstLine(text string) (first string, more int) {
	first, rest, ok := strings.Cut(text, "\n")
	if rest = strings.TrimRight(rest, "\n"); !ok || rest == "" {
		return first, 0
	}
	return first, strings.Count(rest, "\n") + 1
}

// moreLines are the lines of a message after its first, under it.
func (p *logPane) moreLines(i, w int) []line {
	r := p.view.Row(i)
	_, rest, ok := strings.Cut(r.Message(), "\n")
	if !ok {
		return nil
	}
	var out []line
	for text := range strings.SplitSeq(strings.TrimRight(rest, "\n"), "\n") {
		out = append(out, wrapLine(line{{styleText, spaces(20)}, {messageStyle(r.Level()), text}}, w, 22)...)
	}
	return out
}
