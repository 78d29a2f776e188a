package ui

import (
	"strconv"

	"streamscope/timeline"
)

// render returns the visible rows.
func (p *timelinePane) render(t *theme, w, h int, focused bool) []string {
	if len(p.entries) == 0 {
		return nil
	}
	p.cache.prepare(rowEpoch{width: w, theme: t, revision: p.revision})
	from, to := p.list.window(h)
	sel, _ := p.list.selected()
	out := make([]string, 0, h)
	if p.wrap {
		return p.renderWrapped(t, w, h, sel, focused)
	}
	for i := from; i < to; i++ {
		under, en := focused && i == sel || p.list.chosen(i), p.entries[i]
		here := !focused && !p.list.follow && i == sel
		out = append(out, p.cache.get(rowKey{en.first, en.count, under, here}, func() string {
			return t.render(p.row(i, &t.glyphs).pointAt(here, &t.glyphs), w, under)
		}))
	}
	return out
}

// renderWrapped shows whole rows, however many lines they take, with the
// selected one in sight.
func (p *timelinePane) renderWrapped(t *theme, w, h, sel int, focused bool) []string {
	return wrapAround(len(p.entries), sel, h, p.list.follow, func(i int) []string {
		rows := wrapLine(p.row(i, &t.glyphs), w, 20)
		out := make([]string, len(rows))
		for n, r := range rows {
			out[n] = t.render(r, w, focused && i == sel)
		}
		return out
	})
}

// wrapAround fills h lines with rows of different heights so that row sel is in
// sight: at the bottom when following, in the middle otherwise.
func wrapAround(n, sel, h int, follow bool, row func(int) []string) []string {
	out := row(sel)
	up, down := sel-1, sel+1
	below := 0
	for !follow && down < n && below < h/2 {
		more := row(down)
		out, below, down = append(out, more...), below+len(more), down+1
	}
	for up >= 0 && len(out) < h {
		out = append(row(up), out...)
		up--
	}
	for down < n && len(out) < h {
		out = append(out, row(down)...)
		down++
	}
	if len(out) > h {
		if follow || up < 0 && down >= n {
			return out[len(out)-h:]
		}
		over := len(out) - h
		top := min(over, max(over-below, 0))
		return out[top : top+h]
	}
	return out
}

// row is the text of a row: when, which attempt, which way, what.
func (p *timelinePane) row(i int, g *glyphs) line {
	en := p.entries[i]
	e, ok := p.store.At(en.last)
	if !ok {
		return say(styleMuted, "no longer kept")
	}
	r := timeline.Describe(e)
	l := make(line, 0, 8)
	switch {
	case p.marks[en.first]:
		l = l.add(styleAccent, g.mark)
	case p.parted[en.last]:
		l = l.add(styleBadStrong, g.differs)
	default:
		l = l.add(styleText, " ")
	}
	l = l.add(styleMuted, p.timeOf(i, e))
	attempt := spaces(4)
	if e.Attempt > 0 {
		attempt = pad("#"+strconv.Itoa(e.Attempt), 4)
	}
	l = l.add(styleMuted, attempt)
	l = append(l, directionSpan(r, g))
	sty := severityStyle(r.Severity)
	text := dropCells(clean(shortUUIDs(r.Text)), p.column)
	if p.search != nil {
		l = markSpans(l, sty, text, p.search.marks(text, nil))
	} else {
		l = l.add(sty, text)
	}
	if en.count > 1 {
		l = l.add(styleAccent, "  ×"+strconv.Itoa(en.count))
		if first, ok := p.store.At(en.first); ok && p.column == 0 {
			l = l.add(styleMuted, " since "+dayTime(first.Time))
		}
	}
	return l
}

// timeOf is what stands in front of a row.
func (p *timelinePane) timeOf(i int, e timeline.Event) string {
	switch {
	case p.clock == clockNone:
		return ""
	case p.clock == clockDay:
		return clockTime(e.Time) + " "
	case i == 0:
		return deltaTime(0) + " "
	}
	before, ok := p.store.At(p.entries[i-1].last)
	if !ok {
		return deltaTime(0) + " "
	}
	return deltaTime(e.Offset-before.Offset) + " "
}

func directionSpan(r timeline.Row, g *glyphs) span {
	switch r.Dir {
	case timeline.In:
		return span{styleAccent, g.in + " "}
	case timeline.Out:
		return span{styleOK, g.out + " "}
	}
	switch r.Severity {
	case timeline.Bad:
		return span{styleBadStrong, g.bad + " "}
	case timeline.Warn:
		return span{styleWarnStrong, "! "}
	}
	return span{styleMuted, g.pending + " "}
}

func severityStyle(s timeline.Severity) style {
	switch s {
	case timeline.Quiet:
		return styleMuted
	case timeline.Notable:
		return styleStrong
	case timeline.Warn:
		return styleWarn
	case timeline.Bad:
		return styleBad
	}
	return styleText
}

// dropCells takes n cells off the left of clean text.
func dropCells(s string, n int) string {
	if n <= 0 {
		return s
	}
	if isPlain(s) {
		return s[min(n, len(s)):]
	}
	drop := cut(s, n, "")
	return s[len(drop):]
}

// statusLine says what the list does and what it hides.
func (p *timelinePane) statusLine() line {
	l := viewStatus(&p.list, p.column)
	if p.search != nil {
		l = l.add(styleAccent, "/"+p.search.expr).add(styleMuted, " "+matchCount(p.matches)+" · ")
	}
	if len(p.matchers) > 0 {
		l = l.add(styleWarn, count(p.hidden)+" hidden").add(styleMuted, " by "+plural(len(p.matchers), "filter")+" · ")
	}
	if p.list.follow {
		return l.add(styleOK, "FOLLOWING")
	}
	i, _ := p.list.selected()
	return l.add(styleWarn, "PAUSED").add(styleMuted, " "+count(uint64(i+1))+"/"+count(uint64(len(p.entries))))
}
