package session_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"streamscope/session"
)

// BenchmarkSocketRead compares a read of 200 bytes through our socket with the
// bare library. Budget: 80% of the bare rate, because design.md section 12 asks
// for 60% with all that follows. Measured on two busy shared cores: 4.0 µs bare,
// 4.8 µs through the socket, 4.4 µs through the faults.
func BenchmarkSocketRead(b *testing.B) {
	flood := func(ctx context.Context, c *websocket.Conn) {
		c.CloseRead(ctx)
		message := []byte(`{"type":"custom","padding":"` + strings.Repeat("x", 170) + `"}`)
		for c.Write(ctx, websocket.MessageText, message) == nil {
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		flood(r.Context(), c)
	}))
	defer srv.Close()
	target, err := url.Parse(strings.Replace(srv.URL, "http", "ws", 1))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("bare", func(b *testing.B) {
		c, _, err := websocket.Dial(b.Context(), srv.URL, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer c.CloseNow()
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := c.Read(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
	read := func(b *testing.B, d session.Dialer) {
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		c, err := d.Dial(ctx, session.DialRequest{URL: target}, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Abort()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Read(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("socket", func(b *testing.B) { read(b, new(session.WebSocketDialer)) })
	b.Run("faults", func(b *testing.B) {
		read(b, session.FaultDialer{Dialer: new(session.WebSocketDialer), Faults: session.NewFaults(session.FaultEvents{})})
	})
}
