package session

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"streamscope/timeline"
)

// answer gives the newest REST call its response.
func (s *script) answer(status int, body any) output {
	s.t.Helper()
	n := s.requests[len(s.requests)-1]
	s.requests = without(s.requests, n)
	return s.step(responded{request: n, resp: RESTResponse{Status: status, Body: mustJSON(body)}})
}

// ring settings short enough to be told apart.
var ringSettings = map[string]any{
	"auto_cancel_timeout_ms": 20000, "incoming_call_timeout_ms": 2000, "missed_call_timeout_ms": 30000,
}

// event is a call event; who marks the user in the session.
func (s *script) event(kind, id, creator string, who map[string]any, extra map[string]any) output {
	s.t.Helper()
	e := map[string]any{
		"type": kind, "created_at": traceTime, "call_cid": "default:" + id, "session_id": id + "-session",
		"call": callObject("default", id, creator, who, ringSettings), "user": userObject(creator),
		"members": []any{memberObject("sara"), memberObject("jack")},
	}
	maps.Copy(e, extra)
	return s.say(1, string(mustJSON(e)))
}

func callAnswer(id, creator string, who map[string]any) map[string]any {
	return map[string]any{
		"call": callObject("default", id, creator, who, ringSettings), "own_capabilities": []any{},
		"members": []any{memberObject("sara"), memberObject("jack")},
	}
}

func TestIncomingRing(t *testing.T) {
	s := connected(t, nil)
	s.want("call.created registers the call, and sends nothing", s.event("call.created", "a", "jack", nil, nil))
	s.want("call.ring rings and asks for the call",
		s.event("call.ring", "a", "jack", nil, nil), "GET /call/default/a", "call default:a ringing")
	s.answer(200, callAnswer("a", "jack", nil))
	s.want("nobody reacts: the client rejects with timeout",
		s.pass(2*time.Second), "POST /call/default/a/reject")
	s.want("and the call is gone when the server has answered", s.answer(201, map[string]any{}), "call default:a left")
	s.want("nothing follows", s.pass(20*time.Second))
}

func TestRingWithoutCreatedNeverTimesOut(t *testing.T) {
	s := connected(t, nil)
	s.want("a call that the client did not know rings",
		s.event("call.ring", "a", "jack", nil, nil), "GET /call/default/a", "call default:a ringing")
	s.answer(200, callAnswer("a", "jack", nil))
	s.want("and rings on: its start had no settings yet", s.pass(24*time.Second))
}

func TestBusyRule(t *testing.T) {
	for _, test := range []struct {
		name  string
		known bool // call.created came first
		want  []string
	}{
		{"a known call is left, then rejected", true, []string{"POST /call/default/b/reject", "call default:b left"}},
		{"an unknown call is rejected", false, []string{"POST /call/default/b/reject"}},
	} {
		s := connected(t, func(c *Config) { c.RejectWhenBusy = true })
		s.event("call.ring", "a", "jack", nil, nil)
		s.answer(200, callAnswer("a", "jack", nil))
		if test.known {
			s.event("call.created", "b", "nina", nil, nil)
		}
		s.want(test.name, s.event("call.ring", "b", "nina", nil, nil), test.want...)
		if len(s.m.calls) != 1 || s.m.calls[0].cid != "default:a" {
			t.Errorf("%s: only the first call stays, got %v", test.name, s.m.calls)
		}
	}
	s := connected(t, func(c *Config) { c.RejectWhenBusy = true })
	s.step(callCmd{verb: verbJoin, cid: "default:meeting"})
	s.answer(201, callAnswer("meeting", "jack", nil))
	s.want("a joined call that never rang does not count",
		s.event("call.ring", "b", "nina", nil, nil), "GET /call/default/b", "call default:b ringing")
}

func TestAnswersOfAnIncomingRing(t *testing.T) {
	rung := func() *script {
		s := connected(t, nil)
		s.event("call.ring", "a", "jack", nil, nil)
		s.answer(200, callAnswer("a", "jack", nil))
		return s
	}
	s := rung()
	s.want("join posts join first", s.step(callCmd{verb: verbJoin, cid: "default:a"}),
		"POST /call/default/a/join", "call default:a joining")
	s.want("then accept", s.answer(201, callAnswer("a", "jack", nil)), "POST /call/default/a/accept")
	s.want("then the call is joined", s.answer(201, map[string]any{}), "call default:a joined")

	s = rung()
	s.want("reject posts its reason", s.step(callCmd{verb: verbReject, cid: "default:a"}), "POST /call/default/a/reject")

	s = rung()
	s.want("leave of a callee says nothing to the server",
		s.step(callCmd{verb: verbLeave, cid: "default:a"}), "call default:a left")

	s = rung()
	s.want("accepted on another device: this one leaves",
		s.event("call.accepted", "a", "jack", map[string]any{"accepted_by": map[string]any{"sara": traceTime}}, nil),
		"call default:a left")

	s = rung()
	s.want("cancelled by the caller: this one leaves",
		s.event("call.rejected", "a", "jack", map[string]any{"rejected_by": map[string]any{"jack": traceTime}}, nil),
		"call default:a left")

	s = rung()
	s.want("call.missed moves nobody", s.event("call.missed", "a", "jack", nil, nil))
}

func rungOut(t *testing.T) *script {
	s := connected(t, nil)
	s.want("a ring is getOrCreate", s.step(callCmd{verb: verbRing, ring: RingOptions{ID: "a", Members: []string{"jack"}}}),
		"POST /call/default/a")
	s.want("and rings when the server has answered",
		s.answer(201, callAnswer("a", "sara", nil)), "call default:a ringing")
	return s
}

func TestOutgoingRing(t *testing.T) {
	s := rungOut(t)
	s.want("the caller cancels after auto_cancel_timeout_ms, having polled",
		s.pass(20*time.Second), "GET /call/default/a/ring_state", "POST /call/default/a/reject")

	s = rungOut(t)
	s.want("busy plays the tone; all rejected: the caller cancels",
		s.event("call.rejected", "a", "sara", map[string]any{"rejected_by": map[string]any{"jack": traceTime}},
			map[string]any{"reason": "busy", "user": userObject("jack")}),
		"POST /call/default/a/reject", "tone true")
	s.want("and the call is left", s.answer(201, map[string]any{}), "call default:a left")
	s.want("the tone stops after a second and a half", s.pass(1500*time.Millisecond), "tone false")

	s = rungOut(t)
	s.want("accepted: the caller joins",
		s.event("call.accepted", "a", "sara", map[string]any{"accepted_by": map[string]any{"jack": traceTime}}, nil),
		"POST /call/default/a/join", "call default:a joining")

	s = rungOut(t)
	s.want("disconnectUser leaves the ring alone: the callee rings on (K15)",
		s.step(disconnectCmd{}), "close 1 with 1000", "state disconnected")
	s.want("but the call is left here", s.step(closed{attempt: 1}), "call default:a left")
}

func TestRingStatePolling(t *testing.T) {
	s := rungOut(t)
	s.want("15 s of silence, then a poll", s.pass(15*time.Second), "GET /call/default/a/ring_state")
	s.want("an unchanged state changes nothing", s.answer(200, map[string]any{"session_id": "a-session"}))
	s.want("an event shows that the socket works: the quiet period starts over",
		s.event("call.missed", "a", "sara", nil, nil))
	s.want("so the next poll is not five seconds later", s.pass(4900*time.Millisecond))

	s = rungOut(t)
	s.pass(15 * time.Second)
	s.want("an acceptance whose event was lost is found",
		s.answer(200, map[string]any{"session_id": "a-session", "accepted_by": map[string]any{"jack": traceTime}}),
		"POST /call/default/a/join", "call default:a joining")

	s = rungOut(t)
	s.pass(15 * time.Second)
	s.answer(404, map[string]any{"code": 16, "message": "no"})
	s.want("404 ends the polling; only the timeout is left", s.pass(5*time.Second), "POST /call/default/a/reject")
}

func TestRewatchGivesUpAfterThree(t *testing.T) {
	s := connected(t, nil)
	s.event("call.ring", "a", "jack", nil, nil)
	s.answer(200, callAnswer("a", "jack", nil))
	s.step(lostWith(1, 1006))
	s.pass(1375 * time.Millisecond)
	s.step(dialed{attempt: 2})
	s.want("after a reconnect the watched calls are asked for",
		s.say(2, `{"type":"connection.ok","connection_id":"c2","me":{"id":"sara"}}`),
		"POST /calls", "app connection.changed true", "state connected")
	s.answer(500, map[string]any{})
	s.want("a second time", s.pass(ms(500)), "POST /calls")
	s.answer(500, map[string]any{})
	s.want("a third time", s.pass(ms(2500)), "POST /calls")
	s.answer(500, map[string]any{})
	s.want("and never again (K25)", s.pass(20*time.Second))
}

// provider is a script with a refreshable source.
func provider(t *testing.T) *script {
	return connected(t, func(c *Config) { c.Token = FuncSource{} })
}

func TestRESTRefreshesWithoutLimit(t *testing.T) {
	s := provider(t)
	s.want("a call goes out", s.step(requestCmd{method: "GET", path: "/edges"}), "GET /edges")
	id := s.m.requests[s.requests[0]].id
	for i := range 5 {
		out := s.answer(401, map[string]any{"code": 40, "message": "expired"})
		if i > 0 {
			out = s.pass(5 * time.Second)
		}
		s.want("code 40 asks the provider", out, fmt.Sprintf("load %d", i+2))
		s.want("and repeats the call at once", s.step(loaded{load: i + 2, raw: s.m.tokens.token}), "GET /edges")
		if got := s.m.requests[s.requests[0]].id; got != id {
			t.Errorf("the same request id every time (K18): want %s, got %s", id, got)
		}
	}
}

func TestFailedRefreshPoisonsREST(t *testing.T) {
	s := provider(t)
	s.step(requestCmd{method: "GET", path: "/edges"})
	s.answer(401, map[string]any{"code": 40, "message": "expired"})
	s.step(loaded{load: 2, err: errors.New("backend is down")})
	var got error
	s.want("the next call fails at once, and nobody is asked (K7)",
		s.step(requestCmd{method: "GET", path: "/edges", reply: func(_ answer, err error) { got = err }}))
	s.reply()
	want := "Call to tokenProvider failed with message: Error: backend is down"
	if got == nil || got.Error() != want {
		t.Errorf("with the provider's old error: want %q, got %v", want, got)
	}
}

// reply carries out the replies of the last step.
func (s *script) reply() {
	for _, e := range s.m.out.effects {
		if r, ok := e.(replyEffect); ok {
			r.reply()
		}
	}
}

func TestRESTStallsWhileStalled(t *testing.T) {
	s := connected(t, nil)
	s.step(lostWith(1, 1006))
	s.pass(1375 * time.Millisecond)
	s.step(dialed{attempt: 2})
	s.say(2, `{"type":"connection.error","error":{"code":71,"message":"too many connections","StatusCode":429}}`)
	s.wantState("a refusal while reconnecting", timeline.StateStalled)
	var got error
	s.want("a call waits", s.step(requestCmd{method: "GET", path: "/edges", reply: func(_ answer, err error) { got = err }}))
	s.pass(15*time.Second - time.Millisecond)
	s.now = s.now.Add(time.Millisecond)
	s.step(tick{})
	s.reply()
	want := `{"code":71,"StatusCode":429,"message":"WS failed with code: 71: ErrTooManyConnections and reason: too many connections","isWSFailure":false}`
	if got == nil || got.Error() != want {
		t.Errorf("and fails after exactly 15 s with the socket's error (K17): want %s, got %v", want, got)
	}
}

func TestTelemetryTriesFiveTimes(t *testing.T) {
	s := newScript(t, func(c *Config) { c.NoTelemetry = false })
	s.want("the report of the beginning goes out beside the token",
		s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token}), "POST /call_client_event", "load 1", "state loading token")
	for i := range maxReports {
		s.answer(503, map[string]any{})
		out := s.pass(5 * time.Second)
		if i == maxReports-1 {
			s.want("five tries are all", out)
			return
		}
		s.want("a 5xx is tried again", out, "POST /call_client_event")
	}
}
