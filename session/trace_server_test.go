package session

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/memnet"
)

// traceServer is the scripted coordinator of the recordings: a real HTTP server
// with real sockets, over a listener in memory. It does what `inputs.server`
// says and remembers everything that the client does.
//
// To teach it a step, add it to step; a route, to defaultReply.
type traceServer struct {
	trace    *trace
	listener *memnet.Listener
	http     *http.Server
	ctx      context.Context
	cancel   context.CancelFunc

	// guarded by mu
	mu       sync.Mutex
	sockets  []*seenSocket
	requests []seenRequest
	replies  map[int]int    // how often a route was used
	used     map[string]int // how often an event of the recording was
	frozen   bool
	wake     chan struct{}    // closed and replaced when something happens
	entries  []map[string]any // what `wait_for` can match
}

// deafListener accepts connections that can stop hearing.
type deafListener struct{ net.Listener }

func (l deafListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &deafConn{Conn: c, closed: make(chan struct{})}, nil
}

// deafConn takes what comes after stop, as the kernel's buffer would, and gives
// it to nobody.
type deafConn struct {
	net.Conn
	deaf   atomic.Bool
	once   sync.Once
	closed chan struct{}
}

type deafKey struct{}

func (c *deafConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.deaf.Load() && err == nil {
		<-c.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (c *deafConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// seenSocket is what a socket looked like from the server.
type seenSocket struct {
	n         int
	path      string
	query     map[string]string
	connected time.Time
	failed    time.Time // when it became useless
	endedBy   string
	frames    []any
	frameAt   []time.Time
	close     *websocket.CloseError // by the client
	lastIn    time.Time             // the last frame to the client
	answers   []time.Time           // connection.ok and health.check to the client
	gone      bool                  // the server closed or dropped it
	auth      map[string]any
}

// seenRequest is a REST call.
type seenRequest struct {
	method, path string
	query        map[string]string
	header       http.Header
	body         any
	at           time.Time
}

func newTraceServer(tr *trace) *traceServer {
	s := &traceServer{trace: tr, listener: memnet.Listen("127.0.0.1:7070"), replies: map[int]int{}, used: map[string]int{}, wake: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s, ConnContext: func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, deafKey{}, c)
	}}
	go func() { _ = s.http.Serve(deafListener{s.listener}) }()
	return s
}

// freeze stops the remembering: what follows is the end of the test.
func (s *traceServer) freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = true
}

func (s *traceServer) close() {
	s.cancel()
	_ = s.http.Close()
	_ = s.listener.Close()
}

// note changes what is remembered, and wakes those who wait for it.
func (s *traceServer) note(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen {
		return
	}
	change()
	close(s.wake)
	s.wake = make(chan struct{})
}

// enter remembers an entry of the wire, for `wait_for`.
func (s *traceServer) enter(e map[string]any) { s.entries = append(s.entries, e) }

// matching counts the entries that have these values at these dotted paths.
func (s *traceServer) matching(match map[string]any) (n int) {
	for _, e := range s.entries {
		all := true
		for path, want := range match {
			var at any = e
			for part := range strings.SplitSeq(path, ".") {
				object, _ := at.(map[string]any)
				at = object[part]
			}
			all = all && reflect.DeepEqual(at, want)
		}
		if all {
			n++
		}
	}
	return n
}

// waitFor blocks until the condition holds, or the time is up.
func (s *traceServer) waitFor(timeout time.Duration, holds func() bool) bool {
	limit := time.After(timeout)
	for {
		s.mu.Lock()
		ok, wake := holds(), s.wake
		s.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-wake:
		case <-limit:
			return false
		}
	}
}

func (s *traceServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/video/connect" || r.Header.Get("Upgrade") != "" {
		s.connect(w, r)
		return
	}
	data, _ := io.ReadAll(r.Body)
	seen := seenRequest{method: r.Method, path: r.URL.Path, query: flat(r), header: r.Header.Clone(), at: time.Now()}
	if len(data) > 0 {
		seen.body = decodeAny(data)
	}
	s.note(func() {
		s.requests = append(s.requests, seen)
		s.enter(map[string]any{"dir": "out", "kind": "http.request", "method": r.Method, "path": r.URL.Path, "body": seen.body})
	})
	status, body, stalled := s.reply(r, data)
	if stalled {
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func flat(r *http.Request) map[string]string {
	out := map[string]string{}
	for name, values := range r.URL.Query() {
		out[name] = values[0]
	}
	return out
}

func decodeAny(data []byte) any {
	var v any
	dec := json.NewDecoder(bytes.NewReader(data))
	if dec.Decode(&v) != nil {
		return string(data)
	}
	return v
}

// connect treats the n-th socket as the script says.
func (s *traceServer) connect(w http.ResponseWriter, r *http.Request) {
	seen := &seenSocket{path: r.URL.Path, query: flat(r), connected: time.Now()}
	s.note(func() {
		s.sockets = append(s.sockets, seen)
		seen.n = len(s.sockets)
		s.enter(map[string]any{"dir": "out", "kind": "ws.connect", "conn": float64(seen.n), "path": seen.path})
	})
	if seen.n == 0 {
		return
	}
	script := s.script(seen.n)
	if script.Delay > 0 {
		time.Sleep(ms(script.Delay))
	}
	if !s.upgrade(w, r, seen, script) {
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	defer conn.CloseNow()
	conn.SetReadLimit(-1)
	raw, _ := r.Context().Value(deafKey{}).(*deafConn)
	p := &tracePeer{server: s, conn: conn, raw: raw, seen: seen, script: script}
	p.serve()
}

func (s *traceServer) script(n int) traceConnection {
	all := s.trace.Inputs.Server.Connections
	if len(all) == 0 {
		return traceConnection{}
	}
	return all[min(n, len(all))-1]
}

// upgrade reports whether the upgrade is to be accepted, and does the other
// things that can be done to one.
func (s *traceServer) upgrade(w http.ResponseWriter, r *http.Request, seen *seenSocket, script traceConnection) bool {
	word := string(bytes.Trim(script.Upgrade, `"`))
	var refuse struct{ Status int }
	switch {
	case word == "" || word == "accept":
		return true
	case word == "stall":
		<-r.Context().Done()
		s.note(func() { seen.fail("ws.tcp_closed") })
	case word == "reset":
		s.note(func() { seen.fail("ws.reset") })
		if hijacker, ok := w.(http.Hijacker); ok {
			if conn, _, err := hijacker.Hijack(); err == nil {
				_ = conn.Close()
			}
		}
	case json.Unmarshal(script.Upgrade, &refuse) == nil && refuse.Status != 0:
		s.note(func() { seen.fail("ws.reject") })
		w.WriteHeader(refuse.Status)
	}
	return false
}

func (seen *seenSocket) fail(by string) {
	if seen.endedBy == "" {
		seen.failed, seen.endedBy = time.Now(), by
	}
}

// recordedReply returns the next good answer of the recording to such a request,
// the last one again when there are no more; status 0 when there is none.
func (s *traceServer) recordedReply(method, path string) (status int, body []byte) {
	s.mu.Lock()
	skip := s.used[method+path]
	s.used[method+path]++
	s.mu.Unlock()
	asked := map[int]traceEntry{}
	for _, e := range s.trace.Wire {
		switch e.Kind {
		case "http.request":
			asked[e.Req] = e
		case "http.response":
			q := asked[e.Req]
			n, _ := e.Status.(float64)
			if q.Method != method || q.Path != path || n >= 300 {
				continue
			}
			status, body = int(n), mustJSON(s.unlabel(e.Body))
			if skip--; skip < 0 {
				return status, body
			}
		}
	}
	return status, body
}

// recorded returns the next event of that kind and call in the recording, the
// last one again when there are no more, nil when there is none.
func (s *traceServer) recorded(kind, cid string) (frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	skip := s.used[kind+cid]
	s.used[kind+cid]++
	for _, e := range s.trace.Wire {
		event, ok := e.JSON.(map[string]any)
		if !ok || e.Dir != "in" || event["type"] != kind || event["call_cid"] != cid {
			continue
		}
		frame = mustJSON(event)
		if skip--; skip < 0 {
			break
		}
	}
	return frame
}

// dial gives the edges a connection to this server.
func (s *traceServer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return s.listener.Dial(ctx, network, addr)
}
