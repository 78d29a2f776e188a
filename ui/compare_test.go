package ui

import (
	"fmt"
	"testing"
	"time"

	"streamscope/internal/uitest"
	"streamscope/timeline"
)

// twoRecordings are one story with two ends: the token of the second is refused
// after the connection was lost.
func twoRecordings() Comparison {
	var c Comparison
	for i := range c.Stores {
		c.Stores[i] = timeline.NewStore(timeline.Options{Start: epoch})
		at := epoch
		add := func(attempt int, payloads ...timeline.Payload) {
			for _, p := range payloads {
				at = at.Add(time.Second)
				c.Stores[i].Append(timeline.Event{Time: at, Session: "sara", Attempt: attempt, Payload: p})
			}
		}
		frame := func(body string) timeline.Payload {
			f, _ := timeline.DecodeFrame(timeline.In, "text", []byte(body), 0)
			return f
		}
		add(0, timeline.SessionOpened{Source: timeline.SourceLocal, User: timeline.User{ID: "sara", Type: timeline.Authenticated}, Policy: timeline.PolicySDK})
		add(1, timeline.AttemptStarted{URL: "wss://video.example/connect"},
			timeline.StateChanged{From: timeline.StateIdle, To: timeline.StateDialing},
			frame(`{"type":"connection.ok","connection_id":"c-1","me":{"id":"sara"}}`))
		if i == 1 {
			add(0, timeline.Mark{Text: "only here"}) // which does not matter
		}
		add(1, timeline.Close{Dir: timeline.In, Code: 1006})
		add(2, timeline.AttemptStarted{URL: "wss://video.example/connect", Reconnect: true})
		if i == 0 {
			add(2, frame(`{"type":"connection.ok","connection_id":"c-2","me":{"id":"sara"}}`))
		} else {
			add(2, frame(`{"type":"connection.error","error":{"code":40,"message":"token is expired","StatusCode":401}}`))
			add(2, timeline.Close{Dir: timeline.In, Code: 1000})
		}
		c.Stores[i].Close()
	}
	c.Same = [][2]uint64{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 6}, {6, 7}}
	c.Partings = []Parting{
		{Where: "step 7 of the connection of sara", Sessions: [2]string{"sara", "sara"}, Events: [2][]uint64{{7}, {8}}, At: [2]uint64{7, 8}},
		{Where: "step 8 of the connection of sara", Sessions: [2]string{"sara", "sara"}, Events: [2][]uint64{nil, {9}}, At: [2]uint64{7, 9}},
	}
	return c
}

// comparing is the screen of two recordings that have been read.
func comparing(t *testing.T, w, h int) *harness {
	t.Helper()
	x := newHarness(t, w, h, func(o *Options) {
		o.Replay, o.Controller, o.Title = true, nil, "replay"
		o.CompareNames = [2]string{"good.ndjson", "bad.ndjson"}
		o.Compare = func() (Comparison, bool) { return twoRecordings(), true }
		o.Reading = func() (float64, bool) { return 0.5, true }
	})
	t.Cleanup(x.m.close)
	return x
}

func TestTwoRecordingsStandSideBySide(t *testing.T) {
	for _, size := range []struct{ w, h int }{{60, 16}, {80, 24}, {120, 36}, {200, 60}} {
		x := comparing(t, size.w, size.h)
		x.WantScreen("while they are read it says so", "reading 50%")
		x.Send(x.m.awaitComparison()())
		x.WantExact()
		uitest.Golden(t, fmt.Sprintf("compare_%dx%d", size.w, size.h), x.Text())
	}
}

func TestDifferencesAreGoneThrough(t *testing.T) {
	x := comparing(t, 120, 36)
	x.Send(x.m.awaitComparison()())
	cursors := func(expectation string, a, b uint64) {
		t.Helper()
		for i, want := range [2]uint64{a, b} {
			p := x.m.compare.sides[i].pane
			n, _ := p.list.selected()
			if got := p.entries[n].first; got != want {
				t.Errorf("%s: the cursor of side %d is on %d, want %d", expectation, i, got, want)
			}
		}
	}
	cursors("it begins at the first difference", 7, 8)
	x.WantScreen("and says which it is", "difference 1 of 2", "step 7 of the connection of sara", "≠")
	x.Press("n")
	cursors("n goes to the next", 7, 9)
	x.WantScreen("which one of them does not have", "difference 2 of 2", "only in bad.ndjson")
	x.Press("n")
	x.WantScreen("there is an end to it", "no difference further down")
	x.Press("N")
	cursors("N goes back", 7, 8)
	x.Press("g")
	cursors("the cursors are locked", 1, 1)
	x.WantScreen("what is on the screen is said to be elsewhere", "2 differences; n goes to the next")
	x.Press("j", "j", "j", "j")
	cursors("what only one has does not part them", 5, 6)
	x.Press("n")
	cursors("n finds the next from here", 7, 8)
	x.Press("enter", "tab")
	x.WantScreen("a frame is compared with that of the other side", "other side", "of bad.ndjson", "connection.ok")
	x.Press("esc", "tab")
	x.WantScreen("tab makes the other side the active one", "AuthErrorTokenExpired)")
	x.Press("k", "k", "k")
	cursors("which leads then", 4, 5)
	x.Press("tab")
	x.wantFocus("after it come the panes of the state", paneConnection)
	x.Press("shift+tab", "/")
	x.Type("close")
	x.Press("enter", "N")
	x.WantScreen("with a search n and N are for its matches", "/close")
	x.WantExact()
}

func TestTwoRecordingsFitEverySize(t *testing.T) {
	x := comparing(t, 120, 36)
	x.Send(x.m.awaitComparison()())
	for w := 20; w <= 220; w += 25 {
		for h := 5; h <= 70; h += 9 {
			x.Resize(w, h)
			x.Press("z", "tab")
			x.WantExact()
			x.Press("z", "j")
			if x.WantExact(); t.Failed() {
				return
			}
		}
	}
}

func TestTheSameTwice(t *testing.T) {
	x := comparing(t, 120, 36)
	c := twoRecordings()
	c.Stores[1], c.Partings = c.Stores[0], nil
	c.Same = [][2]uint64{{1, 1}, {2, 2}}
	x.Send(compareMsg{newComparison(c, x.m.o.CompareNames)})
	x.WantScreen("what is the same is said to be", "no difference: the same connections")
	x.Press("n")
	x.WantScreen("there is nowhere to go", "there is no difference that matters")
}
