package scenario

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

// script is a driver whose users do on the timeline what a test says, after a
// time of the bubble.
type script struct {
	t      *testing.T
	store  *timeline.Store
	told   []string
	answer map[string][]reply
}

type reply struct {
	after   time.Duration
	user    string
	payload timeline.Payload
}

func (d *script) hear(what string) error {
	d.told = append(d.told, what)
	for _, r := range d.answer[what] {
		add := func() { d.store.Append(timeline.Event{Session: r.user, Payload: r.payload}) }
		if r.after == 0 {
			add()
			continue
		}
		time.AfterFunc(r.after, add)
	}
	return nil
}

func (d *script) Begin(_ context.Context, s Scenario) error {
	for _, u := range s.Users {
		d.store.Append(timeline.Event{Session: u.ID, Payload: timeline.SessionOpened{User: timeline.User{ID: u.ID}}})
	}
	return d.hear("begin")
}
func (d *script) Connect(u string) error            { return d.hear("connect " + u) }
func (d *script) Disconnect(u string) error         { return d.hear("disconnect " + u) }
func (d *script) Reconnect(u string) error          { return d.hear("reconnect " + u) }
func (d *script) SetOnline(u string, on bool) error { return d.hear(fmt.Sprint("online ", u, on)) }
func (d *script) RefreshToken(u string) error       { return d.hear("token " + u) }
func (d *script) Arm(f fault.Fault, u string) error { return d.hear("arm " + f.String() + u) }
func (d *script) Clear() error                      { return d.hear("clear") }
func (d *script) Ring(f string, to []string, c string) error {
	return d.hear("ring " + f + strings.Join(to, ",") + c)
}
func (d *script) Accept(u, c string) error    { return d.hear("accept " + u + c) }
func (d *script) Reject(u, c, r string) error { return d.hear("reject " + u + c + r) }
func (d *script) Leave(u, c string) error     { return d.hear("leave " + u + c) }
func (d *script) End(u, c string) error       { return d.hear("end " + u + c) }

func state(to timeline.ConnState) timeline.StateChanged {
	return timeline.StateChanged{To: to, Reason: "test"}
}

// play runs a scenario's text against answers, in a bubble.
func play(t *testing.T, text string, answer map[string][]reply, check func(*script, Result, time.Duration)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := Parse("t.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		d := &script{t: t, store: timeline.NewStore(timeline.Options{}), answer: answer}
		began := time.Now()
		res, err := (&Runner{Driver: d, Timeline: d.store}).Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		check(d, res, time.Since(began))
	})
}

func TestRunWaitsForStatesInTheirOrder(t *testing.T) {
	text := "users: [sara]\nsteps:\n  - connect: sara\n  - expect state: connected\n  - fault: drop\n  - expect state: backoff\n  - expect state: connected\n"
	play(t, text, map[string][]reply{
		"connect sara": {{time.Second, "sara", state(timeline.StateConnected)}},
		"arm drop":     {{time.Second, "sara", state(timeline.StateBackoff)}, {1001 * time.Millisecond, "sara", state(timeline.StateConnected)}},
	}, func(d *script, res Result, took time.Duration) {
		if !res.Passed() {
			t.Errorf("a short backoff must not be missed: %s", res)
		}
		if took != 2001*time.Millisecond {
			t.Errorf("took %s, want the time of the events, 2.001s", took)
		}
		if want := []string{"begin", "connect sara", "arm drop"}; !slices.Equal(d.told, want) {
			t.Errorf("told %v, want %v", d.told, want)
		}
	})
}

func TestRunDoesNotTakeTheStateBeforeForTheStateAfter(t *testing.T) {
	text := "users: [sara]\nsteps:\n  - connect: sara\n  - expect state: connected\n  - expect state: backoff\n    within: 2s\n  - expect state: connected\n    within: 2s\n"
	play(t, text, map[string][]reply{
		"connect sara": {{0, "sara", state(timeline.StateConnected)}, {time.Second, "sara", state(timeline.StateBackoff)}},
	}, func(_ *script, res Result, _ time.Duration) {
		f, failed := res.Failed()
		if !failed || f.Index != 3 || !errors.Is(f.Err, ErrNotSeen) {
			t.Errorf("the connected before the backoff was used up: %s", res)
		}
		if !strings.Contains(res.String(), "t.yaml:7") || !strings.Contains(res.String(), "it is backoff (test)") {
			t.Errorf("the failure says where and what was there instead: %s", res)
		}
	})
}

func TestRunExpectations(t *testing.T) {
	request := timeline.HTTPRequest{ID: "1", Method: "POST", Path: "/video/call/default/lunch/reject"}
	answered := timeline.HTTPResponse{ID: "1", Method: "POST", Path: "/video/call/default/lunch/reject", Status: 201}
	ring := timeline.Frame{Dir: timeline.In, Op: "text", Type: "call.ring"}
	answer := map[string][]reply{"connect sara": {
		{time.Second, "sara", ring}, {time.Second, "sara", request}, {2 * time.Second, "sara", answered},
		{time.Second, "jack", timeline.AppEvent{Type: "connection.changed"}},
	}}
	for _, tt := range []struct {
		name, step string
		pass       bool
	}{
		{"event after request", "expect request: POST /call/default/lunch/reject\n  - expect event: call.ring", true},
		{"wildcard and status", "expect request: POST /call/*/lunch/reject\n    status: 201", true},
		{"other status", "expect request: POST /call/*/lunch/reject\n    status: 500", false},
		{"other method", "expect request: GET /call/*/lunch/reject", false},
		{"longer pattern", "expect request: POST /x/y/z/video/call/*/lunch/reject", false},
		{"count", "expect event: call.ring\n    count: 2", false},
		{"absent and comes", "expect event: call.ring\n    absent: true", false},
		{"absent and stays away", "expect event: call.ended\n    absent: true", true},
		{"absent state", "expect state: failed\n    absent: true", true},
		{"another user's event", "expect event: connection.changed", false},
		{"user named", "expect event: connection.changed\n    user: jack", true},
		{"kind of event", "expect event: app\n    user: jack", true},
		{"trap not seen", "expect trap: K1", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := "users: [sara, jack]\nsteps:\n  - connect: sara\n  - " + tt.step + "\n"
			play(t, text, answer, func(_ *script, res Result, _ time.Duration) {
				if res.Passed() != tt.pass {
					t.Errorf("passed = %v, want %v: %s", res.Passed(), tt.pass, res)
				}
			})
		})
	}
}

func TestRunTellsTheDriverEverything(t *testing.T) {
	text := `
users: [sara]
steps:
  - connect: sara
  - disconnect: sara
  - reconnect: sara
  - offline: sara
  - online: sara
  - token: refresh
  - fault: drop
  - clear
  - ring: {from: jack, to: [sara, nina], call: "default:a"}
  - accept: default:a
  - reject: default:b
    reason: busy
  - leave: default:a
  - end: default:a
  - wait: 3s
`
	want := []string{"begin", "connect sara", "disconnect sara", "reconnect sara", "online sarafalse", "online saratrue", "token sara",
		"arm drop", "clear", "ring jacksara,ninadefault:a", "accept saradefault:a", "reject saradefault:bbusy", "leave saradefault:a", "end saradefault:a"}
	play(t, text, nil, func(d *script, res Result, took time.Duration) {
		if !res.Passed() || took != 3*time.Second {
			t.Errorf("%s after %s", res, took)
		}
		if !slices.Equal(d.told, want) {
			t.Errorf("told %v\nwant %v", d.told, want)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Parse("t.yaml", []byte("users: [sara]\nsteps:\n  - wait: 1h\n"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		d := &script{t: t, store: timeline.NewStore(timeline.Options{})}
		began := time.Now()
		res, err := (&Runner{Driver: d, Timeline: d.store}).Run(ctx, s)
		if !errors.Is(err, context.DeadlineExceeded) || res.Passed() || time.Since(began) != time.Second {
			t.Errorf("got %v, passed %v after %s", err, res.Passed(), time.Since(began))
		}
	})
}

func TestReports(t *testing.T) {
	play(t, "title: T\nusers: [sara]\nsteps:\n  - expect state: connected\n    within: 1s\n", nil, func(_ *script, bad Result, _ time.Duration) {
		good := Result{Scenario: Scenario{Name: "good"}}
		rep := NewReport(9, []Result{good, bad})
		if rep.OK || rep.Seed != 9 || !rep.Scenarios[0].OK || rep.Scenarios[1].OK || rep.Scenarios[1].Problem == "" {
			t.Errorf("report %+v", rep)
		}
		var out bytes.Buffer
		if err := WriteJUnit(&out, []Result{good, bad}); err != nil {
			t.Fatal(err)
		}
		var suite junitSuite
		if err := xml.Unmarshal(out.Bytes(), &suite); err != nil {
			t.Fatal(err)
		}
		if suite.Tests != 2 || suite.Failures != 1 || suite.Cases[0].Failure != nil || suite.Cases[1].Failure == nil {
			t.Errorf("junit %s", out.String())
		}
	})
}
