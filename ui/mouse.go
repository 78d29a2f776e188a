package ui

import (
	tea "charm.land/bubbletea/v2"
)

// wheelRows is how far one step of the wheel scrolls.
const wheelRows = 3

// onClick focuses the pane under the pointer and selects the row.
func (m *Model) onClick(msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft {
		return nil
	}
	m.touch()
	defer m.beginDrag(msg.X, msg.Y)
	if msg.Y == m.screen.footer.y && !m.screen.tooSmall {
		return m.clickFooter(msg.X)
	}
	if m.mode != modeNormal {
		return m.clickOverlay(msg)
	}
	if m.screen.bar.contains(msg.X, msg.Y) {
		return m.seek(msg.X)
	}
	if m.screen.switcher.contains(msg.X, msg.Y) {
		x := 1
		for p := range paneCount {
			w := len(p.String()) + 3
			if msg.X >= x && msg.X < x+w {
				return m.setFocus(p)
			}
			x += w
		}
		return nil
	}
	for _, pl := range m.screen.places {
		if pl.rect.contains(msg.X, msg.Y) {
			return m.clickPane(pl, msg.X, msg.Y)
		}
	}
	return nil
}

func (m *Model) clickPane(pl place, x, y int) tea.Cmd {
	if y == pl.rect.y && len(pl.tabs) > 1 {
		at := pl.rect.x + 2
		for _, tab := range pl.tabs {
			w := len(tab.String()) + 3
			if x >= at && x < at+w {
				return m.setFocus(tab)
			}
			at += w
		}
	}
	if pl.pane == paneTimeline && pl.side != m.activeSide() {
		m.otherSide()
	}
	m.setFocus(pl.pane)
	return m.clickRow(pl, x, y)
}

// onBar reports whether a cell is where the scrollbar of a list is.
func (pl place) onBar(x, y int) bool {
	in := pl.inner()
	return (pl.pane == paneTimeline || pl.pane == paneLogs) && x == in.x+in.w && y >= in.y && y < in.y+in.h
}

// clickRow selects the row of a pane that a cell belongs to.
func (m *Model) clickRow(pl place, x, y int) tea.Cmd {
	row := y - pl.inner().y
	if row < 0 || row >= pl.inner().h {
		return nil
	}
	onEdge := pl.onBar(x, y)
	switch pl.pane {
	case paneTimeline:
		m.timeline.list.press(row, pl.inner().h, onEdge)
	case paneLogs:
		m.clickLogs(pl, x, row, onEdge)
		return m.job()
	case paneScopes:
		m.scopes.click(row)
	}
	return nil
}

// clickLogs selects a row, goes to a share of the list from its scrollbar, or to
// an instant from the histogram.
func (m *Model) clickLogs(pl place, x, row int, onEdge bool) {
	h := pl.inner().h
	if m.logs.charted {
		if row == 0 {
			if t, ok := m.logs.minutes.at(x - pl.inner().x); ok {
				m.logs.at(t)
			}
			return
		}
		row, h = row-1, h-1
	}
	m.logs.list.press(row, h, onEdge)
}

// press is a click at line y of a list, or at its scrollbar.
func (l *rowlist) press(y, h int, onEdge bool) {
	n := l.src.Len()
	if !onEdge || n <= h || h < 2 {
		l.click(y)
		return
	}
	l.selectIndex(y * (n - 1) / (h - 1))
}

func (m *Model) clickOverlay(msg tea.MouseClickMsg) tea.Cmd {
	r := m.overlayRect()
	if !r.contains(msg.X, msg.Y) {
		return m.closeOverlay()
	}
	switch {
	case m.mode == modeConfirm:
		return m.clickQuestion(msg.X, msg.Y)
	case m.picker != nil:
		if m.picker.click(msg.Y - r.y - 1) {
			return m.pick()
		}
	case m.reader != nil:
		m.reader.click(msg.Y - r.y - 1)
	}
	return nil
}

// onWheel scrolls what is under the pointer, without taking the focus.
func (m *Model) onWheel(msg tea.MouseWheelMsg) tea.Cmd {
	n := wheelRows
	switch msg.Button {
	case tea.MouseWheelUp:
		n = -n
	case tea.MouseWheelDown:
	default:
		return nil
	}
	m.touch()
	switch {
	case m.picker != nil:
		m.picker.move(n)
		return nil
	case m.reader != nil:
		m.reader.move(motion{rows: n})
		return nil
	}
	for _, pl := range m.screen.places {
		if !pl.rect.contains(msg.X, msg.Y) {
			continue
		}
		switch pl.pane {
		case paneTimeline:
			m.timeline.list.scroll(n)
		case paneLogs:
			m.logs.list.scroll(n)
			return m.job()
		case paneScopes:
			m.scopes.move(n)
		default:
			m.tops[pl.pane] = max(m.tops[pl.pane]+n, 0)
		}
	}
	return nil
}

// clickQuestion answers a question whose yes or no lies under the pointer.
func (m *Model) clickQuestion(x, y int) tea.Cmd {
	in := place{rect: m.overlayRect(), contentPadding: 1}.inner()
	if y != in.y+len(m.confirmRows(in.w))-1 {
		return nil
	}
	yes := width(m.keys.key("confirm.yes") + " yes")
	no := yes + 3 + width(m.keys.key("confirm.no")+" no")
	switch x -= in.x; {
	case x >= 0 && x < yes:
		return m.confirmYes()
	case x >= yes+3 && x < no:
		return m.closeOverlay()
	}
	return nil
}
