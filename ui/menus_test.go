package ui

import (
	"testing"
	"time"

	"streamscope/timeline"
)

func TestFaultMenuShowsWhatIsArmedAndHowItWent(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	fault := timeline.Fault{ID: "1", Kind: "drop", Title: "Drop the line"}
	x.event(0, timeline.FaultArmed{Fault: fault}, timeline.FaultHit{ID: "1", Fault: "drop"})
	x.WantScreen("the header says that a fault is armed", "drop armed")
	x.Press("x")
	x.WantScreen("the menu says since when and how often", "Drop the line", "hit 1 time")
	x.Press("up", "enter")
	x.wantAsked("enter takes back the one that is armed", "clear sara 1")
	x.event(0, timeline.FaultCleared{ID: "1", Hits: 1},
		timeline.FaultScored{ID: "1", Fault: "drop", Score: "seen", After: 800 * time.Millisecond, Detail: "reconnected"})
	x.Press("x")
	x.WantScreen("afterwards it says how it went", "the expected reaction was seen after 800 ms")
	x.Press("enter")
	x.wantAsked("enter still arms the first fault", "clear sara 1", "arm sara drop")
	x.Press("x")
	x.Type("close:code=4001,after=10s,p=0.5")
	x.Press("enter")
	x.wantAsked("one with parameters of its own is typed", "clear sara 1", "arm sara drop", "arm sara close:code=4001,after=10s,p=0.5")
}

func TestAnArmedFaultSaysWhatItWaitsFor(t *testing.T) {
	keys, err := newKeymap(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{keys: keys}
	for name, c := range map[string]struct {
		fault timeline.Fault
		want  string
	}{
		"it acts at once":     {timeline.Fault{Title: "Drop"}, "armed: Drop"},
		"at the next connect": {timeline.Fault{Title: "No name", Strikes: timeline.StrikesConnect}, "armed: No name · strikes at the next connect: press r"},
		"at the next request": {timeline.Fault{Title: "Reset", Strikes: timeline.StrikesRequest}, "armed: Reset · strikes at the next request"},
		"with the next token": {timeline.Fault{Title: "Stale", Strikes: timeline.StrikesToken}, "armed: Stale · strikes when a token is asked for: press R"},
		"and for a time only": {timeline.Fault{Title: "No name", Spec: "dns-fails:for=20s", Strikes: timeline.StrikesConnect},
			"armed: No name · strikes at the next connect: press r (its time runs from there)"},
	} {
		if got := m.armedWords(c.fault); got != c.want {
			t.Errorf("%s: want %q, got %q", name, c.want, got)
		}
	}
}
