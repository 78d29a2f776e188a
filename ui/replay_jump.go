package ui

import (
	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// jumpTurn goes to the next row, or the one before, at which the connection came
// into another state.
func (m *Model) jumpTurn(dir int) tea.Cmd {
	if !m.timeline.nextTurn(dir) {
		m.say(styleMuted, "no change of state "+further(dir))
		return nil
	}
	m.showTimeline()
	return nil
}

// jumpTrap goes to the event that gave the next trap away, or the one before.
func (m *Model) jumpTrap(dir int) tea.Cmd {
	en, ok := m.here()
	trap, found := nextTrap(m.whole().Traps, en, dir)
	if !ok || !found {
		m.say(styleMuted, "no trap showed itself "+further(dir))
		return nil
	}
	m.showTimeline()
	m.timeline.list.selectSeq(trap.Seq)
	m.say(styleWarn, trap.ID+" showed itself here: "+firstNonEmpty(trap.Detail, "see the autopsy ("+m.keys.key("autopsy")+")"))
	return nil
}

// showTimeline leaves the logs, where one cannot see where the jump went to.
func (m *Model) showTimeline() {
	if m.onLogs() {
		m.setFocus(paneTimeline)
	}
}

// here is the row under the cursor of the timeline.
func (m *Model) here() (entry, bool) {
	i, ok := m.timeline.list.selected()
	if !ok {
		return entry{}, false
	}
	return m.timeline.entries[i], true
}

// whole is the session on the screen at the end of the record, wherever the
// playhead is.
func (m *Model) whole() timeline.Session {
	if m.replay == nil {
		return m.current()
	}
	s, _ := m.replay.history.State().Session(m.session)
	return s
}

// nextTrap is the nearest trap in a direction from a row; traps are in the order
// in which they showed themselves.
func nextTrap(traps []timeline.TrapSeen, from entry, dir int) (best timeline.TrapSeen, found bool) {
	for _, t := range traps {
		switch {
		case dir > 0 && t.Seq > from.last:
			return t, true
		case dir < 0 && t.Seq < from.first:
			best, found = t, true
		}
	}
	return best, found
}

// further says in which direction there is nothing.
func further(dir int) string { return either(dir > 0, "further down", "further up") }
