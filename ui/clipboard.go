package ui

import (
	"encoding/base64"

	tea "charm.land/bubbletea/v2"
	"github.com/atotto/clipboard"
	"github.com/charmbracelet/x/ansi"
)

// clipboardLimit is how many encoded bytes are sent to the terminal's clipboard
// at most: several terminals drop what is longer, without a word.
const clipboardLimit = 74_994

// screenChunk is what GNU screen passes on in one piece.
const screenChunk = 768

// multiplexer is the program between us and the terminal, which keeps sequences
// that it does not know for itself; empty for none.
type multiplexer string

const (
	muxNone   multiplexer = ""
	muxTmux   multiplexer = "tmux"
	muxScreen multiplexer = "screen"
)

func multiplexerOf(getenv func(string) string) multiplexer {
	switch {
	case getenv("TMUX") != "":
		return muxTmux
	case getenv("STY") != "":
		return muxScreen
	}
	return muxNone
}

// copySequence is what puts text on the terminal's clipboard. tmux is asked
// twice, itself and past it: which of the two it allows is a setting, and a
// terminal that hears both has the same text.
func copySequence(text string, mux multiplexer) string {
	seq := ansi.SetSystemClipboard(text)
	switch mux {
	case muxTmux:
		return seq + ansi.TmuxPassthrough(seq)
	case muxScreen:
		return ansi.ScreenPassthrough(seq, screenChunk)
	}
	return seq
}

// copyOut puts text on the clipboards that there are, and says on which.
func (m *Model) copyOut(text string) tea.Cmd {
	size := sizeText(len(text))
	fits := base64.StdEncoding.EncodedLen(len(text)) <= clipboardLimit
	if !fits && m.clipboard == nil {
		m.say(styleWarn, size+" is more than terminals take"+m.keys.offer("; ", "save", " saves it to a file"))
		return nil
	}
	way := ""
	var send tea.Cmd
	if fits {
		way, send = m.terminalWay(), m.term.clipboard(text)
		m.say(styleMuted, "copied "+size+way)
	}
	return tea.Batch(send, m.copyNative(text, size, way))
}

// terminalWay says how the text goes to the terminal's clipboard, and what has
// to be so for it to arrive: terminals do not answer.
func (m *Model) terminalWay() string {
	switch m.mux {
	case muxTmux: // or allow-passthrough
		return " through tmux (OSC 52; needs set-clipboard on)"
	case muxScreen:
		return " through screen (OSC 52)"
	}
	return " through the terminal (OSC 52)"
}

// copyNative puts text on the clipboard of this machine too, for terminals that
// do not take it and texts that they would drop; not on a machine that is
// reached over SSH, whose clipboard nobody sees. way is how the terminal has it
// already, empty when it has not.
func (m *Model) copyNative(text, size, way string) tea.Cmd {
	write := m.clipboard
	if write == nil {
		return nil
	}
	save := m.keys.key("save")
	return func() tea.Msg {
		switch err := write(text); {
		case err == nil && way == "":
			return answerMsg{what: "copied " + size + " to this machine's clipboard; too much for the terminal's"}
		case err == nil:
			return answerMsg{what: "copied " + size + " to this machine's clipboard and" + way}
		case way == "":
			return answerMsg{what: "copy: " + size + " is more than terminals take; " + save + " saves it to a file", err: err}
		}
		return nil // the terminal has it; that was said
	}
}

// nativeClipboard returns how this machine's clipboard is written; nil where
// there is none.
func nativeClipboard(getenv func(string) string) func(string) error {
	if clipboard.Unsupported || getenv("SSH_TTY") != "" || getenv("SSH_CONNECTION") != "" {
		return nil
	}
	return clipboard.WriteAll
}
