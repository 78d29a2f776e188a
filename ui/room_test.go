package ui

import (
	"strings"
	"testing"
	"time"

	"streamscope/timeline"
)

func plainRows(lines []line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.TrimRight(l.plain(), " "))
	}
	return out
}

func TestLinesAreFoldedWhileThereAreEmptyRows(t *testing.T) {
	long := line{{styleMuted, "drops 1 · last "}, {styleText, "1011 server error"}, {styleMuted, " (attempt 3)"}}
	tests := []struct {
		name  string
		lines []line
		w, h  int
		want  string
	}{
		{"what fits stays", []line{long}, 60, 3, "drops 1 · last 1011 server error (attempt 3)"},
		{"a word goes to the next row whole", []line{long}, 38, 3, "drops 1 · last 1011 server error|  (attempt 3)"},
		{"without a row to spare it is left to be cut", []line{long, long}, 38, 2,
			"drops 1 · last 1011 server error (attempt 3)|drops 1 · last 1011 server error (attempt 3)"},
		{"the first has the last row to spare", []line{long, say(styleText, "end"), long}, 38, 4,
			"drops 1 · last 1011 server error|  (attempt 3)|end|drops 1 · last 1011 server error (attempt 3)"},
		{"blanks at the end need no row", []line{say(styleText, "ten cells!   ")}, 10, 3, "ten cells!"},
	}
	for _, tt := range tests {
		if got := strings.Join(plainRows(useRoom(tt.lines, tt.w, tt.h)), "|"); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAboutAFaultIsNeverCutWithoutASign(t *testing.T) {
	rows := plainRows(aboutRows("Expect: one refresh and then connected.  [--fault rest-reset]", 44))
	if want := "Expect: one refresh and then connected.|[--fault rest-reset]"; strings.Join(rows, "|") != want {
		t.Errorf("the option goes to a row of its own: %q, want %q", rows, want)
	}
	p := newPicker("Faults", "", []item{{text: "one", about: strings.Repeat("many words ", 60)}})
	text, height := p.about(p.items, 40, 16, 10, "…")
	if last := text[height-2].plain(); !strings.HasSuffix(last, " …") {
		t.Errorf("text that has no room ends with a sign, not with %q", last)
	}
	if n := text[height-2].width(); n > 40 {
		t.Errorf("the row with the sign is %d cells wide", n)
	}
}

func TestAMenuSaysHowMuchIsBelow(t *testing.T) {
	x := newHarness(t, 80, 24)
	x.open()
	x.Press("?")
	x.WantScreen("there is more than fits", x.m.th.glyphs.down, " more")
	x.Type("zzzzqq")
	x.WantNotOnScreen("nothing matches, nothing is below", " more ")
}

func TestStalledTellsOfTheCheckThatIsLeft(t *testing.T) {
	x := newHarness(t, 200, 60)
	x.open()
	x.connect(1)
	x.event(1, timeline.StateChanged{From: timeline.StateAuthenticating, To: timeline.StateStalled, RetryIn: 31 * time.Second})
	x.WantScreen("the check counts down", "STALLED", "check may dial once more in 31 s")
	x.advance(10 * time.Second)
	x.WantScreen("it counts down", "once more in 21 s")
	x.advance(22 * time.Second)
	x.WantScreen("after it, nothing is left", "nothing is scheduled")
	x.WantNotOnScreen("a check that is over is not promised", "once more")
}
