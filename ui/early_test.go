package ui

import (
	"errors"
	"testing"

	tea "charm.land/bubbletea/v2"

	"streamscope/internal/uitest"
)

// pressAtOnce gives the screen keys of one read: what comes of the first is
// carried out after the last.
func (x *harness) pressAtOnce(keys ...string) {
	x.t.Helper()
	var cmds []tea.Cmd
	for _, k := range keys {
		_, cmd := x.m.Update(uitest.Key(k))
		cmds = append(cmds, cmd)
	}
	for _, cmd := range cmds {
		x.carryOut(cmd)
	}
}

func (x *harness) carryOut(cmd tea.Cmd) {
	x.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			x.carryOut(c)
		}
	default:
		x.Send(msg)
	}
}

func TestKeysOfOneReadReachTheMenuThatTheFirstOpens(t *testing.T) {
	tests := []struct {
		name string
		keys []string
		want []string
	}{
		{"a fault is armed", []string{"x", "enter"}, []string{"arm sara drop"}},
		{"the second fault is armed", []string{"x", "down", "enter"}, []string{"arm sara close"}},
		{"a peer rings", []string{"i", "enter"}, []string{"ringme sara jack"}},
		{"a menu that is left again does nothing", []string{"x", "esc"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newHarness(t, 120, 36)
			x.open()
			x.connect(1)
			x.pressAtOnce(tt.keys...)
			x.wantAsked(tt.name, tt.want...)
			x.wantMode("the menu is closed by its own key", modeNormal)
		})
	}
}

func TestKeysForAMenuThatDoesNotComeDoNothing(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	ask := x.m.askMenu("faults", func(Controller, string) (func(*Model) tea.Cmd, error) {
		return nil, errors.New("no menu today")
	})
	x.Press("b")
	x.carryOut(ask)
	x.wantAsked("a key that was meant for a menu means nothing else")
	x.WantScreen("what went wrong is said", "no menu today")
	x.Press("b")
	x.wantAsked("the next key means what it says", "busy sara on")
}

func TestQuittingDoesNotWaitForAMenu(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.m.opening = true
	x.Press("ctrl+c")
	if len(x.Seen) == 0 {
		t.Error("ctrl+c while a menu is on its way does not quit")
	}
}

func TestABoxSaysItsKeysAtOnce(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.Press("b")
	x.WantScreen("the news is in the footer", "reject when busy is ON")
	x.Press("d")
	x.wantMode("the question is asked", modeConfirm)
	x.WantNotOnScreen("old news does not stand in place of the keys of a question", "reject when busy is ON")
}

func TestNewsThatComesLateLeavesTheKeysOfAQuestion(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.pressAtOnce("b", "d")
	x.wantMode("the question is asked", modeConfirm)
	x.WantNotOnScreen("news does not stand in place of the keys of a question", "reject when busy is ON")
}
