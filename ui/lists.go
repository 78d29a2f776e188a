package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
	"streamscope/timeline"
)

// list is the list of the focused pane, nil where there is none.
func (m *Model) list() *rowlist {
	switch m.focus {
	case paneTimeline:
		return &m.timeline.list
	case paneLogs:
		return &m.logs.list
	}
	return nil
}

// onLogs reports whether keys that both lists have are about the logs: the
// focused one, or the one that was focused last.
func (m *Model) onLogs() bool { return m.lower == paneLogs || m.lower == paneScopes }

func (m *Model) setFocus(p pane) tea.Cmd {
	m.focus = p
	m.rearrange()
	return nil
}

func (m *Model) stepFocus(dir int) tea.Cmd {
	return m.setFocus((m.focus + pane(dir) + paneCount) % paneCount)
}

func (m *Model) toggleZoom() tea.Cmd {
	m.zoom = !m.zoom
	m.rearrange()
	return nil
}

// move carries out a motion in whatever is on top.
func (m *Model) move(k motion) tea.Cmd {
	if m.reader != nil {
		m.reader.move(k)
		return nil
	}
	if k.columns != 0 {
		m.scrollColumns(k.columns)
		return nil
	}
	switch m.focus {
	case paneTimeline, paneLogs:
		m.moveList(m.list(), k)
		return m.job()
	case paneScopes:
		m.moveScopes(k)
	default:
		m.moveState(k)
	}
	return nil
}

func (m *Model) moveList(l *rowlist, k motion) {
	switch {
	case k.toTop:
		l.home()
	case k.toEnd:
		l.end()
	case k.pages != 0:
		l.page(k.pages, k.share)
	default:
		l.move(k.rows)
	}
}

func (m *Model) moveScopes(k motion) {
	p := m.scopes
	switch {
	case k.toTop:
		p.move(-len(p.scopes))
	case k.toEnd:
		p.move(len(p.scopes))
	case k.pages != 0:
		p.move(k.pages * max(p.height/k.share, 1))
	default:
		p.move(k.rows)
	}
}

// moveState scrolls a pane of the state.
func (m *Model) moveState(k motion) {
	top := &m.tops[m.focus]
	switch {
	case k.toTop:
		*top = 0
	case k.toEnd:
		*top = m.heights[m.focus]
	case k.pages != 0:
		*top += k.pages * 4
	default:
		*top += k.rows
	}
	*top = max(*top, 0)
}

func (m *Model) scrollColumns(n int) {
	switch m.focus {
	case paneTimeline:
		m.timeline.column = max(m.timeline.column+n, 0)
		m.timeline.revision++
	case paneLogs:
		m.logs.column = max(m.logs.column+n, 0)
		m.logs.touched++
	}
}

func (m *Model) toggleFollow() tea.Cmd {
	m.list().toggleFollow()
	return m.job()
}

func (m *Model) toggleDelta() tea.Cmd {
	if m.focus == paneLogs {
		m.logs.delta = !m.logs.delta
		m.logs.touched++
		return nil
	}
	m.timeline.delta = !m.timeline.delta
	m.timeline.revision++
	return nil
}

func (m *Model) toggleWrap() tea.Cmd {
	if m.focus == paneLogs {
		m.logs.wrap = !m.logs.wrap
		return nil
	}
	m.timeline.wrap = !m.timeline.wrap
	return nil
}

func (m *Model) toggleFold() tea.Cmd {
	if m.focus == paneLogs {
		m.logs.view.SetFoldRepeats(!m.logs.view.FoldsRepeats())
		m.syncLogs()
		return m.job()
	}
	m.timeline.unfolded = !m.timeline.unfolded
	m.timeline.reset()
	return m.scan()
}

func (m *Model) toggleMark() tea.Cmd {
	if m.focus == paneLogs {
		m.logs.toggleMark()
		return nil
	}
	m.timeline.toggleMark()
	return nil
}

func (m *Model) nextMark() tea.Cmd {
	found := m.timeline.nextMark
	if m.focus == paneLogs {
		found = m.logs.nextMark
	}
	if !found() {
		m.say(styleMuted, "nothing is marked; "+m.keys.key("mark")+" marks a row")
	}
	return m.job()
}

// jumpLevel goes to the next error or warning of the list.
func (m *Model) jumpLevel(level logsink.Level, dir int) tea.Cmd {
	var found bool
	if m.onLogs() {
		found = m.logs.nextLevel(level, dir)
	} else {
		severity := timeline.Bad
		if level == logsink.Warn {
			severity = timeline.Warn
		}
		found = m.timeline.nextSeverity(severity, dir)
	}
	if !found {
		way := "further down"
		if dir < 0 {
			way = "further up"
		}
		word := "error"
		if level == logsink.Warn {
			word = "warning or error"
		}
		m.say(styleMuted, "no "+word+" "+way)
	}
	return m.job()
}

// jumpAcross goes to the instant of the selected row in the other list.
func (m *Model) jumpAcross() tea.Cmd {
	if m.focus == paneLogs {
		row, ok := m.logs.here()
		if !ok {
			return nil
		}
		m.setFocus(paneTimeline)
		if seq := row.Event(); seq > 0 && m.timeline.Len() > 0 {
			m.timeline.list.selectSeq(seq)
			return nil
		}
		m.timeline.at(row.Time())
		return nil
	}
	e, _, ok := m.timeline.selected()
	if !ok {
		return nil
	}
	m.setFocus(paneLogs)
	m.logs.at(e.Time)
	return m.job()
}

// openSearch asks what to look for, in the list that was focused last.
func (m *Model) openSearch() tea.Cmd {
	m.showList()
	m.mode = modeSearch
	m.prompt = newField("text, !inverse or /regex/")
	return nil
}

// showList moves the focus to the list that searching is about.
func (m *Model) showList() {
	if m.onLogs() {
		m.setFocus(paneLogs)
		return
	}
	m.setFocus(paneTimeline)
}

func (m *Model) openNote() tea.Cmd {
	m.mode = modeNote
	m.prompt = newField("a note for the record")
	return nil
}

// searchAsTyped marks the matches while the user types; what cannot be read
// yet marks nothing.
func (m *Model) searchAsTyped() {
	if m.mode != modeSearch {
		return
	}
	if m.setSearch(m.prompt.value()) != nil {
		m.setSearch("")
	}
}

func (m *Model) setSearch(expr string) error {
	if m.onLogs() {
		return m.logs.setSearch(expr)
	}
	return m.timeline.setSearch(expr)
}

func (m *Model) promptDone() tea.Cmd {
	mode, text := m.mode, strings.TrimSpace(m.prompt.value())
	m.mode = modeNormal
	if mode == modeNote {
		if text == "" {
			return nil
		}
		return m.ask("noted", func(c Controller, session string) error { return c.Mark(session, text) })
	}
	if err := m.setSearch(text); err != nil {
		m.say(styleBad, "search: "+err.Error())
		return nil
	}
	if text == "" {
		return m.job()
	}
	return m.nextMatch(-1)
}

func (m *Model) promptCancelled() tea.Cmd {
	if m.mode == modeSearch {
		m.setSearch("")
	}
	m.mode = modeNormal
	return nil
}

// nextMatch goes to a match; the first one upwards, when the search is new,
// because the newest rows are at the bottom.
func (m *Model) nextMatch(dir int) tea.Cmd {
	found := m.timeline.nextMatch
	if m.onLogs() {
		found = m.logs.nextMatch
	}
	if !found(dir) {
		m.say(styleMuted, "no match "+map[bool]string{true: "further down", false: "further up"}[dir > 0])
	}
	return m.job()
}

// openFilters lists the filters of the list; typing adds one.
func (m *Model) openFilters() tea.Cmd {
	m.showList()
	return m.openPicker(modeFilters, m.filterPicker())
}

func (m *Model) rules() []filterRule {
	if m.onLogs() {
		return m.logs.filters
	}
	return m.timeline.filters
}

func (m *Model) filterPicker() *picker {
	var items []item
	for i, r := range m.rules() {
		mark := m.th.glyphs.ok
		if r.off {
			mark = m.th.glyphs.off
		}
		items = append(items, item{
			mark: mark, text: r.expr, detail: "enter switches it, delete removes it", pinned: true,
			run:    func(m *Model) tea.Cmd { return m.changeRule(i, filterRule{r.expr, !r.off}) },
			remove: func(m *Model) tea.Cmd { return m.changeRule(i, filterRule{}) },
		})
	}
	what, hint := "Timeline", "text, !inverse, /regex/ or a jq expression such as .type==\"call.ring\""
	if m.onLogs() {
		what, hint = "Logs", "text, !inverse or /regex/"
	}
	p := newPicker("Filters · "+what, hint, items)
	p.empty = "nothing is hidden by a filter; type what to keep"
	p.typed = func(text string) (item, bool) {
		return item{mark: "+", text: "show only " + text, run: func(m *Model) tea.Cmd { return m.addRule(text) }}, text != ""
	}
	return p
}

// addRule adds a filter; the menu stays when it cannot be read.
func (m *Model) addRule(expr string) tea.Cmd {
	rules := append(append([]filterRule{}, m.rules()...), filterRule{expr: expr})
	if err := m.setRules(rules); err != nil {
		m.say(styleBad, "filter: "+err.Error())
		return nil
	}
	m.closeOverlay()
	return tea.Batch(m.scan(), m.job())
}

// changeRule replaces a filter, or removes it when the new one is empty.
func (m *Model) changeRule(i int, r filterRule) tea.Cmd {
	var rules []filterRule
	for k, old := range m.rules() {
		switch {
		case k != i:
			rules = append(rules, old)
		case r.expr != "":
			rules = append(rules, r)
		}
	}
	if err := m.setRules(rules); err != nil {
		m.say(styleBad, "filter: "+err.Error())
	}
	sel := m.picker.sel
	m.picker = m.filterPicker()
	m.picker.sel = sel
	return tea.Batch(m.scan(), m.job())
}

func (m *Model) setRules(rules []filterRule) error {
	if m.onLogs() {
		return m.logs.setFilters(rules)
	}
	return m.timeline.setFilters(rules)
}
