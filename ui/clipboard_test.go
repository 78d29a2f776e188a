package ui

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestCopySaysWhereTheTextWent(t *testing.T) {
	small, large := "hello", strings.Repeat("x", 60_000)
	works := func(string) error { return nil }
	fails := func(string) error { return errors.New("no display") }
	tests := []struct {
		name, text string
		mux        multiplexer
		native     func(string) error
		terminal   bool // the terminal gets it
		want       string
	}{
		{"only the terminal", small, muxNone, nil, true, "copied 5 B through the terminal (OSC 52)"},
		{"tmux has to allow it", small, muxTmux, nil, true, "needs set-clipboard on"},
		{"both", small, muxNone, works, true, "to this machine's clipboard and through the terminal (OSC 52)"},
		{"the machine's fails, the terminal's may not", small, muxNone, fails, true, "copied 5 B through the terminal (OSC 52)"},
		{"too large for a terminal", large, muxNone, nil, false, "60.0 kB is more than terminals take; ctrl+s saves it to a file"},
		{"too large for a terminal, not for the machine", large, muxNone, works, false, "to this machine's clipboard; too much for the terminal's"},
		{"too large, and the machine's fails", large, muxNone, fails, false, "ctrl+s saves it to a file: no display"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newHarness(t, 120, 36)
			x.m.mux, x.m.clipboard = tt.mux, tt.native
			x.Send(doing(func(m *Model) tea.Cmd { return m.copyOut(tt.text) }))
			x.WantScreen("it is said what happened", tt.want)
			if sent := len(x.Seen) > 0; sent != tt.terminal {
				t.Errorf("the terminal gets what it can take and nothing else: sent %v", sent)
			}
		})
	}
}

func TestCopyLimitIsInEncodedBytes(t *testing.T) {
	x := newHarness(t, 120, 36)
	fits := strings.Repeat("x", clipboardLimit/4*3)
	if n := base64.StdEncoding.EncodedLen(len(fits)); n > clipboardLimit {
		t.Fatalf("the test is wrong: %d", n)
	}
	x.Send(doing(func(m *Model) tea.Cmd { return m.copyOut(fits) }))
	if len(x.Seen) != 1 {
		t.Error("a text whose encoding just fits is sent")
	}
	x.Send(doing(func(m *Model) tea.Cmd { return m.copyOut(fits + "xxx") }))
	if len(x.Seen) != 1 {
		t.Error("three bytes more are not")
	}
}

func TestCopyGoesPastMultiplexers(t *testing.T) {
	const plain = "\x1b]52;c;aGk=\x07"
	tests := []struct {
		mux  multiplexer
		want string
	}{
		{muxNone, plain},
		{muxTmux, plain + "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"},
		{muxScreen, "\x1bP" + plain + "\x1b\\"},
	}
	for _, tt := range tests {
		if got := copySequence("hi", tt.mux); got != tt.want {
			t.Errorf("through %q: %q, not %q", tt.mux, got, tt.want)
		}
	}
}

func TestNoNativeClipboardOverSSH(t *testing.T) {
	for _, env := range []string{"SSH_TTY=/dev/pts/1", "SSH_CONNECTION=a b c d"} {
		if nativeClipboard(getenvOf([]string{env})) != nil {
			t.Errorf("with %s the machine's clipboard is one that nobody sees", env)
		}
	}
}
