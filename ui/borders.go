package ui

import tea "charm.land/bubbletea/v2"

// border names the walls between panes that can be moved. Which of them there
// are depends on the layout.
type border int

const (
	borderTop    border = iota // under connection, token and calls
	borderFirst                // to the right of the connection
	borderSecond               // between token and calls, side by side
	borderTokens               // between two of connection, token and calls, one over the other
	borderLists                // between timeline and logs, one over the other
	borderSides                // between timeline and logs, side by side
	borderScopes               // to the left of the scopes
	borderCount
	noBorder border = -1
)

// moves says how many cells each border was moved down or to the right of where
// the layout puts it by itself.
type moves [borderCount]int

// put returns where a border goes that the layout wants at a place, between the
// two that it must leave room for.
func (v moves) put(b border, at, least, most int) int {
	if v[b] == 0 {
		return at
	}
	return max(min(at+v[b], most), least)
}

// wall is a border on the screen: where it is, and the cells that can be taken
// hold of.
type wall struct {
	border   border
	vertical bool
	at       int
	grip     rect
	// before is the pane above it or to its left, after the one on its other side.
	before, after pane
}

// walls finds the borders between the places of the screen.
func (s screen) walls() []wall {
	var out []wall
	for _, p := range s.places {
		for _, q := range s.places {
			if w, ok := wallBetween(p, q); ok {
				out = append(out, w)
			}
		}
	}
	return out
}

// wallBetween is the wall between p and what is right of it or below it.
func wallBetween(p, q place) (wall, bool) {
	w := wall{border: noBorder, before: p.pane, after: q.pane}
	switch {
	case p.rect.x+p.rect.w == q.rect.x && p.rect.y < q.rect.y+q.rect.h && q.rect.y < p.rect.y+p.rect.h:
		w.vertical, w.at, w.border = true, q.rect.x, beside(p.pane, q.pane)
		from, to := max(p.rect.y, q.rect.y), min(p.rect.y+p.rect.h, q.rect.y+q.rect.h)
		own := either(p.openRight, 0, 1)
		w.grip = rect{q.rect.x - own, from, 1 + own, to - from}
	case p.rect.y+p.rect.h == q.rect.y && p.rect.x < q.rect.x+q.rect.w && q.rect.x < p.rect.x+p.rect.w:
		w.at, w.border = q.rect.y, above(p.pane, q.pane)
		from, to := max(p.rect.x, q.rect.x), min(p.rect.x+p.rect.w, q.rect.x+q.rect.w)
		own := either(p.openBottom, 0, 1)
		w.grip = rect{from, q.rect.y - own, to - from, 1 + own}
	}
	return w, w.border != noBorder
}

func beside(p, q pane) border {
	switch {
	case p == paneConnection:
		return borderFirst
	case p == paneToken && q == paneCalls:
		return borderSecond
	case p == paneTimeline:
		return borderSides
	case p == paneLogs:
		return borderScopes
	}
	return noBorder
}

func above(p, q pane) border {
	switch {
	case p <= paneCalls && q >= paneTimeline:
		return borderTop
	case p <= paneToken && q <= paneCalls:
		return borderTokens
	case p == paneTimeline:
		return borderLists
	}
	return noBorder
}

// wall returns where a border is; false when it is not on the screen.
func (s screen) wall(b border) (wall, bool) {
	for _, w := range s.walls() {
		if w.border == b {
			return w, true
		}
	}
	return wall{}, false
}

// moveBorder moves a border, as far as its panes have room.
func (m *Model) moveBorder(b border, by int) {
	before, ok := m.screen.wall(b)
	if !ok || by == 0 {
		return
	}
	was := m.moved[b]
	m.moved[b] += by
	m.rearrange()
	// What the panes had no room for is not owed.
	after, _ := m.screen.wall(b)
	m.moved[b] = was + after.at - before.at
}

// resize moves the border of the focused pane in the direction of an arrow: the
// one below it or to its right, or else the one on its other side.
func (m *Model) resize(vertical bool, by int) tea.Cmd {
	found := noBorder
	for _, w := range m.screen.walls() {
		if w.vertical != vertical {
			continue
		}
		if w.before == m.focus {
			found = w.border
			break
		}
		if w.after == m.focus {
			found = w.border
		}
	}
	if found == noBorder {
		m.say(styleMuted, "this pane has no border there that could be moved")
		return nil
	}
	m.moveBorder(found, by)
	return nil
}

// resetBorders puts all borders where the layout wants them.
func (m *Model) resetBorders() tea.Cmd {
	m.moved = moves{}
	m.rearrange()
	return nil
}

func resizeActions() []action {
	const step = 2
	by := func(vertical bool, n int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.resize(vertical, n) }
	}
	g := groupScreen
	return []action{
		{"resize.up", []string{"ctrl+up"}, g, inPanes, "border up", "Move the border of the focused pane up.", by(false, -1)},
		{"resize.down", []string{"ctrl+down"}, g, inPanes, "border down", "Move the border of the focused pane down.", by(false, 1)},
		{"resize.left", []string{"ctrl+left"}, g, inPanes, "border left", "Move the border of the focused pane left.", by(true, -step)},
		{"resize.right", []string{"ctrl+right"}, g, inPanes, "border right", "Move the border of the focused pane right.", by(true, step)},
		{"resize.reset", nil, g, inPanes, "reset borders", "Put all borders back where they were.", (*Model).resetBorders},
	}
}
