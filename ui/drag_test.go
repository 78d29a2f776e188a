package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
)

func TestDraggingCopiesWhatItSelects(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	x.log(logsink.Info, "client", "the first line of two")
	x.log(logsink.Info, "client", "the second line of two")
	got := x.copies()
	col, row := x.find("first line")
	x.pull(col, row, col+len("first line")-1, row)
	if len(*got) != 1 || (*got)[0] != "first line" {
		t.Errorf("the words under the pointer are copied: %q", *got)
	}
	x.WantScreen("it is said", "copied 10 B")
	x.wantFocus("the click that began it focused the pane", paneLogs)
}

func TestDraggingRunsAsTextInsideOnePane(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	x.log(logsink.Info, "client", "the first line of two")
	x.log(logsink.Info, "client", "the second line of two")
	got := x.copies()
	col, row := x.find("first line")
	x.pull(col, row, 119, row+1)
	if len(*got) != 1 || !strings.HasPrefix((*got)[0], "first line of two\n") || !strings.Contains((*got)[0], "the second line of two") {
		t.Fatalf("the rest of the first row and the second row: %q", *got)
	}
	if strings.ContainsAny((*got)[0], "│┤") {
		t.Errorf("nothing of the walls and of the next pane: %q", (*got)[0])
	}
}

func TestDraggingBackwardsSelectsTheSame(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	x.log(logsink.Info, "client", "the first line of two")
	got := x.copies()
	col, row := x.find("first line")
	x.pull(col+4, row, col, row)
	if len(*got) != 1 || (*got)[0] != "first" {
		t.Errorf("from the end to the beginning: %q", *got)
	}
}

func TestWhatComesMeanwhileDoesNotSlideTheSelection(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	for range 40 {
		x.log(logsink.Info, "client", "early line")
	}
	x.log(logsink.Info, "client", "wanted line")
	got := x.copies()
	col, row := x.find("wanted line")
	x.Send(click(col, row))
	x.Send(drawnTo(col+3, row))
	x.log(logsink.Info, "client", "late line")
	x.WantNotOnScreen("the pane stands still while text is selected", "late line")
	x.WantExact()
	x.Send(drawnTo(col+5, row))
	x.Send(tea.MouseReleaseMsg{X: col + 5, Y: row, Button: tea.MouseLeft})
	if len(*got) != 1 || (*got)[0] != "wanted" {
		t.Errorf("what was under the pointer is copied: %q", *got)
	}
	x.Press("G")
	x.WantScreen("afterwards the pane goes on", "late line")
}

func TestClickCopiesNothing(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	got := x.copies()
	x.Send(click(5, 5))
	x.Send(tea.MouseReleaseMsg{X: 5, Y: 5, Button: tea.MouseLeft})
	if len(*got) != 0 {
		t.Errorf("a click is not a drag: %q", *got)
	}
}

func TestBordersAreDragged(t *testing.T) {
	for _, size := range [][2]int{{120, 36}, {80, 24}, {80, 60}, {200, 60}, {130, 30}} {
		for _, w := range newHarness(t, size[0], size[1]).m.screen.walls() {
			x := newHarness(t, size[0], size[1])
			x.event(0, opened())
			px, py := w.grip.x+w.grip.w/2, w.grip.y+w.grip.h/2
			dx, dy := 0, 2
			if w.vertical {
				dx, dy = -3, 0
			}
			before, _ := x.m.screen.wall(w.border)
			// A tab on the wall is a tab: the grip is taken elsewhere.
			x.pull(px, py, px+dx, py+dy)
			after, ok := x.m.screen.wall(w.border)
			if !ok || after.at-before.at != dx+dy {
				t.Errorf("at %v the border between %s and %s moves by %d: it went from %d to %d", size, w.before, w.after, dx+dy, before.at, after.at)
			}
			x.WantExact()
		}
	}
}

func TestBordersMoveWithKeys(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	top, _ := x.m.screen.wall(borderTop)
	lists, _ := x.m.screen.wall(borderLists)
	x.Press("ctrl+down")
	if w, _ := x.m.screen.wall(borderLists); w.at != lists.at+1 {
		t.Errorf("the border below the timeline goes down: %d, %d", lists.at, w.at)
	}
	x.Press("alt+1", "ctrl+up", "ctrl+up")
	if w, _ := x.m.screen.wall(borderTop); w.at != top.at-2 {
		t.Errorf("the border below the connection goes up: %d, %d", top.at, w.at)
	}
	for range 100 {
		x.Press("ctrl+up")
	}
	least, _ := x.m.screen.wall(borderTop)
	x.Press("ctrl+down")
	if w, _ := x.m.screen.wall(borderTop); w.at != least.at+1 {
		t.Errorf("what there was no room for is not owed: %d, %d", least.at, w.at)
	}
	x.WantExact()
	x.Send(doing((*Model).resetBorders))
	if w, _ := x.m.screen.wall(borderTop); w.at != top.at {
		t.Errorf("reset puts it back: %d, %d", top.at, w.at)
	}
}

func TestPaneWithoutABorderSaysSo(t *testing.T) {
	x := newHarness(t, 60, 16)
	x.event(0, opened())
	x.Press("ctrl+down")
	x.WantScreen("there is one pane and no border", "no border there")
}
