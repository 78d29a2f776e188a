package timeline_test

import (
	"testing"
	"time"

	"streamscope/timeline"
)

// onePayloadOfEachKind returns a filled payload of every kind there is.
func onePayloadOfEachKind() []timeline.Payload {
	failure := timeline.Failure{Stage: timeline.StageAuth, Op: "auth", Code: 40, Reason: "expired"}
	info := timeline.TokenInfo{Number: 1, Mask: "eyJ….….…abcdef", Fingerprint: "01234567", UserID: "sara", ExpiresAt: start.Add(time.Hour)}
	return []timeline.Payload{
		timeline.SessionOpened{Source: timeline.SourceLocal, User: timeline.User{ID: "sara", Type: timeline.Authenticated, Custom: map[string]any{"color": "red"}}, BaseURL: "http://127.0.0.1:8800/video"},
		timeline.SessionClosed{Reason: "quit"},
		timeline.StateChanged{From: timeline.StateIdle, To: timeline.StateDialing, Cycle: 1},
		timeline.Switched{Name: timeline.SwitchRejectWhenBusy, Value: "true"},
		timeline.UserAction{Action: "connect"},
		timeline.Network{Online: true, By: timeline.ByUser},
		timeline.Warning{ID: "x", Text: "careful"},
		timeline.Note{Text: "hm"},
		timeline.Mark{Text: "here"},
		timeline.Dropped{Count: 3},
		timeline.AttemptStarted{URL: "ws://127.0.0.1:8800/video/connect", Cycle: 1},
		timeline.StageChanged{Stage: timeline.StageTCP, Progress: timeline.Passed, Took: time.Millisecond},
		timeline.AttemptEnded{By: timeline.ByServer, Close: 1006, Failure: &failure},
		timeline.Backoff{Chain: 1, Layer: "socket", Failures: 1, Min: 250 * time.Millisecond, Max: 2500 * time.Millisecond, Drawn: time.Second},
		timeline.ConnectFailed{Last: failure, All: []timeline.Failure{failure, failure}},
		timeline.AppEvent{Type: timeline.AppConnectionChanged, Online: true},
		timeline.TokenLoading{Source: "http", Load: 1},
		timeline.TokenLoaded{Source: "http", Load: 1, Took: time.Millisecond, Token: info},
		timeline.TokenFailed{Source: "http", Load: 2, Failure: failure},
		timeline.TokenSent{Token: info},
		timeline.Clock{Skew: -40 * time.Millisecond, Source: "date header"},
		timeline.Frame{Dir: timeline.In, Op: "text", Size: 20, Type: "connection.ok", Body: []byte(`{"type":"connection.ok"}`)},
		timeline.Close{Dir: timeline.In, Code: 1000, Reason: "bye"},
		timeline.HTTPRequest{ID: "r-1", Method: "POST", Path: "/video/call/default/lunch/reject", Op: timeline.OpReject, CID: "default:lunch", Reason: "busy"},
		timeline.HTTPResponse{ID: "r-1", Method: "POST", Path: "/video/call/default/lunch/reject", Status: 201, Took: time.Millisecond},
		timeline.CallEvent{Type: "call.ring", CID: "default:lunch", Creator: "jack", Members: []string{"sara"}, Incoming: 15 * time.Second},
		timeline.CallChanged{CID: "default:lunch", From: timeline.CallingIdle, To: timeline.CallingRinging, Ringing: true},
		timeline.RingDecision{CID: "default:lunch", Caller: "jack", Busy: true, Rule: timeline.RuleBusy},
		timeline.BusyTone{CID: "default:lunch", By: "jack", On: true, For: 1500 * time.Millisecond},
		timeline.FaultArmed{Fault: timeline.Fault{ID: "f-1", Kind: "drop", Title: "drop the socket"}},
		timeline.FaultHit{ID: "f-1", Fault: "drop"},
		timeline.FaultCleared{ID: "f-1", Hits: 1},
		timeline.FaultScored{ID: "f-1", Fault: "drop", Score: "seen", After: time.Second},
	}
}

func TestTheListOfPayloadsIsWhole(t *testing.T) {
	seen := map[timeline.Kind]bool{}
	for _, p := range onePayloadOfEachKind() {
		seen[p.Kind()] = true
	}
	for _, k := range timeline.Kinds() {
		if !seen[k] {
			t.Errorf("kind %s has no example", k)
		}
	}
	if len(seen) != len(timeline.Kinds()) {
		t.Errorf("there are %d kinds and %d examples", len(timeline.Kinds()), len(seen))
	}
}
