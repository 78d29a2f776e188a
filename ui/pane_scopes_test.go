package ui

import (
	"testing"

	"streamscope/logsink"
)

// twoScopes is a screen with three lines of client and two of coordinator, and
// the second one selected.
func twoScopes(t *testing.T) *harness {
	x := newHarness(t, 120, 36)
	x.open()
	for range 2 {
		x.log(logsink.Info, "client", "a line of the client")
		x.log(logsink.Info, "coordinator", "a line of the coordinator")
	}
	x.Press("alt+6")
	for x.m.scopes.sel != "coordinator" {
		before := x.m.scopes.sel
		x.Press("j")
		if x.m.scopes.sel == before {
			t.Fatalf("the list of scopes ends at %q", before)
		}
	}
	return x
}

func TestMuteAndSoloAreToldApart(t *testing.T) {
	tests := []struct {
		name string
		keys []string
		want []string
		not  []string
	}{
		{"the lines of a muted scope", []string{"m"}, []string{"3 shown · 2 hidden by mute", "muted"}, []string{"hidden by solo"}},
		{"the lines of the others", []string{"s"}, []string{"2 shown · 3 hidden by solo", "SOLO"}, []string{"hidden by mute"}},
		{"to show a muted scope alone shows it", []string{"m", "s"}, []string{"2 shown · 3 hidden by solo", "SOLO"}, []string{"hidden by mute"}},
		{"to mute a scope that is alone ends that", []string{"s", "m"}, []string{"3 shown · 2 hidden by mute", "muted"}, []string{"SOLO"}},
		{"each by its own cause", []string{"m", "k", "s"}, []string{"3 shown · 2 hidden by mute", "SOLO", "muted"}, nil},
		{"a muted scope has its default again", []string{"m", "backspace"}, []string{"5 shown", "is not muted any more"}, []string{"hidden by"}},
		{"a scope alone has its default again", []string{"s", "backspace"}, []string{"5 shown", "is not shown alone any more"}, []string{"hidden by"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := twoScopes(t)
			x.Press(tt.keys...)
			x.WantScreen(tt.name, tt.want...)
			x.WantNotOnScreen(tt.name, tt.not...)
		})
	}
}

func TestMuteCounts(t *testing.T) {
	scope := func(lines uint64, muted, soloed bool) logsink.ScopeState {
		var s logsink.ScopeState
		s.Kept[0], s.Muted, s.Soloed = lines, muted, soloed
		return s
	}
	tests := []struct {
		name        string
		hidden      int
		scopes      []logsink.ScopeState
		muted, solo int
	}{
		{"nothing is hidden", 0, []logsink.ScopeState{scope(4, false, false)}, 0, 0},
		{"all of it is muted", 4, []logsink.ScopeState{scope(4, true, false)}, 4, 0},
		{"all of it is not the one alone", 6, []logsink.ScopeState{scope(6, false, false), scope(2, false, true)}, 0, 6},
		{"some of each", 10, []logsink.ScopeState{scope(4, true, false), scope(6, false, false), scope(2, false, true)}, 4, 6},
		{"lines of other sessions are not counted", 3, []logsink.ScopeState{scope(4, true, false), scope(2, false, true)}, 3, 0},
	}
	for _, tt := range tests {
		muted, solo := muteCounts(logsink.Counts{ByMute: tt.hidden}, tt.scopes)
		if muted != tt.muted || solo != tt.solo {
			t.Errorf("%s: %d by mute and %d by solo, want %d and %d", tt.name, muted, solo, tt.muted, tt.solo)
		}
	}
}

func TestLevelsRevealThePast(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.log(logsink.Debug, "coordinator", "a decision of the past")
	x.log(logsink.Trace, "coordinator", "a frame of the past")
	x.WantScreen("what is hidden is counted", "0 shown", "2 hidden by levels")
	x.Press("alt+6", "down", "1")
	x.WantScreen("lowering a level shows what was kept", "a decision of the past", "1 hidden by levels", "DEBUG")
	x.Press("0")
	x.WantScreen("trace shows everything", "a frame of the past", "2 shown")
	x.Press("backspace")
	x.WantScreen("reset hides it again", "2 hidden by levels")
	x.Press("0", "m")
	x.WantScreen("mute hides by mute", "2 hidden by mute", "muted")
	x.Press("m", "s")
	x.WantScreen("solo is written", "SOLO")
	x.Press("=")
	x.WantScreen("all defaults are restored", "2 hidden by levels")
}

func TestScopeThatWasNeverSeenIsMarked(t *testing.T) {
	levels := logsink.NewLevels(logsink.Info)
	levels.Set("event-dispatcher", logsink.Debug)
	x := newHarness(t, 120, 36, func(o *Options) { o.Levels = levels })
	x.log(logsink.Info, "Dispatcher", "dispatching")
	x.Press("alt+6")
	x.WantScreen("a wrong name is marked", "event-di", "never")
}
