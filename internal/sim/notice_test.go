package sim

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/scenario"
	"streamscope/timeline"
)

// TestTheInvariantsNotice breaks each invariant on a timeline made by hand: one
// that nothing can break would hold whatever happens.
func TestTheInvariantsNotice(t *testing.T) {
	opened := timeline.SessionOpened{User: timeline.User{ID: "sara"}, Source: timeline.SourceLocal, Policy: timeline.PolicySDK, Refreshable: true}
	connected := timeline.StateChanged{From: timeline.StateIdle, To: timeline.StateConnected}
	ok := timeline.Frame{Dir: timeline.In, Op: "text", Type: "connection.ok", ConnectionID: "c-1"}
	busy := timeline.RingDecision{CID: "default:x", Busy: true, Rule: timeline.RuleBusy}
	reject := func(id string) timeline.HTTPRequest {
		return timeline.HTTPRequest{ID: id, Method: "POST", Path: "/video/call/default/x/reject", Op: timeline.OpReject, CID: "default:x", Reason: "busy"}
	}
	for _, tt := range []struct {
		name string
		does func(*hand)
		want string // empty: nothing is noticed
	}{
		{"a healthy run", func(h *hand) {
			h.add(opened, timeline.UserAction{Action: "connect"}).on(1, timeline.AttemptStarted{}, ok).add(connected)
			h.on(1, timeline.AttemptEnded{})
		}, ""},
		{"two live sockets", func(h *hand) {
			h.add(opened).on(1, timeline.AttemptStarted{}, ok).on(2, timeline.AttemptStarted{}, ok)
			h.m.both.live.Sessions[0].Traps = nil // K8 would name them
			h.m.wantOneSocket()
		}, "2 live sockets"},
		{"an attempt after the user has left", func(h *hand) {
			h.add(opened, timeline.UserAction{Action: "connect"}, timeline.UserAction{Action: "disconnect"})
			h.add(timeline.StateChanged{To: timeline.StateDisconnected}).on(1, timeline.AttemptStarted{})
		}, "starts after the user has disconnected"},
		{"an attempt for a wish that still waits", func(h *hand) {
			h.add(opened, timeline.UserAction{Action: "connect"}, timeline.UserAction{Action: "disconnect"}, timeline.UserAction{Action: "connect"})
			h.add(timeline.StateChanged{To: timeline.StateDisconnected}).on(1, timeline.AttemptStarted{}, timeline.AttemptEnded{})
		}, ""},
		{"an attempt that never ends", func(h *hand) { h.add(opened).on(1, timeline.AttemptStarted{}) }, "attempt 1 never ends"},
		{"an attempt that ends twice", func(h *hand) {
			h.add(opened).on(1, timeline.AttemptStarted{}, timeline.AttemptEnded{}, timeline.AttemptEnded{})
		}, "ends twice"},
		{"a provider asked for no reason", func(h *hand) { h.add(opened, timeline.TokenLoading{Load: 1}) }, "asked 1 times for 0 reasons"},
		{"a provider stormed", func(h *hand) {
			for range stormSocket + 2 {
				h.add(opened, timeline.UserAction{Action: "token.refresh"}, timeline.TokenLoading{})
			}
		}, "in a minute"},
		{"a busy ring without its reject", func(h *hand) { h.add(opened).after(time.Minute).add(busy).after(time.Minute) }, "0 busy rejects of default:x for 1 busy rings"},
		{"a busy ring with two rejects", func(h *hand) {
			h.add(opened).after(time.Minute).add(busy, reject("r-1"), reject("r-2")).after(time.Minute)
		}, "2 busy rejects of default:x for 1 busy rings"},
		{"a busy ring with one reject, sent twice for an expired token", func(h *hand) {
			h.add(opened).after(time.Minute).add(busy, reject("r-1"), reject("r-1")).after(time.Minute)
		}, ""},
		{"a stop without a name", func(h *hand) {
			h.add(opened, connected, timeline.StateChanged{To: timeline.StateStalled}).after(bound(timeline.PolicySDK)).settled()
		}, "it stopped without a name"},
		{"a client that tries for ever", func(h *hand) {
			h.add(opened, timeline.StateChanged{To: timeline.StateBackoff}).after(bound(timeline.PolicySDK)).settled()
		}, "it is still backoff"},
		{"a connection to nothing", func(h *hand) { h.add(opened, connected).after(bound(timeline.PolicySDK)).settled() }, "connected to nothing"},
		{"a token in a recording", func(h *hand) {
			h.add(opened, timeline.Note{Text: "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.c2lnbmF0dXJlb2Z0aGV0b2tlbg"})
		}, "a token is in the recording"},
		{"a recording that forgets", func(h *hand) {
			h.add(opened)
			h.m.both.replay = timeline.State{}
			h.add(connected)
		}, "folds to another state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHand(t)
				tt.does(h)
				h.m.finish()
				found := strings.Join(h.m.broken, "\n")
				if tt.want == "" && found != "" || !strings.Contains(found, tt.want) {
					t.Errorf("noticed %q, want %q", found, tt.want)
				}
			})
		})
	}
}

// hand writes a timeline for the monitor.
type hand struct {
	m      *monitor
	events *timeline.Store
}

func newHand(t *testing.T) *hand {
	events := timeline.NewStore(timeline.Options{})
	driver := New(events)
	h := &hand{m: newMonitor(driver, events), events: events}
	h.m.every = true
	if err := driver.Begin(t.Context(), scenario.Scenario{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := driver.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *hand) add(all ...timeline.Payload) *hand { return h.on(0, all...) }

func (h *hand) on(attempt int, all ...timeline.Payload) *hand {
	for _, p := range all {
		h.events.Append(timeline.Event{Session: "sara", Attempt: attempt, Payload: p})
	}
	h.m.read()
	return h
}

func (h *hand) after(d time.Duration) *hand {
	time.Sleep(d)
	return h
}

func (h *hand) settled() *hand {
	h.m.wantSettled()
	return h
}
