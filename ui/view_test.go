package ui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"streamscope/internal/uitest"
	"streamscope/logsink"
	"streamscope/timeline"
)

func click(x, y int) tea.Msg   { return tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft} }
func drawnTo(x, y int) tea.Msg { return tea.MouseMotionMsg{X: x, Y: y, Button: tea.MouseLeft} }
func wheelUp(x, y int) tea.Msg { return tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelUp} }

// nasty are texts that a peer may send.
var nasty = []string{
	"plain", "", "a\x1b[2J\x1b[Hb", "tab\tand\nline", "名前名前名前名前", "👨‍👩‍👧‍👦🇩🇪❤️", "e\u0301\u0302\u0303", "\u202edcba", "\xff\xfe\x80",
	"a very long text that goes on and on and on and on and on and on and on and on and on and on and on and on and on and on",
	"0️⃣ℹ️™️", "ﷺ", "\u200d\u200b", "क्षि", "\x9b31m", "\u200b", "界\x00界",
}

func drawText(t *rapid.T) string { return rapid.SampledFrom(nasty).Draw(t, "text") }

func drawFailure(t *rapid.T) *timeline.Failure {
	if rapid.Bool().Draw(t, "fails") {
		return nil
	}
	return &timeline.Failure{
		Stage: timeline.Stage(rapid.IntRange(0, int(timeline.StageCount)-1).Draw(t, "stage")),
		Op:    rapid.SampledFrom([]string{"token", "dial", "auth", "read", "write", "http"}).Draw(t, "op"),
		Code:  rapid.SampledFrom([]int{0, 2, 5, 40, 43, 999}).Draw(t, "code"), Close: rapid.SampledFrom([]int{0, 1000, 1006}).Draw(t, "close"),
		Reason: drawText(t), Text: drawText(t),
	}
}

func drawPayload(t *rapid.T) timeline.Payload {
	states := []timeline.ConnState{
		timeline.StateIdle, timeline.StateLoadingToken, timeline.StateDialing, timeline.StateAuthenticating, timeline.StateConnected,
		timeline.StateBackoff, timeline.StateStalled, timeline.StateOffline, timeline.StateDisconnected, timeline.StateFailed, timeline.StateNoSocket,
	}
	info := timeline.TokenInfo{Number: rapid.IntRange(0, 3).Draw(t, "token"), UserID: drawText(t), Mask: drawText(t), Malformed: drawText(t)}
	if rapid.Bool().Draw(t, "expires") {
		info.ExpiresAt = epoch.Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "left")) * time.Second)
	}
	switch rapid.IntRange(0, 15).Draw(t, "kind") {
	case 0:
		o := opened()
		o.User.ID, o.TokenSource = drawText(t), drawText(t)
		return o
	case 1:
		return timeline.StateChanged{To: rapid.SampledFrom(states).Draw(t, "state"), Reason: drawText(t), RetryIn: 3 * time.Second}
	case 2:
		return timeline.AttemptStarted{URL: drawText(t), Why: drawText(t)}
	case 3:
		return timeline.StageChanged{
			Stage:    timeline.Stage(rapid.IntRange(0, int(timeline.StageCount)-1).Draw(t, "stage")),
			Progress: rapid.SampledFrom([]timeline.Progress{timeline.Started, timeline.Passed, timeline.Failed, timeline.Skipped}).Draw(t, "progress"),
			Took:     time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "took")), Detail: drawText(t), Failure: drawFailure(t),
		}
	case 4:
		return timeline.AttemptEnded{By: timeline.ByServer, Close: 1006, Reason: drawText(t), Failure: drawFailure(t)}
	case 5:
		return timeline.TokenSent{Token: info}
	case 6:
		return timeline.TokenLoaded{Source: drawText(t), Load: 1, Token: info, Same: true}
	case 7:
		return timeline.Frame{Dir: timeline.In, Op: "text", Type: drawText(t), CID: drawText(t), Body: []byte(drawText(t))}
	case 8:
		return timeline.CallEvent{Type: "call.ring", CID: drawText(t), Creator: drawText(t), By: drawText(t), Members: []string{drawText(t), "sara"}, Incoming: 15 * time.Second}
	case 9:
		return timeline.CallChanged{CID: drawText(t), To: rapid.SampledFrom([]timeline.CallingState{timeline.CallingRinging, timeline.CallingJoined, timeline.CallingLeft}).Draw(t, "to"), Ringing: true}
	case 10:
		return timeline.RingDecision{CID: drawText(t), Caller: drawText(t), Busy: true, Counted: []string{drawText(t)}, Rule: drawText(t)}
	case 11:
		return timeline.BusyTone{CID: drawText(t), By: drawText(t), On: true}
	case 12:
		return timeline.FaultArmed{Fault: timeline.Fault{ID: "1", Kind: "drop", Title: drawText(t), Expect: drawText(t)}}
	case 13:
		return timeline.Close{Dir: timeline.In, Code: 1000, Reason: drawText(t)}
	case 14:
		return timeline.Warning{ID: "w", Text: drawText(t)}
	}
	return timeline.Switched{Name: timeline.SwitchRejectWhenBusy, Value: "true"}
}

// Whatever happens, whatever is pressed, at whatever size: the screen has
// exactly the lines and cells of the terminal, and no control character in it.
func TestViewProperty(t *testing.T) { rapid.Check(t, viewProperty(t)) }

func FuzzView(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) { rapid.MakeFuzz(viewProperty(t))(t, data) })
}

func viewProperty(tb testing.TB) func(*rapid.T) {
	var keys []string
	for _, a := range actionTable() {
		for _, k := range a.keys {
			if k != "ctrl+z" {
				keys = append(keys, k)
			}
		}
	}
	return func(t *rapid.T) {
		w, h := rapid.IntRange(20, 220).Draw(t, "w"), rapid.IntRange(5, 70).Draw(t, "h")
		x := newHarness(tb, w, h, func(o *Options) {
			o.ASCII, o.Tour = rapid.Bool().Draw(t, "ascii"), rapid.Bool().Draw(t, "tour")
			o.Theme = rapid.SampledFrom(themeNames).Draw(t, "theme")
			if rapid.Bool().Draw(t, "recording") {
				o.Replay, o.Controller = true, nil
			}
		})
		defer x.m.close()
		if rapid.Bool().Draw(t, "session") {
			x.event(0, opened())
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1:
				x.event(rapid.IntRange(0, 3).Draw(t, "attempt"), drawPayload(t))
			case 2:
				x.log(rapid.SampledFrom([]logsink.Level{logsink.Trace, logsink.Info, logsink.Error}).Draw(t, "level"), drawText(t), drawText(t))
			case 3:
				x.Press(rapid.SampledFrom(keys).Draw(t, "key"))
			case 4:
				x.advance(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			case 6:
				px, py := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
				x.Send(rapid.SampledFrom([]tea.Msg{
					click(px, py), drawnTo(px, py), drawnTo(px, py), tea.MouseReleaseMsg{X: px, Y: py, Button: tea.MouseLeft},
				}).Draw(t, "mouse"))
			case 5:
				w, h = rapid.IntRange(20, 220).Draw(t, "w"), rapid.IntRange(5, 70).Draw(t, "h")
				x.Resize(w, h)
			}
			content := x.View().Content
			if problem := uitest.Misfit(content, w, h); problem != "" {
				t.Fatalf("at %dx%d %s", w, h, problem)
			}
			for _, row := range uitest.Lines(content) {
				for _, r := range row {
					if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 {
						t.Fatalf("a control character is on the screen: %q", row)
					}
				}
			}
		}
	}
}

// Every size from the smallest terminals to large ones, with a busy story.
func TestEverySizeFits(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.busyStory()
	for w := 20; w <= 220; w += 9 {
		for h := 5; h <= 70; h += 5 {
			for _, keys := range [][]string{{"alt+1"}, {"alt+5"}, {"?"}, {":"}, {"x"}, {"t"}, {"d"}, {"/"}} {
				x.Resize(w, h)
				x.Press(keys...)
				if x.WantExact(); t.Failed() {
					t.Fatalf("after %q", keys)
				}
				x.Press("esc", "esc")
			}
		}
	}
}

// A handful of cells, asserted for colour and weight.
func TestColoursOfRoles(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	content := x.View().Content
	state := uitest.Cell(content, 120, 36, 2, 2)
	if state == nil || state.Style.Fg == nil || state.Style.Attrs == 0 {
		t.Errorf("the state is bold and coloured: %+v", state)
	}
	x.m.o.NoColor = true
	x.m.restyle()
	state = uitest.Cell(x.View().Content, 120, 36, 2, 2)
	if state == nil || state.Style.Fg != nil || state.Style.Attrs == 0 {
		t.Errorf("without colours it is bold only: %+v", state)
	}
}

func TestListStaysInsideItsRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := &numbers{first: 1}
		l := newRowlist(src)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			h := rapid.IntRange(1, 20).Draw(t, "height")
			switch rapid.IntRange(0, 8).Draw(t, "step") {
			case 0:
				src.n += rapid.IntRange(0, 30).Draw(t, "more")
			case 1:
				drop := rapid.IntRange(0, src.n).Draw(t, "fewer")
				src.first, src.n = src.first+uint64(drop), src.n-drop
			case 2:
				l.move(rapid.IntRange(-9, 9).Draw(t, "move"))
			case 3:
				l.scroll(rapid.IntRange(-9, 9).Draw(t, "scroll"))
			case 4:
				l.home()
			case 5:
				l.end()
			case 6:
				l.toggleFollow()
			case 7:
				l.selectSeq(uint64(rapid.IntRange(0, 99).Draw(t, "seq")))
			case 8:
				l.click(rapid.IntRange(0, 30).Draw(t, "row"))
			}
			from, to := l.window(h)
			sel, ok := l.selected()
			if from < 0 || to > src.n || to-from > h || ok != (src.n > 0) {
				t.Fatalf("window [%d, %d) of %d rows in %d lines", from, to, src.n, h)
			}
			if ok && (sel < from || sel >= to) {
				t.Fatalf("the cursor is at %d, outside of [%d, %d)", sel, from, to)
			}
			if src.n >= h && to-from != h {
				t.Fatalf("the window [%d, %d) does not fill %d lines of %d rows", from, to, h, src.n)
			}
		}
	})
}

// numbers is a source of rows that are numbers.
type numbers struct {
	first uint64
	n     int
}

func (s *numbers) Len() int           { return s.n }
func (s *numbers) SeqAt(i int) uint64 { return s.first + uint64(i) }
func (s *numbers) IndexOf(seq uint64) int {
	if seq < s.first {
		return 0
	}
	return int(min(seq-s.first, uint64(s.n)))
}

func TestCountdownsFollowTheTick(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.failAtDNS()
	x.WantScreen("the wait counts down", "attempt 2 in 3.2 s", "to retry now")
	x.advance(time.Second)
	x.WantScreen("a second later it is a second less", "attempt 2 in 2.2 s", "BACKOFF for 00:00:02")
}

func TestWaitingSaysForWhat(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Waiting = "Point the app's base URL at http://127.0.0.1:8801." })
	x.WantScreen("while there is no session it says what to do", "Point the app's base URL")
	x.event(0, opened())
	x.WantNotOnScreen("then it does not", "Point the app's base URL")
}

func TestTooSmallSaysWhatIsNeeded(t *testing.T) {
	x := newHarness(t, 40, 10)
	x.WantExact()
	x.WantScreen("it names both sizes", "needs 60x16", "40x10")
}

func TestFrameIsDrawnOnlyWhenSomethingChanged(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.m.frame = "the frame that was drawn"
	x.Send("a message that concerns nobody")
	if x.View().Content != "the frame that was drawn" {
		t.Error("a message that changes nothing leaves the frame alone")
	}
	x.advance(time.Second)
	if x.View().Content == "the frame that was drawn" {
		t.Error("a tick changes the countdowns")
	}
}

func TestNothingTicksOnAnIdleScreen(t *testing.T) {
	x := newHarness(t, 120, 36)
	if x.m.counting() {
		t.Error("an empty screen counts nothing")
	}
	x.event(0, opened())
	if x.m.counting() {
		t.Error("an idle session counts nothing")
	}
	x.connect(1)
	if !x.m.counting() {
		t.Error("a connection counts")
	}
	x.event(0, timeline.SessionClosed{Reason: "the recording ends"})
	if x.m.counting() {
		t.Error("a session that is over counts nothing")
	}
}
