package timeline_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"streamscope/timeline"
)

// trapCase causes a trap by events; ending is what makes it be over.
type trapCase struct {
	id     string
	name   string
	cause  *script
	ending func(*script)
	until  time.Duration // of the countdown, from the start of the run; 0 for none
}

func static(p *timeline.SessionOpened) { p.Refreshable, p.TokenSource = false, "static" }

func reconnected(s *script) { s.after(time.Minute).dial(true).ok() }

func disconnected(s *script) {
	s.after(time.Second, timeline.StateChanged{To: timeline.StateDisconnected})
}

func failedRefresh() *script {
	s := opened(nil).connect().lose().after(time.Second)
	s.attempt++
	return s.add(timeline.AttemptStarted{Reconnect: true}, timeline.StateChanged{To: timeline.StateLoadingToken},
		timeline.TokenFailed{Source: "http", Failure: timeline.Failure{Op: "token", Text: "503"}})
}

// secondCycle begins the second attempt of connectUser after the first failed at a
// stage.
func secondCycle(failed timeline.Stage) *script {
	s := opened(nil)
	s.attempt = 1
	s.add(timeline.AttemptStarted{Cycle: 1}, timeline.StageChanged{Stage: failed, Progress: timeline.Failed},
		timeline.AttemptEnded{By: timeline.ByServer, Failure: &timeline.Failure{}}, timeline.StateChanged{To: timeline.StateBackoff, Cycle: 1})
	s.attempt = 2
	return s.after(time.Second, timeline.AttemptStarted{Cycle: 2}, timeline.StateChanged{To: timeline.StateDialing, Cycle: 2})
}

func TestAnAttemptWithoutASocketLeavesNoRejectionBehind(t *testing.T) {
	if trap, ok := findTrap(secondCycle(timeline.StageToken).fold(), "K10"); ok {
		t.Errorf("the trap is seen: %+v", trap)
	}
}

func answer(id string, code int) timeline.HTTPResponse {
	return timeline.HTTPResponse{ID: id, Method: "GET", Path: "/video/call/default/x", Status: 401, Code: code, Failure: &timeline.Failure{Op: "http", Code: code}}
}

func rewatch(s *script, n int) *script {
	for i := range n {
		id := fmt.Sprintf("w-%d", i)
		s.add(timeline.HTTPRequest{ID: id, Method: "POST", Path: "/video/calls", Watch: true})
		s.after(time.Second, timeline.HTTPResponse{ID: id, Method: "POST", Path: "/video/calls", Status: 500, Failure: &timeline.Failure{Status: 500}})
	}
	return s
}

func trapCases() []trapCase {
	wait := timeline.Backoff{Layer: "socket", Failures: 3, Drawn: 4 * time.Second}
	outgoing := timeline.CallEvent{Type: "call.created", CID: "default:x", Creator: "sara", Incoming: 20 * time.Second}
	return []trapCase{
		{id: "K1", name: "close 1000 on an established socket", until: 40 * time.Second,
			cause:  opened(nil).after(5*time.Second).connect().after(3*time.Second, serverClose(1000)),
			ending: reconnected},
		{id: "K1", name: "the same through a tap", until: 40 * time.Second,
			cause:  opened(tapped).after(5*time.Second).connect().after(3*time.Second, serverClose(1000), timeline.AttemptEnded{By: timeline.ByServer, Close: 1000}),
			ending: reconnected},
		{id: "K2", name: "silence for longer than 35 s",
			cause: opened(nil).connect().after(37*time.Second, timeline.Note{Text: "anything"}), ending: reconnected},
		{id: "K2", name: "silence after a close 1000, through a tap",
			cause:  opened(tapped).connect().add(serverClose(1000), timeline.AttemptEnded{By: timeline.ByServer, Close: 1000}).after(37*time.Second, timeline.HTTPRequest{ID: "r", Method: "GET", Path: "/edges"}),
			ending: reconnected},
		{id: "K3", name: "close 1000 in a reconnect",
			cause: opened(nil).connect().lose().after(time.Second).dial(true).add(serverClose(1000)), ending: reconnected},
		{id: "K3", name: "the same through a tap that does not know of reconnects",
			cause: opened(tapped).connect().lose().after(time.Second).dial(false).add(serverClose(1000)), ending: reconnected},
		{id: "K4", name: "a transient error in a reconnect",
			cause: opened(nil).connect().lose().after(time.Second).dial(true).add(refused(9), serverClose(1000)), ending: reconnected},
		{id: "K5", name: "40 in a reconnect with a static token",
			cause: opened(static).connect().lose().after(time.Second).dial(true).add(refused(40)), ending: disconnected},
		{id: "K6", name: "the provider fails in a reconnect", cause: failedRefresh(), ending: reconnected},
		{id: "K7", name: "a request that fails at once with the provider's error",
			cause:  failedRefresh().after(time.Second, timeline.StateChanged{To: timeline.StateStalled}, timeline.HTTPResponse{ID: "r", Took: time.Millisecond, Failure: &timeline.Failure{Op: "token"}}),
			ending: func(s *script) { s.after(time.Second, timeline.TokenLoaded{Source: "http"}) }},
		{id: "K8", name: "a second socket beside a live one",
			cause:  opened(nil).connect().after(time.Second).dial(false).ok().after(10*time.Second).on(1, in("user.updated")),
			ending: func(s *script) { s.on(1, timeline.AttemptEnded{By: timeline.ByClient}) }},
		{id: "K9", name: "the first error on an established socket",
			cause: opened(nil).connect().after(time.Second, refused(40)), ending: reconnected},
		{id: "K10", name: "the second attempt of a loop",
			cause:  secondCycle(timeline.StageUpgrade),
			ending: func(s *script) { s.dial(false).ok() }},
		{id: "K11", name: "connecting again after a total failure",
			cause:  opened(nil).add(timeline.ConnectFailed{All: make([]timeline.Failure, 5)}, timeline.StateChanged{To: timeline.StateFailed}).after(time.Second, timeline.Warning{ID: timeline.WarnConsecutiveConnect}),
			ending: func(s *script) { s.connect() }},
		{id: "K12", name: "a last error that hides the first",
			cause: opened(nil).add(timeline.ConnectFailed{
				All:  []timeline.Failure{{Op: "token", Text: "provider down"}, {Op: "token"}},
				Last: timeline.Failure{SDKText: "Use client.disconnect() before trying to connect as a different user. connectUser was called twice."},
			}, timeline.StateChanged{To: timeline.StateFailed}), ending: disconnected},
		{id: "K13", name: "a second instance",
			cause:  opened(nil).add(timeline.Warning{ID: "K13", Text: "already exists"}),
			ending: func(s *script) { s.add(timeline.SessionClosed{}) }},
		{id: "K14", name: "a logout that waits", cause: opened(nil).add(timeline.StateChanged{To: timeline.StateBackoff, Cycle: 1}, timeline.Warning{ID: timeline.WarnPendingLogout}), ending: disconnected},
		{id: "K15", name: "a disconnect while our ring is pending", until: 20 * time.Second,
			cause:  opened(nil).connect().add(outgoing, calling("default:x", timeline.CallingRinging, true), timeline.UserAction{Action: timeline.ActionDisconnect}),
			ending: func(s *script) { s.after(21*time.Second, timeline.Note{Text: "later"}) }},
		{id: "K15", name: "the same through a tap", until: 20 * time.Second,
			cause: opened(tapped).connect().add(outgoing, timeline.HTTPRequest{ID: "r", Method: "POST", Path: "/video/call/default/x", Ring: true},
				timeline.HTTPResponse{ID: "r", Status: 201}, timeline.Close{Dir: timeline.Out, Code: 1000}),
			ending: func(s *script) { s.after(21*time.Second, timeline.Note{Text: "later"}) }},
		{id: "K16", name: "a port that starts with 3030",
			cause:  opened(func(p *timeline.SessionOpened) { p.BaseURL = "http://127.0.0.1:30300/video" }),
			ending: func(s *script) { s.add(timeline.SessionClosed{}) }},
		{id: "K17", name: "a request that waits 15 s for the socket",
			cause:  opened(nil).connect().lose().add(timeline.StateChanged{To: timeline.StateStalled}).after(15*time.Second, timeline.HTTPResponse{ID: "r", Took: 15 * time.Second, Failure: &timeline.Failure{Op: "http", SDKText: `{"code":71}`}}),
			ending: reconnected},
		{id: "K18", name: "40 again for one request",
			cause:  opened(nil).connect().add(answer("r", 40)).after(time.Second, answer("r", 40)),
			ending: func(s *script) { s.add(timeline.HTTPResponse{ID: "r", Status: 200}) }},
		{id: "K19", name: "a ping without an answer while events flow",
			cause:  opened(nil).connect().after(25*time.Second, out("health.check")).after(11*time.Second, in("user.updated")),
			ending: func(s *script) { s.add(in("health.check")) }},
		{id: "K20", name: "a token that the decoder cannot read",
			cause:  opened(nil).add(timeline.TokenFailed{Failure: timeline.Failure{Op: "token"}, Token: &timeline.TokenInfo{Undecodable: "user_id is not ASCII"}}),
			ending: func(s *script) { s.connect() }},
		{id: "K21", name: "two waits at once",
			cause:  opened(nil).connect().lose().add(wait, wait),
			ending: reconnected},
		{id: "K22", name: "two handshakes at once",
			cause: opened(nil).dial(false).after(15 * time.Second).dial(false), ending: func(s *script) { s.ok() }},
		{id: "K23", name: "the network is back and the socket does not know",
			cause:  opened(nil).connect().lose().add(timeline.StateChanged{To: timeline.StateStalled}).after(time.Minute, timeline.AppEvent{Type: timeline.AppNetworkChanged, Online: true}),
			ending: reconnected},
		{id: "K24", name: "events while offline",
			cause:  opened(nil).connect().after(time.Second, timeline.Network{Online: false}).after(time.Second, in("user.updated")),
			ending: func(s *script) { s.add(timeline.Network{Online: true}) }},
		{id: "K25", name: "three failed re-watches", cause: rewatch(opened(nil).connect(), 3), ending: reconnected},
		{id: "K25", name: "one that is not to be repeated",
			cause: opened(nil).connect().add(timeline.HTTPRequest{ID: "w", Method: "POST", Path: "/video/calls", Watch: true},
				timeline.HTTPResponse{ID: "w", Status: 400, Unrecoverable: true, Failure: &timeline.Failure{}}), ending: reconnected},
		{id: "K26", name: "a health.check before connection.ok",
			cause: opened(nil).dial(false).add(in("health.check")), ending: func(s *script) { s.ok() }},
		{id: "K27", name: "a socket that opens after the disconnect",
			cause: func() *script {
				s := opened(nil)
				s.attempt++
				return s.add(timeline.AttemptStarted{}, timeline.StateChanged{To: timeline.StateDisconnected}).after(time.Second, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Passed})
			}(),
			ending: func(s *script) { s.add(timeline.AttemptEnded{By: timeline.ByServer, Close: 1008}) }},
		{id: "K27", name: "a tapped socket that never says who it is",
			cause: func() *script {
				s := opened(tapped)
				s.attempt++
				return s.add(timeline.AttemptStarted{}, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Passed}).after(16*time.Second, timeline.Note{Text: "later"})
			}(),
			ending: func(s *script) { s.add(timeline.Frame{Dir: timeline.Out, Op: "text"}) }},
	}
}

func TestEachTrapIsRecognisedAndOver(t *testing.T) {
	seen := map[string]bool{}
	for _, tt := range trapCases() {
		seen[tt.id] = true
		t.Run(tt.id+" "+tt.name, func(t *testing.T) {
			trap, ok := findTrap(tt.cause.fold(), tt.id)
			if !ok || trap.Over {
				t.Fatalf("the trap is not recognised; seen are %v", tt.cause.fold().Traps)
			}
			if last := tt.cause.events[len(tt.cause.events)-1]; trap.Seq == 0 || trap.Seq > last.Seq {
				t.Errorf("the trap points at event %d", trap.Seq)
			}
			if want := at(tt.until); tt.until != 0 && !trap.Until.Equal(want) {
				t.Errorf("the countdown ends at %v, want %v", trap.Until, want)
			}
			tt.ending(tt.cause)
			if trap, ok = findTrap(tt.cause.fold(), tt.id); !ok || !trap.Over {
				t.Errorf("the trap is not over: %+v", trap)
			}
		})
	}
	for n := range 27 {
		if id := fmt.Sprintf("K%d", n+1); !seen[id] {
			t.Errorf("no case causes %s", id)
		}
	}
}

func findTrap(s timeline.Session, id string) (timeline.TrapSeen, bool) {
	i := slices.IndexFunc(s.Traps, func(t timeline.TrapSeen) bool { return t.ID == id })
	if i < 0 {
		return timeline.TrapSeen{}, false
	}
	return s.Traps[i], true
}

// healthyRun connects, beats, rings, answers, loses its socket, comes back with a
// new token, and disconnects.
func healthyRun(change func(*timeline.SessionOpened)) *script {
	s := opened(change).after(time.Second,
		timeline.UserAction{Action: "connect"},
		timeline.StateChanged{To: timeline.StateLoadingToken, Cycle: 1},
		timeline.TokenLoading{Source: "http", Load: 1},
		timeline.TokenLoaded{Source: "http", Load: 1, Token: timeline.TokenInfo{Number: 1}},
	).connect()
	for range 3 {
		s.beat()
	}
	s.add(in("call.ring"), ring("default:lunch"), calling("default:lunch", timeline.CallingRinging, true))
	s.after(2*time.Second, timeline.HTTPRequest{ID: "r-1", Method: "POST", Path: "/video/call/default/lunch/accept"})
	s.after(20*time.Millisecond, timeline.HTTPResponse{ID: "r-1", Status: 201}, calling("default:lunch", timeline.CallingJoined, true))
	s.beat().lose()
	s.after(time.Second).dial(true).add(refused(40), timeline.Close{Dir: timeline.In, Code: 1000},
		timeline.AttemptEnded{By: timeline.ByServer, Close: 1000, Failure: &timeline.Failure{Op: "auth", Code: 40}},
		timeline.Backoff{Chain: 2, Layer: "socket", Drawn: 500 * time.Millisecond, Refresh: true},
		timeline.StateChanged{To: timeline.StateBackoff, Failures: 2})
	s.after(500*time.Millisecond, timeline.TokenLoaded{Source: "http", Load: 2, Token: timeline.TokenInfo{Number: 2}}).dial(true).ok()
	s = rewatch(s, 1).add(timeline.HTTPRequest{ID: "w", Method: "POST", Path: "/video/calls", Watch: true}, timeline.HTTPResponse{ID: "w", Status: 201})
	for range 2 {
		s.beat()
	}
	s.add(timeline.Network{Online: false}, timeline.Network{Online: true})
	s.add(timeline.UserAction{Action: timeline.ActionDisconnect}, timeline.Close{Dir: timeline.Out, Code: 1000},
		timeline.AttemptEnded{By: timeline.ByUser, Close: 1000}, timeline.StateChanged{To: timeline.StateDisconnected})
	return s.after(time.Hour, timeline.SessionClosed{Reason: "quit"})
}

func TestAHealthyRunShowsNoTrap(t *testing.T) {
	for name, change := range map[string]func(*timeline.SessionOpened){"own session": nil, "tap": tapped} {
		t.Run(name, func(t *testing.T) {
			s := healthyRun(change)
			for n := range s.events {
				part := timeline.Fold(timeline.State{}, s.events[:n+1]).Sessions[0]
				if len(part.Traps) > 0 {
					t.Fatalf("after event %d (%s) a trap is seen: %+v", n+1, s.events[n].Kind(), part.Traps)
				}
				if due := part.Overdue(s.events[n].Time); len(due) > 0 {
					t.Fatalf("after event %d (%s) a trap is due: %+v", n+1, s.events[n].Kind(), due)
				}
			}
		})
	}
}

func TestASteadySessionIsNotBlamedForTheClientsTraps(t *testing.T) {
	steady := func(p *timeline.SessionOpened) { p.Policy = timeline.PolicySteady }
	s := opened(steady).connect().after(time.Second, serverClose(1000)).lose()
	s.after(time.Second).dial(true).add(refused(9)).lose()
	if traps := s.fold().Traps; len(traps) > 0 {
		t.Errorf("traps are seen: %+v", traps)
	}
}

func TestOverdueTellsWhatOnlyTheClockShows(t *testing.T) {
	s := opened(nil).connect().after(25*time.Second, out("health.check"))
	session := s.fold()
	tests := []struct {
		after time.Duration
		want  []string
	}{
		{34 * time.Second, nil},
		{35*time.Second + time.Millisecond, []string{"K19"}},
		{36*time.Second + time.Millisecond, []string{"K2", "K19"}},
	}
	for _, tt := range tests {
		var got []string
		for _, trap := range session.OpenTraps(at(tt.after)) {
			got = append(got, trap.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v after connecting the open traps are %v, want %v", tt.after, got, tt.want)
		}
	}
}

func TestARecordingThatBeginsInTheMiddleIsNotATrap(t *testing.T) {
	s := &script{attempt: 7}
	s.add(in("health.check"), in("call.ring"))
	session := s.fold()
	if len(session.Traps) > 0 || session.Conn != timeline.StateConnected || session.Attempt.N != 7 {
		t.Errorf("state %q, attempt %d, traps %v", session.Conn, session.Attempt.N, session.Traps)
	}
}

func TestAnAppThatStartsAgainDoesNotReconnect(t *testing.T) {
	s := opened(tapped).connectTapped().add(timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006, Failure: &timeline.Failure{Close: 1006}})
	u := &url.URL{Path: "/video/call_client_event"}
	s.after(time.Minute, timeline.NewRequest("t", "POST", u, wireFile(t, "request_call_client_event_initiated.json")))
	s.dial(false).add(refused(43))
	if traps := s.fold().Traps; len(traps) > 0 {
		t.Errorf("a refused first connect is taken for a refused reconnect: %+v", traps)
	}
}

func TestTrapsAfterTellsWhatIsNew(t *testing.T) {
	s := opened(nil).connect().add(refused(40))
	state := timeline.Fold(timeline.State{}, s.events)
	first := state.TrapsAfter(0)
	if len(first) != 1 || first[0].ID != "K9" || first[0].Session != "sara" {
		t.Fatalf("the traps are %+v", first)
	}
	s.add(serverClose(1000))
	state = timeline.Fold(timeline.State{}, s.events)
	if got := state.TrapsAfter(first[0].Seq); len(got) != 1 || got[0].ID != "K1" {
		t.Errorf("the new traps are %+v", got)
	}
}
