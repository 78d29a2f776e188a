package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

func TestConnectionKeysAskTheController(t *testing.T) {
	tests := []struct {
		name string
		keys []string
		want []string
	}{
		{"connect", []string{"c"}, []string{"connect sara"}},
		{"disconnect asks first", []string{"d"}, nil},
		{"disconnect, confirmed", []string{"d", "y"}, []string{"disconnect sara"}},
		{"disconnect, refused", []string{"d", "n"}, nil},
		{"disconnect, escaped", []string{"d", "esc"}, nil},
		{"reconnect", []string{"r"}, []string{"reconnect sara"}},
		{"refresh the token", []string{"R"}, []string{"refresh sara"}},
		{"go offline", []string{"o"}, []string{"online sara off"}},
		{"reject when busy", []string{"b"}, []string{"busy sara on"}},
		{"arm a fault", []string{"x", "down", "enter"}, []string{"arm sara close"}},
		{"find a fault by name", []string{"x", "e", "x", "p", "enter"}, []string{"arm sara expire"}},
		{"be rung", []string{"i", "enter"}, []string{"ringme sara jack"}},
		{"ring somebody", []string{"i", "down", "down", "down", "enter"}, []string{"ringout sara nina"}},
		{"ring a user by id", []string{"i", "z", "o", "e", "enter"}, []string{"ringout sara zoe"}},
		{"open a profile, and see it", []string{"u", "down", "enter", "c"}, []string{"open staging", "connect sara@staging"}},
		{"policy from the palette", []string{":", "p", "o", "l", "enter"}, []string{"policy sara steady"}},
		{"the watchdog starts lucky", []string{":", "w", "a", "t", "c", "h", "enter"}, []string{"watchdog sara off"}},
		{"a note", []string{"M", "h", "i", "enter"}, []string{"mark sara hi"}},
		{"save", []string{"ctrl+s"}, []string{"save timeline"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newHarness(t, 120, 36)
			x.event(0, opened(), timeline.Network{Online: true, By: timeline.ByUser})
			x.Press(tt.keys...)
			x.wantAsked(tt.name, tt.want...)
			x.WantExact()
		})
	}
}

func TestDestructiveKeysAskOnlyWhenThereIsSomethingToLose(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.Press("r")
	x.wantMode("dropping a healthy socket asks first", modeConfirm)
	x.Press("y")
	x.wantAsked("yes drops it", "reconnect sara")
	x.Press("o")
	x.wantMode("taking the network away asks first", modeConfirm)
	x.Press("esc")
	x.wantAsked("esc does nothing", "reconnect sara")
}

func TestRefusalIsShown(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	x.ctl.fail = errors.New("the session is closed; open it again")
	x.Press("c")
	x.WantScreen("the refusal is in the footer", "connecting: the session is closed; open it again")
	x.advance(6 * time.Second)
	x.WantNotOnScreen("the news goes away", "the session is closed")
}

func TestScreenWithoutControllerSaysSo(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Controller = nil })
	x.event(0, opened())
	for _, k := range []string{"c", "d", "x", "i", "R", "o", "b"} {
		x.Press(k)
		x.WantScreen("key "+k+" explains itself", "only looks at a record")
		x.Press("esc")
	}
}

func TestAnswersToRings(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.Press("a")
	x.WantScreen("accepting nothing explains itself", "nobody is ringing")
	x.rings("default:lunch", "jack")
	x.WantScreen("the ring shows who and how long", "RINGING", "default:lunch", "from jack", "15 s")
	x.Press("a")
	x.wantAsked("a accepts", "accept sara default:lunch")
	x.Press("D", "down", "enter")
	x.wantAsked("D asks for the reason", "accept sara default:lunch", "decline sara default:lunch busy")
	x.Press("L", "enter")
	x.wantAsked("L leaves", "accept sara default:lunch", "decline sara default:lunch busy", "leave sara default:lunch")
}

func TestARingIsSeenWhereCallsAreHidden(t *testing.T) {
	x := newHarness(t, 80, 24)
	x.open()
	x.connect(1)
	x.rings("default:lunch", "jack")
	x.WantScreen("the header says it while the pane does not", "RINGING  ● CONNECTED")
	x.Press("alt+3")
	x.WantNotOnScreen("the pane says it", "RINGING  ● CONNECTED")
}

func TestBusyToneIsAWordAndABell(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.m.sound = true
	x.store.Append(timeline.Event{Time: x.now, Session: "sara", Payload: timeline.BusyTone{CID: "default:x", By: "jack", On: true, For: 1500 * time.Millisecond}})
	msg, _ := x.feed.take()
	x.m.onBatch(msg)
	x.WantScreen("the word is there while the tone sounds", "BUSY TONE", "jack is busy")
	if x.m.bell() != nil {
		t.Error("the bell rings once for a tone, not for each batch")
	}
	x.m.tone = 0
	if x.m.bell() == nil {
		t.Error("the bell rings for a tone that it has not played")
	}
	x.advance(2 * time.Second)
	x.WantNotOnScreen("the word goes with the tone", "BUSY TONE")
}

func TestCountdownsFollowTheTick(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.failAtDNS()
	x.WantScreen("the wait counts down", "attempt 2 in 3.2 s", "to retry now")
	x.advance(time.Second)
	x.WantScreen("a second later it is a second less", "attempt 2 in 2.2 s", "BACKOFF for 00:00:02")
}

func TestTokenChangesItsWordWithItsColour(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.WantScreen("there is time", "expires in 04:11")
	x.advance(3*time.Minute + 30*time.Second)
	x.WantScreen("under a minute the word changes too", "expires soon")
	x.advance(time.Minute)
	x.WantScreen("after it, it says so", "EXPIRED")
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

func TestFocusMovesByKeys(t *testing.T) {
	x := newHarness(t, 80, 24)
	x.open()
	x.wantFocus("the timeline has the focus at first", paneTimeline)
	x.Press("tab")
	x.wantFocus("tab goes on", paneLogs)
	x.Press("shift+tab", "shift+tab")
	x.wantFocus("shift+tab goes back", paneCalls)
	x.WantScreen("the compact screen shows the focused pane", "reject when busy")
	x.Press("alt+1")
	x.wantFocus("alt+1 goes to the first", paneConnection)
	x.WantScreen("the footer names what is in force here", "enter autopsy")
	x.Press("z")
	x.WantScreen("z maximises", "Connection   Token   Calls")
	x.Press("esc")
	x.WantNotOnScreen("esc gives the others back", "Connection   Token   Calls")
}

func TestLevelsRevealThePast(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.log(logsink.Debug, "coordinator", "a decision of the past")
	x.log(logsink.Trace, "coordinator", "a frame of the past")
	x.WantScreen("what is hidden is counted", "0 shown", "2 hidden by levels")
	x.Press("alt+6", "down", "1")
	x.WantScreen("lowering a level shows what was kept", "a decision of the past", "1 hidden by levels", "DEBUG")
	x.Press("0")
	x.WantScreen("trace shows everything", "a frame of the past", "2 shown")
	x.Press("backspace")
	x.WantScreen("reset hides it again", "2 hidden by levels")
	x.Press("0", "m")
	x.WantScreen("mute hides by mute", "2 hidden by mute", "muted")
	x.Press("m", "s")
	x.WantScreen("solo is written", "SOLO")
	x.Press("=")
	x.WantScreen("all defaults are restored", "2 hidden by levels")
}

func TestScopeThatWasNeverSeenIsMarked(t *testing.T) {
	levels := logsink.NewLevels(logsink.Info)
	levels.Set("event-dispatcher", logsink.Debug)
	x := newHarness(t, 120, 36, func(o *Options) { o.Levels = levels })
	x.log(logsink.Info, "Dispatcher", "dispatching")
	x.Press("alt+6")
	x.WantScreen("a wrong name is marked", "event-di", "never")
}

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

func TestFaultMenuShowsWhatIsArmedAndHowItWent(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	fault := timeline.Fault{ID: "1", Kind: "drop", Title: "Drop the line"}
	x.event(0, timeline.FaultArmed{Fault: fault}, timeline.FaultHit{ID: "1", Fault: "drop"})
	x.WantScreen("the header says that a fault is armed", "drop armed")
	x.Press("x")
	x.WantScreen("the menu says since when and how often", "Drop the line", "hit 1 time")
	x.Press("up", "enter")
	x.wantAsked("enter takes back the one that is armed", "clear sara 1")
	x.event(0, timeline.FaultCleared{ID: "1", Hits: 1},
		timeline.FaultScored{ID: "1", Fault: "drop", Score: "seen", After: 800 * time.Millisecond, Detail: "reconnected"})
	x.Press("x")
	x.WantScreen("afterwards it says how it went", "the expected reaction was seen after 800 ms")
	x.Press("enter")
	x.wantAsked("enter still arms the first fault", "clear sara 1", "arm sara drop")
	x.Press("x")
	x.Type("close:code=4001,after=10s,p=0.5")
	x.Press("enter")
	x.wantAsked("one with parameters of its own is typed", "clear sara 1", "arm sara drop", "arm sara close:code=4001,after=10s,p=0.5")
}

func TestHelpRunsWhatIsChosen(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	x.Press("?")
	x.WantScreen("the help lists keys with sentences", "Ask the token source for a new token.")
	x.Type("refresh")
	x.Press("enter")
	x.wantAsked("enter runs the key", "refresh sara")
	x.wantMode("the help is closed", modeNormal)
}

func TestTokenBenchShowsTheTokenOnlyWhenAsked(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.ctl.token = testToken
	x.Press("t")
	x.WantScreen("the report is there", "Token bench", "user_id", "signature")
	x.WantNotOnScreen("the token is not", testToken[len(testToken)-30:])
	x.Press("V")
	x.wantAsked("V asks for it", "reveal")
	x.WantScreen("now it is", testToken[len(testToken)-16:])
	x.Press("esc", "t")
	x.WantNotOnScreen("closing forgets it", testToken[len(testToken)-16:])
	x.Press("s")
	x.Type("hunter2")
	x.WantNotOnScreen("a secret is never shown", "hunter2")
	x.WantScreen("its length is", "*******")
	x.Press("enter")
	if x.m.bench.field.in.Value() != "" {
		t.Error("the secret is kept after it was used")
	}
}

func TestCopyAndSave(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.busyStory()
	x.Press("y")
	if len(x.Seen) != 1 {
		t.Fatalf("y sets the clipboard, not %v", x.Seen)
	}
	x.WantScreen("it says what happened", "OSC 52")
	x.Press("alt+5", "ctrl+s")
	x.WantScreen("the path is shown", "saved to /tmp/logs.txt")
	if !strings.Contains(x.ctl.saved, "Rejecting call default:lunch") {
		t.Errorf("what is shown is what is saved: %q", x.ctl.saved)
	}
	if strings.Contains(x.ctl.saved, "health.check answered") {
		t.Error("what is hidden is not saved")
	}
}

func TestQuitAsksWhileRecording(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Recording = "/tmp/run.ndjson" })
	x.event(0, opened())
	x.WantScreen("the header says that a recording runs", "REC")
	x.Press("q")
	x.wantMode("quitting asks", modeConfirm)
	x.WantScreen("it says what ends", "/tmp/run.ndjson")
	x.Press("n")
	x.wantMode("no stays", modeNormal)
	x.Press("q", "y")
	if len(x.Seen) != 1 {
		t.Errorf("yes quits: %v", x.Seen)
	}
}

func TestSessionsAreTabs(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.store.Append(timeline.Event{Time: x.now, Session: "jack", Payload: timeline.SessionOpened{User: timeline.User{ID: "jack", Type: timeline.Guest}}})
	x.sync()
	x.WantScreen("both are in the header", "[sara]", "jack")
	x.Press("]")
	x.WantScreen("] shows the next", "[jack]", "(guest)")
	x.WantNotOnScreen("with its own timeline", "health.check")
	x.Press("[")
	x.WantScreen("[ comes back", "[sara]", "health.check")
}

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

func TestGuestHasTheTokenThatTheServiceMade(t *testing.T) {
	x := newHarness(t, 120, 36)
	guest := opened()
	guest.User = timeline.User{ID: "visitor", Type: timeline.Guest}
	guest.TokenSource = "guest"
	theirs := token(x.now)
	theirs.UserID = "guest-1-visitor"
	x.event(0, guest, timeline.TokenLoading{Source: "guest", Load: 1}, timeline.TokenLoaded{Source: "guest", Load: 1, Token: theirs})
	x.WantScreen("the token says where it is from, and its user is right", "token from POST /guest", "user_id guest-1-visitor ✓")
	x.WantNotOnScreen("the id that was asked for is no mistake", "not for visitor")
}

func TestLogAloneHasTheScreen(t *testing.T) {
	x := newHarness(t, 80, 24, func(o *Options) { o.Replay, o.Controller = true, nil })
	t.Cleanup(x.m.close)
	x.log(logsink.Info, "client", "a line of somebody's log")
	x.wantFocus("a log without events is what there is to read", paneLogs)
	x.WantScreen("it is there with its scopes", "a line of somebody's", "Scopes")
	x.WantNotOnScreen("panes that can never show anything are not", "Connection")
	x.WantExact()
	x.Press("tab", "tab")
	x.WantScreen("they can be asked for", "Connection")
	x.event(0, opened())
	x.Press("alt+5")
	x.WantScreen("events bring them back", "Connection", "Timeline")
}

// directing is a controller that runs scenarios.
type directing struct{ *fakeController }

func (c directing) Scenarios() []Choice {
	return []Choice{{"train-tunnel", "the network goes for 40 s"}, {"clean-close", "the server closes with 1000"}}
}
func (c directing) RunScenario(name string) error { return c.note("scenario " + name) }
func (c directing) StopScenario() error           { return c.note("stop scenario") }

func TestScenariosAreRunFromThePalette(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.m.o.Controller = directing{x.ctl}
	x.connectedStory()
	x.Press(":")
	x.Type("scenario")
	x.Press("enter")
	x.WantScreen("they are listed with what they are", "train-tunnel", "the network goes for 40 s")
	x.Type("clean")
	x.Press("enter")
	x.wantAsked("enter runs the one that was found", "scenario clean-close")
	x.Press(":")
	x.Type("scenario my/own.yaml")
	x.Press("enter")
	x.wantAsked("a file can be named at once", "scenario clean-close", "scenario my/own.yaml")
}

func TestScreenWithoutScenariosSaysWhoRunsThem(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.Press(":")
	x.Type("scenario")
	x.Press("enter")
	x.WantScreen("it names the command", "streamscope scenario FILE")
}

func TestScoresAreInTheHeaderForAWhile(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	fault := timeline.Fault{ID: "1", Kind: "drop", Title: "Drop the line"}
	x.event(0, timeline.FaultArmed{Fault: fault}, timeline.FaultHit{ID: "1", Fault: "drop"}, timeline.FaultCleared{ID: "1", Hits: 1})
	x.advance(800 * time.Millisecond)
	x.event(0, timeline.FaultScored{ID: "1", Fault: "drop", Score: "late", After: 800 * time.Millisecond, Detail: "reconnected"})
	x.WantScreen("the score is where the fault was", "! drop late after 800 ms")
	x.advance(time.Minute)
	x.WantNotOnScreen("and goes", "drop late after 800 ms  ")
}
