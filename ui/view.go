package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"streamscope/timeline"
)

// View implements [tea.Model]. The frame is drawn once for each change.
func (m *Model) View() tea.View {
	m.redraw()
	if m.frame == "" {
		m.frame = strings.Join(m.rows, "\n")
	}
	v := tea.NewView(m.frame)
	v.AltScreen = true
	v.Cursor = m.cursor
	v.WindowTitle = m.windowTitle()
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// redraw draws the frame if it is out of date.
func (m *Model) redraw() {
	if m.dirty {
		m.cursor, m.frame = nil, ""
		m.rows = m.drawFrame()
		m.dirty = false
	}
}

// picture is the frame for the painter.
func (m *Model) picture() picture {
	m.redraw()
	return picture{rows: m.rows, w: m.w, h: m.h, cursor: m.cursor, title: m.windowTitle(), mouse: m.mouse}
}

func (m *Model) windowTitle() string {
	if m.session == "" {
		return "streamscope"
	}
	return "streamscope " + clean(m.session) + ": " + string(m.current().Conn)
}

// drawFrame returns the screen, line by line, every line exactly as wide as the
// terminal.
func (m *Model) drawFrame() []string {
	if m.w <= 0 || m.h <= 0 {
		return nil
	}
	if m.screen.tooSmall {
		return m.drawTooSmall()
	}
	boxes := make([][]string, len(m.screen.places))
	for i, pl := range m.screen.places {
		boxes[i] = m.th.draw(m.drawPane(pl))
	}
	rows := compose(m.screen, m.drawHeader(), m.drawSwitcher(), m.drawFooter(), m.screen.places, boxes)
	if m.overlaid() {
		m.drawOverlay(rows)
	}
	return rows
}

func (m *Model) drawTooSmall() []string {
	rows := make([]string, m.h)
	for i := range rows {
		rows[i] = spaces(m.w)
	}
	text := "streamscope needs " + strconv.Itoa(minWidth) + "x" + strconv.Itoa(minHeight) +
		"; this is " + strconv.Itoa(m.w) + "x" + strconv.Itoa(m.h)
	rows[m.h/2] = m.th.render(say(styleWarn, text), m.w, false)
	return rows
}

// drawHeader is the first line: what, who, and how it is.
func (m *Model) drawHeader() string {
	left := line{{styleFocus, " streamscope "}}
	left = left.add(styleMuted, " "+firstNonEmpty(m.o.Title, "session"))
	s := m.current()
	if len(m.state.Sessions) > 1 {
		left = left.add(styleMuted, " · ")
		for i, other := range m.state.Sessions {
			if i > 0 {
				left = left.add(styleMuted, " ")
			}
			if other.Name == m.session {
				left = left.add(styleStrong, "["+other.Name+"]")
			} else {
				left = left.add(styleMuted, other.Name+" "+m.th.glyphs.look(other).glyph)
			}
		}
	}
	right := m.headerState(s)
	room := m.w - right.width()
	if m.session != "" {
		left = append(left, m.who(s, room-left.width())...)
	}
	return m.th.render(left, max(room, 0), false) + m.th.render(right, min(right.width(), m.w), false)
}

// who says whose session it is; what has no room is left out whole.
func (m *Model) who(s timeline.Session, room int) line {
	var l line
	add := func(more line) {
		if l.width()+more.width() <= room {
			l = append(l, more...)
		}
	}
	if len(m.state.Sessions) == 1 {
		add(line{{styleMuted, " · "}, {styleStrong, firstNonEmpty(s.Opened.User.ID, s.Name)}})
	}
	if s.Policy == timeline.PolicySteady {
		add(line{{styleMuted, " · "}, {styleAccent, "policy steady"}})
	}
	if t := s.Opened.User.Type; t != "" {
		add(line{{styleMuted, " (" + string(t) + ")"}})
	}
	if s.Opened.APIKey != "" {
		add(line{{styleMuted, " · key "}, {styleText, s.Opened.APIKey}})
	}
	return l
}

func (m *Model) headerState(s timeline.Session) line {
	l := line{{styleText, " "}}
	if m.o.Recording != "" {
		l = l.add(styleBadStrong, "REC ").add(styleMuted, " ")
	}
	if n := len(m.state.ActiveFaults(m.now)); n > 0 {
		l = l.add(styleWarnStrong, m.th.glyphs.mark+" "+plural(n, "fault")+" armed").add(styleText, "  ")
	}
	if m.state.Dropped > 0 {
		l = l.add(styleWarn, count(m.state.Dropped)+" events lost  ")
	}
	if m.session == "" {
		return l
	}
	look := m.th.glyphs.look(s)
	l = l.add(look.style, look.glyph+" "+look.word)
	if !s.Since.IsZero() && s.Closed == "" {
		l = l.add(styleText, " "+upClock(s.TimeInState(m.now)))
	}
	if word, sty := health(s, m.now); word != "" {
		l = l.add(styleMuted, " · ").add(sty, word)
	}
	return l.add(styleText, " ")
}

// drawSwitcher names the panes where only one is shown.
func (m *Model) drawSwitcher() string {
	l := line{{styleText, " "}}
	for p := range paneCount {
		sty := styleMuted
		if p == m.focus {
			sty = styleFocus
		}
		l = l.add(sty, p.String()).add(styleText, "   ")
	}
	if m.zoom {
		l = l.add(styleMuted, "("+m.keys.key("zoom")+" gives the others back)")
	}
	return m.th.render(l, m.w, false)
}

// drawFooter is the last line: what is being typed, what has just happened, or
// the keys in force.
func (m *Model) drawFooter() string {
	switch {
	case m.mode == modeSearch || m.mode == modeNote:
		return m.drawPrompt()
	case m.toast.text != "":
		return m.th.render(line{{styleText, " "}, {m.toast.style, m.toast.text}}, m.w, false)
	}
	hints := m.keys.hints(m.focus)
	if m.mode != modeNormal {
		hints = m.overlayHints()
	}
	return m.th.render(fitHints(hints, m.w), m.w, false)
}

// fitHints writes as many hints as fit, and always the last two: help and
// commands.
func fitHints(hints []hint, w int) line {
	size := func(h hint) int { return width(h.key) + width(h.word) + 3 }
	tail := min(2, len(hints))
	free := w - 1
	for _, h := range hints[len(hints)-tail:] {
		free -= size(h)
	}
	l := line{{styleText, " "}}
	for i, h := range hints {
		if i < len(hints)-tail {
			if size(h) > free {
				free = 0
				continue
			}
			free -= size(h)
		}
		l = l.add(styleKey, h.key).add(styleMuted, " "+h.word+"  ")
	}
	return l
}

func (m *Model) overlayHints() []hint {
	k := m.keys.key
	switch m.mode {
	case modeConfirm:
		return []hint{{k("confirm.yes"), "yes"}, {k("confirm.no"), "no"}}
	case modeFilters:
		return []hint{{"enter", "add or switch"}, {"delete", "remove"}, {"esc", "close"}}
	case modeHelp, modePalette, modeMenu:
		return []hint{{"enter", "run"}, {"up/down", "choose"}, {"esc", "close"}}
	case modeBench:
		if m.bench.typing != benchNothing {
			return []hint{{"enter", "judge"}, {"esc", "cancel"}}
		}
		return []hint{{k("bench.paste"), "another token"}, {k("bench.secret"), "check signature"}, {k("bench.reveal"), "reveal"},
			{k("copy"), "copy"}, {k("save"), "save"}, {k("back"), "close"}}
	}
	hints := []hint{{k("copy"), "copy"}, {k("save"), "save"}, {k("down") + " " + k("up"), "scroll"}, {k("back"), "close"}}
	if m.reader != nil && len(m.reader.views) > 1 {
		hints = append([]hint{{k("reader.next"), "next view"}}, hints...)
	}
	return hints
}

func (m *Model) drawPrompt() string {
	label := "search "
	if m.mode == modeNote {
		label = "note "
	}
	value, column := m.prompt.show(max(m.w-width(label)-4, 1))
	l := line{{styleText, " "}, {styleKey, label}, {styleText, value}}
	if value == "" {
		l = l.add(styleMuted, m.prompt.in.Placeholder)
	}
	m.cursor = tea.NewCursor(1+width(label)+column, m.screen.footer.y)
	if m.mode == modeSearch && value != "" {
		n := m.timeline.matches
		if m.onLogs() {
			n = m.logs.view.Counts().Matches
		}
		l = l.add(styleMuted, "   "+matchCount(n))
	}
	return m.th.render(l, m.w, false)
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
		w, h = min(m.w-4, 64), 7
	case m.mode == modeHelp || m.mode == modePalette:
		w = min(m.w-4, 100)
	case m.picker != nil:
		w = min(m.w-4, 96)
		h = min(m.h-4, max(len(m.picker.items)+12, 14))
	case m.reader != nil && !m.reader.live:
		h = min(h, max(m.reader.want(w-4)+2, 12))
	}
	h = max(h, 5)
	return rect{(m.w - w) / 2, max((m.h-h)/2, 1), w, min(h, m.h-2)}
}

// drawOverlay lays the overlay over the rows of the frame.
func (m *Model) drawOverlay(rows []string) {
	r := m.overlayRect()
	bx := box{place: place{pane: -1, rect: r, contentPadding: 1}, focused: true}
	in := bx.place.inner()
	title := ""
	switch {
	case m.mode == modeConfirm:
		title = "Sure?"
		bx.rows = m.confirmRows(in.w)
	case m.picker != nil:
		title = m.picker.title
		var cursor int
		bx.rows, cursor = m.picker.render(m.th, in.w, in.h)
		m.cursor = tea.NewCursor(in.x+cursor, in.y)
		if m.picker.hint != "" {
			bx.badge = say(styleWarn, m.picker.hint)
		}
	default:
		title = m.reader.title
		bx.rows = m.readerRows(in)
		bx.badge = m.reader.titleLine()
		bx.status = scrollStatus(m.reader)
	}
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

func scrollStatus(r *reader) line {
	if len(r.lines) <= r.height {
		return nil
	}
	return say(styleMuted, strconv.Itoa(min(r.top+r.height, len(r.lines)))+"/"+strconv.Itoa(len(r.lines)))
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
