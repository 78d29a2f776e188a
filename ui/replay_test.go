package ui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/internal/uitest"
	"streamscope/timeline"
)

// recording is a screen over the record of a failure that healed.
func recording(t *testing.T, w, h int) *harness {
	t.Helper()
	x := newHarness(t, w, h, func(o *Options) { o.Replay, o.Controller, o.Title = true, nil, "replay run.ndjson" })
	t.Cleanup(x.m.close)
	x.failAtDNS()
	x.now = x.now.Add(4 * time.Second)
	x.connect(2)
	x.healthChecks(2, 2)
	return x
}

func TestCursorScrubsTheRecording(t *testing.T) {
	x := recording(t, 120, 36)
	x.WantScreen("at first it shows the end", "CONNECTED", "paused")
	x.Press("g", "e")
	x.WantScreen("at the failed stage the panes show the failure", "DIALING", "host name not found")
	x.WantNotOnScreen("and nothing of what came later", "attempt 2")
	x.Press("G")
	x.WantScreen("the end is connected again", "CONNECTED", "drops 0")
	x.Press("alt+1", ",", ",")
	x.WantScreen("a step back works from any pane", "CONNECTED 00:00:00", "00:05 / 00:55")
	x.WantExact()
}

func TestRecordingPlays(t *testing.T) {
	x := recording(t, 120, 36)
	x.Press("space")
	x.WantScreen("it plays from the beginning", "playing", "00:00 / 00:5")
	start := time.Now()
	x.Send(playMsg(start))
	x.Send(playMsg(start.Add(2 * time.Second)))
	x.WantScreen("after two seconds it shows the wait", "BACKOFF", "attempt 2 in")
	x.Press(">", ">")
	x.WantScreen("it can be played faster", "5x")
	x.Send(playMsg(start.Add(4 * time.Second)))
	x.WantScreen("then the connection is up", "CONNECTED")
	x.Press("space")
	x.WantScreen("space pauses", "paused")
	x.Press("space")
	x.Send(playMsg(start.Add(time.Hour)))
	x.Send(playMsg(start.Add(2 * time.Hour)))
	x.WantScreen("at the end it stops", "paused")
	uitest.Golden(t, "replay", x.Text())
}

func TestRecordingPlaysByItselfWhenAsked(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Replay, o.Controller, o.Speed = true, nil, 12 })
	t.Cleanup(x.m.close)
	x.failAtDNS()
	x.WantScreen("it plays at the nearest speed there is, from the beginning", "playing 10x", "00:00 /")
}

func TestBarSeeks(t *testing.T) {
	x := recording(t, 120, 36)
	from, w := x.m.barExtent()
	x.Send(click(from, 1))
	if i, _ := x.m.timeline.list.selected(); i != 0 {
		t.Errorf("a click at the left goes to the first row, not to %d", i)
	}
	x.Send(click(from+w-1, 1))
	if i, _ := x.m.timeline.list.selected(); i != x.m.timeline.Len()-1 {
		t.Errorf("a click at the right goes to the last row, not to %d", i)
	}
}

func TestLiveScreenIsNotPlayed(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.Press(">")
	x.WantScreen("speed explains itself", "only a recording can be played")
	x.Press("space")
	x.WantScreen("space pauses following", "PAUSED")
	x.Press("space")
	x.WantScreen("and resumes it", "FOLLOWING")
}

func TestRecordingFitsEverySize(t *testing.T) {
	x := recording(t, 120, 36)
	for w := 20; w <= 220; w += 13 {
		for h := 5; h <= 70; h += 7 {
			x.Resize(w, h)
			x.Press("z")
			x.WantExact()
			x.Press("z")
			x.Send(tea.KeyPressMsg{Code: 'j', Text: "j"})
			if x.WantExact(); t.Failed() {
				return
			}
		}
	}
}

// A recording has a time of its own; what is said about a key is in the user's.
func TestNewsStaysForAWhileInARecording(t *testing.T) {
	x := recording(t, 80, 24)
	ctl := x.ctl
	x.m.o.Saver = ctl
	x.Press("ctrl+s")
	x.WantScreen("a recording can be saved from, though nothing can be controlled", "saved to /tmp/timeline.txt")
	for range 4 {
		x.advance(time.Second)
	}
	x.WantScreen("there is time to read it", "saved to")
	for range 4 {
		x.advance(time.Second)
	}
	x.WantNotOnScreen("and it goes", "saved to")
	x.Send(doing(func(m *Model) tea.Cmd { m.mode, m.o.Saver = modeNormal, nil; return m.saveShown() }))
	x.WantScreen("without anybody to write it is said", "nowhere to save")
}

// TestReorderedRecording opens lines that somebody has put into another order.
func TestReorderedRecording(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Replay, o.Controller = true, nil })
	t.Cleanup(x.m.close)
	for _, at := range []time.Duration{40, 10, 90, -5, 60, 0, 20} {
		x.store.Restore(timeline.Event{Time: epoch.Add(at * time.Second), Offset: at * time.Second, Session: "sara",
			Payload: timeline.Warning{ID: "x", Text: at.String()}})
	}
	x.sync()
	x.WantScreen("it can be looked at", "paused")
	x.Press("g", ".", ".", ".")
	start := time.Now()
	x.Press("space")
	x.Send(playMsg(start))
	x.Send(playMsg(start.Add(time.Second)))
	if i, _ := x.m.timeline.list.selected(); i < 3 {
		t.Errorf("playing goes on from the row under the cursor, in the order of the file; it is on row %d", i)
	}
	x.Send(click(barWords+20, 1))
	x.WantExact()
}
