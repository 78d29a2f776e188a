package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
)

func withTour(done *int) func(*Options) {
	return func(o *Options) { o.Tour, o.TourDone = true, func() { *done++ } }
}

func TestTourShowsTheNextThingToTry(t *testing.T) {
	done := 0
	x := newHarness(t, 120, 36, withTour(&done))
	x.event(0, opened())
	x.WantScreen("the first thing, and how to end the tour", "try tab goes from pane to pane", "1/7", "ctrl+t ends the tour")
	x.Press("tab")
	x.WantScreen("when it is done the next one comes", "enter opens what is selected", "2/7")
	x.Press("x", "esc")
	x.WantScreen("what was done already is not asked for", "enter opens", "3/7")
	x.Press("enter", "esc")
	x.WantScreen("in whatever order", "A shows every attempt", "4/7")
	if done != 0 {
		t.Error("the tour is not over")
	}
	x.Press("A", "esc", "b", "/", "esc", "?")
	x.WantNotOnScreen("after the last thing the line is gone", "ends the tour")
	if done != 1 {
		t.Errorf("and is not to come back: told %d times", done)
	}
}

func TestOneKeyEndsTheTourForGood(t *testing.T) {
	done := 0
	x := newHarness(t, 80, 24, withTour(&done))
	x.Press("ctrl+t")
	x.WantNotOnScreen("the line is gone", "ends the tour")
	x.WantScreen("and it is said how to have it again", "no tour from now on; ctrl+t begins it again")
	if done != 1 {
		t.Errorf("that is remembered: told %d times", done)
	}
	x.Press("ctrl+t")
	x.WantScreen("it begins again when it is asked for", "1/7")
}

func TestTourCountsWhatIsRunFromTheCommands(t *testing.T) {
	done := 0
	x := newHarness(t, 120, 36, withTour(&done))
	x.event(0, opened())
	x.Press(":")
	x.Type("autopsy")
	x.Press("enter")
	x.Press("esc")
	for _, s := range x.m.tour.steps {
		if strings.Contains(s.text, "{autopsy}") {
			t.Error("an action that was run by its name was tried")
		}
	}
}

func TestTourShowsTheKeysInForce(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) {
		o.Tour, o.Keys = true, map[string][]string{"focus.next": {"f6"}, "open": {}}
	})
	x.WantScreen("a key that was changed", "f6 goes from pane to pane")
	x.Press("f6")
	if x.m.tour.of != 6 {
		t.Errorf("what has no key cannot be tried: %d steps", x.m.tour.of)
	}
}

func TestTourOfARecordingIsAnother(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Tour, o.Controller, o.Replay = true, nil, true })
	x.WantScreen("a recording is played first", "space plays, . and , go row by row")
	for _, s := range x.m.tour.steps {
		if strings.Contains(s.text, "{faults}") {
			t.Error("a recording cannot be broken")
		}
	}
}

func TestTourFitsEverySize(t *testing.T) {
	done := 0
	for _, size := range [][2]int{{60, 16}, {80, 24}, {80, 60}, {120, 30}, {120, 36}, {200, 60}} {
		x := newHarness(t, size[0], size[1], withTour(&done))
		x.event(0, opened())
		for len(x.m.tour.steps) > 1 {
			x.WantExact()
			lines := x.Lines()
			got := lines[len(lines)-2]
			if !strings.Contains(got, x.m.tourText(x.m.tour.steps[0])+" ") || !strings.Contains(got, "ctrl+t ends") {
				t.Errorf("at %v the line above the footer is cut: %q", size, got)
			}
			x.Send(doing(func(m *Model) tea.Cmd { return m.tried(m.tour.steps[0].done[0]) }))
		}
	}
}

func TestTourOfALog(t *testing.T) {
	done := 0
	x := newHarness(t, 80, 24, withTour(&done), func(o *Options) { o.Controller, o.Replay = nil, true })
	x.WantScreen("before anything is there it is about a recording", "try space plays")
	x.log(logsink.Info, "client", "a line")
	x.WantScreen("with a log it is about lines", "try 0 to 4 choose how much is shown", "1/6")
	x.Press("1")
	x.WantScreen("and goes on", "/ searches the list")
}
