package ui

import tea "charm.land/bubbletea/v2"

// exporter is who writes the record down in other forms; false, said on the screen,
// when nobody does.
func (m *Model) exporter() (Exporter, bool) {
	e, ok := m.saver().(Exporter)
	if !ok {
		m.say(styleWarn, "there is nothing to export here"+m.keys.offer("; ", "save", " saves what is shown"))
	}
	return e, ok
}

// openExports lists the forms in which the record can be written down.
func (m *Model) openExports() tea.Cmd {
	exporter, ok := m.exporter()
	if !ok {
		return nil
	}
	var items []item
	for _, e := range exporter.Exports() {
		items = append(items, item{text: e.Name, detail: e.Detail, run: func(m *Model) tea.Cmd { return m.export(e.Name) }})
	}
	return m.openPicker(modeMenu, newPicker("Export", "type to find a form; enter writes it", items))
}

// exportRecord is the form that goes on: a recording.
const exportRecord = "record"

// export writes the record down in a form that has a name.
func (m *Model) export(name string) tea.Cmd {
	exporter, ok := m.exporter()
	if !ok {
		return nil
	}
	session := m.session
	if name != exportRecord {
		return write("export", "written to ", func() (string, error) { return exporter.Export(session, name) })
	}
	return func() tea.Msg {
		path, err := exporter.Export(session, name)
		return answerMsg{what: name, err: err, then: func(m *Model) tea.Cmd {
			m.o.Recording = path
			m.say(styleOK, "recording to "+path)
			return nil
		}}
	}
}
