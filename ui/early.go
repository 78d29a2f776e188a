package ui

import (
	tea "charm.land/bubbletea/v2"
)

// askMenu is askThen for a question whose answer opens a menu. The answer comes
// as a message of its own, and a terminal may deliver the next key in the same
// read as the one that asks: what is pressed until the menu is there is meant
// for the menu, and is kept for it.
func (m *Model) askMenu(what string, do func(c Controller, session string) (func(*Model) tea.Cmd, error)) tea.Cmd {
	ask := m.askThen(what, do)
	if ask == nil {
		return nil
	}
	m.opening = true
	return func() tea.Msg {
		msg, ok := ask().(answerMsg)
		msg.menu = ok
		return msg
	}
}

// early keeps a key or a paste that came before the menu it is meant for. To
// quit never waits.
func (m *Model) early(msg tea.Msg) bool {
	if !m.opening {
		return false
	}
	if key, ok := msg.(tea.KeyPressMsg); ok {
		if a, _ := m.keys.find(key.String(), m.place()); a.id == "quit.now" {
			return false
		}
	}
	m.waiting = append(m.waiting, msg)
	return true
}

// onMenuAnswer opens the menu and gives it what was pressed meanwhile. Keys for
// a menu that does not come are dropped: on the panes they mean other things.
func (m *Model) onMenuAnswer(msg answerMsg) tea.Cmd {
	waiting := m.waiting
	m.opening, m.waiting = false, nil
	msg.menu = false
	cmds := []tea.Cmd{m.onAnswer(msg)}
	if msg.err != nil {
		return cmds[0]
	}
	for _, w := range waiting {
		cmds = append(cmds, m.handle(w))
	}
	return tea.Batch(cmds...)
}
