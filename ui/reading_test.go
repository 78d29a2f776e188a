package ui

import (
	"testing"

	"streamscope/timeline"
)

// TestReadingShowsHowFarItIs opens a recording that is still being read.
func TestReadingShowsHowFarItIs(t *testing.T) {
	share, more := 0.0, true
	x := newHarness(t, 120, 36, func(o *Options) {
		o.Replay, o.Controller, o.Title = true, nil, "replay run.ndjson"
		o.Reading = func() (float64, bool) { return share, more }
	})
	t.Cleanup(x.m.close)
	share = 0.25
	x.failAtDNS()
	x.WantScreen("what has been read is there, and how much that is", "host name not found", "reading 25%", "██░░")
	share = 0.5
	x.advance(readingTick)
	x.WantScreen("a tick is enough for the bar to move", "reading 50%")
	more = false
	x.advance(readingTick)
	x.WantNotOnScreen("at the end it gives way to the scrub bar", "reading")
	x.WantExact()
	if x.m.counting() {
		t.Error("nothing is asked any more when all has been read")
	}
}

// TestJumps goes through a recording by what there is to see in it.
func TestJumps(t *testing.T) {
	x := recording(t, 120, 36)
	x.event(2, timeline.Mark{Text: "look here"})
	x.event(2, timeline.Close{Dir: timeline.In, Code: 1000})
	x.healthChecks(2, 2)
	row := func() string {
		e, _, _ := x.m.timeline.selected()
		return timeline.Describe(e).Text
	}
	at := func(expectation, want string) {
		t.Helper()
		if got := row(); got != want {
			t.Errorf("%s: the cursor is on %q, not on %q", expectation, got, want)
		}
	}
	states := []string{}
	x.Press("g", "s")
	for last := ""; row() != last; x.Press("s") {
		last = row()
		states = append(states, last)
	}
	if len(states) < 4 || states[len(states)-1] != "connected" {
		t.Errorf("s goes from one change of the state to the next, got %q", states)
	}
	x.WantScreen("there is an end to it", "no change of state further down")
	x.Press("S")
	at("S goes back", states[len(states)-2])
	x.Press("g", "'")
	at("a note in the record is a mark", "mark look here")
	x.Press("g", "K")
	at("K goes to what gave the trap away", "close 1000")
	x.WantScreen("and says which it is", "K1 showed itself here")
	x.Press("K")
	x.WantScreen("there is no other", "no trap showed itself further down")
	x.Press("G", "ctrl+k")
	at("ctrl+k goes back to it", "close 1000")
}
