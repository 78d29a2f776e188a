package ui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func (m *Model) overlayHints() []hint {
	k := m.keys.key
	switch m.mode {
	case modeConfirm:
		return []hint{{k("confirm.yes"), "yes"}, {k("confirm.no"), "no"}}
	case modeFilters:
		return []hint{{k("input.accept"), "add or switch"}, {k("menu.remove"), "remove"}, {k("input.cancel"), m.picker.cancels()}}
	case modeHelp, modePalette, modeMenu:
		return []hint{{k("input.accept"), "run"}, {k("menu.next"), "next"}, {k("input.cancel"), m.picker.cancels()}}
	case modeBench:
		if m.bench.typing != benchNothing {
			return []hint{{k("input.accept"), "judge"}, {k("input.cancel"), "cancel"}}
		}
		return []hint{{k("bench.paste"), "another token"}, {k("bench.secret"), "check signature"}, {k("bench.reveal"), "reveal"},
			{k("copy"), "copy"}, {k("save"), "save"}, {k("back"), "close"}}
	}
	if m.reader != nil && m.reader.event != nil {
		return m.inspectHints()
	}
	hints := []hint{{k("copy"), "copy"}, {k("save"), "save"}, {k("down") + " " + k("up"), "scroll"}, {k("back"), "close"}}
	if m.reader != nil && len(m.reader.views) > 1 {
		hints = append([]hint{{k("reader.next"), "next view"}}, hints...)
	}
	return hints
}

// overlaid reports whether something lies above the panes.
func (m *Model) overlaid() bool {
	return m.picker != nil || m.reader != nil || m.mode == modeConfirm
}

// overlayRect is where the overlay goes: in the middle, as large as it needs.
func (m *Model) overlayRect() rect {
	w, h := min(m.w-4, 110), m.h-4
	switch {
	case m.mode == modeConfirm:
		w = min(m.w-4, 64)
		h = max(len(m.confirmRows(w-4))+2, 7)
	case m.mode == modeHelp || m.mode == modePalette:
		w = min(m.w-4, 100)
	case m.picker != nil:
		w = min(m.w-4, 96)
		h = min(h, m.picker.height(w-4)+2)
	case m.reader != nil && !m.reader.live:
		h = min(h, max(m.reader.want(w-4)+2, 12))
	}
	h = max(h, 5)
	return rect{(m.w - w) / 2, max((m.h-h)/2, 1), w, min(h, m.h-2)}
}

// inspectHints are the keys of the inspector.
func (m *Model) inspectHints() []hint {
	k := m.keys.key
	var hints []hint
	if len(m.reader.views) > 1 {
		hints = append(hints, hint{k("reader.next"), "next view"})
	}
	if m.reader.tree() != nil {
		hints = append(hints, hint{k("tree.toggle"), "fold"})
	}
	return append(hints, hint{k("copy"), "copy"}, hint{k("jq"), "jq"},
		hint{k("inspect.prev") + " " + k("inspect.next"), "other rows"}, hint{k("save"), "save"}, hint{k("back"), "close"})
}

// drawOverlay lays what is open over the rows of the frame: a reader, and a menu
// above it.
func (m *Model) drawOverlay(rows []string) {
	if m.reader != nil && m.picker != nil {
		menu := m.picker
		m.picker = nil
		m.drawReader(rows)
		m.picker = menu
	}
	switch {
	case m.mode == modeConfirm:
		bx := m.overlayBox()
		bx.rows = m.confirmRows(bx.place.inner().w)
		m.layBox(rows, bx, "Sure?")
	case m.picker != nil:
		m.drawMenu(rows)
	default:
		m.drawReader(rows)
	}
}

func (m *Model) overlayBox() box {
	return box{place: place{pane: -1, rect: m.overlayRect(), contentPadding: 1}, focused: true}
}

func (m *Model) drawMenu(rows []string) {
	bx := m.overlayBox()
	in := bx.place.inner()
	var cursor int
	bx.rows, cursor = m.picker.render(m.th, in.w, in.h)
	m.cursor = tea.NewCursor(in.x+cursor, in.y)
	if m.picker.hint != "" {
		bx.badge = say(styleWarn, m.picker.hint)
	}
	if m.picker.below > 0 {
		bx.status = say(styleMuted, m.th.glyphs.down+" "+strconv.Itoa(m.picker.below)+" more")
	}
	m.layBox(rows, bx, m.picker.title)
}

func (m *Model) drawReader(rows []string) {
	bx := m.overlayBox()
	bx.rows = m.readerRows(bx.place.inner())
	bx.badge = m.reader.titleLine()
	bx.status = m.reader.statusLine()
	m.layBox(rows, bx, m.reader.title)
}

// layBox draws a box over the rows of the frame.
func (m *Model) layBox(rows []string, bx box, title string) {
	r := bx.place.rect
	for i, row := range m.th.drawTitled(bx, title) {
		y := r.y + i
		if y <= 0 || y >= len(rows)-1 {
			continue
		}
		rows[y] = lay(rows[y], row, r.x, r.w, m.w)
	}
}

// lay puts over in place of w cells of under, beginning at x. A wide character
// that is cut through leaves a blank.
func lay(under, over string, x, w, whole int) string {
	left := ansi.Truncate(under, x, "")
	room := whole - x - w
	right := ansi.TruncateLeft(under, x+w, "")
	if ansi.StringWidth(right) > room {
		right = ansi.TruncateLeft(under, x+w+1, "")
	}
	return left + spaces(x-ansi.StringWidth(left)) + over + spaces(room-ansi.StringWidth(right)) + right
}

func (m *Model) readerRows(in rect) []string {
	if m.bench.typing == benchNothing {
		return m.reader.render(m.th, in.w, in.h)
	}
	label := "token  "
	if m.bench.typing == benchSecret {
		label = "secret "
	}
	value, column := m.bench.field.show(in.w - width(label))
	l := line{{styleKey, label}, {styleText, value}}
	if value == "" {
		l = l.add(styleMuted, m.bench.field.in.Placeholder)
	}
	m.cursor = tea.NewCursor(in.x+width(label)+column, in.y)
	rows := []string{m.th.render(l, in.w, false), spaces(in.w)}
	return append(rows, m.reader.render(m.th, in.w, max(in.h-2, 0))...)
}

func (m *Model) confirmRows(w int) []string {
	var out []string
	for _, row := range wrapText(m.question.text, w) {
		out = append(out, m.th.render(say(styleStrong, row), w, false))
	}
	for _, row := range wrapText(m.question.detail, w) {
		out = append(out, m.th.render(say(styleText, row), w, false))
	}
	yes, no := m.keys.key("confirm.yes"), m.keys.key("confirm.no")
	out = append(out, m.th.render(nil, w, false),
		m.th.render(line{{styleKey, yes}, {styleText, " yes   "}, {styleKey, no}, {styleText, " no"}}, w, false))
	return out
}
