package timeline_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"streamscope/timeline"
)

func TestDescribe(t *testing.T) {
	tests := []struct {
		name    string
		payload timeline.Payload
		want    string
	}{
		{"a ring", timeline.Frame{Dir: timeline.In, Type: "call.ring", CID: "default:lunch", By: "jack"}, "← call.ring  default:lunch from jack"},
		{"a rejection", timeline.Frame{Dir: timeline.In, Type: "call.rejected", CID: "default:lunch", By: "jack"}, "← call.rejected  default:lunch by jack"},
		{"connection.ok", timeline.Frame{Dir: timeline.In, Type: "connection.ok", ConnectionID: "c-1", By: "sara"}, "← connection.ok as sara (c-1)"},
		{"connection.error", timeline.Frame{Dir: timeline.In, Type: "connection.error", Code: 40, Message: "expired"}, "← connection.error 40 AuthErrorTokenExpired “expired”"},
		{"our auth frame", timeline.Frame{Dir: timeline.Out, Op: "text", Size: 312}, "→ auth 312 bytes"},
		{"a busy decision", timeline.RingDecision{CID: "default:lunch", Caller: "jack", Busy: true, Counted: []string{"default:standup"}},
			"decided reject busy default:lunch from jack (default:standup counts as busy)"},
		{"a request", timeline.HTTPRequest{Method: "POST", Path: "/video/call/default/lunch/reject", CID: "default:lunch", Reason: "busy"},
			"→ POST …/reject  default:lunch (busy)"},
		{"a request about a call itself", timeline.HTTPRequest{Method: "GET", Path: "/video/call/default/lunch", CID: "default:lunch", Ring: true},
			"→ GET …/call/default/lunch ring"},
		{"its answer", timeline.HTTPResponse{Method: "POST", Path: "/video/call/default/lunch/reject", Status: 201, Took: 18 * time.Millisecond},
			"← 201 in 18 ms · POST …/reject"},
		{"a refusal", timeline.HTTPResponse{Method: "GET", Path: "/video/call/default/x", Status: 404, Took: time.Second, Failure: &timeline.Failure{Code: 16, Reason: "Can't find"}},
			"← 404 in 1.0 s · GET …/call/default/x 16 DoesNotExistError “Can't find”"},
		{"no answer", timeline.HTTPResponse{Method: "GET", Path: "/calls", Took: 5 * time.Second, Failure: &timeline.Failure{Text: "timeout"}},
			"← GET /calls failed in 5.0 s timeout"},
		{"backoff", timeline.StateChanged{To: timeline.StateBackoff, Failures: 2, RetryIn: 3200 * time.Millisecond, Reason: "close 1006"},
			"backoff for 3.2 s after 2 failures (close 1006)"},
		{"a stop with a last chance", timeline.StateChanged{To: timeline.StateStalled, RetryIn: 31 * time.Second, Reason: "no"},
			"stalled with one more chance in 31.0 s, by the old socket's 35 s check (no)"},
		{"a token endpoint that fails", timeline.TokenFailed{Took: time.Second, Failure: timeline.Failure{Op: "token", Status: 500, Text: "the token endpoint answered 500"}},
			"token load failed after 1.0 s the token endpoint answered 500"},
		{"a wait", timeline.Backoff{Chain: 2, Failures: 1, Min: 250 * time.Millisecond, Max: 2500 * time.Millisecond, Drawn: time.Second},
			"wait 1.0 s of 250 ms–2.5 s after 1 failure (chain 2)"},
		{"a wait that was not drawn", timeline.Backoff{Failures: 4, Min: 5 * time.Second, Max: 5 * time.Second, Drawn: 5 * time.Second}, "wait 5.0 s after 4 failures"},
		{"a clock in another year", timeline.Clock{Skew: -9000 * time.Hour, Source: "connection.ok"}, "server clock -375 days against ours (connection.ok)"},
		{"a token that expires", timeline.TokenSent{Token: timeline.TokenInfo{Number: 1, Mask: "eyJ…", ExpiresAt: start}}, "→ token 1 sent eyJ… until 2026-01-02 12:00:00Z"},
		{"a close", timeline.Close{Dir: timeline.In, Code: 1000, Reason: "bye\x1b[2J"}, `← close 1000 “bye\x1b[2J”`},
		{"a frame of the user's own, whatever is in it", timeline.Frame{Dir: timeline.Out, Op: "text", Size: 12, Type: "health.check", ByHand: true}, "→ by hand: health.check 12 bytes"},
		{"a renewal, which is no key of yours", timeline.UserAction{Action: timeline.ActionRenew, Detail: "by this app"}, "renew by this app"},
		{"a fault that waits", timeline.FaultArmed{For: 40 * time.Second, Fault: timeline.Fault{Title: "Certificate · for 40s", Strikes: timeline.StrikesConnect}},
			"fault armed: Certificate · for 40s (strikes at the next connect, and its time runs from there)"},
		{"a fault with a time", timeline.FaultArmed{For: 40 * time.Second, Fault: timeline.Fault{Title: "Slow"}}, "fault armed: Slow for 40.0 s"},
		{"a fault that was never met", timeline.FaultCleared{Why: "its time is over"}, "fault cleared: it never struck (its time is over)"},
		{"a loss of events", timeline.Dropped{Count: 12}, "12 events dropped here"},
		{"a token", timeline.TokenSent{Token: timeline.TokenInfo{Number: 2, Mask: "eyJ….….…abcdef"}}, "→ token 2 sent eyJ….….…abcdef no expiry"},
		{"a stage", timeline.StageChanged{Stage: timeline.StageDNS, Progress: timeline.Passed, Took: 2 * time.Millisecond, Detail: "127.0.0.1"}, "dns passed in 2 ms (127.0.0.1)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := timeline.Describe(timeline.Event{Attempt: 3, Payload: tt.payload}).String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestEveryKindHasARow(t *testing.T) {
	for _, p := range onePayloadOfEachKind() {
		if r := timeline.Describe(timeline.Event{Payload: p}); r.Text == "" {
			t.Errorf("an event of kind %s has no text", p.Kind())
		}
	}
	if r := timeline.Describe(timeline.Event{}); r != (timeline.Row{}) {
		t.Errorf("an event without a payload gives %v", r)
	}
}

func TestHealthChecksFoldAndCallEventsEcho(t *testing.T) {
	ping := timeline.Describe(timeline.Event{Payload: timeline.Frame{Dir: timeline.Out, Type: "health.check"}})
	pong := timeline.Describe(timeline.Event{Payload: timeline.Frame{Dir: timeline.In, Type: "health.check"}})
	if ping.Fold == "" || ping.Fold != pong.Fold || ping.Severity != timeline.Quiet {
		t.Errorf("health checks do not fold: %+v and %+v", ping, pong)
	}
	ring := timeline.Frame{Dir: timeline.In, Type: "call.ring", CID: "a:b", By: "jack"}
	echo := timeline.CallEvent{Type: "call.ring", CID: "a:b", By: "jack"}
	first, second := timeline.Describe(timeline.Event{Payload: ring}), timeline.Describe(timeline.Event{Payload: echo})
	if first.Echo || !second.Echo || first.Text != second.Text {
		t.Errorf("the decoded event does not echo its frame: %+v and %+v", first, second)
	}
}

func TestRowsHoldNoControlCharacters(t *testing.T) {
	const nasty = "a\x1b]0;x\x07\r\n\u202eb"
	payloads := []timeline.Payload{
		timeline.Frame{Dir: timeline.In, Type: "call." + nasty, CID: nasty, By: nasty},
		timeline.Frame{Dir: timeline.In, Type: nasty, Bad: "x"},
		timeline.Frame{Dir: timeline.In, Type: "connection.ok", ConnectionID: nasty, By: nasty},
		timeline.HTTPRequest{Method: nasty, Path: "/call/" + nasty + "/b/" + nasty, CID: nasty, Reason: nasty},
		timeline.HTTPResponse{Method: nasty, Path: nasty, Failure: &timeline.Failure{Reason: nasty, Text: nasty}},
		timeline.CallEvent{Type: nasty, CID: nasty, By: nasty, Reason: nasty},
		timeline.RingDecision{CID: nasty, Caller: nasty, Counted: []string{nasty}, Busy: true},
		timeline.SessionOpened{User: timeline.User{ID: nasty}, BaseURL: nasty},
		timeline.TokenLoaded{Token: timeline.TokenInfo{Mask: nasty, Malformed: nasty}},
		timeline.StageChanged{Progress: timeline.Failed, Failure: &timeline.Failure{Text: nasty}, Detail: nasty},
		timeline.Note{Text: nasty}, timeline.Mark{Text: nasty}, timeline.Warning{Text: nasty},
	}
	for _, p := range payloads {
		text := timeline.Describe(timeline.Event{Payload: p}).Text
		if i := strings.IndexFunc(text, unsafe); i >= 0 {
			t.Errorf("the row of %s shows %q", p.Kind(), text)
		}
	}
}

func unsafe(r rune) bool { return unicode.IsControl(r) || r == '\u202e' }
