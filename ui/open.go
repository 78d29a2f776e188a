package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
	"streamscope/timeline"
)

// openReader puts something to read on the screen.
func (m *Model) openReader(mode mode, r *reader) tea.Cmd {
	m.closeOverlay()
	m.toast = toast{}
	r.g = &m.th.glyphs
	m.mode, m.reader = mode, r
	return nil
}

// openSelected opens what the focused pane is about.
func (m *Model) openSelected() tea.Cmd {
	switch m.focus {
	case paneConnection:
		return m.openAutopsy()
	case paneToken:
		return m.openBench()
	case paneCalls:
		if len(answerable(m.current())) > 0 {
			return m.doAccept()
		}
		return m.openRing()
	case paneTimeline:
		if e, en, ok := m.timeline.selected(); ok {
			return m.openReader(modeDetail, m.inspectRow(en, e))
		}
	case paneLogs:
		if row, ok := m.logs.here(); ok {
			return m.openReader(modeDetail, inspectLog(row))
		}
	case paneScopes:
		return m.soloScope()
	}
	return nil
}

func (m *Model) openAutopsy() tea.Cmd {
	r := &reader{title: "Autopsy · " + m.session, live: true}
	r.views = []view{{name: "attempts", build: func(w int) []line { return autopsyLines(m.current(), m.paint(w, 0)) }}}
	return m.openReader(modeAutopsy, r)
}

// inspectOther opens the row before or after without leaving the inspector, in
// the same view where it has one.
func (m *Model) inspectOther(dir int) tea.Cmd {
	l := m.list()
	if m.mode != modeDetail || m.reader == nil || l == nil {
		return nil
	}
	name := m.reader.views[m.reader.view].name
	l.move(dir)
	cmd := m.openSelected()
	if m.reader == nil {
		return cmd
	}
	if i := slices.IndexFunc(m.reader.views, func(v view) bool { return v.name == name }); i > 0 {
		m.reader.show(i)
	}
	return cmd
}

// foldTree changes the tree in the inspector.
func (m *Model) foldTree(change func(*tree)) tea.Cmd {
	if m.reader != nil && m.reader.tree() != nil {
		change(m.reader.tree())
		m.reader.invalidate()
	}
	return nil
}

func (m *Model) readerView(dir int) tea.Cmd {
	if m.reader != nil {
		m.reader.next(dir)
	}
	return nil
}

// copySelected copies what is on top: the reader's view, or the selected row. A
// frame in the inspector can be copied in several forms.
func (m *Model) copySelected() tea.Cmd {
	if m.reader != nil && m.reader.event != nil && m.picker == nil {
		return m.openCopies()
	}
	return m.copyText(m.selectedText())
}

func (m *Model) copyText(text string) tea.Cmd {
	if text == "" {
		m.say(styleMuted, "there is nothing to copy")
		return nil
	}
	return m.copyOut(text)
}

func (m *Model) selectedText() string {
	if m.reader != nil {
		return m.reader.text()
	}
	if text, ok := m.spanText(); ok {
		return text
	}
	switch m.focus {
	case paneTimeline:
		e, _, ok := m.timeline.selected()
		if !ok {
			return ""
		}
		if body := bodyOf(e); len(body) > 0 {
			return string(body)
		}
		return clean(timeline.Describe(e).Text)
	case paneLogs:
		if row, ok := m.logs.here(); ok {
			return row.Record().String()
		}
		return ""
	}
	var b strings.Builder
	for _, l := range m.stateLines(m.focus, 100, 0) {
		b.WriteString(strings.TrimRight(clean(l.plain()), " ") + "\n")
	}
	return b.String()
}

// saveShown writes all that the focused pane shows, not just what is in sight.
func (m *Model) saveShown() tea.Cmd {
	saver := m.saver()
	if saver == nil {
		m.say(styleWarn, "there is nowhere to save to from here")
		return nil
	}
	what, text := m.shownText()
	return write("save", "saved to ", func() (string, error) { return saver.Save(what, text()) })
}

// saver is who writes files; nil for nobody.
func (m *Model) saver() Saver {
	if m.o.Controller != nil {
		return m.o.Controller
	}
	return m.o.Saver
}

// write has a file written away from this goroutine, and says which.
func write(what, done string, do func() (path string, err error)) tea.Cmd {
	return func() tea.Msg {
		path, err := do()
		return answerMsg{what: what, err: err, then: func(m *Model) tea.Cmd {
			m.say(styleOK, done+path)
			return nil
		}}
	}
}

// shownText names what is shown and makes its text. The text of a long list is
// made away from this goroutine: stores may be read from anywhere, the order of
// rows is copied here.
func (m *Model) shownText() (what string, text func() string) {
	if m.reader != nil {
		whole := m.reader.text()
		return strings.ToLower(strings.Fields(m.reader.title)[0]), func() string { return whole }
	}
	if text, ok := m.spanText(); ok {
		return lower(m.focus.String()), func() string { return text }
	}
	switch m.focus {
	case paneLogs, paneScopes:
		return "logs", m.logText()
	case paneTimeline:
		entries, store := slices.Clone(m.timeline.entries), m.o.Timeline
		return "timeline", func() string { return timelineText(store, entries) }
	}
	whole := m.selectedText()
	return lower(m.focus.String()), func() string { return whole }
}

func (m *Model) logText() func() string {
	rows := make([]logsink.Row, 0, m.logs.view.Len())
	for _, row := range m.logs.view.Rows(0, m.logs.view.Len()) {
		rows = append(rows, row)
	}
	return func() string {
		var b strings.Builder
		for _, row := range rows {
			b.WriteString(row.Record().String())
			b.WriteByte('\n')
		}
		return b.String()
	}
}

func timelineText(store *timeline.Store, entries []entry) string {
	var b strings.Builder
	for _, en := range entries {
		if e, ok := store.At(en.last); ok {
			b.WriteString(clockTime(e.Time) + " " + e.Session + " " + clean(timeline.Describe(e).String()) + "\n")
		}
	}
	return b.String()
}

// sessionOf is the state of the session that an event belongs to.
func (m *Model) sessionOf(e timeline.Event) timeline.Session {
	s, _ := m.state.Session(e.Session)
	return s
}
