package session

import (
	"bytes"
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
