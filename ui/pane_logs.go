package ui

import (
	"strconv"
	"strings"
	"time"

	"streamscope/logsink"
)

// logPane lists what the levels, mutes and filters let through. The view does
// the choosing; the pane draws.
type logPane struct {
	view    *logsink.View
	list    rowlist
	cache   rowCache
	filters []filterRule
	expr    string // of the search
	session string // whose lines are shown; empty for all
	marks   map[uint64]bool
	clock   clock
	wrap    bool
	column  int
	bar     scrollbar
	minutes histogram
	charted bool // the histogram has the first row
	// touched changes with everything of the pane's own that rows depend on.
	touched uint64
}

func newLogPane(view *logsink.View) *logPane {
	p := &logPane{view: view, marks: map[uint64]bool{}}
	p.list = newRowlist(p)
	return p
}

// Len, SeqAt and IndexOf make the pane the source of its list.
func (p *logPane) Len() int { return p.view.Len() }

// SeqAt returns the number of the record in a row.
func (p *logPane) SeqAt(i int) uint64 { return p.view.Row(i).Seq() }

// IndexOf returns the row of a record, or of the first one shown after it.
func (p *logPane) IndexOf(seq uint64) int {
	i, _ := p.view.Index(seq)
	return i
}

func (p *logPane) setFilters(rules []filterRule) error {
	all := make([]logsink.Filter, len(rules))
	for i, r := range rules {
		all[i] = logsink.Filter{Expr: r.expr, Off: r.off}
	}
	if err := p.view.SetFilters(all); err != nil {
		return err
	}
	p.filters = rules
	return nil
}

func (p *logPane) setSearch(expr string) error {
	if err := p.view.SetSearch(expr); err != nil {
		return err
	}
	p.expr = expr
	p.touched++
	return nil
}

// here is the record under the cursor.
func (p *logPane) here() (logsink.Row, bool) {
	i, ok := p.list.selected()
	if !ok {
		return logsink.Row{}, false
	}
	return p.view.Row(i), true
}

func (p *logPane) nextMatch(dir int) bool {
	row, ok := p.here()
	if !ok {
		return false
	}
	next := p.view.NextMatch
	if dir < 0 {
		next = p.view.PrevMatch
	}
	return p.goTo(next(row.Seq()))
}

func (p *logPane) nextLevel(level logsink.Level, dir int) bool {
	row, ok := p.here()
	if !ok {
		return false
	}
	next := p.view.NextLevel
	if dir < 0 {
		next = p.view.PrevLevel
	}
	return p.goTo(next(row.Seq(), level))
}

func (p *logPane) goTo(seq uint64, ok bool) bool {
	if ok {
		p.list.selectSeq(seq)
	}
	return ok
}

func (p *logPane) toggleMark() {
	row, ok := p.here()
	if !ok {
		return
	}
	if p.marks[row.Seq()] {
		delete(p.marks, row.Seq())
	} else {
		p.marks[row.Seq()] = true
	}
	p.touched++
}

func (p *logPane) nextMark() bool {
	row, ok := p.here()
	if !ok || len(p.marks) == 0 {
		return false
	}
	var after, least uint64
	for seq := range p.marks {
		if seq > row.Seq() && (after == 0 || seq < after) {
			after = seq
		}
		if least == 0 || seq < least {
			least = seq
		}
	}
	if after == 0 {
		after = least
	}
	return p.goTo(after, true)
}

// at selects the row nearest to a time.
func (p *logPane) at(t time.Time) {
	lo, hi := 0, p.view.Len()
	for lo < hi {
		mid := (lo + hi) / 2
		if p.view.Row(mid).Time().Before(t) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if n := p.view.Len(); n > 0 {
		p.list.selectIndex(min(lo, n-1))
	}
}

// render returns the visible rows.
func (p *logPane) render(t *theme, w, h int, focused bool) []string {
	n := p.view.Len()
	if n == 0 {
		return nil
	}
	from, to := p.list.window(h)
	sel, _ := p.list.selected()
	if p.list.follow {
		p.view.Focus(0)
	} else {
		p.view.Focus(p.SeqAt(sel))
	}
	// A row does not depend on what else is shown, except for the time since
	// the row before.
	revision := p.touched
	if p.clock == clockDelta {
		revision += p.view.Revision() << 20
	}
	p.cache.prepare(rowEpoch{width: w, theme: t, revision: revision, timeless: p.timeless()})
	if p.wrap {
		return wrapAround(n, sel, h, p.list.follow, func(i int) []string {
			rows := wrapLine(p.row(i, &t.glyphs), w, 20)
			rows = append(rows, p.moreLines(i, w)...)
			out := make([]string, len(rows))
			for k, r := range rows {
				out[k] = t.render(r, w, focused && i == sel)
			}
			return out
		})
	}
	out := make([]string, 0, h)
	for i := from; i < to; i++ {
		under := focused && i == sel || p.list.chosen(i)
		here := !focused && !p.list.follow && i == sel
		out = append(out, p.cache.get(rowKey{p.SeqAt(i), 1, under, here}, func() string {
			return t.render(p.row(i, &t.glyphs).pointAt(here, &t.glyphs), w, under)
		}))
	}
	return out
}

// The column of scopes, on screens of either kind.
const (
	scopeColumn     = 13
	scopeColumnWide = 18
	wideRow         = 100
)

// row is the text of a record: when, how bad, from where, what.
func (p *logPane) row(i int, g *glyphs) line {
	r := p.view.Row(i)
	l := make(line, 0, 8)
	if p.marks[r.Seq()] {
		l = l.add(styleAccent, g.mark)
	} else {
		l = l.add(styleText, " ")
	}
	if rec := r.Record(); rec.Dropped > 0 {
		return l.add(styleWarnStrong, count(rec.Dropped)+" lines were dropped here: the store is full")
	}
	l = l.add(styleMuted, p.timeOf(i, r))
	sty := levelStyle(r.Level())
	l = l.add(sty, pad(levelWord(r.Level()), 6))
	column := scopeColumn
	if p.cache.epoch.width >= wideRow {
		column = scopeColumnWide
	}
	l = l.add(styleMuted, pad(cut(r.Scope(), column-1, g.ellipsis), column))
	message, more := firstLine(r.Message())
	text := dropCells(clean(message), p.column)
	attrs := r.Attrs()
	if attrs != "" {
		attrs = " " + clean(attrs)
	}
	if more > 0 && !p.wrap {
		attrs = " +" + plural(more, "line") + attrs
	}
	search := p.view.Search()
	if search == nil {
		return l.add(messageStyle(r.Level()), text).add(styleMuted, attrs)
	}
	var ranges [8][2]int
	l = markSpans(l, messageStyle(r.Level()), text, search.Find(text, ranges[:0]))
	return markSpans(l, styleMuted, attrs, search.Find(attrs, ranges[:0]))
}

// timeOf is what stands in front of a row.
func (p *logPane) timeOf(i int, r logsink.Row) string {
	switch {
	case p.clock == clockNone || p.cache.epoch.timeless:
		return ""
	case p.clock == clockDay:
		return clockTime(r.Time()) + " "
	case i == 0:
		return deltaTime(0) + " "
	}
	return deltaTime(r.Time().Sub(p.view.Row(i-1).Time())) + " "
}

// timeless reports whether the lines say no times, as the console of an app.
func (p *logPane) timeless() bool {
	n := p.view.Len()
	return n > 0 && p.view.Row(0).Time().IsZero() && p.view.Row(n-1).Time().IsZero()
}

func levelWord(l logsink.Level) string { return strings.ToUpper(l.String()) }

func levelStyle(l logsink.Level) style {
	switch l {
	case logsink.Error:
		return styleBadStrong
	case logsink.Warn:
		return styleWarnStrong
	case logsink.Info:
		return styleOK
	case logsink.Debug:
		return styleAccent
	}
	return styleMuted
}

func messageStyle(l logsink.Level) style {
	switch l {
	case logsink.Error:
		return styleBad
	case logsink.Warn:
		return styleWarn
	case logsink.Trace:
		return styleMuted
	}
	return styleText
}

// titleLine says what is shown and what is hidden by what; scopes are those
// that may be muted or shown alone.
func (p *logPane) titleLine(scopes []logsink.ScopeState) line {
	level, _ := p.view.Levels().Effective(logsink.DefaultScope)
	c := p.view.Counts()
	l := line{{styleAccent, level.String() + "+"}}
	l = l.add(styleMuted, " · ").add(styleText, count(uint64(c.Shown))).add(styleMuted, " shown")
	hide := func(n int, by string) {
		if n > 0 {
			l = l.add(styleMuted, " · ").add(styleWarn, count(uint64(n))).add(styleMuted, " hidden by "+by)
		}
	}
	hide(c.ByLevels, "levels")
	muted, alone := muteCounts(c, scopes)
	hide(muted, "mute")
	hide(alone, "solo")
	hide(c.BySession, "session")
	hide(c.ByRepeats, "repeats")
	hide(c.ByFilters, "filters")
	if c.Dropped > 0 {
		l = l.add(styleMuted, " · ").add(styleWarnStrong, count(c.Dropped)).add(styleWarn, " dropped")
	}
	if c.Pending > 0 {
		l = l.add(styleMuted, " · looking at "+count(uint64(c.Pending))+" more")
	}
	return l
}

// statusLine says what the list does.
func (p *logPane) statusLine() line {
	l := viewStatus(&p.list, p.column)
	if p.expr != "" {
		l = l.add(styleAccent, "/"+p.expr).add(styleMuted, " "+matchCount(p.view.Counts().Matches)+" · ")
	}
	on := 0
	for _, f := range p.filters {
		if !f.off {
			on++
		}
	}
	if on > 0 {
		l = l.add(styleMuted, plural(on, "filter")+" · ")
	}
	if p.list.follow {
		return l.add(styleOK, "FOLLOWING")
	}
	i, _ := p.list.selected()
	if p.view.Len() == 0 {
		return l.add(styleWarn, "PAUSED")
	}
	return l.add(styleWarn, "PAUSED").add(styleMuted, " "+strconv.Itoa(i+1)+"/"+strconv.Itoa(p.view.Len()))
}
