package ui

import (
	"strings"
	"testing"
	"time"

	"streamscope/timeline"
)

func TestCallsSayWhyWhereThereIsRoom(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.busyStory()
	x.WantNotOnScreen("beside the other panes there is none", "rejects a ring while")
	x.Press("alt+3", "z")
	x.WantScreen("the rule, what it counts, and what was decided",
		"The client rejects a ring while another call is a ring call and not idle, left or failed.",
		"default:standup · joined · counts", "jack → default:lunch: busy because of default:standup")
	x.event(0, timeline.Switched{Name: timeline.SwitchRejectWhenBusy, Value: "false"})
	x.WantScreen("and that it is off", "The switch is off")
}

// The client believes it is connected (K1); no ring comes through all the same.
func TestNextRingIsNotHeardOnASocketThatTheServerClosed(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.WantScreen("on an open socket it rings", "next ring: would RING")
	x.event(1, timeline.Close{Dir: timeline.In, Code: 1000})
	x.WantScreen("on a closed one it does not", "not heard: socket closed")
}

func TestWhatCountsAsBusy(t *testing.T) {
	tests := []struct {
		name string
		call timeline.Call
		want string
	}{
		{"a joined ring call", timeline.Call{CID: "default:x", Ringing: true, State: timeline.CallingJoined}, "counts"},
		{"a joined call that did not ring", timeline.Call{CID: "default:x", State: timeline.CallingJoined}, "it is no ring call"},
		{"a call that was left", timeline.Call{CID: "default:x", Ringing: true, State: timeline.CallingLeft}, "it is over"},
		{"one that is known and no more", timeline.Call{CID: "default:x", State: timeline.CallingIdle}, "it is idle"},
	}
	for _, tt := range tests {
		s := timeline.Session{RejectWhenBusy: true, Calls: []timeline.Call{tt.call}}
		if got := countedLine(tt.call, s.NextRing()).plain(); !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: %q does not end with %q", tt.name, got, tt.want)
		}
	}
}

func TestTrailOfACall(t *testing.T) {
	c := timeline.Call{
		CID: "default:x", Creator: "jack", RingAt: epoch, State: timeline.CallingLeft, Since: epoch.Add(3 * time.Second), Why: "cancel",
		Members: []timeline.Member{{ID: "nina", Outcome: timeline.OutcomeAccepted, At: epoch.Add(1500 * time.Millisecond)}, {ID: "sara"}},
	}
	got := strings.Join(plainRows(trailLines(c, &unicodeGlyphs)), "|")
	if want := "  12:00:00.000  rung by jack|  12:00:01.500  nina ✓ accepted 1.5 s after the ring|  12:00:03.000  left (cancel)"; got != want {
		t.Errorf("the trail is\n%s\nnot\n%s", got, want)
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
	x.WantScreen("the header says it while the pane does not", "RINGING from jack  ● CONNECTED")
	x.WantScreen("and the footer what to do, whatever has the focus", "a accept  D decline")
	x.Press("alt+3")
	x.WantNotOnScreen("the pane says it", "RINGING from jack  ● CONNECTED")
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
