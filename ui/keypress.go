package ui

import (
	tea "charm.land/bubbletea/v2"
)

// motion is a movement in whatever can be moved in: rows, pages (or a share of
// one), columns, or all the way.
type motion struct {
	rows, pages, share, columns int
	toTop, toEnd                bool
}

// onKey runs the action that the key has here. Places with an input take the
// characters themselves.
func (m *Model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	if m.early(msg) {
		return nil
	}
	m.touch()
	m.drag = drag{}
	switch m.mode {
	case modeSearch, modeNote, modeJQ, modeSend:
		return m.onPromptKey(msg)
	case modeHelp, modePalette, modeMenu, modeFilters:
		return m.onPickerKey(msg)
	case modeBench:
		if m.bench.typing != benchNothing {
			return m.onBenchKey(msg)
		}
	}
	if a, ok := m.keys.find(msg.String(), m.place()); ok {
		cmd := a.run(m)
		return tea.Batch(cmd, m.tried(a.id))
	}
	return nil
}

// onPaste gives pasted text to the input that is open; there is nothing else
// that it could mean.
func (m *Model) onPaste(msg tea.PasteMsg) tea.Cmd {
	if m.early(msg) {
		return nil
	}
	m.touch()
	switch m.mode {
	case modeSearch, modeNote, modeJQ, modeSend:
		cmd := m.prompt.update(msg)
		m.searchAsTyped()
		return cmd
	case modeHelp, modePalette, modeMenu, modeFilters:
		cmd := m.picker.field.update(msg)
		m.picker.narrow()
		return cmd
	case modeBench:
		return m.onBenchPaste(msg)
	}
	return nil
}

// motionOf is the motion that a key means in a place whose letters are taken by
// an input: only keys that are not characters count.
func (m *Model) motionOf(msg tea.KeyPressMsg) (motion, bool) {
	if msg.Key().Text != "" {
		return motion{}, false
	}
	switch a, _ := m.keys.find(msg.String(), inDetail); a.id {
	case "down":
		return motion{rows: 1}, true
	case "up":
		return motion{rows: -1}, true
	case "page.down":
		return motion{pages: 1}, true
	case "page.up":
		return motion{pages: -1}, true
	}
	return motion{}, false
}

// prompting reports whether something is being typed in the footer.
func (m *Model) prompting() bool {
	switch m.mode {
	case modeSearch, modeNote, modeJQ, modeSend:
		return true
	}
	return false
}

func (m *Model) onPromptKey(msg tea.KeyPressMsg) tea.Cmd {
	if a, ok := m.keys.find(msg.String(), inMenu); ok {
		return a.run(m)
	}
	cmd := m.prompt.update(msg)
	m.searchAsTyped()
	return cmd
}

func (m *Model) onPickerKey(msg tea.KeyPressMsg) tea.Cmd {
	p := m.picker
	if a, ok := m.keys.find(msg.String(), inMenu); ok {
		return a.run(m)
	}
	if k, ok := m.motionOf(msg); ok {
		p.move(k.rows + k.pages*max(p.rows-1, 1))
		return nil
	}
	before := p.field.value()
	cmd := p.field.update(msg)
	if p.field.value() != before {
		p.narrow()
	}
	return cmd
}

// accept takes what is typed or selected, in whatever takes the keys.
func (m *Model) accept() tea.Cmd {
	switch {
	case m.prompting():
		return m.promptDone()
	case m.mode == modeBench:
		return m.benchDone()
	case m.picker != nil:
		return m.pick()
	}
	return nil
}

// cancel closes an input; in a menu it takes back what was typed first.
func (m *Model) cancel() tea.Cmd {
	switch {
	case m.prompting():
		return m.promptCancelled()
	case m.mode == modeBench:
		m.bench.typing = benchNothing
		m.bench.field = field{}
		return nil
	case m.picker != nil && m.picker.field.value() != "":
		m.picker.field.set("")
		m.picker.narrow()
		return nil
	}
	return m.closeOverlay()
}

func (m *Model) menuNext() tea.Cmd {
	if m.picker != nil {
		m.picker.move(1)
	}
	return nil
}

func (m *Model) menuRemove() tea.Cmd {
	if m.picker == nil {
		return nil
	}
	if it, ok := m.picker.selected(); ok && it.remove != nil {
		return it.remove(m)
	}
	return nil
}

// pick runs the selected item. The menu is closed first, so that the item may
// open another.
func (m *Model) pick() tea.Cmd {
	it, ok := m.picker.selected()
	if !ok || it.run == nil {
		return nil
	}
	if m.mode == modeFilters {
		return it.run(m)
	}
	m.closeOverlay()
	return it.run(m)
}

// closeOverlay goes back to the panes, or to the reader that a menu lies above.
func (m *Model) closeOverlay() tea.Cmd {
	m.touch()
	if m.picker != nil && m.reader != nil {
		m.mode, m.picker = m.under, nil
		return nil
	}
	m.mode = modeNormal
	m.picker, m.reader = nil, nil
	m.bench = bench{}
	m.question = question{}
	m.touch()
	return nil
}

// back closes what is open, one thing at a time; on the panes it takes back
// the maximised pane, the search, and the pause of a list.
func (m *Model) back() tea.Cmd {
	switch {
	case m.mode != modeNormal:
		return m.closeOverlay()
	case m.list() != nil && m.list().anchor != 0:
		m.list().anchor = 0
	case m.zoom:
		return m.toggleZoom()
	case m.timeline.search != nil || m.logs.expr != "":
		m.logs.setSearch("")
		m.timeline.setSearch("")
	case m.toast.text != "":
		m.toast = toast{}
	default:
		if l := m.list(); l != nil {
			l.end()
		}
	}
	m.touch()
	return m.job()
}

func (m *Model) backOrQuit() tea.Cmd {
	if m.mode != modeNormal {
		return m.closeOverlay()
	}
	return m.askQuit()
}

// question asks before something that cannot be taken back.
type question struct {
	text   string
	detail string
	yes    func(*Model) tea.Cmd
}

func (m *Model) confirm(text, detail string, yes func(*Model) tea.Cmd) tea.Cmd {
	m.closeOverlay()
	m.toast = toast{} // the footer says what the keys mean now
	m.mode = modeConfirm
	m.question = question{text, detail, yes}
	return nil
}

func (m *Model) confirmYes() tea.Cmd {
	yes := m.question.yes
	m.closeOverlay()
	if yes == nil {
		return nil
	}
	return yes(m)
}

func (m *Model) askQuit() tea.Cmd {
	if m.o.Recording != "" && m.mode != modeConfirm {
		return m.confirm("Quit?", "The session is being recorded to "+m.o.Recording+"; the recording ends here.",
			func(*Model) tea.Cmd { return tea.Quit })
	}
	return tea.Quit
}
