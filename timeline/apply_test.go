package timeline_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

func TestASessionFollowsItsStates(t *testing.T) {
	s := opened(nil).after(time.Second).connect().after(10*time.Second, timeline.AppEvent{Type: timeline.AppConnectionChanged, Online: true})
	session := s.fold()
	if session.Conn != timeline.StateConnected || session.TimeInState(at(31*time.Second)) != 30*time.Second {
		t.Errorf("state %s for %v, want connected for 30s", session.Conn, session.TimeInState(at(31*time.Second)))
	}
	s.lose()
	session = s.fold()
	if left, ok := session.RetryIn(at(s.now + 400*time.Millisecond)); !ok || left != 600*time.Millisecond {
		t.Errorf("the retry is in %v, %v, want 600ms", left, ok)
	}
	if session.Drops != 1 || session.LastLoss.End.Close != 1006 || session.Failures != 1 {
		t.Errorf("drops %d, last loss %d, failures %d", session.Drops, session.LastLoss.End.Close, session.Failures)
	}
	if !session.AppMisled() {
		t.Error("the app was told online and the session is in backoff, and nobody says so")
	}
	s.after(time.Second).dial(true).ok()
	session = s.fold()
	if len(session.Backoffs) != 0 || session.LastWait.Drawn != time.Second {
		t.Errorf("waits %v, last %v", session.Backoffs, session.LastWait)
	}
	if lanes := session.Lanes(); len(lanes) != 2 || lanes[1].N != 2 || !lanes[1].Reconnect || !lanes[0].Lost() {
		t.Errorf("the lanes are %+v", lanes)
	}
	s.add(timeline.StateChanged{To: timeline.StateDisconnected}, timeline.SessionClosed{Reason: "quit"})
	if session = s.fold(); session.Closed != "quit" || session.Conn != timeline.StateDisconnected {
		t.Errorf("closed %q in state %s", session.Closed, session.Conn)
	}
	if _, ok := session.DeafIn(at(s.now)); ok {
		t.Error("a closed session counts down to silence")
	}
}

func TestALaneShowsItsStages(t *testing.T) {
	failure := &timeline.Failure{Op: "dial", Stage: timeline.StageTLS, Text: "unknown authority"}
	s := opened(nil)
	s.attempt = 1
	s.add(timeline.AttemptStarted{URL: "wss://x/connect", Cycle: 1}).after(time.Millisecond,
		timeline.StageChanged{Stage: timeline.StageDNS, Progress: timeline.Started}).after(2*time.Millisecond,
		timeline.StageChanged{Stage: timeline.StageDNS, Progress: timeline.Passed, Took: 2 * time.Millisecond, Detail: "10.0.0.1"},
		timeline.StageChanged{Stage: timeline.StageTLS, Progress: timeline.Failed, Took: time.Millisecond, Failure: failure},
		timeline.StageChanged{Stage: timeline.StageCount, Progress: timeline.Passed},
		timeline.AttemptEnded{By: timeline.ByNetwork, Failure: failure})
	lane, ok := s.fold().Lane(1)
	if !ok {
		t.Fatal("the lane is not there")
	}
	dns := timeline.StageState{Progress: timeline.Passed, Started: at(time.Millisecond), Took: 2 * time.Millisecond, Detail: "10.0.0.1"}
	if diff := cmp.Diff(dns, lane.Stages[timeline.StageDNS]); diff != "" {
		t.Errorf("dns (-want +got):\n%s", diff)
	}
	if reached, _ := lane.Reached(); reached != timeline.StageTLS || lane.Failure() != failure || lane.Live() {
		t.Errorf("the lane reached %v, failed of %v, live %v", reached, lane.Failure(), lane.Live())
	}
	if lane.Age(at(time.Hour)) != 3*time.Millisecond {
		t.Errorf("the lane lasted %v, want 3ms", lane.Age(at(time.Hour)))
	}
}

func TestEventsOfAnOlderSocketUpdateThatSocket(t *testing.T) {
	s := opened(nil).connect().after(time.Second).dial(false).ok()
	before := s.fold()
	s.after(time.Second).on(1, in("health.check"), in("user.updated"), timeline.AttemptEnded{By: timeline.ByServer, Close: 1006, Failure: &timeline.Failure{Close: 1006}})
	after := s.fold()
	if after.Attempt.N != 2 || after.Attempt.FramesIn != 1 || !after.Attempt.Ended.IsZero() {
		t.Errorf("the current attempt is %+v", after.Attempt)
	}
	if diff := cmp.Diff(before.Health, after.Health, cmp.AllowUnexported(timeline.Health{})); diff != "" {
		t.Errorf("the health of the current socket changed:\n%s", diff)
	}
	if old, _ := after.Lane(1); old.FramesIn != 3 || old.Ended.IsZero() {
		t.Errorf("the old attempt is %+v", old)
	}
}

func TestHealthTimesAreTheOfficialClients(t *testing.T) {
	s := opened(nil).connect()
	check := func(what string, nextPing, deaf time.Duration) {
		t.Helper()
		h := s.fold().Health
		want := time.Time{}
		if nextPing > 0 {
			want = at(nextPing)
		}
		if !h.NextPing.Equal(want) || !h.DeafAt.Equal(at(deaf)) {
			t.Errorf("%s: next ping %v, deaf at %v, want %v and %v", what, h.NextPing, h.DeafAt, want, at(deaf))
		}
	}
	check("connection.ok starts both times", 25*time.Second, 35*time.Second)
	s.after(10*time.Second, in("user.updated"))
	check("an event only starts the silence again", 25*time.Second, 45*time.Second)
	s.after(5*time.Second, timeline.Frame{Dir: timeline.In, Op: "ping"})
	check("a control frame changes nothing", 25*time.Second, 45*time.Second)
	s.after(5*time.Second, refused(40))
	check("a swallowed connection.error changes nothing", 25*time.Second, 45*time.Second)
	s.after(5*time.Second, out("health.check"))
	check("after a ping none is scheduled", 0, 45*time.Second)
	if d, waiting := s.fold().Health.Unanswered(at(s.now + time.Second)); !waiting || d != time.Second {
		t.Errorf("the ping is unanswered for %v, %v", d, waiting)
	}
	s.after(30*time.Millisecond, in("health.check"))
	check("the answer starts both times", 50*time.Second+30*time.Millisecond, 60*time.Second+30*time.Millisecond)
	s.beat()
	want := timeline.RTTStats{N: 2, Last: 20 * time.Millisecond, Min: 20 * time.Millisecond, Median: 30 * time.Millisecond, Max: 30 * time.Millisecond}
	if got := s.fold().Health.RTTStats(); got != want {
		t.Errorf("the round trips are %+v, want %+v", got, want)
	}
	if s.fold().Deaf(at(s.now+35*time.Second)) || !s.fold().Deaf(at(s.now+35*time.Second+1)) {
		t.Error("35 s of silence are over at another time")
	}
}

func TestTokenState(t *testing.T) {
	info := timeline.TokenInfo{Number: 1, Fingerprint: "01", IssuedAt: at(0), ExpiresAt: at(10 * time.Minute)}
	next := timeline.TokenInfo{Number: 2, Fingerprint: "02"}
	s := opened(nil)
	s.add(timeline.TokenLoading{Source: "http", Load: 1})
	if !s.fold().Token.Loading {
		t.Error("the token is being loaded and the state does not say so")
	}
	s.after(time.Second, timeline.TokenLoaded{Load: 1, Took: time.Second, Token: info})
	s.attempt = 1
	s.add(timeline.AttemptStarted{}, timeline.TokenSent{Token: info}, in("connection.ok")).lose()
	s.after(time.Second, timeline.TokenLoading{Load: 2}, timeline.TokenFailed{Load: 2, Failure: timeline.Failure{Op: "token"}})
	got := s.fold().Token
	if got.Failure == nil || got.Loading || got.Loads != 2 || got.Wire.Number != 1 {
		t.Errorf("after a failed load the state is %+v", got)
	}
	s.after(time.Second, timeline.TokenLoading{Load: 3}, timeline.TokenLoaded{Load: 3, Token: next})
	s.attempt = 2
	s.add(timeline.AttemptStarted{Reconnect: true}, timeline.TokenSent{Token: next}, refused(43))
	got = s.fold().Token
	results := []string{}
	for _, use := range got.History {
		results = append(results, use.Result)
	}
	if diff := cmp.Diff([]string{"ok", "43 AuthErrorTokenSignatureInvalid"}, results); diff != "" {
		t.Errorf("the results of the tokens (-want +got):\n%s", diff)
	}
	if n := got.LoadsPerMinute(at(s.now)); n != 3 {
		t.Errorf("%d loads in the last minute, want 3", n)
	}
	if n := got.LoadsPerMinute(at(s.now + 61*time.Second)); n != 0 {
		t.Errorf("%d loads in an idle minute, want 0", n)
	}
	if _, expires := got.ExpiresIn(at(0)); expires {
		t.Error("the token on the wire has no exp and expires")
	}
	if d, _ := info.ExpiresIn(at(11 * time.Minute)); d != -time.Minute {
		t.Errorf("an expired token has %v left, want -1m", d)
	}
	if left, ok := info.Lifetime(at(150 * time.Second)); !ok || left != 0.75 {
		t.Errorf("the gauge is at %v, want 0.75", left)
	}
}

func TestFaultsAreCountedAndScored(t *testing.T) {
	s := &script{}
	s.add(timeline.FaultArmed{Fault: timeline.Fault{ID: "f-1", Kind: "drop"}, For: time.Minute}, timeline.FaultArmed{Fault: timeline.Fault{ID: "f-2", Kind: "slow"}})
	s.after(time.Second, timeline.FaultHit{ID: "f-1"}, timeline.FaultHit{ID: "f-1"}, timeline.FaultHit{ID: "unknown"})
	s.add(timeline.FaultScored{ID: "f-1", Score: "seen", After: time.Second}, timeline.FaultCleared{ID: "f-2", Hits: 3})
	state := timeline.Fold(timeline.State{}, s.events)
	first, second := state.Faults[0], state.Faults[1]
	if first.Hits != 2 || !first.LastHit.Equal(at(time.Second)) || first.Score == nil || first.Score.Score != "seen" {
		t.Errorf("the first fault is %+v", first)
	}
	if !second.Cleared || second.Hits != 3 {
		t.Errorf("the second fault is %+v", second)
	}
	if n := len(state.ActiveFaults(at(59 * time.Second))); n != 1 {
		t.Errorf("%d faults are active, want 1", n)
	}
	if n := len(state.ActiveFaults(at(time.Minute))); n != 0 {
		t.Errorf("%d faults are active after their time, want 0", n)
	}
}

func TestTheStateOfAClientThatIsNotOursIsReadFromItsTraffic(t *testing.T) {
	s := opened(tapped)
	step := func(what string, want timeline.ConnState) {
		t.Helper()
		if got := s.fold().Conn; got != want {
			t.Errorf("%s: state %q, want %q", what, got, want)
		}
	}
	lost := timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006, Failure: &timeline.Failure{Close: 1006}}
	step("before anything", timeline.StateIdle)
	s.attempt = 1
	s.add(timeline.AttemptStarted{})
	step("a socket is being opened", timeline.StateDialing)
	s.add(out(""))
	step("the auth message went out", timeline.StateAuthenticating)
	s.add(in("connection.ok"))
	step("connection.ok", timeline.StateConnected)
	s.add(lost)
	step("the socket is lost", timeline.StateBackoff)
	s.attempt = 2
	s.add(timeline.AttemptStarted{}, out(""), refused(71), timeline.AttemptEnded{By: timeline.ByServer, Close: 1000})
	step("the reconnect is refused", timeline.StateStalled)
	s.attempt = 3
	s.add(timeline.AttemptStarted{}, out(""), in("connection.ok"), timeline.Close{Dir: timeline.Out, Code: 1000})
	step("the client says goodbye", timeline.StateDisconnected)
}
