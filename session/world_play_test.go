package session

import (
	"errors"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// play makes one thing happen, chosen by a number.
func (w *world) play(choice int) {
	w.t.Helper()
	switch choice % choices {
	case 0, 1, 2, 3:
		w.sleep()
	case 4, 5, 6:
		w.answerDial()
	case 7, 8, 9:
		w.answerLoad()
	case 10, 11, 12, 13:
		w.frame()
	case 14, 15:
		w.lose()
	case 16:
		w.answerRequest()
	case 17, 18:
		w.step(connectCmd{user: w.m.cfg.User, source: w.m.cfg.Token})
	case 19:
		w.step(disconnectCmd{})
	case 20:
		w.step(onlineCmd{online: w.rng.IntN(2) == 0, by: timeline.ByUser})
	case 21:
		w.step(reconnectCmd{})
	case 22:
		w.command()
	case 23:
		w.stale()
	default:
		w.goOn()
	}
}

// choices is how many things play chooses from: most of them let the connection
// get on.
const choices = 40

// goOn does what a good world does next.
func (w *world) goOn() {
	switch {
	case len(w.loads) > 0:
		w.step(loaded{load: w.pick(&w.loads), raw: token.Raw(w.good)})
	case len(w.dialing) > 0:
		n := w.pick(&w.dialing)
		w.open = append(w.open, n)
		w.step(dialed{attempt: n})
	case w.state == timeline.StateAuthenticating && len(w.open) > 0:
		w.step(received{attempt: w.open[len(w.open)-1], message: Message{Data: []byte(
			`{"type":"connection.ok","connection_id":"c1","created_at":"2026-01-01T00:00:00Z","me":{"id":"sara"}}`)}})
	default:
		w.sleep()
	}
}

// sleep goes to the next deadline, or some of the way.
func (w *world) sleep() {
	at, ok := w.m.deadline()
	if !ok || w.rng.IntN(4) == 0 {
		at = w.now.Add(time.Duration(w.rng.IntN(3000)) * time.Millisecond)
		if next, ok := w.m.deadline(); ok && at.After(next) {
			at = next
		}
	}
	w.now = at
	w.step(tick{})
}

func (w *world) answerDial() {
	n := w.pick(&w.dialing)
	if n == 0 {
		return
	}
	if w.rng.IntN(4) == 0 {
		w.step(dialFailed{attempt: n, err: &Error{Op: "dial", Stage: timeline.StageTCP, Err: errors.New("refused")}})
		return
	}
	w.open = append(w.open, n)
	w.step(dialed{attempt: n})
}

func (w *world) answerLoad() {
	n := w.pick(&w.loads)
	switch {
	case n == 0:
	case w.rng.IntN(5) == 0:
		w.step(loaded{load: n, err: errors.New("backend is down")})
	case w.rng.IntN(8) == 0:
		w.step(loaded{load: n, raw: "not-a-token"})
	default:
		w.step(loaded{load: n, raw: token.Raw(w.good)})
	}
}

func (w *world) frame() {
	if len(w.open) == 0 {
		return
	}
	n := w.open[w.rng.IntN(len(w.open))]
	texts := []string{
		`{"type":"connection.ok","connection_id":"c1","created_at":"2026-01-01T00:00:00Z","me":{"id":"sara"}}`,
		`{"type":"connection.ok","connection_id":"c1","created_at":"2026-01-01T00:00:00Z","me":{"id":"sara"}}`,
		`{"type":"connection.ok","connection_id":"c1","created_at":"2026-01-01T00:00:00Z","me":{"id":"sara"}}`,
		`{"type":"health.check","connection_id":"c1","created_at":"2026-01-01T00:00:00Z","custom":{}}`,
		`{"type":"connection.error","error":{"code":40,"message":"expired","StatusCode":401}}`,
		`{"type":"connection.error","error":{"code":43,"message":"signature","StatusCode":401}}`,
		`{"type":"connection.error","error":{"code":43,"message":"signature","StatusCode":401}}`,
		`{"type":"connection.error","error":{"code":71,"message":"too many","StatusCode":429}}`,
		string(callEventJSON("call.created", "a", "jack", "")),
		string(callEventJSON("call.ring", "a", "jack", "")),
		string(callEventJSON("call.ring", "b", "nina", "")),
		string(callEventJSON("call.accepted", "a", "jack", "sara")),
		string(callEventJSON("call.rejected", "a", "jack", "jack")),
		string(callEventJSON("call.ended", "a", "jack", "")),
		`[{"type":"health.check"}]`, `{`, `null`, `{"type":5}`,
	}
	w.step(received{attempt: n, message: Message{Data: []byte(texts[w.rng.IntN(len(texts))]), Binary: w.rng.IntN(30) == 0}})
}

// callEventJSON is a call event as the coordinator sends it.
func callEventJSON(kind, id, creator, by string) []byte {
	session := map[string]any{}
	if by != "" {
		session[map[string]string{"call.accepted": "accepted_by", "call.rejected": "rejected_by"}[kind]] = map[string]any{by: traceTime}
	}
	return mustJSON(map[string]any{
		"type": kind, "created_at": traceTime, "call_cid": "default:" + id, "session_id": id + "-session",
		"call": callObject("default", id, creator, session, nil), "user": userObject(creator),
		"members": []any{memberObject("sara"), memberObject("jack")},
	})
}

func (w *world) lose() {
	n := w.pick(&w.open)
	if n == 0 {
		return
	}
	code := []int{1000, 1001, 1006, 1011, 4000}[w.rng.IntN(5)]
	w.step(lost{attempt: n, err: &Error{Op: "read", Close: code, Reason: "because"}})
}

func (w *world) answerRequest() {
	n := w.pick(&w.requests)
	if n == 0 {
		return
	}
	switch w.rng.IntN(6) {
	case 0:
		w.step(responded{request: n, err: errors.New("reset")})
	case 1:
		w.step(responded{request: n, resp: RESTResponse{Status: 401, Body: []byte(`{"code":40,"message":"expired"}`)}})
	case 2:
		w.step(responded{request: n, resp: RESTResponse{Status: 502, Body: []byte(`<html>`)}})
	default:
		body := mustJSON(map[string]any{"access_token": w.good, "user": userObject("sara"),
			"call": callObject("default", "a", "sara", nil, nil), "members": []any{memberObject("jack")}})
		w.step(responded{request: n, resp: RESTResponse{Status: 201, Body: body}})
	}
}

func (w *world) command() {
	if w.cfg.Policy == timeline.PolicySteady && w.rng.IntN(3) == 0 {
		policies := []timeline.Policy{timeline.PolicySDK, timeline.PolicySteady}
		w.step(policyCmd{policy: policies[w.rng.IntN(2)]})
		return
	}
	switch w.rng.IntN(10) {
	case 0:
		w.step(refreshCmd{})
	case 1:
		w.step(callCmd{verb: verbRing, ring: RingOptions{ID: "out", Members: []string{"jack"}}})
	case 2:
		w.step(callCmd{verb: verbJoin, cid: "default:a"})
	case 3:
		w.step(callCmd{verb: verbReject, cid: "default:a"})
	case 4:
		w.step(callCmd{verb: verbLeave, cid: "default:a"})
	case 5:
		w.step(callCmd{verb: verbAccept, cid: "no cid"})
	case 6:
		w.step(luckyCmd{lucky: w.rng.IntN(2) == 0})
	case 7:
		w.step(tokenCmd{source: FuncSource{}})
	case 8:
		w.step(requestCmd{method: "GET", path: "/edges"})
	case 9:
		w.step(sendCmd{data: []byte(`[{"type":"health.check"}]`)})
	}
}

// stale gives the machine results that it cannot want.
func (w *world) stale() {
	n := w.rng.IntN(5)
	switch w.rng.IntN(5) {
	case 0:
		w.step(dialFailed{attempt: w.started + 1 + n, err: errors.New("late")})
	case 1:
		w.step(loaded{load: 1000 + n, raw: token.Raw(w.good)})
	case 2:
		w.step(responded{request: 1000 + n})
	case 3:
		w.step(received{attempt: w.started + 1 + n, message: Message{Data: []byte(`{"type":"connection.ok"}`)}})
	case 4:
		w.step(closed{attempt: n})
	}
}

// finish ends the world, and with it every lane.
func (w *world) finish() {
	w.t.Helper()
	w.step(stopCmd{reason: "the end"})
	for i := 0; i < 100 && !w.stopped; i++ {
		at, ok := w.m.deadline()
		if !ok {
			break
		}
		w.now = at
		w.step(tick{})
	}
	if !w.stopped {
		w.fail("the session ends when it is told to")
	}
	for n := 1; n <= w.started; n++ {
		if !w.ended[n] {
			w.fail("every lane is closed at the end, but %d is not", n)
		}
	}
}
