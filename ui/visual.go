package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// toggleVisual begins a range at the selected row, or ends it. While there is
// one, copying and saving are about its rows.
func (m *Model) toggleVisual() tea.Cmd {
	l := m.list()
	if l.anchor != 0 {
		l.anchor = 0
		return nil
	}
	if i, ok := l.selected(); ok {
		l.selectIndex(i)
		l.anchor = l.src.SeqAt(i)
	}
	return nil
}

// span is the range that is being chosen, [from, to); false when there is none.
func (l *rowlist) span() (from, to int, ok bool) {
	sel, any := l.selected()
	if l.anchor == 0 || !any {
		return 0, 0, false
	}
	at := min(l.src.IndexOf(l.anchor), l.src.Len()-1)
	return min(at, sel), max(at, sel) + 1, true
}

// chosen reports whether a row is in the range.
func (l *rowlist) chosen(i int) bool {
	from, to, ok := l.span()
	return ok && i >= from && i < to
}

// spanText is the text of the rows of the range; false when there is none.
func (m *Model) spanText() (string, bool) {
	l := m.list()
	if l == nil || m.reader != nil {
		return "", false
	}
	from, to, ok := l.span()
	if !ok {
		return "", false
	}
	if m.focus == paneTimeline {
		return timelineText(m.o.Timeline, m.timeline.entries[from:to]), true
	}
	var b strings.Builder
	for _, row := range m.logs.view.Rows(from, to) {
		b.WriteString(row.Record().String() + "\n")
	}
	return b.String(), true
}

// spanTimes are the instants of the first and the last row of the range; zero
// times when there is none.
func (m *Model) spanTimes() (from, to time.Time) {
	l := m.list()
	if l == nil {
		return
	}
	first, end, ok := l.span()
	if !ok {
		return
	}
	if m.focus == paneLogs {
		for i, row := range m.logs.view.Rows(first, end) {
			if i == first {
				from = row.Time()
			}
			to = row.Time()
		}
		return from, to
	}
	if e, ok := m.o.Timeline.At(m.timeline.entries[first].first); ok {
		from = e.Time
	}
	if e, ok := m.o.Timeline.At(m.timeline.entries[end-1].last); ok {
		to = e.Time
	}
	return from, to
}

// writeReport reports on what happened in the range, or on the whole record.
func (m *Model) writeReport() tea.Cmd {
	r, ok := m.saver().(Reporter)
	if !ok {
		m.say(styleWarn, "there is nothing to report on here"+m.keys.offer("; ", "save", " saves what is shown"))
		return nil
	}
	session := m.session
	from, to := m.spanTimes()
	done := either(from.IsZero(), "report written to ", "report of the range written to ")
	return write("report", done, func() (string, error) { return r.Report(session, from, to) })
}

// viewStatus says how many rows are chosen, and how far the rows are moved aside.
func viewStatus(l *rowlist, column int) line {
	var out line
	if from, to, ok := l.span(); ok {
		out = out.add(styleFocus, "VISUAL "+plural(to-from, "row")).add(styleMuted, " · ")
	}
	if column > 0 {
		out = out.add(styleWarn, plural(column, "column")+" to the right").add(styleMuted, " · ")
	}
	return out
}

// searchedRows is up to how many rows of the timeline the scrollbar shows the
// matches: each has to be put into words.
const searchedRows = 3000

// edge is the scrollbar of the timeline.
func (p *timelinePane) edge(t *theme, h int, now time.Time) []string {
	n := len(p.entries)
	if p.wrap || n <= h {
		return nil
	}
	p.bar.refresh(barKey{h, p.revision}, n, now, p.markBar)
	from, to := p.list.window(h)
	return p.bar.draw(t, from, to, n)
}

// markBar marks what a reader may be looking for.
func (p *timelinePane) markBar(mark func(row int, m barMark)) {
	n := len(p.entries)
	for i, en := range p.entries {
		switch {
		case p.marks[en.first]:
			mark(i, barMarked)
		case p.parted[en.last]:
			mark(i, barParted)
		case p.parted == nil && en.severity >= timeline.Bad:
			mark(i, barError)
		case p.search != nil && p.search.code == nil && n <= searchedRows && p.matchesRow(i):
			mark(i, barHit)
		}
	}
}
