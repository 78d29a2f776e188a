package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// director is who carries scenarios out; false, said on the screen, when nobody
// does.
func (m *Model) director() (Director, bool) {
	d, ok := m.o.Controller.(Director)
	if !ok {
		m.say(styleWarn, "no scenario can be run here; streamscope scenario FILE runs one by itself")
	}
	return d, ok
}

// openScenarios lists the scenarios; what is typed may also be the path of a
// file.
func (m *Model) openScenarios() tea.Cmd {
	d, ok := m.director()
	if !ok {
		return nil
	}
	return m.askMenu("scenarios", func(Controller, string) (func(*Model) tea.Cmd, error) {
		all := d.Scenarios()
		return func(m *Model) tea.Cmd { return m.openPicker(modeMenu, scenarioPicker(all)) }, nil
	})
}

func scenarioPicker(all []Choice) *picker {
	var items []item
	for _, s := range all {
		items = append(items, item{text: s.Name, detail: s.Detail, run: runScenario(s.Name)})
	}
	p := newPicker("Scenarios", "type to find one, or the path of a file; enter runs it", items)
	p.none = "no scenario of that name; the path of a file works too"
	p.typed = func(text string) (item, bool) {
		return item{text: text, detail: "run this file", run: runScenario(text)}, isPath(text)
	}
	return p
}

// isPath tells the path of a file from the name of a scenario that ships.
func isPath(text string) bool {
	return strings.ContainsAny(text, "/\\") || strings.HasSuffix(text, ".yaml") || strings.HasSuffix(text, ".yml")
}

// runScenario begins one and shows where its steps are told.
func runScenario(name string) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		d, ok := m.director()
		if !ok {
			return nil
		}
		m.setFocus(paneTimeline)
		m.timeline.list.end()
		return m.ask("scenario "+name+" is running; its steps are on the timeline", func(Controller, string) error {
			return d.RunScenario(name)
		})
	}
}

func (m *Model) stopScenario() tea.Cmd {
	d, ok := m.director()
	if !ok {
		return nil
	}
	return m.ask("the scenario is stopped", func(Controller, string) error { return d.StopScenario() })
}

// typedCommand makes an item of a command that was typed with what it is about:
// "scenario FILE", "save last 90s".
func typedCommand(text string) (item, bool) {
	if last, ok := strings.CutPrefix(text, "save last "); ok {
		if d, err := time.ParseDuration(last); err == nil && d > 0 {
			return item{text: text, detail: "Write it from memory to a file.", run: func(m *Model) tea.Cmd { return m.export("last " + last) }}, true
		}
	}
	name, ok := strings.CutPrefix(text, "scenario ")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return item{}, false
	}
	return item{text: "scenario " + name, detail: "Run it now.", run: runScenario(name)}, true
}
