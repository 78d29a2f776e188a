package ui

import (
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
	if m.o.Compare != nil && p > paneTimeline {
		m.focus = paneTimeline
		return m.otherSide()
	}
	m.focus = p
	m.rearrange()
	return nil
}

func (m *Model) stepFocus(dir int) tea.Cmd {
	if m.compare != nil {
		return m.stepTwo(dir)
	}
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

// clock is what stands in front of the rows of a list.
type clock uint8

const (
	clockDay   clock = iota // the time of day
	clockDelta              // the time since the row before
	clockNone               // nothing
	clockCount
)

func (m *Model) nextClock() tea.Cmd {
	c := &m.timeline.clock
	if m.focus == paneLogs {
		c = &m.logs.clock
		m.logs.touched++
	}
	*c = (*c + 1) % clockCount
	m.timeline.revision++
	m.say(styleMuted, "in front of the rows: "+[...]string{"the time of day", "the time since the row before", "no time"}[*c])
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
		m.say(styleMuted, "nothing is marked"+m.keys.offer("; ", "mark", " marks a row"))
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
		m.say(styleMuted, "no "+either(level == logsink.Warn, "warning or error", "error")+" "+further(dir))
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
