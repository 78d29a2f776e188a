package session

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"unicode"
	"unicode/utf8"

	"streamscope/internal/memnet"
	"streamscope/internal/token"
	"streamscope/timeline"
)

// hostile is a server that writes bytes of its own choice to the socket, past any
// library, and a real session that reads them, in a bubble.
type hostile struct {
	t      *testing.T
	ln     *memnet.Listener
	store  *timeline.Store
	logs   loudLog
	s      *Session
	socks  chan net.Conn // each has had the client's auth message
	answer []byte        // to REST calls

	open sync.WaitGroup
}

// withHostile connects a session to a hostile server and hands over the socket.
func withHostile(t *testing.T, change func(*hostile, *Config), body func(*hostile, net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &hostile{t: t, ln: memnet.Listen("127.0.0.1:7070"), store: timeline.NewStore(timeline.Options{}),
			socks: make(chan net.Conn, 8), answer: []byte(`{}`)}
		raw, err := token.Sign("secret", token.Options{UserID: "sara"})
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{
			APIKey: "key", BaseURL: "http://127.0.0.1:7070/video", User: timeline.User{ID: "sara"}, Timeline: h.store,
			Token: StaticSource{Raw: token.Raw(raw)}, NoTelemetry: true, Logger: slog.New(&h.logs),
			Dialer: &WebSocketDialer{DialContext: h.ln.Dial}, REST: &HTTPDoer{DialContext: h.ln.Dial},
		}
		if change != nil {
			change(h, &cfg)
		}
		cfg.Timeline = h.store
		if h.s, err = New(cfg); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.s.Run(ctx) }()
		h.open.Go(h.accept)
		_ = h.s.Connect()
		body(h, <-h.socks)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("nothing panics, got %v", err)
		}
		_ = h.ln.Close()
		h.open.Wait()
		h.wantNothingRaw()
	})
}

func (h *hostile) accept() {
	for {
		c, err := h.ln.Accept()
		if err != nil {
			return
		}
		h.open.Go(func() { h.serve(c) })
	}
}

// serve answers the upgrade by hand, and REST calls with h.answer.
func (h *hostile) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("Upgrade") == "" {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(h.answer), h.answer)
			continue
		}
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			base64.StdEncoding.EncodeToString(sum[:]))
		if _, err := in.ReadByte(); err != nil {
			return
		}
		h.socks <- c
		_, _ = io.Copy(io.Discard, in)
		return
	}
}

// The opcodes of RFC 6455.
const (
	opMore, opText, opBinary, opClose, opPing, opPong = 0, 1, 2, 8, 9, 10
)

// wsFrame is one frame of a server, not masked.
func wsFrame(fin bool, op byte, payload []byte) []byte {
	head := []byte{op}
	if fin {
		head[0] |= 0x80
	}
	switch n := len(payload); {
	case n < 126:
		head = append(head, byte(n))
	case n <= 0xffff:
		head = binary.BigEndian.AppendUint16(append(head, 126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 127), uint64(n))
	}
	return append(head, payload...)
}

func textFrame(text string) []byte { return wsFrame(true, opText, []byte(text)) }

// write sends bytes; a client that has hung up is no error here.
func write(c net.Conn, frames ...[]byte) {
	for _, f := range frames {
		if _, err := c.Write(f); err != nil {
			return
		}
	}
}

const hostileOK = `{"type":"connection.ok","connection_id":"c1","me":{"id":"sara"}}`

func (h *hostile) state() timeline.Session {
	synctest.Wait()
	var state timeline.State
	for e := range h.store.All() {
		state = timeline.Apply(state, e)
	}
	s, _ := state.Session("sara")
	return s
}

func (h *hostile) wantConnected(why string) {
	h.t.Helper()
	synctest.Wait()
	if got := h.s.Status(); got.State != timeline.StateConnected {
		h.t.Errorf("%s: want connected, got %s (%s)", why, got.State, got.Reason)
	}
}

// wantNothingRaw looks for what a terminal would obey in rows, states, logs and
// the status.
func (h *hostile) wantNothingRaw() {
	h.t.Helper()
	var state timeline.State
	for e := range h.store.All() {
		state = timeline.Apply(state, e)
		if row := timeline.Describe(e).String(); unsafeText(row) {
			h.t.Errorf("a row of %s holds what a terminal obeys: %q", e.Kind(), row)
		}
	}
	for name, text := range map[string]string{"the state": fmt.Sprintf("%+v", state), "the status": fmt.Sprintf("%+v", h.s.Status()), "the log": h.logs.String()} {
		if i := strings.IndexFunc(text, unsafeControl); i >= 0 {
			h.t.Errorf("%s holds what a terminal obeys: %q", name, text[max(0, i-80):min(len(text), i+40)])
		}
	}
}

func unsafeControl(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || r == '\u202e' || r == '\u2028')
}

func unsafeText(s string) bool { return strings.ContainsFunc(s, unsafeControl) || !utf8.ValidString(s) }

// loudLog keeps every record without escaping anything.
type loudLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *loudLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *loudLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *loudLog) WithGroup(string) slog.Handler            { return l }

func (l *loudLog) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.WriteString(r.Message + "\n")
	r.Attrs(func(a slog.Attr) bool {
		l.buf.WriteString(a.Key + "=" + a.Value.String() + "\n")
		return true
	})
	return nil
}

func (l *loudLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
