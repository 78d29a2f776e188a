package cli

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/config"
	"streamscope/internal/memnet"
	"streamscope/session"
	"streamscope/tap"
	"streamscope/timeline"
)

// tapped is two sessions of ours that connect to our coordinator through the tap: an
// app of which we know what it really does.
type tapped struct {
	t       *testing.T
	rig     *rig // of the tap
	control *tapControl
	app     *rig // of the sessions
	local   *local
	users   map[string]*session.Session
	stop    context.CancelFunc
	served  chan error
}

func newTapped(t *testing.T) *tapped {
	t.Helper()
	cfg := config.Default()
	set := settings{config: cfg, levels: levelsOf(cfg.Logs)}
	ctx, stop := context.WithCancel(t.Context())
	x := &tapped{
		t: t, rig: newRig(ctx, set), app: newRig(ctx, set), users: make(map[string]*session.Session),
		stop: stop, served: make(chan error, 1),
	}
	up, front := memnet.Listen("127.0.0.1:8800"), memnet.Listen("127.0.0.1:8801")
	x.local = serveLocal(t.Context(), up, 0, cfg.Local, x.app.events, x.app.logger)
	proxy := &tap.Proxy{
		Upstream: &url.URL{Scheme: "http", Host: "127.0.0.1:8800", Path: "/video"},
		Timeline: x.rig.events, Logs: x.rig.logs, Levels: x.rig.levels, DialContext: up.Dial,
	}
	x.control = &tapControl{keeper: x.rig.keeper(func() timeline.Header { return timeline.Header{} }), rig: x.rig, proxy: proxy}
	go func() { x.served <- proxy.Serve(ctx, front) }()
	for _, user := range []string{"sara", "jack"} {
		own := x.local.config(user, time.Hour)
		own.Source, own.BaseURL = timeline.SourceDirect, "http://127.0.0.1:8801/video"
		own.LocationHintURL = "http://127.0.0.1:8801/hint"
		own.Dialer = &session.WebSocketDialer{DialContext: front.Dial}
		own.REST = &session.HTTPDoer{DialContext: front.Dial}
		s, err := x.app.open(own)
		if err != nil {
			t.Fatal(err)
		}
		x.users[user] = s
		if err := s.ConnectUser(ctx); err != nil {
			t.Fatalf("%s connects through the tap: %v", user, err)
		}
	}
	synctest.Wait()
	return x
}

// end closes the app, then the tap, and holds the record of the tap to have the end.
func (x *tapped) end() {
	x.t.Helper()
	if err := x.app.close(errQuit); err != nil {
		x.t.Errorf("closing the app: %v", err)
	}
	synctest.Wait()
	if seen := x.seen("sara"); seen.Conn != timeline.StateDisconnected || seen.Attempt.End.Close != 1000 {
		x.t.Errorf("the tap sees the disconnect: %s, close %d", seen.Conn, seen.Attempt.End.Close)
	}
	x.stop()
	if err := <-x.served; err != nil {
		x.t.Errorf("the tap ends: %v", err)
	}
	if err := x.local.close(); err != nil {
		x.t.Errorf("closing the coordinator: %v", err)
	}
	if err := x.rig.close(errQuit); err != nil {
		x.t.Errorf("closing the tap: %v", err)
	}
}

func foldOf(r *rig, user string) timeline.Session {
	s, _ := timeline.Fold(timeline.State{}, slices.Collect(r.events.All())).Session(user)
	return s
}

func (x *tapped) seen(user string) timeline.Session { return foldOf(x.rig, user) }
func (x *tapped) real(user string) timeline.Session { return foldOf(x.app, user) }

// agree holds what the tap makes of the traffic to what the session says of itself.
func (x *tapped) agree(when string) {
	x.t.Helper()
	synctest.Wait()
	type part struct {
		Conn       timeline.ConnState
		Attempt    int
		Connection string
		Token      string
		Drops      int
		Calls      []timeline.CallingState
		Outcomes   []timeline.Outcome
		Traps      []string
	}
	of := func(s timeline.Session) part {
		p := part{s.Conn, s.Attempt.N, s.Attempt.ConnectionID, s.Token.Wire.Fingerprint, s.Drops, nil, nil, nil}
		for _, c := range s.Calls {
			p.Calls = append(p.Calls, c.State)
			for _, m := range c.Members {
				p.Outcomes = append(p.Outcomes, m.Outcome)
			}
		}
		for _, trap := range s.OpenTraps(time.Now()) {
			p.Traps = append(p.Traps, trap.ID)
		}
		return p
	}
	for user := range x.users {
		if diff := cmp.Diff(of(x.real(user)), of(x.seen(user))); diff != "" {
			x.t.Errorf("%s: the tap and %s disagree (-session +tap):\n%s", when, user, diff)
		}
	}
}

func TestTheTapSeesWhatTheAppDoes(t *testing.T) { synctest.Test(t, testTheTapSeesWhatTheAppDoes) }

func testTheTapSeesWhatTheAppDoes(t *testing.T) {
	x := newTapped(t)
	defer x.end()
	x.agree("connected")
	if err := x.users["sara"].Ring(session.RingOptions{ID: "lunch", Members: []string{"jack"}}); err != nil {
		t.Fatal(err)
	}
	x.agree("ringing")
	if c := x.seen("jack").Calls; len(c) != 1 || c[0].State != timeline.CallingRinging || c[0].IncomingDeadline.IsZero() {
		t.Errorf("jack's ring is seen with its countdown: %+v", c)
	}
	if err := x.users["jack"].Reject("default:lunch", "busy"); err != nil {
		t.Fatal(err)
	}
	x.agree("rejected as busy")
	if d := x.seen("jack").Decisions; len(d) != 1 || !d[0].Busy {
		t.Errorf("the rejection is a decision: %+v", d)
	}
	time.Sleep(time.Minute) // two health checks
	if h := x.seen("sara").Health; h.Pings != 2 || h.Pongs < 2 || len(h.RTTs) != 2 {
		t.Errorf("health checks are seen with their round trips: %d, %d, %v", h.Pings, h.Pongs, h.RTTs)
	}
	x.agree("idle")
}

func TestFaultsOnTheTap(t *testing.T) { synctest.Test(t, testFaultsOnTheTap) }

func testFaultsOnTheTap(t *testing.T) {
	x := newTapped(t)
	defer x.end()
	arm := func(spec string) {
		t.Helper()
		if err := x.control.ArmFault("sara", timeline.Fault{Spec: spec}); err != nil {
			t.Fatalf("%s: %v", spec, err)
		}
		synctest.Wait()
	}
	arm("drop")
	x.agree("dropped")
	time.Sleep(5 * time.Second)
	x.agree("reconnected")
	if s := x.seen("sara"); s.Conn != timeline.StateConnected || s.Attempt.N != 2 || x.seen("jack").Attempt.N != 1 {
		t.Errorf("sara has reconnected, and jack was left alone: %s, attempt %d and %d", s.Conn, s.Attempt.N, x.seen("jack").Attempt.N)
	}
	arm("close:code=1000")
	if traps := x.seen("sara").OpenTraps(time.Now()); len(traps) == 0 || traps[0].ID != "K1" {
		t.Errorf("the app believes in a dead socket (K1): %v", traps)
	}
	state := timeline.Fold(timeline.State{}, slices.Collect(x.rig.events.All()))
	if len(state.Faults) != 2 || state.Faults[0].Where != "tap" {
		t.Errorf("the faults are on the record, of the tap: %+v", state.Faults)
	}
	if err := x.control.ArmFault("sara", timeline.Fault{Spec: "expire-token"}); err == nil {
		t.Error("the tap cannot expire a token: it does not check any")
	}
	time.Sleep(time.Minute)
	x.agree("noticed at last")
}

func TestEveryKeyOfTheTapHasAnAnswer(t *testing.T) {
	ids, err := keyTable(nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, why := range tapWithout {
		if !strings.Contains(ids, "| "+id+" |") || why == "" {
			t.Errorf("%s is an action, and has a reason: %q", id, why)
		}
	}
}

// TestTheCodeCanBeRead draws the code and reads its finder pattern back: a square of
// seven modules in the corner, dark, after the quiet border.
func TestTheCodeCanBeRead(t *testing.T) {
	rows := strings.Split(qrText("http://192.168.1.20:8801/letmein42/video", false), "\n")
	modules := func(y, x int) bool { // dark
		r := []rune(rows[(y+quiet)/2])[x+quiet]
		if (y+quiet)%2 == 0 {
			return r != '█' && r != '▀'
		}
		return r != '█' && r != '▄'
	}
	for i := range 7 {
		if !modules(0, i) || !modules(i, 0) || !modules(6, i) || !modules(i, 6) {
			t.Fatalf("there is a finder pattern in the corner:\n%s", strings.Join(rows, "\n"))
		}
	}
	if modules(-1, 3) || modules(1, 1) || modules(7, 3) || !modules(3, 3) {
		t.Errorf("with light around and in it, and a dark middle:\n%s", strings.Join(rows, "\n"))
	}
	if coloured := qrText("http://127.0.0.1:8801/video", true); !strings.Contains(coloured, "\x1b[30;107m") {
		t.Error("in colours the code is dark on light")
	}
}
