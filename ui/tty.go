package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
)

// tty is the terminal: its mode and its size.
type tty struct {
	in, out *os.File
	// keys is in, as the program reads it.
	keys io.Reader
	// own says that in was opened here, and is closed with the terminal.
	own bool
	// atEnd is what the terminal is told when it is given back, besides the usual.
	atEnd string

	mu    sync.Mutex // guards state
	state *term.State
}

// openTTY returns the terminal that the program runs in; false when it runs in
// none, or in one that must be left to Bubble Tea. Whoever gets it closes it.
func openTTY(o Options) (*tty, bool) {
	if !canWatchSize || o.Output != nil || o.FPS > 0 || !term.IsTerminal(os.Stdout.Fd()) {
		return nil, false
	}
	t := &tty{in: os.Stdin, out: os.Stdout}
	if o.Input != nil {
		given, ok := o.Input.(*os.File)
		if !ok {
			return nil, false
		}
		t.in = given
	}
	if !term.IsTerminal(t.in.Fd()) {
		// Standard input is a pipe, with a log in it: the keys come from the
		// terminal itself.
		if o.Input != nil {
			return nil, false
		}
		in, err := os.OpenFile(ttyPath, os.O_RDWR, 0)
		if err != nil {
			return nil, false
		}
		t.in, t.own = in, true
	}
	t.keys = readKeys(t.in)
	return t, true
}

// close lets go of what was opened here.
func (t *tty) close() {
	if t.own {
		t.in.Close()
	}
}

// enter takes the terminal: raw mode, the alternate screen, no cursor.
func (t *tty) enter() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state != nil {
		return nil
	}
	state, err := term.MakeRaw(t.in.Fd())
	if err != nil {
		return fmt.Errorf("raw mode: %w", err)
	}
	t.state = state
	_, err = t.out.WriteString(enterScreen)
	return err
}

// leave gives the terminal back as it was. It may be called more than once.
func (t *tty) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state == nil {
		return
	}
	_, _ = t.out.WriteString(t.atEnd + leaveScreen)
	_ = term.Restore(t.in.Fd(), t.state)
	t.state = nil
}

// size returns the terminal's size as the message that tells of it; nil when it
// cannot be known.
func (t *tty) size() tea.Msg {
	w, h, err := term.GetSize(t.out.Fd())
	if err != nil || w <= 0 || h <= 0 {
		return nil
	}
	return tea.WindowSizeMsg{Width: w, Height: h}
}

// watch sends the size whenever it changes, until ctx ends.
func (t *tty) watch(ctx context.Context, send func(tea.Msg)) {
	watchSize(ctx, func() {
		if msg := t.size(); msg != nil {
			send(msg)
		}
	})
}
