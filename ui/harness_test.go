package ui

import (
	"errors"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/explain"
	"streamscope/internal/uitest"
	"streamscope/logsink"
	"streamscope/timeline"
)

// epoch is when every test begins.
var epoch = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// harness is a screen with its stores and a controller that takes notes.
type harness struct {
	*uitest.Harness
	t     testing.TB
	m     *Model
	store *timeline.Store
	logs  *logsink.Store
	feed  *feed
	ctl   *fakeController
	now   time.Time
}

func newHarness(t testing.TB, w, h int, change ...func(*Options)) *harness {
	t.Helper()
	x := &harness{t: t, now: epoch, ctl: &fakeController{}}
	x.store = timeline.NewStore(timeline.Options{Start: epoch})
	x.logs = logsink.NewStore(logsink.StoreConfig{})
	o := Options{
		Timeline: x.store, Logs: x.logs, Controller: x.ctl, Title: "local",
		Now: func() time.Time { return x.now }, Width: w, Height: h, Look: Look{Theme: "dark", Mouse: true},
	}
	for _, f := range change {
		f(&o)
	}
	x.m = New(o)
	x.m.every = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	x.feed = newFeed(x.m.o)
	t.Cleanup(x.feed.close)
	x.Harness = uitest.New(t, x.m, w, h)
	return x
}

// sync gives the screen what has happened, as the feed would.
func (x *harness) sync() {
	x.t.Helper()
	if msg, ok := x.feed.take(); ok {
		x.Send(msg)
	}
}

// advance lets time pass and tells the screen.
func (x *harness) advance(d time.Duration) {
	x.t.Helper()
	x.now = x.now.Add(d)
	x.Send(tickMsg(x.now))
}

// event appends an event of the session sara and shows it.
func (x *harness) event(attempt int, payloads ...timeline.Payload) {
	x.t.Helper()
	for _, p := range payloads {
		x.store.Append(timeline.Event{Time: x.now, Session: "sara", Attempt: attempt, Payload: p})
	}
	x.sync()
}

// log appends a line and shows it.
func (x *harness) log(level logsink.Level, scope, message string) {
	x.t.Helper()
	x.logs.Append(logsink.Record{Time: x.now, Level: level, Scope: scope, Session: "sara", Message: message})
	x.sync()
}

func (x *harness) wantFocus(expectation string, p pane) {
	x.t.Helper()
	if x.m.focus != p {
		x.t.Errorf("%s: the focus is on %s, not on %s", expectation, x.m.focus, p)
	}
}

func (x *harness) wantMode(expectation string, m mode) {
	x.t.Helper()
	if x.m.mode != m {
		x.t.Errorf("%s: the mode is %d, not %d", expectation, x.m.mode, m)
	}
}

func (x *harness) wantAsked(expectation string, calls ...string) {
	x.t.Helper()
	if len(x.ctl.calls) != len(calls) {
		x.t.Fatalf("%s: the controller was asked for %q, not for %q", expectation, x.ctl.calls, calls)
	}
	for i := range calls {
		if x.ctl.calls[i] != calls[i] {
			x.t.Errorf("%s: the controller was asked for %q, not for %q", expectation, x.ctl.calls, calls)
		}
	}
}

// fakeController notes what it is asked for.
type fakeController struct {
	calls []string
	fail  error
	saved string
	token string
	// reported are the ends of the range that was reported on last.
	reported [2]time.Time
}

func (c *fakeController) note(what string) error {
	c.calls = append(c.calls, what)
	return c.fail
}

func (c *fakeController) Connect(s string) error      { return c.note("connect " + s) }
func (c *fakeController) Disconnect(s string) error   { return c.note("disconnect " + s) }
func (c *fakeController) Reconnect(s string) error    { return c.note("reconnect " + s) }
func (c *fakeController) RefreshToken(s string) error { return c.note("refresh " + s) }
func (c *fakeController) SetOnline(s string, on bool) error {
	return c.note("online " + s + " " + onOff(on))
}
func (c *fakeController) SetRejectWhenBusy(s string, on bool) error {
	return c.note("busy " + s + " " + onOff(on))
}
func (c *fakeController) SetPolicy(s string, p timeline.Policy) error {
	return c.note("policy " + s + " " + string(p))
}
func (c *fakeController) SetLuckyWatchdog(s string, on bool) error {
	return c.note("watchdog " + s + " " + onOff(on))
}
func (c *fakeController) Open(profile string) (string, error) {
	return "sara@" + profile, c.note("open " + profile)
}
func (c *fakeController) Profiles() []Choice { return []Choice{{"staging", "sara on staging"}} }
func (c *fakeController) Peers(string) []Choice {
	return []Choice{{"jack", "simulated"}, {"nina", "simulated"}}
}
func (c *fakeController) RingMe(s, from string) error { return c.note("ringme " + s + " " + from) }
func (c *fakeController) RingOut(s, to string) error  { return c.note("ringout " + s + " " + to) }
func (c *fakeController) Accept(s, cid string) error  { return c.note("accept " + s + " " + cid) }
func (c *fakeController) Decline(s, cid, r string) error {
	return c.note("decline " + s + " " + cid + " " + r)
}
func (c *fakeController) Leave(s, cid string) error  { return c.note("leave " + s + " " + cid) }
func (c *fakeController) End(s, cid string) error    { return c.note("end " + s + " " + cid) }
func (c *fakeController) ClearFaults(s string) error { return c.note("clear " + s) }
func (c *fakeController) ClearFault(s, id string) error {
	return c.note("clear " + s + " " + id)
}
func (c *fakeController) ArmFault(s string, f timeline.Fault) error {
	return c.note("arm " + s + " " + firstNonEmpty(f.Kind, f.Spec))
}

func (c *fakeController) Faults(string) []timeline.Fault {
	return []timeline.Fault{
		{Kind: "drop", Title: "Drop the connection", Where: "coordinator", Spec: "drop", Expect: "1006, then a reconnect within half a second."},
		{Kind: "close", Title: "Close with 1000", Where: "coordinator", Spec: "close code=1000", Expect: "The client ignores it.", Trap: "K1"},
		{Kind: "expire", Title: "Expire the token now", Where: "token", Spec: "expire", Expect: "Code 40, one refresh, connected."},
	}
}

func (c *fakeController) Inspect(s, raw, secret string) (explain.TokenReport, error) {
	return explain.Token(testToken, explain.TokenOptions{Now: epoch, UserID: "sara", Source: "http"}), c.fail
}

func (c *fakeController) Reveal(string) (string, error) {
	c.note("reveal")
	if c.token == "" {
		return "", errors.New("no token is on the wire")
	}
	return c.token, nil
}

func (c *fakeController) Save(what, text string) (string, error) {
	c.saved = text
	return "/tmp/" + what + ".txt", c.note("save " + what)
}

func (c *fakeController) Report(s string, from, to time.Time) (string, error) {
	c.reported = [2]time.Time{from, to}
	return "/tmp/report.md", c.note("report " + s)
}

func (c *fakeController) Mark(s, text string) error { return c.note("mark " + s + " " + text) }

// testToken has no secret in it: its signature is made up.
const testToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJ1c2VyX2lkIjoic2FyYSIsImlhdCI6MTc2NzM1NDAwMCwiZXhwIjoxNzY3MzU2MDUyfQ.bm90LWEtc2lnbmF0dXJl"
