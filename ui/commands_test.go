package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

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
	x.WantNotOnScreen("no pane tells of keys that do nothing", "makes another user ring", "(b)")
	x.Press("?")
	x.WantNotOnScreen("nor does the help", "Connect the user.", "Accept the ring.")
	x.WantScreen("it has those that do something", "Every attempt with its stages")
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
