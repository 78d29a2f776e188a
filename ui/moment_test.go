package ui

import (
	"testing"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

func TestPausedListShowsThePast(t *testing.T) {
	x := newHarness(t, 120, 36)
	t.Cleanup(x.m.close)
	x.failAtDNS()
	x.now = x.now.Add(4 * time.Second)
	x.connect(2)
	x.WantNotOnScreen("the present needs no label", "as of")
	x.Press("g", "e")
	x.WantScreen("the panes show what held then, and say so", "as of 12:00:00", "✗ dns")
	x.WantScreen("the header says how things are", "● CONNECTED")
	x.event(2, timeline.Note{Text: "something new"})
	x.WantScreen("news do not change the past", "as of 12:00:00", "host name not found")
	x.Press("esc")
	x.WantNotOnScreen("following again is the present", "as of", "✗ dns")
}

func TestPausedLogShowsThePastToo(t *testing.T) {
	x := newHarness(t, 120, 36)
	t.Cleanup(x.m.close)
	x.failAtDNS()
	x.now = x.now.Add(4 * time.Second)
	x.connect(2)
	x.log(logsink.Info, "client", "later")
	x.Press("alt+5", "g", "j")
	x.WantScreen("a line of the log is an instant as well", "as of 12:00:00", "BACKOFF")
	x.Press("G")
	x.WantNotOnScreen("its end is the present", "as of")
}

func TestLastBefore(t *testing.T) {
	store := timeline.NewStore(timeline.Options{Start: epoch})
	for i := range 5 {
		store.Append(timeline.Event{Time: epoch.Add(time.Duration(i) * time.Second), Payload: timeline.Note{}})
	}
	for after, want := range map[time.Duration]uint64{-time.Second: 0, 0: 1, 2500 * time.Millisecond: 3, time.Hour: 5} {
		if got := lastBefore(store, epoch.Add(after)); got != want {
			t.Errorf("%v after the first the last event is %d, not %d", after, got, want)
		}
	}
}
