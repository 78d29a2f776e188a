package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// script drives one machine by hand: inputs in, effects and events out as
// words. Expectations are in English first.
type script struct {
	t *testing.T
	*world
}

func newScript(t *testing.T, change func(*Config)) *script {
	s := &script{t: t, world: newWorld(t, 1, func(c *Config) {
		c.Token = StaticSource{}
		c.NoTelemetry = true
		c.Jitter = func(n time.Duration) time.Duration { return n / 2 }
		if change != nil {
			change(c)
		}
	})}
	s.step(tick{})
	return s
}

// connected is a script that has gone through a whole connectUser.
func connected(t *testing.T, change func(*Config)) *script {
	s := newScript(t, change)
	s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token})
	s.step(loaded{load: 1, raw: token.Raw(s.good)})
	s.step(dialed{attempt: 1})
	s.say(1, `{"type":"connection.ok","connection_id":"c1","me":{"id":"sara"}}`)
	s.wantState("connectUser has worked", timeline.StateConnected)
	return s
}

func (s *script) say(attempt int, text string) output {
	s.t.Helper()
	return s.step(received{attempt: attempt, message: Message{Data: []byte(text)}})
}

// pass lets time go by, stopping at each deadline on the way.
func (s *script) pass(d time.Duration) (all output) {
	s.t.Helper()
	end := s.now.Add(d)
	for {
		at, ok := s.m.deadline()
		if !ok || at.After(end) {
			s.now = end
			return all
		}
		s.now = at
		out := s.step(tick{})
		all.events, all.effects = append(all.events, out.events...), append(all.effects, out.effects...)
	}
}

func (s *script) wantState(why string, want timeline.ConnState) {
	s.t.Helper()
	if s.state != want {
		s.t.Errorf("%s: want %s, got %s", why, want, s.state)
	}
}

// words are the effects and events that a script names.
func words(out output) (all []string) {
	for _, e := range out.effects {
		switch e := e.(type) {
		case dialEffect:
			all = append(all, fmt.Sprintf("dial %d", e.attempt))
		case sendEffect:
			what := "auth"
			if strings.Contains(string(e.data), "health.check") {
				what = "ping"
			}
			all = append(all, fmt.Sprintf("send %s on %d", what, e.attempt))
		case closeEffect:
			all = append(all, fmt.Sprintf("close %d with %d", e.attempt, e.code))
		case abortEffect:
			all = append(all, fmt.Sprintf("drop %d", e.attempt))
		case loadEffect:
			all = append(all, fmt.Sprintf("load %d", e.load))
		case requestEffect:
			all = append(all, e.rest.Method+" "+strings.TrimPrefix(e.rest.URL.Path, "/video"))
		case reportEffect:
			all = append(all, "onConnectUserError")
		case stopEffect:
			all = append(all, "stop")
		}
	}
	for _, e := range out.events {
		switch p := e.Payload.(type) {
		case timeline.AppEvent:
			all = append(all, fmt.Sprintf("app %s %t", p.Type, p.Online))
		case timeline.Backoff:
			all = append(all, fmt.Sprintf("wait %s", p.Drawn))
		case timeline.StateChanged:
			all = append(all, fmt.Sprintf("state %s", p.To))
		case timeline.CallChanged:
			all = append(all, fmt.Sprintf("call %s %s", p.CID, p.To))
		case timeline.BusyTone:
			all = append(all, fmt.Sprintf("tone %t", p.On))
		case timeline.ConnectFailed:
			all = append(all, fmt.Sprintf("failed after %d", len(p.All)))
		}
	}
	return all
}

func (s *script) want(why string, out output, want ...string) {
	s.t.Helper()
	if d := cmp.Diff(want, words(out)); d != "" {
		s.t.Errorf("%s (-want +got):\n%s", why, d)
	}
}

func TestFrameByHand(t *testing.T) {
	s := newScript(t, nil)
	s.want("without a socket nothing goes out", s.step(sendCmd{data: []byte("hello")}))
	s = connected(t, nil)
	out := s.step(sendCmd{data: []byte(`{"type":"custom","token":"` + s.good + `"}`)})
	sent, _ := out.effects[0].(sendEffect)
	if want := `{"type":"custom","token":"` + s.good + `"}`; len(out.effects) != 1 || string(sent.data) != want || sent.attempt != 1 {
		t.Errorf("it goes out as it was written: %+v", out.effects)
	}
	frame, _ := out.events[1].Payload.(timeline.Frame)
	if len(out.events) != 2 || !frame.ByHand || frame.Type != "custom" || strings.Contains(string(frame.Body), s.good) {
		t.Errorf("the record says that the user wrote it, without the secret in it: %+v", out.events)
	}
	s.say(1, `{"type":"connection.error","error":{"code":43,"message":"closing","StatusCode":401}}`)
	s.step(lostWith(1, 1006))
	s.want("nor does anything when the socket is gone", s.step(sendCmd{data: []byte("hello")}))
}

func lostWith(attempt, code int) lost {
	return lost{attempt: attempt, err: &Error{Op: "read", Close: code, Reason: "because"}}
}

func TestConnectUserStepByStep(t *testing.T) {
	s := newScript(t, nil)
	s.want("the token comes first",
		s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token}), "load 1", "state loading token")
	s.want("with the token a socket opens",
		s.step(loaded{load: 1, raw: token.Raw(s.good)}), "dial 1", "state dialing")
	s.want("the auth message goes out on open",
		s.step(dialed{attempt: 1}), "send auth on 1", "state authenticating")
	s.want("a health.check before connection.ok is not a connection (K26)",
		s.say(1, `{"type":"health.check"}`))
	s.want("connection.ok connects, and the app is told",
		s.say(1, `{"type":"connection.ok","connection_id":"c1","me":{"id":"sara"}}`),
		"app connection.changed true", "state connected")
	s.want("disconnectUser closes with 1000",
		s.step(disconnectCmd{}), "close 1 with 1000", "state disconnected")
}

func TestAnyCloseBut1000Reconnects(t *testing.T) {
	for _, code := range []int{1001, 1006, 1008, 1011, 4000} {
		s := connected(t, nil)
		s.want(fmt.Sprintf("close %d starts a wait for one failure", code),
			s.step(lostWith(1, code)), "wait 1.375s", "state backoff")
		s.want("the wait ends in a socket with the same token", s.pass(1375*time.Millisecond), "dial 2", "state dialing")
	}
}

func TestMessageAboveTheReadLimitIsNotANetworkFailure(t *testing.T) {
	s := connected(t, nil)
	out := s.step(lost{attempt: 1, err: &Error{Op: "read", Close: 1006, Err: ErrTooBig}})
	var closed timeline.Close
	var end timeline.AttemptEnded
	for _, e := range out.events {
		switch p := e.Payload.(type) {
		case timeline.Close:
			closed = p
		case timeline.AttemptEnded:
			end = p
		}
	}
	if closed.Dir != timeline.Out || closed.Code != 1009 {
		t.Errorf("the client is the one that closes, with 1009, got %+v", closed)
	}
	if end.By != timeline.ByClient || end.Close != 0 || end.Failure == nil {
		t.Fatalf("the attempt is ended by the client, without a close code of the peer, got %+v", end)
	}
	if f := end.Failure; f.Op != "read" || f.Stage != timeline.StageConnected || f.Close != 0 || f.Text != ErrTooBig.Error() {
		t.Errorf("the failure is a read on the live socket and names the limit, got %+v", *f)
	}
	s.wantState("the client goes on all the same", timeline.StateBackoff)
}

func TestClose1000IsIgnoredUntilTheStalenessCheck(t *testing.T) {
	s := connected(t, nil)
	s.want("close 1000 on an established socket does nothing (K1)", s.step(lostWith(1, 1000)))
	s.want("not even the ping goes out on the dead socket", s.pass(34*time.Second))
	s.want("35 s after the last frame the client notices",
		s.pass(time.Second), "wait 375ms", "state backoff")
}

func TestUnluckyWatchdogNeverNotices(t *testing.T) {
	s := connected(t, func(c *Config) { c.UnluckyWatchdog = true })
	s.want("one ping, and then nothing for an hour (K2, K19)", s.pass(time.Hour), "send ping on 1")
	s.wantState("the client still believes", timeline.StateConnected)
}

func TestParallelChains(t *testing.T) {
	s := newScript(t, nil)
	s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token})
	s.step(loaded{load: 1, raw: token.Raw(s.good)})
	s.want("a refused upgrade counts three times and starts three waits (K21)",
		s.step(dialFailed{attempt: 1, err: &Error{Op: "dial", Stage: timeline.StageTCP}}),
		"wait 1.375s", "wait 3.25s", "wait 4.5s", "state backoff")
	s.want("the first of them opens the socket", s.pass(1375*time.Millisecond), "dial 2", "state dialing")
	s.step(dialed{attempt: 2})
	s.say(2, `{"type":"connection.ok","connection_id":"c2","me":{"id":"sara"}}`)
	s.want("the others find it open", s.pass(10*time.Second))
}

func TestFirstErrorInSessionIsDroppedTheSecondIsNot(t *testing.T) {
	const refusal = `{"type":"connection.error","error":{"code":43,"message":"no","StatusCode":401}}`
	s := connected(t, nil)
	s.want("the first connection.error on a live socket is dropped (K9)", s.say(1, refusal))
	s.want("the second makes it unhealthy, and nothing follows", s.say(1, refusal), "state stalled")
	s.want("until the staleness check", s.pass(35*time.Second), "send ping on 1", "wait 1.375s", "state backoff")
}

func TestRefusalWhileReconnectingStallsInSilence(t *testing.T) {
	for _, code := range []int{-1, 9, 40, 43, 71} {
		s := connected(t, nil)
		s.step(lostWith(1, 1006))
		s.pass(1375 * time.Millisecond)
		s.step(dialed{attempt: 2})
		s.want(fmt.Sprintf("connection.error %d to a static token ends the reconnecting (K4, K5)", code),
			s.say(2, fmt.Sprintf(`{"type":"connection.error","error":{"code":%d,"message":"no","StatusCode":400}}`, code)),
			"close 2 with 1005", "state stalled")
		s.want("the app hears of it five seconds after the drop",
			s.pass(5*time.Second), "app connection.changed false")
		s.want("online wakes the client", s.step(onlineCmd{online: true, by: timeline.ByUser}),
			"wait 10ms", "app network.changed true", "state backoff")
	}
}

func TestOfflineAndOnline(t *testing.T) {
	s := connected(t, nil)
	s.want("offline is told at once, and the socket stays",
		s.step(onlineCmd{by: timeline.ByUser}),
		"app connection.changed false", "app network.changed false", "state offline")
	s.step(onlineCmd{online: true, by: timeline.ByUser})
	s.want("online replaces the socket after 10 ms", s.pass(10*time.Millisecond), "close 1 with 1005", "dial 2", "state dialing")
}

func TestDisconnectWaitsForConnectUser(t *testing.T) {
	s := newScript(t, nil)
	s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token})
	s.step(loaded{load: 1, raw: token.Raw(s.good)})
	s.want("disconnectUser waits while connectUser tries (K14)", s.step(disconnectCmd{}))
	s.step(dialed{attempt: 1})
	s.want("connectUser ends first, then the socket is closed",
		s.say(1, `{"type":"connection.ok","connection_id":"c1","me":{"id":"sara"}}`),
		"close 1 with 1000", "app connection.changed true", "state disconnected")
}

func TestStopWaitsForNobody(t *testing.T) {
	s := newScript(t, nil)
	s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token})
	s.step(loaded{load: 1, raw: token.Raw(s.good)})
	s.want("a session that is told to end gives the dial up", s.step(stopCmd{reason: "quit"}),
		"drop 1", "stop", "state disconnected")
}

func TestPolicySteadyRevivesWhatIsInATrap(t *testing.T) {
	s := connected(t, nil)
	s.step(lostWith(1, 1000))
	s.want("a client that believes in a closed socket (K1) reconnects with the change of policy",
		s.step(policyCmd{policy: timeline.PolicySteady}), "wait 250ms", "state backoff")

	s = connected(t, nil)
	s.step(lostWith(1, 1006))
	s.pass(1375 * time.Millisecond)
	s.step(dialed{attempt: 2})
	s.say(2, `{"type":"connection.error","error":{"code":71,"message":"no","StatusCode":429}}`)
	s.wantState("a refusal stops the official client", timeline.StateStalled)
	s.want("and policy steady starts it again",
		s.step(policyCmd{policy: timeline.PolicySteady}), "wait 1s", "state backoff")
	s.want("back under policy sdk nothing changes", s.step(policyCmd{policy: timeline.PolicySDK}))
}

func TestAStalledClientSaysWhetherTheOldCheckDials(t *testing.T) {
	const refusal = `{"type":"connection.error","error":{"code":71,"message":"no","StatusCode":503}}`
	for unlucky, want := range map[bool]time.Duration{false: 35 * time.Second, true: 0} {
		s := connected(t, func(c *Config) { c.UnluckyWatchdog = unlucky })
		s.say(1, refusal)
		out := s.say(1, refusal)
		change, ok := out.events[len(out.events)-1].Payload.(timeline.StateChanged)
		if !ok || change.To != timeline.StateStalled {
			t.Fatalf("the client stops, got %+v", out.events)
		}
		if change.RetryIn != want {
			t.Errorf("unlucky is %t: the next chance comes in %v, got %v", unlucky, want, change.RetryIn)
		}
		s.pass(want + time.Second)
		if stopped := s.state == timeline.StateStalled; stopped != unlucky {
			t.Errorf("unlucky is %t: what was told comes true, got %s", unlucky, s.state)
		}
	}
}

func TestTokensAreJudgedAsTheClientDoes(t *testing.T) {
	sign := func(id string) string {
		raw, err := token.Sign("secret", token.Options{UserID: id, Now: start})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	const mismatch = "userToken does not have a user_id or is not matching with user.id"
	for _, test := range []struct{ name, raw, user, want string }{
		{"a token of the user", sign("sara"), "sara", ""},
		{"none", "", "sara", "User token can not be empty"},
		{"two parts", "a.b", "sara", mismatch},
		{"of somebody else", sign("jack"), "sara", mismatch},
		{"with quotes around it", `"` + sign("sara") + `"`, "sara", ""},
		{"an empty payload", "a..c", "sara", "Unexpected end of JSON input"},
		{"an id that is not ASCII", sign("josé"), "josé", mismatch},
		{"an id that needs the URL alphabet", sign("user~~~"), "user~~~", "Bad control character"},
	} {
		got := validateToken(test.raw, test.user, false)
		if test.want == "" && got != "" || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: want %q, got %q", test.name, test.want, got)
		}
	}
	if got := validateToken("", AnonymousID, true); got != "" {
		t.Errorf("an anonymous user needs no token, got %q", got)
	}
}

func TestRetryWindows(t *testing.T) {
	for n, want := range [][2]time.Duration{
		{ms(250), ms(500)}, {ms(250), ms(2500)}, {ms(2000), ms(4500)}, {ms(4000), ms(5000)}, {ms(5000), ms(5000)}, {ms(5000), ms(5000)},
	} {
		low, high := retryWindow(n)
		if low != want[0] || high != want[1] {
			t.Errorf("the window after %d failures: want %v, got %s to %s", n, want, low, high)
		}
	}
}

func TestFactsOfADialSayTheStageOnce(t *testing.T) {
	facts := dialFacts(&Error{Op: "dial", Stage: timeline.StageTCP, Err: errors.New("dial tcp 127.0.0.1:1: connect: connection reset by peer")})
	if want := "dial tcp 127.0.0.1:1: connect: connection reset by peer"; facts.Text != want || facts.Stage != timeline.StageTCP {
		t.Errorf("want %q at stage tcp, got %+v", want, facts)
	}
}

func TestWhatATokenCommandSaidIsTold(t *testing.T) {
	tests := map[string]struct{ said, want string }{
		"words":       {"boom", "the command ended with exit status 3, it said: boom"},
		"nothing":     {"", "the command ended with exit status 3"},
		"an escape":   {"a\x1b[2Jb", `the command ended with exit status 3, it said: a\x1b[2Jb`},
		"a long tale": {strings.Repeat("x", 300), "the command ended with exit status 3, it said: " + strings.Repeat("x", 200) + "…"},
	}
	for name, tt := range tests {
		err := &Error{Op: "token", Reason: tt.said, Err: errors.New("the command ended with exit status 3")}
		if got := sourceText(err); got != tt.want {
			t.Errorf("%s: want %q, got %q", name, tt.want, got)
		}
	}
	secret := newScript(t, nil).good
	if got := sourceText(&Error{Op: "token", Reason: "got " + secret, Err: errors.New("exit")}); strings.Contains(got, secret) {
		t.Errorf("a token in what a command said stays hidden, got %q", got)
	}
}

func TestAStateAfterAWaitDoesNotBearTheFailureBeforeIt(t *testing.T) {
	s := connected(t, nil)
	s.step(lostWith(1, 1011))
	for _, e := range s.pass(10 * time.Second).events {
		if p, ok := e.Payload.(timeline.StateChanged); ok && p.To == timeline.StateDialing {
			if p.Reason != "the wait is over" {
				t.Errorf("what ended the last attempt is not why this one dials, got %q", p.Reason)
			}
			return
		}
	}
	t.Error("after the wait the client dials")
}

func TestTheStatusOfATokenEndpointIsAFact(t *testing.T) {
	for status, want := range map[int]int{500: 500, 302: 302, 200: 0} {
		s := newScript(t, nil)
		s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token})
		out := s.step(loaded{load: 1, err: &Error{Op: "token", Status: status, Reason: "db down", Err: errors.New("it answered")}})
		told := false
		for _, e := range out.events {
			if p, ok := e.Payload.(timeline.TokenFailed); ok {
				told = true
				if p.Failure.Status != want || p.Failure.Text != "it answered, it said: db down" {
					t.Errorf("an answer with %d: want status %d and what it said once, got %+v", status, want, p.Failure)
				}
			}
		}
		if !told {
			t.Errorf("an answer with %d is a failure", status)
		}
	}
}
