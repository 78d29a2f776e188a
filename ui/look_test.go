package ui

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

func TestLookChangesWhileTheScreenIsOpen(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	x.Send(lookMsg{look: Look{Theme: "light", Mouse: true, Keys: map[string][]string{"connect": {"C"}}}})
	if x.m.th.name != "light" {
		t.Errorf("the theme holds at once: %s", x.m.th.name)
	}
	x.WantScreen("the footer shows the new key", "C connect")
	x.Press("C")
	x.wantAsked("and it works", "connect sara")
	x.WantExact()
}

// A file that changes in one place takes nothing back that was switched by hand.
func TestLookLeavesAloneWhatItDoesNotChange(t *testing.T) {
	x := newHarness(t, 80, 24)
	x.Press("f2")
	x.Send(doing(func(m *Model) tea.Cmd { return m.nextTheme() }))
	by := x.m.o.Theme
	x.Send(lookMsg{look: Look{Theme: "dark", Mouse: true, Sound: true}})
	if x.m.mouse || x.m.o.Theme != by || !x.m.sound {
		t.Errorf("mouse and theme stay as the user has them, the sound changes: mouse %v, theme %s, sound %v", x.m.mouse, x.m.o.Theme, x.m.sound)
	}
}

func TestLookWithAThemeFileThatIsWrongKeepsTheColours(t *testing.T) {
	x := newHarness(t, 80, 24)
	before := x.m.th.normal
	x.Send(lookMsg{look: Look{Theme: "dark", Mouse: true}, err: errors.New("theme.yaml:1: wrong\nmore")})
	x.WantScreen("the first line of what is wrong", "theme.yaml:1: wrong")
	if x.m.th.normal != before {
		t.Error("the colours are as they were")
	}
}

func TestLooksAreHandedOn(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		looks := make(chan Look)
		var got []tea.Msg
		done := make(chan struct{})
		go func() {
			defer close(done)
			watchLook(ctx, Look{}, looks, func(msg tea.Msg) { got = append(got, msg) })
		}()
		looks <- Look{Theme: "light"}
		looks <- Look{ThemeFile: missing}
		close(looks)
		time.Sleep(3 * themeFilePause)
		cancel()
		<-done
		if len(got) != 2 || got[0].(lookMsg).look.Theme != "light" || got[1].(lookMsg).err == nil {
			t.Errorf("each look once, with what is wrong with its file: %+v", got)
		}
	})
}
