package ui

import (
	"strings"
	"testing"
	"time"
)

func TestSilenceCountsUntilTheClientNotices(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.WantScreen("a healthy socket says when it was heard", "last frame 3 s", "of 35 s")
	x.advance(27 * time.Second)
	x.WantScreen("a missing answer is a countdown", "deaf for 30 s; client notices in 5 s")
	x.advance(6 * time.Second)
	x.WantScreen("after 35 s it is deaf", "deaf for 36 s")
	x.WantExact()
}

func TestWaterfallIsDrawnWhereThereIsRoom(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.WantNotOnScreen("a small pane has a lane", "✓ upgrade")
	x.Press("alt+1", "z")
	x.WantScreen("a large one a waterfall", "✓ upgrade", "31 ms", "18 ms")
	x.WantNotOnScreen("without stages that were skipped", "– dns")
}

func TestBackoffShowsItsWindow(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.failAtDNS()
	x.WantScreen("the window and the drawn value in it", "250 ms  ├", "●", "┤ 5.0 s")
	x.Press("alt+1", "z")
	x.WantScreen("with room, the windows of other failures too", "drawn 4.2 s after 1 failure", "2.0 s", "┤ 4.5 s")
	x.WantExact()
}

func TestRetryWindowIsTheClients(t *testing.T) {
	for n, want := range map[int][2]time.Duration{
		0: {250 * time.Millisecond, 500 * time.Millisecond}, 1: {250 * time.Millisecond, 2500 * time.Millisecond},
		2: {2 * time.Second, 4500 * time.Millisecond}, 3: {4 * time.Second, 5 * time.Second}, 9: {5 * time.Second, 5 * time.Second},
	} {
		if least, most := retryWindow(n); least != want[0] || most != want[1] {
			t.Errorf("after %d failures: %v to %v, not %v", n, least, most, want)
		}
	}
}

func TestRingsCountDownWithABar(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.rings("default:lunch", "jack")
	x.advance(5 * time.Second)
	p := x.m.paint(35, 9)
	var all strings.Builder
	for _, l := range callsLines(x.m.current(), p) {
		all.WriteString(l.plain() + "\n")
	}
	text := all.String()
	if !strings.Contains(text, "░") || !strings.Contains(text, "10 s to timeout") || !strings.Contains(text, "from jack") {
		t.Errorf("who rings, and a bar with what is left:\n%s", text)
	}
	for _, l := range callsLines(x.m.current(), p) {
		if l.width() > 35 {
			t.Errorf("%q is too wide", l.plain())
		}
	}
}
