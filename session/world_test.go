package session

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// world is everything around a machine, played by dice: it gives inputs, takes
// effects, answers them in any order or not at all, and holds every step to the
// invariants. It is what FuzzStep and TestTransitionTable explore with.
type world struct {
	t    testing.TB
	m    *machine
	now  time.Time
	rng  *rand.Rand
	cfg  Config
	good string

	dialing, open, loads, requests []int
	ended                          map[int]bool
	started                        int
	state                          timeline.ConnState
	stopped                        bool
	seen                           map[[2]timeline.ConnState]string
	log                            []logged
}

// secretMark is in every token of the world; nothing that is recorded may hold
// it.
const secretMark = "c2VjcmV0LXNpZ25hdHVyZQ"

func newWorld(t testing.TB, seed uint64, change func(*Config)) *world {
	rng := rand.New(rand.NewPCG(seed, 7))
	good, err := token.Sign("secret", token.Options{UserID: "sara", Now: start, TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	good = good[:strings.LastIndexByte(good, '.')+1] + secretMark
	w := &world{t: t, now: start, rng: rng, good: good, ended: map[int]bool{}, state: timeline.StateIdle,
		seen: map[[2]timeline.ConnState]string{}}
	w.cfg = Config{
		APIKey: "key", BaseURL: "http://127.0.0.1:7070/video", User: timeline.User{ID: "sara"},
		Token: FuncSource{}, MaxConnectRetries: 2, RejectWhenBusy: true,
		Jitter: func(n time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(n))) },
	}
	if change != nil {
		change(&w.cfg)
	}
	cfg, err := w.cfg.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w.m = newMachine(cfg)
	return w
}

// logged is an input with its time, for the failure that follows.
type logged struct {
	at time.Duration
	in input
}

// start is the time at which worlds begin.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// step is one step of the machine, held to the invariants.
func (w *world) step(in input) output {
	w.t.Helper()
	w.log = append(w.log, logged{w.now.Sub(start), in})
	out := w.m.step(w.now, in)
	if w.stopped && len(out.events)+len(out.effects) > 0 {
		w.fail("nothing happens after the end, got %v %v", out.events, out.effects)
	}
	for _, e := range out.events {
		w.checkEvent(e)
	}
	for _, e := range out.effects {
		w.take(e)
	}
	if at, ok := w.m.deadline(); ok && !at.After(w.now) {
		w.fail("the deadline is not in the past, got %s at %s", at.Sub(start), w.now.Sub(start))
	}
	live := 0
	for _, s := range w.m.socks {
		if !s.ignored && s.phase != sockGone {
			live++
		}
	}
	if live > 1 {
		w.fail("at most one socket is listened to, got %d", live)
	}
	return out
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	var b strings.Builder
	for _, l := range w.log {
		text := fmt.Sprintf("%T%+v", l.in, l.in)
		if f, ok := l.in.(received); ok {
			text = fmt.Sprintf("received %d %s", f.attempt, f.message.Data[:min(len(f.message.Data), 60)])
		}
		fmt.Fprintf(&b, "%10s %.120s\n", l.at, text)
	}
	w.t.Fatalf(format+"\n%s", append(args, b.String())...)
}

func (w *world) checkEvent(e timeline.Event) {
	w.t.Helper()
	if holdsSecret(e.Payload) {
		w.fail("no event holds a token, got %s %+v", e.Kind(), e.Payload)
	}
	switch p := e.Payload.(type) {
	case timeline.AttemptStarted:
		if e.Attempt != w.started+1 {
			w.fail("attempts are numbered in order, got %d after %d", e.Attempt, w.started)
		}
		w.started = e.Attempt
	case timeline.AttemptEnded:
		if w.ended[e.Attempt] || e.Attempt == 0 || e.Attempt > w.started {
			w.fail("an attempt ends once, and after it began, got %d again", e.Attempt)
		}
		w.ended[e.Attempt] = true
	case timeline.StateChanged:
		if p.From != w.state {
			w.fail("a transition starts where the last one ended, got %s -> %s in %s", p.From, p.To, w.state)
		}
		w.state = p.To
		w.seen[[2]timeline.ConnState{p.From, p.To}] = p.Reason
	}
}

// holdsSecret looks where bytes could hide a token.
func holdsSecret(p timeline.Payload) bool {
	switch p := p.(type) {
	case timeline.Frame:
		return bytes.Contains(p.Body, []byte(secretMark))
	case timeline.HTTPRequest:
		return bytes.Contains(p.Body, []byte(secretMark)) || strings.Contains(p.Query, secretMark)
	case timeline.HTTPResponse:
		return bytes.Contains(p.Body, []byte(secretMark))
	}
	return strings.Contains(fmt.Sprintf("%+v", p), secretMark)
}

// take remembers what the machine asked for.
func (w *world) take(e effect) {
	w.t.Helper()
	switch e := e.(type) {
	case dialEffect:
		w.dialing = append(w.dialing, e.attempt)
	case loadEffect:
		w.loads = append(w.loads, e.load)
	case requestEffect:
		w.requests = append(w.requests, e.request)
	case closeEffect:
		w.open = without(w.open, e.attempt)
		if w.rng.IntN(3) > 0 { // else the answer never comes
			w.dialing = without(w.dialing, e.attempt)
		}
	case abortEffect:
		w.open, w.dialing = without(w.open, e.attempt), without(w.dialing, e.attempt)
	case logEffect:
		if strings.Contains(e.text+fmt.Sprint(e.attrs), secretMark) {
			w.fail("no log record holds a token, got %s", e.text)
		}
	case stopEffect:
		w.stopped = true
	}
}

func without(list []int, n int) []int {
	return slices.DeleteFunc(slices.Clone(list), func(o int) bool { return o == n })
}

// pick takes a number out of a list; 0 when it is empty.
func (w *world) pick(list *[]int) int {
	if len(*list) == 0 {
		return 0
	}
	n := (*list)[w.rng.IntN(len(*list))]
	*list = without(*list, n)
	return n
}

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
	switch w.rng.IntN(9) {
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
