package ui

import (
	"fmt"
	"testing"

	"streamscope/logsink"
	"streamscope/timeline"
)

func TestSearchMarksAndHidesNothing(t *testing.T) {
	x := newHarness(t, 120, 36)
	for i := range 6 {
		x.log(logsink.Info, "client", fmt.Sprintf("ring %d", i))
		x.log(logsink.Info, "client", fmt.Sprintf("other %d", i))
	}
	x.Press("alt+5", "/")
	x.Type("ring")
	x.WantScreen("matches are counted while typing", "search ring", "6 matches")
	x.Press("enter")
	x.WantScreen("nothing is hidden", "other 3", "/ring", "12 shown")
	if row, _ := x.m.logs.here(); row.Message() != "ring 5" {
		t.Errorf("the first match is the newest, not %q", row.Message())
	}
	x.Press("N")
	if row, _ := x.m.logs.here(); row.Message() != "ring 4" {
		t.Errorf("N goes up, not to %q", row.Message())
	}
	x.Press("n", "n")
	x.WantScreen("after the last there is none", "no match further down")
	x.Press("esc")
	x.WantNotOnScreen("esc ends the search", "/ring")
	x.Press("g", "/")
	x.Type("ring 3")
	x.Press("enter")
	if row, _ := x.m.logs.here(); row.Message() != "ring 3" {
		t.Errorf("what is further down only is found there, not %q", row.Message())
	}
	x.Press("/")
	x.Type("zebra")
	x.Press("enter")
	x.WantScreen("what is nowhere is said to be nowhere", "nothing matches zebra")
	x.Press("/")
	x.Type("ring")
	x.Press("enter")
	x.WantNotOnScreen("and that is forgotten with the next search", "nothing matches")
	x.Press("esc", "esc", "n")
	x.WantScreen("and there is nothing to go on with", "there is no search; / begins one")
}

func TestFiltersHideAndCanBeSwitched(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.busyStory()
	x.Press("&")
	x.Type("!health.check")
	x.Press("enter")
	x.WantNotOnScreen("the inverse filter hides", "health.check  ")
	x.WantScreen("what is hidden is counted", "6 hidden", "by 1 filter")
	x.Press("&", "enter")
	x.WantScreen("enter switches the filter off", "○ !health.check")
	x.Press("esc")
	x.WantScreen("its rows are back", "health.check  ×6")
	x.Press("&", "delete", "esc", "&")
	x.WantScreen("delete removes it", "nothing is hidden by a filter")
	x.Type(`.type=="call.ring"`)
	x.Press("enter")
	x.WantScreen("a jq expression chooses frames", "call.ring  default:lunch")
	x.WantNotOnScreen("and nothing else", "decided reject busy")
}

func TestFilterThatCannotBeReadKeepsTheMenu(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.busyStory()
	x.Press("&")
	x.Type("/(/")
	x.Press("enter")
	x.wantMode("the menu stays", modeFilters)
	x.WantScreen("the reason is shown", "filter: ")
}

// A filter that takes too long is given up on and says so; the screen goes on.
func TestFilterThatIsTooSlowIsGivenUp(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	for range jqPatience + 1 {
		x.event(1, timeline.Frame{Dir: timeline.In, Op: "text", Type: "custom", Body: []byte(`{"type":"custom"}`)})
	}
	x.Press("&")
	x.Type("jq def f: f; f")
	x.Press("enter")
	x.WantNotOnScreen("at first nothing is known about it", "given up")
	x.Press("esc", "&")
	x.WantScreen("then the list says what became of it", "too slow or too large for some frames: given up")
	if late := x.m.timeline.matchers[0].late; late != jqPatience {
		t.Errorf("it is given up on after %d frames, not %d", jqPatience, late)
	}
}
