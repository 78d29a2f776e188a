package scenario

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/timeline"
)

// at is an event of sara's at an offset.
func at(d time.Duration, p timeline.Payload) timeline.Event {
	return timeline.Event{Offset: d, Session: "sara", Attempt: 2, Payload: p}
}

var (
	lost      = timeline.StateChanged{From: timeline.StateConnected, To: timeline.StateBackoff}
	stalled   = timeline.StateChanged{From: timeline.StateAuthenticating, To: timeline.StateStalled}
	attempt   = timeline.AttemptStarted{}
	loading   = timeline.TokenLoading{}
	connected = timeline.StageChanged{Stage: timeline.StageConnected, Progress: timeline.Passed}
	refused   = timeline.HTTPResponse{Status: 500}
)

func TestScorer(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		name, spec string
		events     []timeline.Event
		until      time.Duration
		score      string
		after      time.Duration
	}{
		{"a drop and a reconnect in time", "drop", []timeline.Event{at(2*s, lost), at(3*s, attempt)}, 3 * s, ScoreSeen, 2 * s},
		{"a drop and a late reconnect", "drop", []timeline.Event{at(9*s, attempt)}, 9 * s, ScoreLate, 8 * s},
		{"a drop and nothing", "drop", nil, 60 * s, ScoreMissed, 22500 * time.Millisecond},
		{"close 1000 noticed 35 s after an earlier frame", "close:code=1000", []timeline.Event{at(31*s, lost)}, 31 * s, ScoreMissed, 30 * s},
		{"corrupt JSON noticed by the check", "corrupt", []timeline.Event{at(37*s, lost)}, 37 * s, ScoreSeen, 36 * s},
		{"error 40 twice: the attempt is told before its token", "error:code=40,phase=session,count=2", []timeline.Event{at(2*s, attempt), at(2*s, loading)}, 2 * s, ScoreSeen, s},
		{"close 1000 noticed by the watchdog", "close:code=1000", []timeline.Event{at(36*s, lost)}, 36 * s, ScoreSeen, 35 * s},
		{"close 1000 noticed at once", "close:code=1000", []timeline.Event{at(2*s, lost)}, 2 * s, ScoreMissed, s},
		{"close 1000 never noticed", "close:code=1000", nil, 60 * s, ScoreSeen, 40 * s},
		{"error 71 on the next connect", "error:code=71", []timeline.Event{at(2*s, stalled)}, 2 * s, ScoreSeen, s},
		{"error 71 repaired", "error:code=71", []timeline.Event{at(2*s, connected)}, 2 * s, ScoreMissed, s},
		{"expired token with a provider", "error:code=40", []timeline.Event{at(2*s, attempt), at(3*s, loading), at(3*s, attempt)}, 3 * s, ScoreSeen, 2 * s},
		{"unknown event carries on", "unknown-event", nil, 10 * s, ScoreSeen, 5 * s},
		{"unknown event kills", "unknown-event", []timeline.Event{at(2*s, lost)}, 2 * s, ScoreMissed, s},
		{"offline: the end counts", "offline:for=9s", []timeline.Event{at(10*s, timeline.FaultCleared{ID: "f1", Hits: 1}), at(10*s+s/100, attempt)}, 11 * s, ScoreSeen, s / 100},
		{"offline: no new socket", "offline:for=9s", []timeline.Event{at(10*s, timeline.FaultCleared{ID: "f1", Hits: 1})}, 60 * s, ScoreMissed, 20*s + s/100},
		{"request refused", "rest-error", []timeline.Event{at(2*s, refused)}, 2 * s, ScoreSeen, s},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sc Scorer
			got := sc.Observe(at(0, timeline.FaultArmed{Fault: timeline.Fault{ID: "f1", Kind: "x", Spec: tt.spec}}))
			if len(got) != 0 {
				t.Fatal("scored before it struck")
			}
			if _, ok := sc.Deadline(); ok {
				t.Fatal("waits before it struck")
			}
			sc.Observe(at(s, timeline.FaultHit{ID: "f1"}))
			for _, e := range tt.events {
				got = append(got, sc.Observe(e)...)
			}
			got = append(got, sc.Due(tt.until)...)
			if len(got) != 1 || got[0].Score != tt.score || got[0].After != tt.after {
				t.Fatalf("got %+v, want one %s after %s", got, tt.score, tt.after)
			}
			if !strings.HasPrefix(got[0].Detail, "expected: ") {
				t.Errorf("the detail does not say what was expected: %q", got[0].Detail)
			}
			if again := sc.Due(time.Hour); len(again) != 0 {
				t.Errorf("scored twice: %+v", again)
			}
		})
	}
}

// The client counts its 35 s from the last frame, which came before the fault.
// An app behind the tap tells no states: its sockets are all that shows.
func TestScorerOfATappedApp(t *testing.T) {
	const s = time.Second
	ended := timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006}
	for _, tt := range []struct {
		name, spec string
		events     []timeline.Event
		until      time.Duration
		score      string
	}{
		{"error 71: nothing follows", "error:code=71", []timeline.Event{at(s, ended)}, 60 * s, ScoreSeen},
		{"error 71: one more attempt, then nothing", "error:code=71", []timeline.Event{at(2*s, attempt)}, 60 * s, ScoreSeen},
		{"error 71: not decided while it tries", "error:code=71", []timeline.Event{at(30*s, attempt)}, 60 * s, ""},
		{"error 71: repaired", "error:code=71", []timeline.Event{at(2*s, attempt), at(3*s, connected)}, 3 * s, ScoreMissed},
		{"unknown event carries on", "unknown-event", nil, 10 * s, ScoreSeen},
		{"unknown event kills", "unknown-event", []timeline.Event{at(2*s, ended)}, 2 * s, ScoreMissed},
		{"a drop and a reconnect", "drop", []timeline.Event{at(s, ended), at(3*s, attempt)}, 3 * s, ScoreSeen},
		{"close 1000 never noticed", "close:code=1000", []timeline.Event{at(s, timeline.AttemptEnded{By: timeline.ByServer, Close: 1000})}, 60 * s, ScoreSeen},
		{"close 1000 noticed too soon", "close:code=1000", []timeline.Event{at(4*s, attempt)}, 4 * s, ScoreMissed},
		{"half-open given up by the client", "half-open", []timeline.Event{at(37*s, timeline.AttemptEnded{By: timeline.ByClient, Close: 1005})}, 37 * s, ScoreSeen},
		{"the app disconnects", "drop", []timeline.Event{at(2*s, timeline.AttemptEnded{By: timeline.ByClient, Close: 1000})}, 60 * s, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sc Scorer
			sc.Observe(at(0, timeline.SessionOpened{Source: timeline.SourceTap}))
			sc.Observe(at(0, timeline.FaultArmed{Fault: timeline.Fault{ID: "f1", Kind: "x", Spec: tt.spec}}))
			sc.Observe(at(s, timeline.FaultHit{ID: "f1"}))
			var got []Score
			for _, e := range tt.events {
				got = append(got, sc.Observe(e)...)
			}
			got = append(got, sc.Due(tt.until)...)
			switch {
			case tt.score == "" && len(got) != 0, tt.score != "" && (len(got) != 1 || got[0].Score != tt.score):
				t.Fatalf("got %+v, want %q", got, tt.score)
			}
		})
	}
}

func TestScorerCountsSilenceFromTheLastFrame(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		heard time.Duration
		score string
	}{{5 * s, ScoreSeen}, {30 * s, ScoreMissed}} {
		var sc Scorer
		sc.Observe(at(0, timeline.FaultArmed{Fault: timeline.Fault{ID: "f1", Spec: "no-pong"}}))
		sc.Observe(at(tt.heard, timeline.Frame{Dir: timeline.In, Type: "health.check"}))
		sc.Observe(at(31*s, timeline.FaultHit{ID: "f1"}))
		got := sc.Observe(at(40*s, lost))
		if len(got) != 1 || got[0].Score != tt.score {
			t.Errorf("last frame at %s, noticed at 40s: %+v, want %s", tt.heard, got, tt.score)
		}
	}
}

func TestScorerForgetsWhatTheUserDid(t *testing.T) {
	var sc Scorer
	sc.Observe(at(0, timeline.FaultArmed{Fault: timeline.Fault{ID: "f1", Spec: "drop"}}))
	sc.Observe(at(1, timeline.FaultHit{ID: "f1"}))
	sc.Observe(at(2, timeline.UserAction{Action: "disconnect"}))
	if got := sc.Due(time.Hour); len(got) != 0 {
		t.Errorf("the user disconnected, and still: %+v", got)
	}
}

func TestKeepScoreAppendsTheScore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := timeline.NewStore(timeline.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); KeepScore(ctx, store) }()
		store.Append(timeline.Event{Payload: timeline.FaultArmed{Fault: timeline.Fault{ID: "f1", Kind: "unknown-event", Spec: "unknown-event"}}})
		store.Append(timeline.Event{Session: "sara", Payload: timeline.FaultHit{ID: "f1"}})
		time.Sleep(calm + time.Millisecond)
		synctest.Wait()
		var scores []timeline.FaultScored
		for e := range store.All() {
			if p, ok := e.Payload.(timeline.FaultScored); ok && e.Session == "sara" {
				scores = append(scores, p)
			}
		}
		if len(scores) != 1 || scores[0].Score != ScoreSeen {
			t.Errorf("scores %+v, want one seen", scores)
		}
		cancel()
		<-done
	})
}
