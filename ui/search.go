package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// openSearch asks what to look for, in the list that was focused last.
func (m *Model) openSearch() tea.Cmd {
	m.showList()
	return m.openPrompt(modeSearch, "text, !inverse or /regex/")
}

// openPrompt asks for a line of text; the news that stood in its place is old by the
// time it is answered.
func (m *Model) openPrompt(to mode, placeholder string) tea.Cmd {
	m.toast = toast{}
	m.mode, m.prompt = to, newField(placeholder)
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
	return m.openPrompt(modeNote, "a note for the record")
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
	switch mode {
	case modeJQ:
		return m.askJQ(text)
	case modeSend:
		return m.askSend(text)
	}
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
	if found := m.matches(); !found(-1) && !found(1) {
		m.say(styleMuted, "nothing matches "+text)
	}
	return m.job()
}

func (m *Model) promptCancelled() tea.Cmd {
	if m.mode == modeSearch {
		m.setSearch("")
	}
	m.mode = either(m.mode == modeJQ, modeDetail, modeNormal)
	return nil
}

// matches goes to the next match of the list that has the focus and reports whether
// there is one. A new search goes upwards first: the newest rows are at the bottom.
func (m *Model) matches() func(dir int) bool {
	if m.onLogs() {
		return m.logs.nextMatch
	}
	return m.timeline.nextMatch
}

// nextMatch goes to a match.
func (m *Model) nextMatch(dir int) tea.Cmd {
	if m.compare != nil && m.timeline.search == nil {
		return m.nextParting(dir)
	}
	switch {
	case !m.searching():
		m.say(styleMuted, "there is no search"+m.keys.offer("; ", "search", " begins one"))
	case !m.matches()(dir):
		m.say(styleMuted, "no match "+further(dir))
	}
	return m.job()
}

// searching reports whether there is a search in the list that has the focus.
func (m *Model) searching() bool {
	if m.onLogs() {
		return m.logs.view.Search() != nil
	}
	return m.timeline.search != nil
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
		detail := "enter switches it, delete removes it"
		if !m.onLogs() && m.timeline.gaveUp(r) {
			detail = "too slow or too large for some frames: given up, it matches nothing more"
		}
		items = append(items, item{
			mark: mark, text: r.expr, detail: detail, pinned: true,
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
