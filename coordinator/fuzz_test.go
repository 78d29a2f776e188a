package coordinator

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/memnet"
	"streamscope/internal/wire"
)

// target is the coordinator under fuzzing, on a network in memory.
type target struct {
	srv   *Server
	serve http.Handler
	http  *http.Client
}

func newTarget(f *testing.F) *target {
	t := &target{srv: &Server{MaxCalls: 50, MaxUsers: 200, AuthTimeout: time.Second}}
	ln := memnet.Listen("127.0.0.1:8800")
	t.http = &http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, network, addr string) (net.Conn, error) { return ln.Dial(ctx, network, addr) },
		DisableKeepAlives: true,
	}}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	t.serve = t.srv.Handler()
	go func() { served <- t.srv.Serve(ctx, ln) }()
	f.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			f.Error(err)
		}
	})
	return t
}

// request sends any request and holds the answer to what every client relies
// on: it is JSON, and never our own fault.
func (g *target) request(t *testing.T, method, uri, token, body string) {
	req, err := http.NewRequest(method, "http://127.0.0.1/", strings.NewReader(body))
	if err != nil {
		t.Skip("not a request")
	}
	path, query, _ := strings.Cut(uri, "?")
	if req.URL, err = req.URL.Parse(path); err != nil {
		t.Skip("not a path")
	}
	req.URL.RawQuery = query + "&api_key=" + DefaultAPIKey
	req.Header.Set("Authorization", token)
	rec := httptest.NewRecorder()
	g.serve.ServeHTTP(rec, req)
	if rec.Code >= 500 && rec.Code != http.StatusNotImplemented {
		t.Errorf("%s %q %q: got %d %s", method, uri, body, rec.Code, rec.Body)
	}
	if rec.Body.Len() > 0 && !json.Valid(rec.Body.Bytes()) {
		t.Errorf("%s %q: got what is not JSON: %s", method, uri, rec.Body)
	}
	if rec.Code >= 400 {
		if fail, err := wire.Decode[wire.APIError](rec.Body.Bytes()); err != nil || fail.StatusCode != rec.Code {
			t.Errorf("%s %q: an error has its envelope, got %d %s", method, uri, rec.Code, rec.Body)
		}
	}
}

// socket sends frames over a socket, the first in place of the auth message or
// after a good one. Whatever comes back is JSON, until the socket ends.
func (g *target) socket(t *testing.T, authenticated bool, frame []byte, binary bool) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://127.0.0.1:8800/video/connect?api_key="+DefaultAPIKey, &websocket.DialOptions{HTTPClient: g.http})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	if authenticated {
		auth, err := json.Marshal(wire.AuthMessage{Token: wire.Secret(g.srv.Token("sara", 0)), UserDetails: wire.UserDetails{ID: "sara"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := ws.Write(ctx, websocket.MessageText, auth); err != nil {
			t.Fatal(err)
		}
		if _, data, err := ws.Read(ctx); err != nil || wire.SniffType(data) != wire.TypeConnectionOK {
			t.Fatalf("sara connects, got %s, %v", data, err)
		}
	}
	typ := websocket.MessageText
	if binary {
		typ = websocket.MessageBinary
	}
	if err := ws.Write(ctx, typ, frame); err != nil {
		return // closed already
	}
	_, data, err := ws.Read(ctx)
	switch got := wire.SniffType(data); {
	case err != nil && ctx.Err() != nil:
		t.Errorf("%q: no answer and no end", frame)
	case err != nil:
	case authenticated && got != wire.TypeHealthCheck:
		t.Errorf("%q: whatever a client sends is answered as a ping, got %s", frame, data)
	case !authenticated && got != wire.TypeConnectionError && got != wire.TypeConnectionOK:
		t.Errorf("%q: a first frame is accepted or refused, got %s", frame, data)
	}
}

// FuzzCoordinator throws requests and frames at a coordinator that goes on
// living between them, as a shared one does.
func FuzzCoordinator(f *testing.F) {
	g := newTarget(f)
	for _, rt := range append(g.srv.video(), g.srv.userRoutes()...) {
		path := strings.NewReplacer("{type}", "default", "{id}", "c1").Replace(rt.path)
		f.Add(rt.method, "/video"+path+"?connection_id=x", []byte(`{"ring":true,"location":"AMS","create":true,"data":{"members":[{"user_id":"jack"}],"custom":{"a":[1]},"settings_override":{"ring":{"missed_call_timeout_ms":5000}}},"filter_conditions":{"$or":[{"id":{"$in":["c1"]}}]}}`), byte(0))
		f.Add(rt.method, "/api/v2"+path+"?payload=%7B%7D&user_id=sara&id=x", []byte(`{"users":{"a":{"id":"a"}},"user":{"id":"g"},"id":"d","push_provider":"apn","update_members":[{}],"sort":[{"field":"custom.a","direction":-1}]}`), byte(1))
		f.Add(rt.method, "/api/v2/video"+path, []byte(`{"data":{"created_by":{"id":"a"}},"ring":true}`), byte(1))
	}
	f.Add("GET", "/video/../%2e%2e//call/%2F", []byte(`[{"type":"health.check"}]`), byte(2))
	f.Add("OPTIONS", "*", []byte(`{"token":5,"user_details":[]}`), byte(4))
	f.Add("", "", []byte(`{"token":"a.b.c","user_details":{"id":"sara"}}`), byte(8|4))
	f.Fuzz(func(t *testing.T, method, uri string, body []byte, how byte) {
		token := g.srv.Token("sara", 0)
		if how&1 != 0 {
			token = g.srv.ServerToken()
		}
		if strings.HasPrefix(uri, "/") {
			g.request(t, method, uri, token, string(body))
		}
		if how&6 != 0 {
			g.socket(t, how&2 != 0, body, how&8 != 0)
		}
	})
}

// FuzzSeed reads any file. A seed that is read can be used.
func FuzzSeed(f *testing.F) {
	f.Add(seedYAML)
	f.Add(`{"users":[{"id":"a"}],"calls":[{"id":"c","members":["a"]}]}`)
	f.Add("users: [{id: &a b}, {id: *a}]\ncalls:\n- ? id")
	f.Fuzz(func(t *testing.T, text string) {
		seed, err := LoadSeed(io.LimitReader(strings.NewReader(text), 1<<16))
		if err != nil {
			return
		}
		s := &Server{Seed: seed}
		defer s.Close()
		if got := len(s.Calls()); got != len(seed.Calls) {
			t.Errorf("%q: got %d calls, want %d", text, got, len(seed.Calls))
		}
	})
}
