package ui

import "testing"

func TestMouse(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.busyStory()
	p, _ := x.m.screen.find(paneLogs)
	x.Send(click(p.rect.x+5, p.rect.y+3)) // below the histogram
	x.wantFocus("a click focuses", paneLogs)
	if row, _ := x.m.logs.here(); row.Message() != "Connected" {
		t.Errorf("a click selects the row, not %q", row.Message())
	}
	p, _ = x.m.screen.find(paneTimeline)
	x.Send(wheelUp(p.rect.x+5, p.rect.y+2))
	x.wantFocus("the wheel does not take the focus", paneLogs)
	if x.m.timeline.list.follow {
		t.Error("the wheel scrolls the list under the pointer")
	}
	x.Press("f2")
	if x.View().MouseMode != 0 {
		t.Error("F2 gives the mouse back to the terminal")
	}
}
