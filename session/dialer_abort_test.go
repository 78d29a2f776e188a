package session_test

import (
	"context"
	"errors"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"

	"streamscope/session"
	"streamscope/timeline"
)

func TestAbortEndsAReadAtOnce(t *testing.T) {
	inBubble(t, accept(echo), func(t *testing.T, e *edge) {
		conn := e.mustDial()
		failed := make(chan error, 1)
		go func() { _, err := conn.Read(context.Background()); failed <- err }()
		synctest.Wait()
		conn.Abort()
		conn.Abort()
		err := <-failed
		wantError(t, "the reader learns of the abort", err, session.Error{Op: "read", Close: 1006})
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("the cause is our own close, got %v", err)
		}
	})
}

func TestANameIsResolvedAndAnAbortResets(t *testing.T) {
	lost := make(chan error, 1)
	srv := httptest.NewServer(accept(func(ctx context.Context, c *websocket.Conn) {
		// Until this message the HTTP server still watches the connection, and
		// would take the reset for itself.
		if err := c.Write(ctx, websocket.MessageText, []byte("it is ours")); err != nil {
			lost <- err
			return
		}
		_, _, err := c.Read(ctx)
		lost <- err
	}))
	defer srv.Close()
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	found := map[timeline.Stage]string{}
	conn, err := new(session.WebSocketDialer).Dial(t.Context(), session.DialRequest{URL: &url.URL{Scheme: "ws", Host: "localhost:" + port}},
		func(s timeline.StageChanged) {
			if s.Progress == timeline.Passed {
				found[s.Stage] = s.Detail
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	if dns, tcp := found[timeline.StageDNS], found[timeline.StageTCP]; !strings.Contains(dns, "127.0.0.1") || !strings.HasPrefix(tcp, "127.0.0.1:"+port) {
		t.Errorf("the addresses and the one that answered are told, got %q and %q", dns, tcp)
	}
	if _, err := conn.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn.Abort()
	if err := <-lost; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server sees a reset, got %v", err)
	}
}
