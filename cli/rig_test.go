package cli

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/config"
	"streamscope/internal/memnet"
	"streamscope/logsink"
	"streamscope/session"
	"streamscope/timeline"
)

// home is a local session in a bubble: the rig, and the coordinator on a
// listener in memory.
type home struct {
	t     *testing.T
	rig   *rig
	local *local
	s     *session.Session
	dial  func(ctx context.Context, network, addr string) (net.Conn, error)
}

// controller is the screen's way to the session.
func (h *home) controller() *controller {
	return &controller{rig: h.rig, keeper: h.rig.keeper(func() timeline.Header { return timeline.Header{} })}
}

func newHome(t *testing.T) *home {
	t.Helper()
	cfg := config.Default()
	ctx, stop := context.WithCancel(t.Context())
	h := &home{t: t, rig: newRig(ctx, settings{config: cfg, levels: levelsOf(cfg.Logs)})}
	ln := memnet.Listen("127.0.0.1:8800")
	h.local, h.dial = serveLocal(t.Context(), ln, 0, cfg.Local, h.rig.events, h.rig.logger), ln.Dial
	h.rig.local = h.local
	own := h.local.config("sara", cfg.Local.TokenTTL)
	own.Source = timeline.SourceLocal
	own.Dialer = &session.WebSocketDialer{DialContext: ln.Dial}
	own.REST = &session.HTTPDoer{DialContext: ln.Dial}
	s, err := h.rig.open(own)
	if err != nil {
		t.Fatal(err)
	}
	h.s = s
	h.rig.accompany(s)
	t.Cleanup(stop)
	if err := s.ConnectUser(ctx); err != nil {
		t.Fatalf("the local session connects: %v", err)
	}
	synctest.Wait()
	return h
}

// end closes everything and holds it to the order: the session says goodbye
// before the coordinator is gone.
func (h *home) end() {
	h.t.Helper()
	if err := h.rig.close(errQuit); err != nil {
		h.t.Errorf("closing the rig: %v", err)
	}
	state := h.state()
	if state.Conn != timeline.StateDisconnected || state.Attempt.End.Close != 1000 {
		h.t.Errorf("closing disconnects the user with 1000, got %s, close %d", state.Conn, state.Attempt.End.Close)
	}
}

// state is what the timeline adds up to.
func (h *home) state() timeline.Session {
	h.t.Helper()
	named, ok := h.folded().Session("sara")
	if !ok {
		h.t.Fatal("the session is in the timeline")
	}
	return named
}

func (h *home) folded() timeline.State {
	var s timeline.State
	for e := range h.rig.events.All() {
		s = timeline.Apply(s, e)
	}
	return s
}

func TestLocalTokenIsRenewed(t *testing.T) { synctest.Test(t, testLocalTokenIsRenewed) }

func testLocalTokenIsRenewed(t *testing.T) {
	h := newHome(t)
	defer h.end()
	before := h.state()
	time.Sleep(75 * time.Second)
	if now := h.state(); now.Token.Wire.Number != 1 || now.Attempt.N != 1 {
		t.Errorf("nothing is renewed before its time: token %d, attempt %d", now.Token.Wire.Number, now.Attempt.N)
	}
	time.Sleep(10 * time.Second)
	after := h.state()
	if after.Token.Wire.Number != 2 || !after.Token.Wire.ExpiresAt.After(before.Token.Wire.ExpiresAt) {
		t.Errorf("10 s before its expiry a new token is on the wire, got number %d", after.Token.Wire.Number)
	}
	if after.Conn != timeline.StateConnected {
		t.Errorf("the session is connected with it, got %s", after.Conn)
	}
	time.Sleep(10 * time.Minute)
	if last := h.state(); last.Conn != timeline.StateConnected || time.Until(last.Token.Wire.ExpiresAt) <= 0 {
		t.Errorf("it goes on like that: %s, token until %s", last.Conn, last.Token.Wire.ExpiresAt)
	}
}

func TestRenewalIsNotTheUsersDoing(t *testing.T) { synctest.Test(t, testRenewalIsNotTheUsersDoing) }

func testRenewalIsNotTheUsersDoing(t *testing.T) {
	h := newHome(t)
	defer h.end()
	time.Sleep(85 * time.Second)
	cursor := h.rig.events.Cursor(0)
	defer cursor.Close()
	var actions, reasons []string
	for _, e := range cursor.Next(nil) {
		switch p := e.Payload.(type) {
		case timeline.UserAction:
			actions = append(actions, p.Action)
		case timeline.StateChanged:
			reasons = append(reasons, p.Reason)
		}
	}
	if want := []string{"connect", timeline.ActionRenew, timeline.ActionRenew}; !slices.Equal(actions, want) {
		t.Errorf("of a token that renews itself no key is told: want %q, got %q", want, actions)
	}
	if !slices.Contains(reasons, "the app renews its token") || slices.Contains(reasons, "reconnect by the user") {
		t.Errorf("the reconnect says whose it is, got %q", reasons)
	}
}

func TestRenewalLeavesFaultsAlone(t *testing.T) { synctest.Test(t, testRenewalLeavesFaultsAlone) }

func testRenewalLeavesFaultsAlone(t *testing.T) {
	h := newHome(t)
	defer h.end()
	if err := h.rig.arm("sara", "slow:latency=1ms"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Second)
	if now := h.state(); now.Token.Wire.Number != 1 {
		t.Errorf("a session that is being broken on purpose keeps its token, got number %d", now.Token.Wire.Number)
	}
	h.rig.clearFaults("sara")
	time.Sleep(time.Second)
	if now := h.state(); now.Token.Wire.Number != 2 || now.Conn != timeline.StateConnected {
		t.Errorf("when the fault is gone the renewal follows: token %d, %s", now.Token.Wire.Number, now.Conn)
	}
}

func TestFaultsAtTheirSites(t *testing.T) { synctest.Test(t, testFaultsAtTheirSites) }

func testFaultsAtTheirSites(t *testing.T) {
	h := newHome(t)
	defer h.end()
	if err := h.rig.arm("sara", "provider-fails"); err != nil {
		t.Fatal(err)
	}
	if err := h.s.RefreshToken(); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if now := h.state(); now.Token.Failure == nil {
		t.Error("a provider that fails on purpose fails")
	}
	h.rig.clearFaults("sara")
	if err := h.rig.arm("sara", "drop"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Second)
	now := h.state()
	if now.Drops != 1 || now.Conn != timeline.StateConnected {
		t.Errorf("a dropped session is back: %d drops, %s", now.Drops, now.Conn)
	}
	if err := h.rig.arm("sara", "offline:for=10s"); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if now := h.state(); now.Online {
		t.Error("the device has no network")
	}
	time.Sleep(10*time.Second + time.Second)
	if now := h.state(); !now.Online || now.Conn != timeline.StateConnected || now.Attempt.N != 3 {
		t.Errorf("back on it the session opens a new socket: online %t, %s, attempt %d", now.Online, now.Conn, now.Attempt.N)
	}
	if err := h.rig.arm("sara", "refuse-tcp:for=5s"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute) // it waits for a connect as long as it takes
	if err := h.rig.arm("sara", "drop"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	if now := h.state(); now.Conn != timeline.StateBackoff || !strings.Contains(now.Attempt.End.Failure.Text, "connection refused") {
		t.Errorf("the port is refused, got %s, %+v", now.Conn, now.Attempt.End.Failure)
	}
	time.Sleep(10 * time.Second)
	if now := h.state(); now.Conn != timeline.StateConnected {
		t.Errorf("until its time is over, got %s", now.Conn)
	}
	for _, spec := range []string{"no-pong", "provider-fails"} {
		if err := h.rig.arm("sara", spec); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Wait()
	for _, f := range h.folded().ActiveFaults(time.Now()) {
		if err := h.rig.clearFault("sara", f.ID); err != nil {
			t.Errorf("one fault is taken back: %v", err)
		}
		if err := h.rig.clearFault("sara", f.ID); err == nil {
			t.Error("once")
		}
	}
	synctest.Wait()
	if left := h.folded().ActiveFaults(time.Now()); len(left) != 0 {
		t.Errorf("none is left, got %+v", left)
	}
	if err := h.rig.arm("sara", "provider-fails:user=jack"); err == nil || !strings.Contains(err.Error(), "not of jack") {
		t.Errorf("what cannot concern the session is refused, got %v", err)
	}
}

func TestRings(t *testing.T) { synctest.Test(t, testRings) }

func testRings(t *testing.T) {
	h := newHome(t)
	defer h.end()
	c := h.controller()
	if err := c.RingMe("sara", "jack (accepts)"); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if ringing := h.state().Ringing(); len(ringing) != 1 || ringing[0].CID != "default:standup" || ringing[0].Creator != "jack" {
		t.Errorf("jack rings sara in a call with a name, got %+v", ringing)
	}
	if err := c.Decline("sara", "default:standup", "decline"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]timeline.Outcome{
		"nina (accepts)": timeline.OutcomeAccepted, "nina (is busy)": timeline.OutcomeRejected, "nina (declines)": timeline.OutcomeRejected,
	} {
		if err := c.RingOut("sara", name); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		calls := h.state().Calls
		last := calls[len(calls)-1]
		got := timeline.OutcomeNone
		for _, m := range last.Members {
			if m.ID == "nina" {
				got = m.Outcome
			}
		}
		if got != want {
			t.Errorf("nina does what the menu says, %s: want %s, got %s", name, want, got)
		}
		if err := c.Leave("sara", last.CID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
}

func TestPrinterKeepsTheOrder(t *testing.T) { synctest.Test(t, testPrinterKeepsTheOrder) }

func testPrinterKeepsTheOrder(t *testing.T) {
	cfg := config.Default()
	r := newRig(t.Context(), settings{config: cfg, levels: levelsOf(cfg.Logs)})
	var out bytes.Buffer
	r.output("the test", newPrinter(textLines{&out}, r, r.levels).run)
	log := slog.New(logsink.NewHandler(r.logs, logsink.HandlerOptions{})).With(logsink.Scope("client"))
	for _, step := range []func(){
		func() { r.events.Append(timeline.Event{Session: "sara", Payload: timeline.Note{Text: "one"}}) },
		func() { log.Info("two") },
		func() { log.Debug("hidden by its level") },
		func() {
			r.events.Append(timeline.Event{Session: "sara", Attempt: 1, Payload: timeline.Note{Text: "three"}})
		},
	} {
		step()
		time.Sleep(time.Millisecond)
	}
	if err := r.close(errQuit); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "one") || !strings.Contains(lines[1], "two") || !strings.Contains(lines[2], "three") {
		t.Errorf("events and log lines come in the order in which they happened:\n%s", out.String())
	}
}

func TestASecondSessionIsNotLocal(t *testing.T) { synctest.Test(t, testASecondSessionIsNotLocal) }

// A profile may name the same user and the same key at another service: it is a
// session of its own, and what belongs to the local coordinator is not its.
func testASecondSessionIsNotLocal(t *testing.T) {
	h := newHome(t)
	ln := memnet.Listen("127.0.0.1:8900")
	away := serveLocal(t.Context(), ln, 0, config.Default().Local, h.rig.events, h.rig.logger)
	defer func() {
		h.end()
		if err := away.close(); err != nil {
			t.Error(err)
		}
	}()
	other := away.config("sara", config.Default().Local.TokenTTL)
	other.Name, other.Source = "sara@staging", timeline.SourceDirect
	other.Dialer = &session.WebSocketDialer{DialContext: ln.Dial}
	other.REST = &session.HTTPDoer{DialContext: ln.Dial}
	if name, err := h.rig.openAndConnect(other, h.rig.openAnother); err != nil || name != "sara@staging" {
		t.Fatalf("opened %q, %v", name, err)
	}
	time.Sleep(time.Second)
	s := h.rig.manager.Get("sara@staging")
	if s == nil || s == h.s || s.Status().State != timeline.StateConnected {
		t.Fatalf("the profile is open beside the local session, got %v", s)
	}
	c := h.controller()
	if len(c.Peers("sara")) == 0 || len(c.Peers("sara@staging")) != 0 {
		t.Error("the simulated users belong to the local session only")
	}
	if err := c.RingMe("sara@staging", "jack"); err == nil {
		t.Error("nobody can be made to ring elsewhere")
	}
	if site, ok := h.rig.site(h.rig.endsOf("sara@staging"), offered()[1]); !ok || site == "coordinator" {
		t.Errorf("a fault strikes at its own dialer, got %q", site)
	}
	time.Sleep(85 * time.Second)
	var state timeline.State
	for e := range h.rig.events.All() {
		state = timeline.Apply(state, e)
	}
	if now, _ := state.Session("sara@staging"); now.Token.Wire.Number != 1 {
		t.Errorf("its token is not renewed as a local one is, got number %d", now.Token.Wire.Number)
	}
}
