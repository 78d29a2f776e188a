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

func TestListsShareACursorInTime(t *testing.T) {
	x := newHarness(t, 120, 36)
	t.Cleanup(x.m.close)
	x.failAtDNS()
	x.now = x.now.Add(4 * time.Second)
	x.connect(2)
	for range 30 {
		x.now = x.now.Add(time.Second)
		x.log(logsink.Info, "client", "later")
	}
	x.Press("g", "e")
	row, _ := x.m.logs.here()
	if e, _, _ := x.m.timeline.selected(); x.m.logs.list.follow || row.Time().After(e.Time) {
		t.Errorf("the log is at the instant of the timeline, %s, not at %s", e.Time, row.Time())
	}
	x.event(2, timeline.Note{Text: "news"})
	x.log(logsink.Info, "client", "the newest line")
	x.WantNotOnScreen("news move neither", "the newest line", "news")
	x.Press("esc")
	x.WantScreen("following again, both follow", "the newest line", "news")

	x.Press("alt+5", "g")
	if row, _ = x.m.logs.here(); x.m.timeline.list.follow || !x.m.instant(false).Equal(x.m.along.at) && x.m.instant(false).After(row.Time()) {
		t.Errorf("the timeline goes along with the log, to %s, not %s", row.Time(), x.m.instant(false))
	}
	x.WantScreen("and where it is stands in front of its row", "│ ▸12:00:0")
	x.Press("j", "j")
	line, event := x.m.instant(true), x.m.instant(false)
	x.Press("alt+4", "tab", "shift+tab", "alt+1", "alt+5", "alt+4")
	if !x.m.instant(true).Equal(line) || !x.m.instant(false).Equal(event) {
		t.Errorf("looking at another pane moves nothing: %s and %s, not %s and %s", x.m.instant(true), x.m.instant(false), line, event)
	}
}
