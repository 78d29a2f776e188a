package session

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// harness runs a real session against the scripted coordinator, in a bubble:
// real HTTP, real sockets, virtual time. The bubble fails when a goroutine
// outlives its test.
type harness struct {
	t      *testing.T
	server *traceServer
	store  *timeline.Store
	logs   lockedBuffer
	raw    string // the user's token
	s      *Session
	stop   context.CancelFunc
	ended  chan error
}

// lockedBuffer is what a logger may write to from several goroutines.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// bubble runs a test in virtual time. Sockets says how the coordinator treats
// each socket, as in the recordings: JSON steps for on_auth.
func bubble(t *testing.T, sockets []string, change func(*harness, *Config), body func(*harness)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, sockets, change)
		body(h)
		h.stop()
		if err := <-h.ended; err != nil {
			t.Errorf("Run ends well, got %v", err)
		}
		h.server.close()
	})
}

func newHarness(t *testing.T, sockets []string, change func(*harness, *Config)) *harness {
	t.Helper()
	tr := &trace{}
	for _, steps := range sockets {
		var c traceConnection
		if err := json.Unmarshal([]byte(steps), &c.OnAuth); err != nil {
			t.Fatal(err)
		}
		tr.Inputs.Server.Connections = append(tr.Inputs.Server.Connections, c)
	}
	raw, err := token.Sign("secret", token.Options{UserID: "sara", TTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, server: newTraceServer(tr), store: timeline.NewStore(timeline.Options{}), raw: raw}
	cfg := Config{
		APIKey: "test-key", BaseURL: "http://127.0.0.1:7070/video", User: timeline.User{ID: "sara"},
		Token: StaticSource{Raw: token.Raw(raw)}, Timeline: h.store,
		Dialer: &WebSocketDialer{DialContext: h.server.dial}, REST: &HTTPDoer{DialContext: h.server.dial},
		Logger: slog.New(slog.NewTextHandler(&h.logs, &slog.HandlerOptions{Level: levelTrace})),
		Jitter: func(n time.Duration) time.Duration { return n / 2 },
	}
	if change != nil {
		change(h, &cfg)
	}
	h.s, err = New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	h.stop, h.ended = stop, make(chan error, 1)
	go func() { h.ended <- h.s.Run(ctx) }()
	return h
}

// connect is connectUser; it must work.
func (h *harness) connect() {
	h.t.Helper()
	if err := h.s.ConnectUser(h.t.Context()); err != nil {
		h.t.Fatalf("connectUser works, got %v", err)
	}
}

func (h *harness) wantState(why string, want timeline.ConnState) {
	h.t.Helper()
	synctest.Wait()
	if got := h.s.Status(); got.State != want {
		h.t.Errorf("%s: want %s, got %s (%s)", why, want, got.State, got.Reason)
	}
}

func (h *harness) wantSockets(why string, want int) {
	h.t.Helper()
	synctest.Wait()
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	if got := len(h.server.sockets); got != want {
		h.t.Errorf("%s: want %d sockets, got %d", why, want, got)
	}
}

// recorded is everything that a recording, a screen or a log file could show.
func (h *harness) recorded() string {
	var b strings.Builder
	for e := range h.store.All() {
		line, err := json.Marshal(e.Payload)
		if err != nil {
			h.t.Fatal(err)
		}
		b.Write(line)
		if f, ok := e.Payload.(timeline.Frame); ok {
			b.Write(f.Body)
		}
	}
	return b.String() + h.logs.String()
}
