package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// footerHints are the keys that the footer names for what is on the screen.
func (m *Model) footerHints() []hint {
	l := m.list()
	switch {
	case m.mode != modeNormal:
		return m.overlayHints()
	case l != nil && l.anchor != 0:
		return m.keys.hints([]string{"copy", "save", "report", "visual", "help", "palette"}, m.focus)
	case m.o.Compare != nil:
		return m.compareHints()
	case m.onlyLogs: // there is nothing to connect, and nothing that plays
		return m.keys.hints([]string{
			"level.trace", "search", "filter", "follow", "error.next", "open", "mark", "wrap", "delta", "copy", "save", "help", "palette",
		}, m.focus)
	}
	ids := footerIDs(m.focus, m.replay != nil)
	if m.o.Controller != nil && m.focus != paneCalls && len(answerable(m.current())) > 0 {
		ids = append([]string{"accept", "decline"}, ids...) // it does not ring for long
	}
	return m.keys.hints(ids, m.focus)
}

// width is how many cells the hint takes, with the space behind it.
func (h hint) width() int { return width(h.key) + width(h.word) + 3 }

// fitHints are as many hints as fit, and always the last two: help and commands.
func fitHints(hints []hint, w int) []hint {
	tail := min(2, len(hints))
	free := w - 1
	for _, h := range hints[len(hints)-tail:] {
		free -= h.width()
	}
	var out []hint
	for i, h := range hints {
		if i < len(hints)-tail {
			if h.width() > free {
				free = 0
				continue
			}
			free -= h.width()
		}
		out = append(out, h)
	}
	return out
}

func hintLine(hints []hint) line {
	l := line{{styleText, " "}}
	for _, h := range hints {
		l = l.add(styleKey, h.key).add(styleMuted, " "+h.word+"  ")
	}
	return l
}

// clickFooter does what the hint under the pointer says; news that stands there
// goes.
func (m *Model) clickFooter(x int) tea.Cmd {
	switch {
	case m.prompting():
		return nil
	case m.toast.text != "" && m.mode != modeConfirm:
		m.toast = toast{}
		return nil
	}
	at := 1
	for _, h := range fitHints(m.footerHints(), m.w) {
		if x >= at && x < at+h.width()-2 {
			key, _, _ := strings.Cut(h.key, " ")
			if a, ok := m.keys.find(key, m.place()); ok {
				return tea.Batch(a.run(m), m.tried(a.id))
			}
			return nil
		}
		at += h.width()
	}
	return nil
}
