package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
	"streamscope/timeline"
)

// The pointer of the harness. Keys and texts come from uitest; time passes when
// a test says so.

// pull presses the button at one place and lets it go at another.
func (x *harness) pull(fromX, fromY, toX, toY int) {
	x.t.Helper()
	x.Send(click(fromX, fromY))
	x.Send(drawnTo((fromX+toX)/2, (fromY+toY)/2))
	x.Send(drawnTo(toX, toY))
	x.Send(tea.MouseReleaseMsg{X: toX, Y: toY, Button: tea.MouseLeft})
}

// find returns where a text is on the screen.
func (x *harness) find(text string) (column, row int) {
	x.t.Helper()
	for y, l := range x.Lines() {
		if before, _, ok := strings.Cut(l, text); ok {
			return width(before), y
		}
	}
	x.t.Fatalf("%q is not on the screen:\n%s", text, x.Text())
	return 0, 0
}

// copies notes what is put on the clipboard.
func (x *harness) copies() *[]string {
	got := &[]string{}
	x.m.term.clipboard = func(text string) tea.Cmd {
		*got = append(*got, text)
		return nil
	}
	return got
}

// clickOn clicks on a text that is on the screen.
func (x *harness) clickOn(text string) {
	x.t.Helper()
	col, row := x.find(text)
	x.pull(col, row, col, row)
}

// One sitting, with keys, typing, pointer and time that passes.
func TestSitting(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(1, opened(), timeline.StateChanged{To: timeline.StateConnected})
	x.log(logsink.Info, "client", "connecting user sara")
	x.log(logsink.Error, "coordinator", "the socket broke")

	x.clickOn("the socket broke")
	x.wantFocus("a click focuses the pane it is in", paneLogs)
	x.Press("/")
	x.wantMode("the footer takes what is typed", modeSearch)
	x.Type("sara")
	x.WantScreen("matches are counted while typing", "1 match")
	x.Press("enter")
	x.wantMode("enter ends the input", modeNormal)

	x.clickOn("Timeline")
	x.wantFocus("a click on a wall focuses its pane", paneTimeline)
	x.Press("ctrl+p")
	x.Type("maximise")
	x.Press("enter")
	x.WantNotOnScreen("the focused pane has the screen", "─ Logs")
	x.Press("z", "f2")
	x.WantScreen("the mouse is the terminal's again", "the mouse is off")
	x.advance(toastTime + time.Second)
	x.WantNotOnScreen("news goes after a while", "the mouse is off")
}
