package ui

import (
	"sort"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// seek goes to the share of the recording that a column of the bar stands for.
func (m *Model) seek(x int) tea.Cmd {
	rows := m.timeline.entries
	if m.replay == nil || len(rows) == 0 {
		return nil
	}
	from, w := m.barExtent()
	if w <= 0 {
		return nil
	}
	first, last := rows[0].at, rows[len(rows)-1].at
	at := first + time.Duration(float64(last-first)*float64(min(max(x-from, 0), w-1))/float64(max(w-1, 1)))
	i := sort.Search(len(rows), func(i int) bool { return rows[i].at >= at })
	m.timeline.list.selectIndex(i)
	m.replay.playing = false
	return nil
}

const barWords = 38

// barExtent is the column where the bar begins, and how wide it is.
func (m *Model) barExtent() (from, w int) { return barWords, m.w - barWords - 2 }

// drawBar is the scrub bar: what the playhead does, where it is, and marks at
// changes of the state, warnings and errors. While the recording is read it says
// how far that is.
func (m *Model) drawBar() string {
	if m.compare != nil {
		return m.th.render(m.partingLine(), m.w, false)
	}
	r, g := m.replay, &m.th.glyphs
	rows := m.timeline.entries
	word := "paused "
	if r.playing {
		word = "playing"
	}
	var first, last time.Duration
	if n := len(rows); n > 0 {
		first, last = rows[0].at, rows[n-1].at
	}
	head := min(max(r.head, first), last)
	l := line{{styleText, " "}, {styleKey, m.keys.key("play")}, {styleStrong, " " + word + " "}}
	l = l.add(styleMuted, pad(r.pace(), 5))
	l = l.add(styleText, downClock(head-first)).add(styleMuted, " / "+downClock(last-first))
	_, w := m.barExtent()
	text := m.th.render(l, min(barWords, m.w), false)
	if w <= 0 {
		return m.th.render(l, m.w, false)
	}
	if m.reading {
		return text + m.th.render(m.readingLine(w), w+2, false)
	}
	cells := r.marks.of(m.timeline, w)
	var b strings.Builder
	b.WriteString(text)
	for x, s := range cells {
		sty, sign := styleBorder, g.horizontal
		switch {
		case x == column(head-first, last-first, w):
			sty, sign = styleFocus, g.dot
		case s >= timeline.Bad:
			sty, sign = styleBadStrong, g.bad
		case s >= timeline.Warn:
			sty, sign = styleWarn, "!"
		case s >= timeline.Notable:
			sty, sign = styleText, g.teeTop
		}
		m.th.write(&b, sty, sign, false)
	}
	b.WriteString("  ")
	return b.String()
}

// pace is the speed as it is written.
func (r *replay) pace() string { return strconv.FormatFloat(speeds[r.speed], 'g', -1, 64) + "x" }

// column is where on a bar of w cells a part of the whole is.
func column(part, whole time.Duration, w int) int {
	return max(min(int(float64(part)/float64(max(whole, 1))*float64(w-1)), w-1), 0)
}

// barMarks are the marks of the scrub bar, kept until the rows are others: a
// frame must not cost a pass over a million of them.
type barMarks struct {
	rows     int
	first    uint64
	revision uint64
	cells    []timeline.Severity
}

// of returns the gravest that each cell of a bar of that width stands for: a
// warning, an error, or notable for a change of the state.
func (b *barMarks) of(p *timelinePane, w int) []timeline.Severity {
	n := len(p.entries)
	if n == 0 {
		return make([]timeline.Severity, w)
	}
	first, last := p.entries[0], p.entries[n-1]
	if b.rows == n && b.first == first.first && b.revision == p.revision && len(b.cells) == w {
		return b.cells
	}
	*b = barMarks{rows: n, first: first.first, revision: p.revision, cells: make([]timeline.Severity, w)}
	for i := range p.entries {
		en := &p.entries[i]
		s := en.severity
		if s < timeline.Warn {
			s = either(en.turn, timeline.Notable, timeline.Quiet)
		}
		if s > timeline.Quiet {
			x := column(en.at-first.at, last.at-first.at, w)
			b.cells[x] = max(b.cells[x], s)
		}
	}
	return b.cells
}
