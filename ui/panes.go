package ui

import (
	"time"

	"streamscope/timeline"
)

// drawPane fills the box of a pane.
func (m *Model) drawPane(pl place) box {
	in := pl.inner()
	focused := m.focus == pl.pane
	bx := box{place: pl, focused: focused}
	switch pl.pane {
	case paneTimeline:
		p := m.timelineOf(pl.side)
		bx.focused = focused && pl.side == m.activeSide()
		bx.rows = p.render(m.th, in.w, in.h, focused || m.replay != nil)
		bx.bar = p.edge(m.th, in.h, m.marksTime())
		bx.badge = p.statusLine()
		if bx.rows == nil {
			bx.rows = m.emptyRows(m.emptyTimeline(), in.w)
		}
	case paneLogs:
		bx.title = m.logs.titleLine(m.scopes.scopes)
		bx.rows, bx.bar = m.logs.show(m.th, in.w, in.h, focused, m.logsEnd())
		bx.status = m.logs.statusLine()
		if bx.rows == nil {
			bx.rows = m.emptyRows(m.emptyLogs(), in.w)
		}
	case paneScopes:
		bx.rows = m.scopes.render(m.th, in.w, in.h, focused)
		if len(bx.rows) == 0 {
			bx.rows = m.emptyRows("scopes appear when something logs", in.w)
		}
		bx.status = m.scopeStatus()
	default:
		m.drawState(&bx, pl, in)
	}
	return bx
}

// logsEnd is the instant up to which the histogram of the logs goes: now, or the
// last line of a record that says a time.
func (m *Model) logsEnd() time.Time {
	const far = 100 // lines without a time, as of a text in between
	n := m.logs.view.Len()
	if m.o.Controller != nil {
		return m.now
	}
	for i := n - 1; i >= max(n-far, 0); i-- {
		if t := m.logs.view.Row(i).Time(); !t.IsZero() {
			return t
		}
	}
	return m.now
}

// marksTime is the clock by which the marks of the scrollbar are looked for
// again. It stands still while a recording is read: each piece would bring it
// further than a second.
func (m *Model) marksTime() time.Time { return either(m.reading, time.Time{}, m.now) }

// scopeStatus reminds of the keys and warns of a name that nothing uses.
func (m *Model) scopeStatus() line {
	if hint := m.scopes.hint(); hint != "" {
		return say(styleWarn, hint)
	}
	return nil
}

// drawState fills the box of a pane of the state, scrolled as far as it goes.
func (m *Model) drawState(bx *box, pl place, in rect) {
	if m.session == "" {
		bx.rows = m.emptyRows(m.emptyState(pl.pane), in.w)
		return
	}
	lines := useRoom(m.stateLines(pl.pane, in.w, in.h), in.w, in.h)
	bx.badge = m.pastLabel(in.w)
	m.heights[pl.pane] = len(lines)
	top := min(m.tops[pl.pane], max(len(lines)-in.h, 0))
	m.tops[pl.pane] = top
	for _, l := range lines[top:min(top+in.h, len(lines))] {
		bx.rows = append(bx.rows, m.th.render(l, in.w, false))
	}
	if hidden := len(lines) - in.h; hidden > 0 {
		bx.status = say(styleMuted, m.th.glyphs.down+" "+plural(hidden-top, "more line"))
		if top == hidden {
			bx.status = say(styleMuted, m.th.glyphs.up)
		}
	}
}

// stateLines are the lines of a pane of the state.
func (m *Model) stateLines(p pane, w, h int) []line {
	state, _ := m.shown()
	s, _ := state.Session(m.session)
	switch p {
	case paneConnection:
		return connectionLines(s, m.paint(w, h))
	case paneToken:
		return tokenLines(s, m.paint(w, h))
	case paneCalls:
		return callsLines(s, m.paint(w, h))
	}
	return nil
}

func (m *Model) emptyRows(text string, w int) []string {
	out := []string{spaces(w)}
	for _, row := range wrapText(text, w) {
		out = append(out, m.th.render(say(styleMuted, row), w, false))
	}
	return out
}

func (m *Model) emptyState(p pane) string {
	if m.o.Waiting != "" && p == paneConnection {
		return m.o.Waiting
	}
	if m.o.Controller == nil {
		return either(m.reading, "The record is being read.", "The record has no session yet.")
	}
	switch p {
	case paneConnection:
		return "No session yet." + m.keys.offer(" ", "sessions", " opens a user or profile.")
	case paneToken:
		return "The token appears here with its countdown."
	}
	return "Rings and calls appear here."
}

func (m *Model) emptyTimeline() string {
	switch {
	case len(m.timeline.matchers) > 0:
		return count(m.timeline.hidden) + " rows are hidden by filters" + m.keys.offer("; ", "filter", " changes them.")
	case m.o.Controller == nil:
		return "The record has no events yet."
	case m.current().Conn == timeline.StateIdle || m.session == "":
		if m.keys.key("connect") == "" {
			return "Frames and decisions appear here."
		}
		return "Frames and decisions appear here. " + m.keys.key("connect") + " connects the user."
	}
	return "Nothing has happened yet."
}

func (m *Model) emptyLogs() string {
	c := m.logs.view.Counts()
	if c.Total > 0 {
		return count(uint64(c.Total)) + " lines are kept and none is shown: lower a level (" + m.keys.key("level.trace") +
			" on a scope), unmute, or change the filters (" + m.keys.key("filter") + ")."
	}
	return "Log lines of the session appear here, each under its scope."
}
