package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// drag is what the pointer does while its button is down: it selects text in
// one pane, moves a border, or pulls the scrollbar of a list.
type drag struct {
	on     bool
	border border // noBorder selects text
	start  int    // where the border was
	pulled *place // whose scrollbar is pulled, nil for none
	// area is the inside of the pane in which text is selected. Its rows are those
	// of when the pointer began to move: what comes meanwhile does not slide away
	// from under it.
	area rect
	rows []string
	// from is where the button went down, to where the pointer is.
	fromX, fromY, toX, toY int
}

// beginDrag notes what lies under the button that went down. A click that does
// not move is a click.
func (m *Model) beginDrag(x, y int) {
	d := drag{border: noBorder, fromX: x, fromY: y, toX: x, toY: y}
	switch {
	case m.mode != modeNormal:
		if m.reader != nil {
			d.area = place{rect: m.overlayRect(), contentPadding: 1}.inner()
		}
	default:
		for _, w := range m.screen.walls() {
			if w.grip.contains(x, y) {
				d.on, d.border, d.start = true, w.border, w.at
				break
			}
		}
		for _, pl := range m.screen.places {
			if pl.inner().contains(x, y) {
				d.area = pl.inner()
			}
			if pl.onBar(x, y) {
				d.on, d.border, d.pulled = true, noBorder, &pl
				m.drag = d
				return
			}
		}
	}
	if d.border == noBorder {
		d.on = d.area.contains(x, y)
	}
	m.drag = d
}

// onMotion follows the pointer.
func (m *Model) onMotion(msg tea.MouseMotionMsg) tea.Cmd {
	d := &m.drag
	if !d.on {
		return nil
	}
	m.touch()
	if d.pulled != nil {
		y := min(max(msg.Y, d.pulled.inner().y), d.pulled.inner().y+d.pulled.inner().h-1)
		return m.clickRow(*d.pulled, d.pulled.inner().x+d.pulled.inner().w, y)
	}
	if d.border != noBorder {
		if w, ok := m.screen.wall(d.border); ok {
			want := d.start + either(w.vertical, msg.X-d.fromX, msg.Y-d.fromY)
			m.moveBorder(d.border, want-w.at)
		}
		return nil
	}
	if d.rows == nil {
		if msg.X == d.fromX && msg.Y == d.fromY {
			return nil
		}
		d.freeze(m.rows)
	}
	d.toX = min(max(msg.X, d.area.x), d.area.x+d.area.w-1)
	d.toY = min(max(msg.Y, d.area.y), d.area.y+d.area.h-1)
	return nil
}

// onRelease ends the drag; what was selected is copied.
func (m *Model) onRelease() tea.Cmd {
	text := m.drag.text()
	m.drag = drag{}
	m.touch()
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return m.copyOut(text)
}

// freeze keeps the rows of the area as they are on the screen.
func (d *drag) freeze(rows []string) {
	for y := d.area.y; y < min(d.area.y+d.area.h, len(rows)); y++ {
		d.rows = append(d.rows, ansi.Cut(rows[y], d.area.x, d.area.x+d.area.w))
	}
}

// extent is what is selected of a row of the area, in its columns: as text runs,
// from where the button went down to where the pointer is.
func (d *drag) extent(row int) (from, to int) {
	x1, y1, x2, y2 := d.fromX-d.area.x, d.fromY-d.area.y, d.toX-d.area.x, d.toY-d.area.y
	if y2 < y1 || y2 == y1 && x2 < x1 {
		x1, y1, x2, y2 = x2, y2, x1, y1
	}
	if row < y1 || row > y2 {
		return 0, 0
	}
	from, to = 0, d.area.w
	if row == y1 {
		from = x1
	}
	if row == y2 {
		to = x2 + 1
	}
	return from, to
}

// text is what is selected, without the blanks that fill the rows.
func (d *drag) text() string {
	var out []string
	for i, row := range d.rows {
		if from, to := d.extent(i); from < to {
			out = append(out, strings.TrimRight(ansi.Strip(ansi.Cut(row, from, to)), " "))
		}
	}
	return strings.Join(out, "\n")
}

// drawSelection lays what is being selected over the frame.
func (m *Model) drawSelection(rows []string) {
	d := &m.drag
	for i, row := range d.rows {
		y := d.area.y + i
		if y >= len(rows)-1 || d.area.x+d.area.w > m.w {
			return
		}
		if from, to := d.extent(i); from < to {
			text := ansi.Strip(ansi.Cut(row, from, to))
			row = lay(row, m.th.render(say(styleMatch, text), to-from, false), from, to-from, d.area.w)
		}
		rows[y] = lay(rows[y], row, d.area.x, d.area.w, m.w)
	}
}
