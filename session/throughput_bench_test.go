package session_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/token"
	"streamscope/session"
	"streamscope/timeline"
)

// BenchmarkFrames compares a whole session, which reads frames, decodes, appends
// and folds them, with a bare read loop of the same library that decodes the JSON
// of each message into a map, over the same kind of connection. Budget: 60% of the
// bare rate (design.md 12). The best of six runs, bare and session, on two very busy
// shared cores: event_200B 9.1 and 10.0 µs, health_check 6.3 and 7.8, call_ring 105
// and 100.
func BenchmarkFrames(b *testing.B) {
	ring, err := os.ReadFile(filepath.Join("..", "testdata", "wire", "server_call.ring.json"))
	if err != nil {
		b.Fatal(err)
	}
	for _, message := range []struct {
		name string
		data []byte
	}{
		{"event_200B", []byte(`{"type":"custom.thing","created_at":"2026-01-01T00:00:00Z","custom":{"padding":"` + strings.Repeat("x", 115) + `"}}`)},
		{"health_check", []byte(`{"type":"health.check","connection_id":"0e3a","created_at":"2026-01-01T00:00:00Z","custom":{}}`)},
		{"call_ring", ring},
	} {
		b.Run(message.name+"/bare", func(b *testing.B) { readBare(b, message.data) })
		b.Run(message.name+"/session", func(b *testing.B) { readSession(b, message.data) })
	}
}

// flooder accepts one socket, reads one message, answers connection.ok, and sends
// the message n times when it is told to.
func flooder(b *testing.B, message []byte, start <-chan int) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		ctx := context.Background()
		if _, _, err := c.Read(ctx); err != nil {
			return
		}
		_ = c.Write(ctx, websocket.MessageText, []byte(`{"type":"connection.ok","connection_id":"0e3a","created_at":"2026-01-01T00:00:00Z","me":{"id":"sara"}}`))
		for range <-start {
			if c.Write(ctx, websocket.MessageText, message) != nil {
				return
			}
		}
		_, _, _ = c.Read(ctx)
	}))
	b.Cleanup(srv.Close)
	return srv
}

func readBare(b *testing.B, message []byte) {
	start := make(chan int, 1)
	srv := flooder(b, message, start)
	c, _, err := websocket.Dial(b.Context(), srv.URL, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer c.CloseNow()
	if err := c.Write(b.Context(), websocket.MessageText, []byte("{}")); err != nil {
		b.Fatal(err)
	}
	c.SetReadLimit(-1)
	ctx := context.Background()
	if _, _, err := c.Read(ctx); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	start <- b.N
	for range b.N {
		_, data, err := c.Read(ctx)
		if err != nil {
			b.Fatal(err)
		}
		var event map[string]any
		if err := json.Unmarshal(data, &event); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
}

func readSession(b *testing.B, message []byte) {
	start := make(chan int, 1)
	srv := flooder(b, message, start)
	raw, err := token.Sign("secret", token.Options{UserID: "sara"})
	if err != nil {
		b.Fatal(err)
	}
	store := timeline.NewStore(timeline.Options{})
	s, err := session.New(session.Config{
		APIKey: "key", BaseURL: srv.URL + "/video", User: timeline.User{ID: "sara"},
		Token: session.StaticSource{Raw: token.Raw(raw)}, Timeline: store, NoTelemetry: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	if err := s.ConnectUser(ctx); err != nil {
		b.Fatal(err)
	}
	cursor := store.Cursor(0)
	defer cursor.Close()
	var state timeline.State
	var buf []timeline.Event
	fold := func() int {
		<-cursor.Wake()
		buf = cursor.Next(buf[:0])
		state = timeline.Fold(state, buf)
		me, _ := state.Session("sara")
		return me.FramesIn
	}
	for fold() < 1 {
	}
	b.ReportAllocs()
	b.ResetTimer()
	start <- b.N
	for fold() < b.N+1 {
		time.Sleep(time.Millisecond) // a screen takes what has come once a frame, not event by event
	}
	b.StopTimer()
	stop()
	srv.CloseClientConnections()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}
