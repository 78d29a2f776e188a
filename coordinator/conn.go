package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
)

// readLimit is the largest frame taken from a client.
const readLimit = 1 << 20

// conn is one WebSocket, from its upgrade to its end.
type conn struct {
	srv    *Server
	sock   *socket
	key    string // api_key of the URL
	client string // X-Stream-Client
	out    outbox
	who    atomic.Pointer[principal] // nil until authenticated
	claim  atomic.Pointer[string]    // the user it says it is, from the auth message on
	gone   chan struct{}             // closed when it is unregistered
	hurry  chan struct{}             // closed when a reset is due: nothing is held up any more
	hasten sync.Once

	mutedBy atomic.Pointer[string] // id of the fault that silenced it

	// Immutable once registered.
	id    string
	seq   int // how many connections there were before, plus one
	since time.Time

	// Guarded by Server.mu.
	watching map[string]*call
	joined   map[*call]struct{} // calls with a participant who came through here
}

// userID returns the user of the connection, as far as it is known.
func (c *conn) userID() string {
	if claim := c.claim.Load(); claim != nil {
		return *claim
	}
	return ""
}

// connect is GET /video/connect: the upgrade and the life of the socket.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.refuse(w, inputError("Connect", "this is where WebSockets are opened"))
		return
	}
	if s.refuseUpgrade(w, r) {
		return
	}
	query := r.URL.Query()
	c := &conn{
		srv: s, key: query.Get("api_key"), client: clip(query.Get("X-Stream-Client"), maxClient),
		gone: make(chan struct{}), hurry: make(chan struct{}),
		sock: &socket{raw: rawOf(r)}, watching: make(map[string]*call), joined: make(map[*call]struct{}),
	}
	// Browsers connect from the page's own origin; what counts here is the token.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, OnPingReceived: c.pinged})
	if err != nil {
		s.note(Event{Kind: Refused, Client: c.client, Reason: err.Error()})
		s.flush()
		return
	}
	ws.SetReadLimit(readLimit)
	c.sock.ws = ws
	if !s.track(c.sock) {
		ws.CloseNow()
		return
	}
	if !c.handshake() {
		c.over()
		return
	}
	// The session goes on in a goroutine of its own, so that an idle connection
	// keeps neither the request nor the deep stack of its handshake.
	s.wg.Go(func() {
		c.live()
		c.over()
	})
}

func clip(text string, size int) string { return text[:min(len(text), size)] }

// over forgets the socket, whichever way it ended.
func (c *conn) over() {
	c.srv.untrack(c.sock)
	c.sock.ws.CloseNow()
	c.srv.outlive(c.sock.raw)
}

// track makes a socket known to Close. It refuses when there are twice as many
// as may be connected: those are sockets that never authenticate.
func (s *Server) track(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.sockets) >= 2*limit(s.MaxConns, defaultMaxConns) {
		return false
	}
	s.sockets[sock] = struct{}{}
	return true
}

func (s *Server) untrack(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sockets, sock)
}

// handshake reads the auth message and answers it. It reports whether the
// connection is established; if not, the socket has been told why and is gone.
func (c *conn) handshake() bool {
	s := c.srv
	auth, ok := c.readAuth()
	if !ok {
		return false
	}
	c.claim.Store(new(auth.UserDetails.ID))
	if c.sock.raw != nil {
		silent := c.muted
		c.sock.raw.silent.Store(&silent)
	}
	if c.sabotaged() {
		c.dropFrames()
		return false
	}
	p, fail := s.authenticate(c.key, auth)
	if fail == nil {
		fail = s.register(c, p, auth.UserDetails)
	}
	s.flush()
	if fail != nil {
		c.refuse(*fail)
		c.dropFrames()
		return false
	}
	return true
}

// readAuth waits for the first frame, text or binary (Swift sends binary,
// protocol.md 12), until the deadline.
func (c *conn) readAuth() (wire.AuthMessage, bool) {
	timeout := c.srv.AuthTimeout
	if timeout <= 0 {
		timeout = defaultAuthTimeout
	}
	c.srv.mu.Lock()
	cancel := c.srv.afterLocked(timeout, func() {
		c.srv.note(Event{Kind: Refused, Client: c.client, Close: 1008, Reason: "no auth message"})
		c.srv.flush()
		c.sock.end(ending{code: 1008, reason: "no auth message within " + timeout.String()})
	})
	c.srv.mu.Unlock()
	_, data, err := c.sock.ws.Read(context.Background())
	c.srv.mu.Lock()
	cancel()
	c.srv.mu.Unlock()
	if err != nil {
		return wire.AuthMessage{}, false
	}
	auth, err := wire.Decode[wire.AuthMessage](data)
	if _, badShape := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !badShape {
		c.refuse(*apiError(wire.CodeInput, "the first frame is not a JSON object with a token and user_details"))
		c.dropFrames()
		return wire.AuthMessage{}, false
	}
	return auth, true
}

// refuse sends connection.error and then close 1000, which official clients
// read as rejected (protocol.md 2.4).
func (c *conn) refuse(fail wire.APIError) {
	c.sendError(fail)
	c.finish(ending{code: 1000, reason: ""})
	c.srv.note(Event{Kind: Refused, UserID: c.userID(), Client: c.client, Code: fail.Code, Reason: fail.Message, Close: 1000})
	c.srv.flush()
}

func (c *conn) sendError(fail wire.APIError) {
	c.send(encode(wire.TypeConnectionError, wire.ConnectionError{
		Type: wire.TypeConnectionError, CreatedAt: wire.At(c.srv.now()), Error: fail,
	}))
}

// live reads until the socket ends. Whatever the client sends keeps it alive
// and is answered with a health check: clients differ in what they send
// (protocol.md 12).
func (c *conn) live() {
	for {
		_, data, err := c.sock.ws.Read(context.Background())
		if err != nil {
			c.srv.unregister(c, err)
			c.srv.flush()
			return
		}
		if !c.srv.loses(c, data) {
			c.pong()
		}
	}
}

// dropFrames reads until the socket ends and answers nothing.
func (c *conn) dropFrames() {
	for {
		if _, _, err := c.sock.ws.Read(context.Background()); err != nil {
			return
		}
	}
}

// pinged hears a ping control frame, which Swift sends as its keep-alive, and
// reports whether it is to be answered with a pong as well.
func (c *conn) pinged(context.Context, []byte) bool {
	if c.who.Load() == nil {
		return true
	}
	if c.srv.loses(c, nil) {
		return false
	}
	c.pong()
	return true
}

func (c *conn) pong() {
	c.send(encode(wire.TypeHealthCheck, wire.HealthCheck{
		Type: wire.TypeHealthCheck, ConnectionID: c.id, CreatedAt: wire.At(c.srv.now()),
	}))
}
