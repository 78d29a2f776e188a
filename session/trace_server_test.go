package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/memnet"
	"streamscope/internal/wire"
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
	replies  map[int]int // how often a route was used
	frozen   bool
	wake     chan struct{} // closed and replaced when something happens
	oks      int
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
}

func newTraceServer(tr *trace) *traceServer {
	s := &traceServer{trace: tr, listener: memnet.Listen("127.0.0.1:7070"), replies: map[int]int{}, wake: make(chan struct{})}
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
	seen := seenRequest{method: r.Method, path: r.URL.Path, query: flat(r), header: r.Header.Clone()}
	if len(data) > 0 {
		seen.body = decodeAny(data)
	}
	s.note(func() { s.requests = append(s.requests, seen) })
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

// reply finds the answer to a REST call: an override, or success.
func (s *traceServer) reply(r *http.Request, body []byte) (int, []byte, bool) {
	for i, route := range s.trace.Inputs.Server.HTTP {
		if route.Method != "" && route.Method != r.Method || !regexp.MustCompile(route.Path).MatchString(r.URL.Path) {
			continue
		}
		s.mu.Lock()
		use := min(s.replies[i], len(route.Replies)-1)
		s.replies[i]++
		s.mu.Unlock()
		var reply struct {
			Status int
			Stall  bool
			Body   json.RawMessage
		}
		if json.Unmarshal(route.Replies[use], &reply) != nil {
			break // "default"
		}
		if reply.Stall {
			return 0, nil, true
		}
		return max(reply.Status, 200), s.errorBody(reply.Body), false
	}
	return s.defaultReply(r, body)
}

// errorBody turns {error_code, with} into an API error.
func (s *traceServer) errorBody(body json.RawMessage) []byte {
	var short struct {
		Code *int           `json:"error_code"`
		With map[string]any `json:"with"`
	}
	if json.Unmarshal(body, &short) != nil || short.Code == nil {
		return body
	}
	return mustJSON(apiError(*short.Code, short.With))
}

// apiError is the error of a code, with the words that the recordings use.
func apiError(code int, with map[string]any) map[string]any {
	messages := map[int]string{
		-1: "internal error", 2: "api_key not valid", 5: "authentication failed",
		40: "JWTAuth error: token is expired (exp)", 43: "JWTAuth error: signature is not valid",
	}
	e := map[string]any{
		"code": code, "message": messages[code], "StatusCode": wire.Code(code).Status(),
		"duration": "0.00ms", "more_info": "", "details": []any{},
	}
	for name, value := range with {
		e[name] = value
	}
	return e
}

// defaultReply answers as the recording did, or makes something up.
func (s *traceServer) defaultReply(r *http.Request, _ []byte) (int, []byte, bool) {
	methods := map[int]traceEntry{}
	for _, e := range s.trace.Wire {
		switch e.Kind {
		case "http.request":
			methods[e.Req] = e
		case "http.response":
			asked := methods[e.Req]
			status, _ := e.Status.(float64)
			if asked.Method == r.Method && asked.Path == r.URL.Path && status < 300 {
				return int(status), mustJSON(s.unlabel(e.Body)), false
			}
		}
	}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusCreated
	}
	body := map[string]any{"duration": "0.00ms", "edges": []any{}, "calls": []any{}}
	var kind, id string
	if n, _ := fmt.Sscanf(r.URL.Path, "/video/call/%s", &kind); n == 1 {
		kind, id, _ = wire.SplitCID(regexp.MustCompile(`^/video/call/([^/]+)/([^/]+).*`).ReplaceAllString(r.URL.Path, "$1:$2"))
		body["call"], body["members"] = callObject(kind, id, "bob", nil, nil), []any{}
		body["own_capabilities"] = []any{}
	}
	return status, mustJSON(body), false
}

// unlabel puts the tokens back where the recording has their names.
func (s *traceServer) unlabel(v any) any {
	switch v := v.(type) {
	case string:
		if token, ok := s.trace.Inputs.Tokens[v]; ok {
			return token.Value
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = s.unlabel(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = s.unlabel(value)
		}
		return out
	}
	return v
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// connect treats the n-th socket as the script says.
func (s *traceServer) connect(w http.ResponseWriter, r *http.Request) {
	seen := &seenSocket{path: r.URL.Path, query: flat(r), connected: time.Now()}
	s.note(func() {
		s.sockets = append(s.sockets, seen)
		seen.n = len(s.sockets)
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

// tracePeer is the server's end of one open socket.
type tracePeer struct {
	server *traceServer
	conn   *websocket.Conn
	raw    *deafConn
	seen   *seenSocket
	script traceConnection
}

func (p *tracePeer) serve() {
	ctx, cancel := context.WithCancel(p.server.ctx)
	var steps sync.WaitGroup
	steps.Go(func() { p.steps(ctx, p.script.OnOpen) })
	first := true
	for {
		kind, data, err := p.conn.Read(ctx)
		if err != nil {
			p.ended(err)
			break
		}
		value := decodeAny(data)
		if kind == websocket.MessageBinary {
			value = "binary: " + string(data)
		}
		p.server.note(func() {
			p.seen.frames, p.seen.frameAt = append(p.seen.frames, value), append(p.seen.frameAt, time.Now())
		})
		if first {
			first = false
			if auth, ok := value.(map[string]any); ok {
				p.seen.auth, _ = auth["user_details"].(map[string]any)
			}
			script := p.script.OnAuth
			if script == nil {
				script = []json.RawMessage{json.RawMessage(`{"ok":true}`)}
			}
			steps.Go(func() { p.steps(ctx, script) })
		} else if p.script.Health != "silent" {
			p.write(ctx, p.healthCheck())
		}
	}
	cancel()
	steps.Wait()
}

// ended notes a close frame of the client, unless it answers one of ours.
func (p *tracePeer) ended(err error) {
	p.server.note(func() {
		if e, ok := errors.AsType[websocket.CloseError](err); ok && !p.seen.gone {
			p.seen.close = &e
			p.seen.fail("ws.close")
		}
	})
}

// steps runs a script, one step after another.
func (p *tracePeer) steps(ctx context.Context, script []json.RawMessage) {
	for i, raw := range script {
		var step, next map[string]json.RawMessage
		if json.Unmarshal(raw, &step) != nil || ctx.Err() != nil {
			return
		}
		if i+1 < len(script) && json.Unmarshal(script[i+1], &next) == nil && next["close"] != nil {
			// The two go out in one go: a close frame of the client crosses ours.
			p.server.note(func() { p.seen.gone = step["wait"] == nil })
		}
		p.step(ctx, step)
	}
}

func (p *tracePeer) step(ctx context.Context, step map[string]json.RawMessage) {
	for name, arg := range step {
		switch name {
		case "ok":
			p.ok(ctx, arg)
		case "error":
			p.refuse(ctx, arg)
		case "wait":
			p.sleep(ctx, number(arg))
		case "send":
			p.write(ctx, arg)
		case "health_check":
			p.write(ctx, p.healthCheck())
		case "binary", "text":
			p.payload(ctx, name, arg)
		case "close":
			p.closeSocket(arg)
		case "terminate":
			p.server.note(func() { p.seen.gone = true; p.seen.fail("ws.terminate") })
			_ = p.conn.CloseNow()
		case "stop_reading":
			p.raw.deaf.Store(true)
		case "repeat":
			p.repeat(ctx, step)
		case "created", "ring", "accepted", "rejected", "missed", "ended", "notification":
			p.write(ctx, p.callEvent("call."+name, arg))
		}
	}
}

func number(raw json.RawMessage) int {
	var n int
	_ = json.Unmarshal(raw, &n)
	return n
}

func (p *tracePeer) sleep(ctx context.Context, n int) {
	select {
	case <-time.After(ms(n)):
	case <-ctx.Done():
	}
}

func (p *tracePeer) repeat(ctx context.Context, step map[string]json.RawMessage) {
	var inner []json.RawMessage
	_ = json.Unmarshal(step["steps"], &inner)
	for range number(step["repeat"]) {
		p.sleep(ctx, number(step["every_ms"]))
		if ctx.Err() != nil {
			return
		}
		p.steps(ctx, inner)
	}
}

const traceTime = "2026-01-01T00:00:00.000Z"

func (p *tracePeer) connectionID() string { return fmt.Sprintf("connection-%d", p.seen.n) }

func (p *tracePeer) ok(ctx context.Context, arg json.RawMessage) {
	me := map[string]any{"custom": map[string]any{}, "language": "", "role": "user", "teams": []any{},
		"blocked_user_ids": []any{}, "devices": []any{}, "created_at": traceTime, "updated_at": traceTime}
	for name, value := range p.seen.auth {
		me[name] = value
	}
	var more struct{ Me map[string]any }
	_ = json.Unmarshal(arg, &more)
	for name, value := range more.Me {
		me[name] = value
	}
	p.write(ctx, mustJSON(map[string]any{
		"type": "connection.ok", "connection_id": p.connectionID(), "created_at": traceTime, "me": me,
	}))
	p.server.note(func() { p.server.oks++ })
}

func (p *tracePeer) refuse(ctx context.Context, arg json.RawMessage) {
	var long struct {
		Code int
		With map[string]any
	}
	if json.Unmarshal(arg, &long) != nil {
		long.Code = number(arg)
	}
	p.write(ctx, mustJSON(map[string]any{
		"type": "connection.error", "connection_id": p.connectionID(), "created_at": traceTime,
		"error": apiError(long.Code, long.With),
	}))
	p.server.note(func() { p.seen.fail(fmt.Sprintf("connection.error %d", long.Code)) })
}

func (p *tracePeer) healthCheck() []byte {
	return mustJSON(map[string]any{
		"type": "health.check", "connection_id": p.connectionID(), "created_at": traceTime, "custom": map[string]any{},
	})
}

func (p *tracePeer) payload(ctx context.Context, kind string, arg json.RawMessage) {
	var text string
	_ = json.Unmarshal(arg, &text)
	op := websocket.MessageText
	if kind == "binary" {
		op = websocket.MessageBinary
	}
	_ = p.conn.Write(ctx, op, []byte(text))
}

func (p *tracePeer) closeSocket(arg json.RawMessage) {
	var how struct {
		Code   int
		Reason string
	}
	_ = json.Unmarshal(arg, &how)
	p.server.note(func() { p.seen.gone = true; p.seen.fail("ws.close") })
	_ = p.conn.Close(websocket.StatusCode(how.Code), how.Reason)
}

func (p *tracePeer) write(ctx context.Context, data []byte) {
	if p.conn.Write(ctx, websocket.MessageText, data) != nil {
		return
	}
	p.server.note(func() {
		p.seen.lastIn = time.Now()
		switch wire.SniffType(data) {
		case "connection.ok", "health.check":
			p.seen.answers = append(p.seen.answers, time.Now())
		}
	})
}

// callEvent takes the event from the recording, where its like is, or makes one.
func (p *tracePeer) callEvent(kind string, arg json.RawMessage) []byte {
	var what struct {
		Type, ID  string
		CreatedBy string `json:"created_by"`
		By        string
		Reason    string
		Session   map[string]any
		Ring      map[string]any
	}
	_ = json.Unmarshal(arg, &what)
	if what.Type == "" {
		what.Type = "default"
	}
	cid := what.Type + ":" + what.ID
	for _, e := range p.server.trace.Wire {
		frame, ok := e.JSON.(map[string]any)
		if ok && e.Dir == "in" && frame["type"] == kind && frame["call_cid"] == cid {
			return mustJSON(frame)
		}
	}
	if what.CreatedBy == "" {
		what.CreatedBy = "bob"
	}
	if what.By == "" {
		what.By = what.CreatedBy
	}
	event := map[string]any{
		"type": kind, "created_at": traceTime, "call_cid": cid, "session_id": what.ID + "-session",
		"call":    callObject(what.Type, what.ID, what.CreatedBy, what.Session, what.Ring),
		"user":    userObject(what.By),
		"members": []any{memberObject("alice")},
	}
	if what.Reason != "" {
		event["reason"] = what.Reason
	}
	return mustJSON(event)
}

func userObject(id string) map[string]any {
	return map[string]any{"id": id, "role": "user", "language": "", "teams": []any{}, "custom": map[string]any{},
		"blocked_user_ids": []any{}, "created_at": traceTime, "updated_at": traceTime}
}

func memberObject(id string) map[string]any {
	return map[string]any{"user_id": id, "user": userObject(id), "custom": map[string]any{},
		"created_at": traceTime, "updated_at": traceTime}
}

// callObject is a call as far as a client of the coordinator looks at it.
func callObject(kind, id, creator string, session, ring map[string]any) map[string]any {
	s := map[string]any{"id": id + "-session", "accepted_by": map[string]any{}, "rejected_by": map[string]any{},
		"missed_by": map[string]any{}, "participants": []any{}}
	for name, value := range session {
		s[name] = value
	}
	settings := map[string]any{"auto_cancel_timeout_ms": 15000, "incoming_call_timeout_ms": 15000, "missed_call_timeout_ms": 15000}
	for name, value := range ring {
		settings[name] = value
	}
	return map[string]any{"type": kind, "id": id, "cid": kind + ":" + id, "created_by": userObject(creator),
		"created_at": traceTime, "updated_at": traceTime, "current_session_id": id + "-session",
		"session": s, "settings": map[string]any{"ring": settings}, "custom": map[string]any{}}
}

// dial gives the edges a connection to this server.
func (s *traceServer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return s.listener.Dial(ctx, network, addr)
}
