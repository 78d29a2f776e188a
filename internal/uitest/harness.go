package uitest

import (
	"reflect"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// maxMessages is how many messages may come of one; more is a loop.
const maxMessages = 1000

// Harness drives one model.
type Harness struct {
	t     testing.TB
	model tea.Model
	w, h  int
	// Seen are the messages that no model gets to see because the program
	// carries them out: clipboard, quit, clear screen.
	Seen []tea.Msg
	// ran counts the messages that came of the one sent.
	ran int
}

// New returns a harness around a model of that size.
func New(t testing.TB, model tea.Model, w, h int) *Harness {
	t.Helper()
	x := &Harness{t: t, model: model, w: w, h: h}
	x.Resize(w, h)
	return x
}

// Resize tells the model the size of its terminal.
func (x *Harness) Resize(w, h int) {
	x.t.Helper()
	x.w, x.h = w, h
	x.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Send gives the model a message, and every message that comes of it.
func (x *Harness) Send(msg tea.Msg) {
	x.t.Helper()
	x.ran = 0
	x.deliver(msg)
}

func (x *Harness) deliver(msg tea.Msg) {
	x.t.Helper()
	if x.ran++; x.ran > maxMessages {
		x.t.Fatalf("more than %d messages came of one; the last is %T", maxMessages, msg)
	}
	var cmd tea.Cmd
	x.model, cmd = x.model.Update(msg)
	x.model.View() // as the program does after each message
	x.run(cmd)
}

// run carries a command out as the program would.
func (x *Harness) run(cmd tea.Cmd) {
	x.t.Helper()
	if cmd == nil {
		return
	}
	msg := cmd()
	if msg == nil {
		return
	}
	// A batch is a slice of commands, whatever its type is called.
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
		for i := range v.Len() {
			x.run(v.Index(i).Interface().(tea.Cmd))
		}
		return
	}
	if strings.HasPrefix(reflect.TypeOf(msg).String(), "tea.") {
		x.Seen = append(x.Seen, msg)
		return
	}
	x.deliver(msg)
}

// Press presses keys, each written as in the key table: "tab", "ctrl+p", "x".
func (x *Harness) Press(keys ...string) {
	x.t.Helper()
	for _, k := range keys {
		x.Send(Key(k))
	}
}

// Type presses the keys of a text, one after the other.
func (x *Harness) Type(text string) {
	x.t.Helper()
	for _, r := range text {
		x.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// View returns what the model draws.
func (x *Harness) View() tea.View { return x.model.View() }

// Lines returns the screen as plain text, one string for each line.
func (x *Harness) Lines() []string {
	x.t.Helper()
	return Lines(x.View().Content)
}

// Text returns the screen as plain text.
func (x *Harness) Text() string {
	x.t.Helper()
	return strings.Join(x.Lines(), "\n")
}

// WantScreen fails unless the screen shows every one of the texts. The first
// argument says in English what is expected.
func (x *Harness) WantScreen(expectation string, texts ...string) {
	x.t.Helper()
	screen := x.Text()
	for _, want := range texts {
		if !strings.Contains(screen, want) {
			x.t.Errorf("%s: %q is not on the screen:\n%s", expectation, want, screen)
		}
	}
}

// WantNotOnScreen fails if the screen shows any of the texts.
func (x *Harness) WantNotOnScreen(expectation string, texts ...string) {
	x.t.Helper()
	screen := x.Text()
	for _, unwanted := range texts {
		if strings.Contains(screen, unwanted) {
			x.t.Errorf("%s: %q is on the screen:\n%s", expectation, unwanted, screen)
		}
	}
}

// WantExact fails unless the screen has exactly as many lines as the terminal,
// each exactly as wide.
func (x *Harness) WantExact() {
	x.t.Helper()
	if problem := Misfit(x.View().Content, x.w, x.h); problem != "" {
		x.t.Errorf("at %dx%d %s:\n%s", x.w, x.h, problem, x.Text())
	}
}
