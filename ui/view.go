package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

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
	if p := m.progress(); p.state != tea.ProgressBarNone {
		v.ProgressBar = tea.NewProgressBar(p.state, p.value)
	}
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
	return picture{rows: m.rows, w: m.w, h: m.h, cursor: m.cursor, title: m.windowTitle(), mouse: m.mouse, progress: m.progress()}
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
		boxes[i] = m.th.drawTitled(m.drawPane(pl), m.titleOf(pl))
	}
	bar := ""
	if m.screen.bar.h > 0 {
		bar = m.drawBar()
	}
	rows := compose(m.screen, m.drawHeader(), bar, m.drawSwitcher(), m.drawFooter(), m.screen.places, boxes)
	if m.screen.tour.h > 0 {
		rows[m.screen.tour.y] = m.drawTour()
	}
	if m.overlaid() {
		m.drawOverlay(rows)
	}
	m.drawSelection(rows)
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
	if m.w >= compactWidth || m.session == "" {
		left = left.add(styleMuted, " "+firstNonEmpty(m.o.Title, "session"))
	}
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

// armedNames name the faults that are armed, or count them where there is no room.
func (m *Model) armedNames(armed []timeline.ArmedFault) string {
	if m.w < compactWidth {
		return m.th.glyphs.mark + strconv.Itoa(len(armed))
	}
	names := make([]string, len(armed))
	for i, f := range armed {
		names[i] = f.Kind
	}
	text := strings.Join(names, ", ")
	if len(text) > m.w/5 {
		text = plural(len(armed), "fault")
	}
	return m.th.glyphs.mark + " " + text + " armed"
}

func (m *Model) headerState(s timeline.Session) line {
	l := line{{styleText, " "}}
	if m.reading && m.onlyLogs {
		l = l.add(styleMuted, "reading "+m.readShare()+"  ")
	}
	if m.o.Recording != "" {
		l = l.add(styleBadStrong, "REC ").add(styleMuted, " ")
	}
	if score := m.freshScore(); score != nil {
		l = append(l, scoreSpans(*score, m.w >= compactWidth, &m.th.glyphs)...)
	}
	if armed := m.state.ActiveFaults(m.now); len(armed) > 0 {
		l = l.add(styleWarnStrong, m.armedNames(armed)).add(styleText, "  ")
	}
	if m.state.Dropped > 0 {
		l = l.add(styleWarn, count(m.state.Dropped)+" events lost  ")
	}
	if m.session == "" {
		return l
	}
	if rings := answerable(s); len(rings) > 0 {
		if _, ok := m.screen.find(paneCalls); !ok {
			l = l.add(styleWarnStrong, "RINGING"+either(m.w >= compactWidth, " from "+cut(rings[0].Creator, 12, m.th.glyphs.ellipsis), "")).add(styleText, "  ")
		}
	}
	look := m.th.glyphs.look(s)
	l = l.add(look.style, look.glyph+" "+look.word)
	if !s.Since.IsZero() && s.Closed == "" {
		l = l.add(styleText, " "+upClock(s.TimeInState(m.now)))
	}
	if word, sty := health(s, m.now); word != "" {
		// The blank is one of the row's own style: a blank of another style at
		// the end of what is written again would cost its colour each second.
		l = l.add(styleText, " ").add(styleMuted, "· ").add(sty, word)
	}
	return l.add(styleText, " ")
}

// drawSwitcher names the panes where only one is shown.
func (m *Model) drawSwitcher() string {
	l := line{{styleText, " "}}
	for p := range either(m.o.Compare == nil, paneCount, paneTimeline+1) {
		sty := styleMuted
		if p == m.focus {
			sty = styleFocus
		}
		l = l.add(sty, p.String()).add(styleText, "   ")
	}
	if m.zoom {
		l = l.add(styleMuted, "("+m.keys.key("zoom")+" shows all)")
	}
	return m.th.render(l, m.w, false)
}

// drawFooter is the last line: what is being typed, what has just happened, or
// the keys in force.
func (m *Model) drawFooter() string {
	switch {
	case m.prompting():
		return m.drawPrompt()
	case m.toast.text != "" && m.mode != modeConfirm:
		return m.th.render(line{{styleText, " "}, {m.toast.style, m.toast.text}}, m.w, false)
	}
	return m.th.render(hintLine(fitHints(m.footerHints(), m.w)), m.w, false)
}

func (m *Model) drawPrompt() string {
	label := map[mode]string{modeSearch: "search ", modeNote: "note ", modeJQ: "jq ", modeSend: "send "}[m.mode]
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
