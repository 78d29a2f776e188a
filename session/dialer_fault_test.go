package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/internal/fault"
	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/session"
	"streamscope/timeline"
)

// script is a server in a few lines: what is put into frames arrives, what is
// written is kept.
type script struct {
	frames chan string
	done   chan struct{}
	once   sync.Once

	mu      sync.Mutex
	written []string
}

func newScript() *script { return &script{frames: make(chan string, 100), done: make(chan struct{})} }

func (s *script) Dial(context.Context, session.DialRequest, func(timeline.StageChanged)) (session.Conn, error) {
	return s, nil
}

func (s *script) Read(context.Context) (session.Message, error) {
	select {
	case f, open := <-s.frames:
		if !open {
			return session.Message{}, &session.Error{Op: "read", Close: 4000}
		}
		return session.Message{Data: []byte(f)}, nil
	case <-s.done:
		return session.Message{}, &session.Error{Op: "read", Close: 1006}
	}
}

func (s *script) Write(_ context.Context, m session.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = append(s.written, string(m.Data))
	return nil
}

func (s *script) Close(context.Context, int, string) error { s.Abort(); return nil }
func (s *script) Abort()                                   { s.once.Do(func() { close(s.done) }) }

func (s *script) wrote() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.written)
}

// frame is an event of a type, told apart by a number.
func frame(kind string, n int) string { return fmt.Sprintf(`{"type":%q,"n":%d}`, kind, n) }

const okFrame = `{"type":"connection.ok"}`

// faulty runs a test with one armed fault and an open socket.
func faulty(t *testing.T, spec string, test func(t *testing.T, s *script, c session.Conn, faults *session.Faults)) {
	t.Helper()
	faultyWith(t, session.FaultEvents{}, spec, test)
}

func faultyWith(t *testing.T, on session.FaultEvents, spec string, test func(t *testing.T, s *script, c session.Conn, faults *session.Faults)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		faults := session.NewFaults(on)
		if spec != "" {
			arm(t, faults, spec)
		}
		s := newScript()
		conn, err := session.FaultDialer{Dialer: s, Faults: faults}.Dial(t.Context(), target, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Abort()
		s.frames <- okFrame
		test(t, s, conn, faults)
	})
}

var target = session.DialRequest{URL: &url.URL{Scheme: "wss", Host: "video.example.test", Path: "/video/connect"}}

func arm(t *testing.T, faults *session.Faults, spec string) {
	t.Helper()
	f, err := fault.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := faults.Arm(spec, f); err != nil {
		t.Fatal(err)
	}
}

// read takes n messages and returns them, or what ended the socket.
func read(t *testing.T, c session.Conn, n int) []string {
	t.Helper()
	var got []string
	for range n {
		m, err := c.Read(t.Context())
		if err != nil {
			return append(got, err.Error())
		}
		got = append(got, string(m.Data))
	}
	return got
}

func TestFaultsOfFrames(t *testing.T) {
	ring, ping := frame("call.ring", 1), frame("health.check", 2)
	for spec, want := range map[string][]string{
		"":                                {okFrame, ring, ping, ring},
		"withhold:type=call.ring":         {okFrame, ping},
		"no-pong":                         {okFrame, ring, ring},
		"corrupt":                         {okFrame, "<" + ring, ping, ring},
		"corrupt:type=health.check":       {okFrame, ring, "<" + ping, ring},
		"truncate:count=2":                {okFrame, ring[:len(ring)/2], ping[:len(ping)/2], ring},
		"duplicate:count=1":               {okFrame, ring, ring, ping, ring},
		"reorder:count=1":                 {okFrame, ping, ring, ring},
		"withhold:type=call.ring,dir=out": {okFrame, ring, ping, ring},
	} {
		t.Run(spec, func(t *testing.T) {
			faulty(t, spec, func(t *testing.T, s *script, c session.Conn, _ *session.Faults) {
				got := read(t, c, 1)
				for _, f := range []string{ring, ping, ring} {
					s.frames <- f
				}
				got = append(got, read(t, c, len(want)-1)...)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", spec, diff)
				}
			})
		})
	}
}

func TestFaultsOfWrittenFrames(t *testing.T) {
	ping := `[{"type":"health.check"}]`
	for spec, want := range map[string][]string{
		"withhold:type=health.check,dir=out": nil,
		"duplicate:dir=both":                 {ping, ping},
		"truncate:dir=out":                   {ping[:len(ping)/2]},
		"corrupt":                            {ping},
	} {
		faulty(t, spec, func(t *testing.T, s *script, c session.Conn, _ *session.Faults) {
			if err := c.Write(t.Context(), session.Message{Data: []byte(ping)}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, s.wrote()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", spec, diff)
			}
		})
	}
}

func TestFaultsThatStrikeALiveConnectionAtOnce(t *testing.T) {
	for spec, want := range map[string]string{
		"drop":                        "read: close 1006: read tcp: connection reset by peer (by a fault)",
		"drop:after=5s":               "read: close 1006: read tcp: connection reset by peer (by a fault)",
		"close:code=1011,reason=oops": "read: close 1011: oops: by a fault",
		"close":                       "read: close 1000: by a fault",
		"error:phase=session,code=9":  `"code":9`,
		"unknown-event:type=a.b":      `"type":"a.b"`,
		"huge-frame:size=5000":        strings.Repeat("x", 5000),
	} {
		t.Run(spec, func(t *testing.T) {
			var over []int
			on := session.FaultEvents{Over: func(_ string, _ fault.Fault, hits int) { over = append(over, hits) }}
			faultyWith(t, on, "", func(t *testing.T, _ *script, c session.Conn, faults *session.Faults) {
				read(t, c, 1)
				start := time.Now()
				go func() {
					time.Sleep(time.Second)
					arm(t, faults, spec)
				}()
				if got := read(t, c, 1)[0]; !strings.Contains(got, want) {
					t.Errorf("want %s, got %.200s", want, got)
				}
				wait := time.Second
				if strings.Contains(spec, "after") {
					wait = 6 * time.Second
				}
				if got := time.Since(start); got != wait {
					t.Errorf("it strikes when it is due, after %v, got %v", wait, got)
				}
				if left := faults.Clear(); len(left) != 0 || !slices.Equal(over, []int{1}) {
					t.Errorf("it is over after one stroke, got %v, and in force are %v", over, left)
				}
			})
		})
	}
}

func TestFaultsOfTheHandshake(t *testing.T) {
	for spec, want := range map[string][]string{
		"drop:phase=connect":            {"read: close 1006: read tcp: connection reset by peer (by a fault)"},
		"close:phase=connect,code=1000": {"read: close 1000: by a fault"},
		"error:code=71":                 {`"code":71`, "read: close 1000: by a fault"},
	} {
		faulty(t, spec, func(t *testing.T, _ *script, c session.Conn, _ *session.Faults) {
			got := read(t, c, len(want))
			for i := range want {
				if i >= len(got) || !strings.Contains(got[i], want[i]) {
					t.Errorf("%s: instead of connection.ok comes %s, got %v", spec, want, got)
				}
			}
			if _, err := wire.Decode[map[string]any]([]byte(got[0])); len(want) > 1 && err != nil {
				t.Errorf("%s: the error is JSON, got %v", spec, err)
			}
		})
	}
}

func TestHalfOpenSwallowsUntilItIsOver(t *testing.T) {
	faulty(t, "half-open:for=40s", func(t *testing.T, s *script, c session.Conn, _ *session.Faults) {
		start := time.Now()
		read(t, c, 1)
		failed := make(chan struct{})
		go func() {
			defer close(failed)
			time.Sleep(time.Second)
			if err := c.Write(t.Context(), session.Message{Data: []byte("ping")}); err != nil || len(s.wrote()) > 0 {
				t.Errorf("a write goes nowhere and does not fail, got %v, %v", err, s.wrote())
			}
			s.frames <- frame("call.ring", 1)
		}()
		if got := read(t, c, 1); got[0] != frame("call.ring", 1) || time.Since(start) != 40*time.Second {
			t.Errorf("what came meanwhile arrives when the fault is over, got %v after %v", got, time.Since(start))
		}
		<-failed
	})
	faulty(t, "half-open", func(t *testing.T, _ *script, c session.Conn, _ *session.Faults) {
		read(t, c, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 35*time.Second)
		defer cancel()
		if _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a read ends with its context, got %v", err)
		}
	})
	faulty(t, "half-open", func(t *testing.T, _ *script, c session.Conn, _ *session.Faults) {
		read(t, c, 1)
		go c.Read(context.WithoutCancel(t.Context()))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := c.Close(ctx, 1000, "bye"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("no answer to a close frame comes through, got %v after %v", err, time.Since(start))
		}
	})
	faulty(t, "stall-auth", func(t *testing.T, _ *script, c session.Conn, faults *session.Faults) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		if m, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the auth message is never answered, got %s, %v", m.Data, err)
		}
	})
}

func TestASlowLineKeepsTheOrder(t *testing.T) {
	faulty(t, "slow:latency=300ms,jitter=200ms,rate=1000,seed=3", func(t *testing.T, s *script, c session.Conn, _ *session.Faults) {
		start := time.Now()
		for i := range 20 {
			s.frames <- frame("custom", i)
		}
		close(s.frames)
		want := []string{okFrame}
		for i := range 20 {
			want = append(want, frame("custom", i))
		}
		want = append(want, "read: close 4000")
		got := read(t, c, 22)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("frames come in order and the end comes last:\n%s", diff)
		}
		if late := time.Since(start); late < 300*time.Millisecond || late > 2*time.Second {
			t.Errorf("the line is as slow as it should be, got %v", late)
		}
	})
}

func TestFaultsOfTheDial(t *testing.T) {
	for spec, want := range map[string]session.Error{
		"refuse-tcp":                {Op: "dial", Stage: timeline.StageTCP},
		"dns-fails":                 {Op: "dial", Stage: timeline.StageDNS},
		"tls-fails":                 {Op: "dial", Stage: timeline.StageTLS, Reason: "the certificate is from an authority that this machine does not trust"},
		"refuse-upgrade":            {Op: "dial", Stage: timeline.StageUpgrade, Status: 503},
		"refuse-upgrade:status=403": {Op: "dial", Stage: timeline.StageUpgrade, Status: 403},
		"stall-upgrade":             {Op: "dial", Stage: timeline.StageUpgrade},
	} {
		synctest.Test(t, func(t *testing.T) {
			var struck []string
			faults := session.NewFaults(session.FaultEvents{Struck: func(id string, _ fault.Fault) { struck = append(struck, id) }})
			arm(t, faults, spec)
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
			defer cancel()
			var last timeline.StageChanged
			_, err := session.FaultDialer{Dialer: newScript(), Faults: faults}.Dial(ctx, target, func(s timeline.StageChanged) { last = s })
			wantError(t, spec, err, want)
			if last.Stage != want.Stage || last.Progress != timeline.Failed || last.Failure == nil {
				t.Errorf("%s: the lane stops at the stage, got %+v", spec, last)
			}
			if spec == "refuse-tcp" && !errors.Is(err, syscall.ECONNREFUSED) || spec == "stall-upgrade" && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: the cause is that of the network, got %v", spec, err)
			}
			if diff := cmp.Diff([]string{spec}, struck); diff != "" {
				t.Errorf("%s: the stroke is told:\n%s", spec, diff)
			}
		})
	}
	if err := session.NewFaults(session.FaultEvents{}).Arm("x", fault.Fault{Kind: fault.ProviderFails}); err == nil {
		t.Error("what this end cannot cause is refused")
	}
}

// plainREST answers everything with an empty object.
type plainREST struct{}

func (plainREST) Do(context.Context, session.RESTRequest) (session.RESTResponse, error) {
	return session.RESTResponse{Status: 200, Body: []byte("{}")}, nil
}

func TestFaultsOfRequests(t *testing.T) {
	for spec, want := range map[string]string{
		"rest-error:code=40":                          `401 {"code":40`,
		"rest-error:code=9,status=429,retry_after=5s": `429 5 {"code":9`,
		"rest-error:path=/other":                      `200 {}`,
		"rest-html":                                   `502 <html><head><title>502 Bad Gateway`,
		"rest-reset":                                  "http: read tcp: connection reset by peer (by a fault)",
		"rest-hang":                                   "http: context deadline exceeded",
		"refuse-tcp":                                  "http: dial tcp: connection refused (by a fault)",
		"dns-fails":                                   "http: lookup ",
		"rest-error:path=/reject,code=-1,reason=on purpose": `500 {"code":-1,"message":"on purpose"`,
	} {
		synctest.Test(t, func(t *testing.T) {
			faults := session.NewFaults(session.FaultEvents{})
			arm(t, faults, spec)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			resp, err := session.FaultREST{REST: plainREST{}, Faults: faults}.Do(ctx,
				session.RESTRequest{Method: http.MethodPost, URL: &url.URL{Path: "/video/call/default/x/reject"}})
			got := strings.Join(strings.Fields(fmt.Sprintf("%d %s %s", resp.Status, resp.Header.Get("Retry-After"), resp.Body)), " ")
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, want) {
				t.Errorf("%s: want %s, got %s", spec, want, got)
			}
		})
	}
}

func TestTheDeviceIsOfflineWhileAnyOutageLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex // each fault has a goroutine of its own to end in
		var told []string
		tell := func(format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, fmt.Sprintf(format, args...))
		}
		faults := session.NewFaults(session.FaultEvents{Over: func(id string, _ fault.Fault, hits int) {
			tell("%s over after %d", id, hits)
		}})
		if faults.CanCause(fault.Offline) || faults.Arm("x", fault.Fault{Kind: fault.Offline}) == nil {
			t.Error("without a device there is no network to lose")
		}
		faults.Device(func(online bool) { tell("%s online %t", time.Since(start), online) })
		arm(t, faults, "offline:for=10s")
		arm(t, faults, "offline:after=5s,for=20s")
		arm(t, faults, "offline:after=30s")
		arm(t, faults, "offline:p=0.000001,for=1s")
		time.Sleep(40 * time.Second)
		faults.Clear()
		synctest.Wait()
		want := []string{
			"0s online false", "offline:p=0.000001,for=1s over after 0", "offline:for=10s over after 1", "25s online true",
			"offline:after=5s,for=20s over after 1", "30s online false", "40s online true",
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestTheTimeOfAWaitingFaultRunsFromItsFirstStroke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var over []time.Duration
		start := time.Now()
		faults := session.NewFaults(session.FaultEvents{Over: func(string, fault.Fault, int) { over = append(over, time.Since(start)) }})
		arm(t, faults, "refuse-tcp:for=20s")
		dial := func() error {
			conn, err := session.FaultDialer{Dialer: newScript(), Faults: faults}.Dial(t.Context(), target, nil)
			if err == nil {
				conn.Abort()
			}
			return err
		}
		for _, step := range []struct {
			wait time.Duration
			fail bool
		}{{time.Hour, true}, {19 * time.Second, true}, {2 * time.Second, false}} {
			time.Sleep(step.wait)
			if err := dial(); (err != nil) != step.fail {
				t.Errorf("after %s: want a failure %t, got %v", time.Since(start), step.fail, err)
			}
		}
		synctest.Wait()
		if want := []time.Duration{time.Hour + 20*time.Second}; !slices.Equal(over, want) {
			t.Errorf("it is over %v after its arming, got %v", want, over)
		}
	})
}

func TestFaultsOfTheTokenSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := session.NewFaults(session.FaultEvents{})
		n := 0
		source := faults.Source(session.FuncSource{Func: func(context.Context) (string, error) {
			n++
			return fmt.Sprint("token-", n), nil
		}})
		start := time.Now()
		for _, step := range []struct{ spec, want string }{
			{"", "token-1"},
			{"provider-stale:count=1", "token-1"},
			{"provider-fails:reason=down,count=1", "token: down"},
			{"provider-slow:latency=4s,count=1", "token-2"},
			{"", "token-3"},
		} {
			if step.spec != "" {
				arm(t, faults, step.spec)
			}
			got, err := source.Token(t.Context())
			if err != nil {
				got = err.Error()
			}
			if got != step.want {
				t.Errorf("%s: want %s, got %s", step.spec, step.want, got)
			}
		}
		if took := time.Since(start); took != 4*time.Second || source.Last().Reveal() != "token-3" {
			t.Errorf("only the slow one takes time, got %s; the last is kept, got %s", took, source.Last())
		}
		if faults.CanCause(fault.ClockSkew) {
			t.Error("a source that does not sign has no clock")
		}
		faults = session.NewFaults(session.FaultEvents{})
		source = faults.Source(session.SecretSource{Secret: "s", UserID: "sara"})
		arm(t, faults, "clock-skew:skew=-60s")
		raw, err := source.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		info, err := token.Parse(raw)
		if ahead := time.Until(info.Iat); err != nil || ahead != time.Minute-token.Backdate {
			t.Errorf("to a server that is a minute behind its tokens are from the future, got %s, %v", ahead, err)
		}
	})
}
