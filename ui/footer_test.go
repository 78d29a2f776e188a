package ui

import (
	"testing"
	"time"
)

func TestHintsOfTheFooterCanBeClicked(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.clickOn("d disconnect")
	x.WantScreen("a click is the key", "Disconnect sara?")
	x.clickOn("n no")
	x.WantNotOnScreen("in a question too", "Disconnect sara?")
	x.wantAsked("and nothing was done")
	x.clickOn("d disconnect")
	x.clickOn("y yes")
	x.wantAsked("yes is yes", "disconnect sara")
	x.advance(toastTime + time.Second)
	x.clickOn("? help")
	x.wantMode("the last ones are there as well", modeHelp)
	x.clickOn("esc close")
	x.wantMode("and close it", modeNormal)
	col, row := x.find("c connect")
	x.pull(col-1, row, col-1, row)
	x.wantMode("the space between means nothing", modeNormal)
	x.Press("f2")
	x.clickOn("the mouse is off")
	x.WantNotOnScreen("news goes when it is clicked", "the mouse is off")
}
