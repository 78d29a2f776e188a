package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
	"streamscope/timeline"
)

// manyLines is a log of ten minutes with one error in its middle.
func manyLines(t *testing.T, w, h int) *harness {
	t.Helper()
	x := newHarness(t, w, h)
	t.Cleanup(x.m.close)
	x.event(0, opened())
	for i := range 600 {
		level := logsink.Info
		if i == 300 {
			level = logsink.Error
		}
		x.logs.Append(logsink.Record{Time: x.now, Level: level, Scope: "client", Session: "sara", Message: fmt.Sprintf("line %03d", i)})
		x.now = x.now.Add(time.Second)
	}
	x.sync()
	x.Press("alt+5", "z")
	return x
}

func TestScrollbarShowsWhereErrorsAre(t *testing.T) {
	x := manyLines(t, 100, 30)
	var marked, thumb []int
	for y, row := range x.Lines() {
		switch {
		case strings.HasSuffix(row, "✗│"):
			marked = append(marked, y)
		case strings.HasSuffix(row, "┃│"):
			thumb = append(thumb, y)
		}
	}
	if len(marked) != 1 || marked[0] < 13 || marked[0] > 18 {
		t.Errorf("the error in the middle is marked in the middle, not in rows %v:\n%s", marked, x.Text())
	}
	if len(thumb) == 0 || thumb[len(thumb)-1] != 27 {
		t.Errorf("following, the thumb is at the bottom, not in rows %v", thumb)
	}
	pl, _ := x.m.screen.find(paneLogs)
	x.Send(click(pl.inner().x+pl.inner().w, pl.inner().y+1))
	x.WantScreen("a click at its top goes to the first row", "line 000")
	bar, top := pl.inner().x+pl.inner().w, pl.inner().y+1
	x.Send(click(bar, top))
	x.Send(tea.MouseMotionMsg{X: bar + 1, Y: top + 12, Button: tea.MouseLeft})
	x.WantScreen("pulling it goes along", "line 300", "✗")
	x.Send(tea.MouseMotionMsg{X: 3, Y: 200, Button: tea.MouseLeft})
	x.WantScreen("to the end, wherever the pointer is", "line 599")
	x.Send(tea.MouseReleaseMsg{Button: tea.MouseLeft})
	x.Send(tea.MouseMotionMsg{X: bar, Y: top})
	x.WantScreen("until the button is let go", "line 599")
	x.WantExact()
}

func TestHistogramIsClicked(t *testing.T) {
	x := manyLines(t, 100, 30)
	pl, _ := x.m.screen.find(paneLogs)
	x.WantScreen("it says when it begins and how long a bar is", " 12:00 ", "10s a bar")
	x.Send(click(pl.inner().x+histogramEdge+30, pl.inner().y))
	if row, _ := x.m.logs.here(); row.Message() != "line 310" {
		t.Errorf("a click goes to the instant of the bar, not to %q", row.Message())
	}
}

func TestHistogramIsRedWhereTheErrorsAre(t *testing.T) {
	x := manyLines(t, 100, 30)
	worst := map[logsink.Level]int{}
	for _, b := range x.m.logs.minutes.cells {
		if b.lines > 0 {
			worst[b.worst]++
		}
	}
	if worst[logsink.Error] != 1 || worst[logsink.Warn] != 0 || worst[logsink.Trace] < 50 {
		t.Errorf("one bar holds the error: %v", worst)
	}
}

func TestRangeIsCopiedAndSaved(t *testing.T) {
	x := manyLines(t, 100, 30)
	x.Press("g", "j", "v", "j", "j")
	x.WantScreen("the range says how long it is, and what can be done with it", "VISUAL 3 rows", "y copy", "ctrl+s save", "P report", "v range")
	x.Press("P")
	if from, to := x.ctl.reported[0], x.ctl.reported[1]; to.Sub(from) != 2*time.Second || !from.Equal(epoch.Add(time.Second)) {
		t.Errorf("the report is about its time: %s to %s", from, to)
	}
	x.WantScreen("the file is named", "report of the range written to /tmp/report.md")
	x.advance(10 * time.Second)
	x.Press("ctrl+s")
	if n := strings.Count(x.ctl.saved, "\n"); n != 3 || !strings.Contains(x.ctl.saved, "line 001") || !strings.Contains(x.ctl.saved, "line 003") {
		t.Errorf("the range is what is saved: %q", x.ctl.saved)
	}
	x.Press("esc")
	x.WantNotOnScreen("esc ends it and nothing else", "VISUAL", "FOLLOWING")
	x.Press("v", "G")
	x.WantScreen("a range to the end does not follow", "VISUAL 597 rows")
}

func TestRecordOfSeveralLines(t *testing.T) {
	x := newHarness(t, 120, 40)
	t.Cleanup(x.m.close)
	x.event(0, opened())
	x.log(logsink.Error, "client", "it broke\n  at connect (a.js:1)\n  at main (b.js:2)")
	x.WantScreen("a row says that there is more", "it broke +2 lines")
	x.Press("alt+5", "enter")
	x.WantScreen("opened it has its lines", "message         it broke", "                  at connect (a.js:1)", "                  at main (b.js:2)")
	x.Press("esc", "ctrl+w")
	x.WantScreen("wrapping shows all of it", "it broke", "at connect (a.js:1)", "at main (b.js:2)")
	x.WantExact()
}

// The console of an app says no times: there is no column for them and nothing to
// draw over minutes.
func TestLogWithoutTimes(t *testing.T) {
	x := newHarness(t, 100, 30, func(o *Options) { o.Controller = nil })
	for i := range 40 {
		x.logs.Append(logsink.Record{Level: logsink.Info, Scope: "client", Message: fmt.Sprintf("line %03d", i)})
	}
	x.sync()
	x.WantScreen("rows begin with their level", "│  INFO  client")
	x.WantNotOnScreen("there is no histogram", "a bar")
	x.Press("enter")
	x.WantScreen("and no time is made up", "the line does not say")
	x.Press("esc")
	x.logs.Append(logsink.Record{Time: epoch, Level: logsink.Info, Scope: "client", Message: "at last"})
	x.sync()
	x.WantScreen("when times come they are shown", "12:00:00.000 INFO")
}

func TestNothingMovesUnderTheCursor(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	for i := range 40 {
		x.log(logsink.Info, "client", fmt.Sprintf("line %02d", i))
	}
	x.Press("alt+5", "k", "k", "k")
	x.WantScreen("scrolling up pauses", "PAUSED")
	before := rowsWith(x, "client       line ")
	for i := range 40 {
		x.log(logsink.Info, "client", fmt.Sprintf("more %02d", i))
	}
	if after := rowsWith(x, "client       line "); after != before {
		t.Errorf("rows moved when new ones came:\n%s\nbecame\n%s", before, after)
	}
	x.Press("f")
	x.WantScreen("f follows again", "FOLLOWING", "more 39")
	x.Press("g")
	x.WantScreen("g goes to the first line", "Connecting user sara", "PAUSED")
	x.Press("end")
	x.WantScreen("end follows again", "FOLLOWING", "more 39")
}

func rowsWith(x *harness, text string) string {
	var out []string
	for _, row := range x.Lines() {
		if _, after, ok := strings.Cut(row, text); ok && strings.HasPrefix(row, "│") {
			number, _, _ := strings.Cut(after, " ")
			out = append(out, number)
		}
	}
	return strings.Join(out, " ")
}

func TestJumpsToErrorsAndAcross(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.failAtDNS()
	x.Press("g", "e")
	if e, _, _ := x.m.timeline.selected(); e.Kind() != timeline.KindStage {
		t.Errorf("e goes to the stage that failed, not to %s", e.Kind())
	}
	x.Press("J")
	x.wantFocus("J goes to the other list", paneLogs)
	x.Press("e")
	if row, _ := x.m.logs.here(); row.Level() != logsink.Error {
		t.Errorf("e in the logs goes to an error, not to %q", row.Message())
	}
	x.Press("J")
	x.wantFocus("J comes back", paneTimeline)
	x.Press("G", "e")
	x.WantScreen("below the last there is none", "no error further down")
}

func TestMarksAndDelta(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.Press("k", "m", "g", "'")
	i, _ := x.m.timeline.list.selected()
	if !x.m.timeline.marks[x.m.timeline.entries[i].first] {
		t.Error("' goes to the marked row")
	}
	x.WantScreen("the mark is drawn", "◆")
	x.Press("T")
	x.WantScreen("T shows distances", "+0.0")
	x.Press("T")
	x.WantScreen("or no time at all", "no time")
	x.WantNotOnScreen("in front of the rows", "12:00:00.124", "+0.0")
}

func TestHealthChecksFoldAndUnfold(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.WantScreen("repeated checks are one row that counts", "health.check  ×8")
	x.Press("H")
	x.WantNotOnScreen("H unfolds", "×8")
}

func TestFoldedRowKeepsCountingAfterItWasDrawn(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.healthChecks(1, 1)
	x.healthChecks(1, 1)
	x.event(1, timeline.Note{Text: "something else"})
	x.WantScreen("the row counts on", "health.check  ×4")
}
