package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
)

// The keys of the levels work on the selected scope, from the scopes and from
// the logs. They change what is shown, never what is kept.

func (m *Model) setLevel(l logsink.Level) tea.Cmd {
	s, ok := m.scopes.selected()
	if !ok {
		return nil
	}
	m.logs.view.Levels().Set(s.Name, l)
	return m.levelsChanged(s.Name + " is shown from " + l.String() + " up")
}

func (m *Model) stepLevel(n int) tea.Cmd {
	s, ok := m.scopes.selected()
	if !ok {
		return nil
	}
	l := min(max(s.Level+logsink.Level(n), logsink.Trace), logsink.Off)
	return m.setLevel(l)
}

func (m *Model) resetLevel() tea.Cmd {
	s, ok := m.scopes.selected()
	if !ok {
		return nil
	}
	if s.Name == logsink.DefaultScope {
		m.say(styleMuted, "the default scope cannot be reset"+m.keys.offer("; ", "levels.restore", " restores all defaults"))
		return nil
	}
	m.logs.view.Levels().Reset(s.Name)
	text := s.Name + " has the default level again"
	if s.Muted {
		m.logs.view.Mute(s.Name, false)
		text += " and is not muted any more"
	}
	if s.Soloed {
		m.logs.view.Solo(s.Name, false)
		text += " and is not shown alone any more"
	}
	return m.levelsChanged(text)
}

func (m *Model) restoreLevels() tea.Cmd {
	m.logs.view.Levels().RestoreDefaults()
	m.logs.view.ClearMuteSolo()
	return m.levelsChanged("all scopes have their default levels")
}

func (m *Model) muteScope() tea.Cmd {
	s, ok := m.scopes.selected()
	if !ok {
		return nil
	}
	m.logs.view.Mute(s.Name, !s.Muted)
	if s.Soloed {
		m.logs.view.Solo(s.Name, false) // to show only what is hidden shows nothing
	}
	return m.levelsChanged(s.Name + " is " + either(s.Muted, "not muted any more", "muted"))
}

func (m *Model) soloScope() tea.Cmd {
	s, ok := m.scopes.selected()
	if !ok {
		return nil
	}
	m.logs.view.Solo(s.Name, !s.Soloed)
	if s.Muted && !s.Soloed {
		m.logs.view.Mute(s.Name, false)
	}
	others := slices.ContainsFunc(m.scopes.scopes, func(o logsink.ScopeState) bool { return o.Soloed && o.Name != s.Name })
	switch {
	case s.Soloed && others:
		return m.levelsChanged(s.Name + " is hidden: other scopes are still shown alone")
	case s.Soloed:
		return m.levelsChanged("no scope is shown alone any more")
	case others:
		return m.levelsChanged(s.Name + " is shown too")
	}
	return m.levelsChanged("only " + s.Name + " is shown")
}

func (m *Model) levelsChanged(text string) tea.Cmd {
	m.syncLogs()
	m.say(styleMuted, text)
	return m.job()
}
