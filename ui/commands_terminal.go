package ui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// terminalCommands are what the screen asks of the terminal besides frames.
// Bubble Tea carries them out, or the painter when there is one.
type terminalCommands struct {
	clipboard  func(text string) tea.Cmd
	bell       tea.Cmd
	background tea.Cmd // asks for the background's colour
	redraw     tea.Cmd
	suspend    tea.Cmd
	resumed    tea.Cmd // after the program came back from the background
}

// bubbleTea has the program's own renderer carry them out.
func (m *Model) bubbleTea() terminalCommands {
	return terminalCommands{
		clipboard:  tea.SetClipboard,
		bell:       tea.Raw("\a"),
		background: tea.RequestBackgroundColor,
		redraw:     tea.ClearScreen,
		suspend:    tea.Suspend,
		resumed:    tea.ClearScreen,
	}
}

// onDemand has the painter carry them out.
func onDemand(p *painter, t *tty, mux multiplexer) terminalCommands {
	write := func(seq string) tea.Cmd {
		return func() tea.Msg {
			p.write(seq)
			return nil
		}
	}
	return terminalCommands{
		clipboard:  func(text string) tea.Cmd { return write(copySequence(text, mux)) },
		bell:       write("\a"),
		background: write(ansi.RequestBackgroundColor),
		redraw: func() tea.Msg {
			p.again()
			return nil
		},
		suspend: tea.Sequence(func() tea.Msg {
			p.hold(true)
			t.leave()
			return nil
		}, tea.Suspend),
		resumed: func() tea.Msg {
			t.enter()
			p.hold(false)
			return t.size()
		},
	}
}
