package session

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// DefaultReadLimit is the largest message that a [WebSocketDialer] reads when it
// is not told otherwise.
const DefaultReadLimit = 16 << 20

const (
	maxCloseReason = 123  // bytes of a close reason (RFC 6455 section 5.5)
	deflateFrom    = 1024 // bytes; smaller messages go uncompressed, as in the `ws` package of Node

	closeNoCode   = 1005 // a close frame without a code
	closeAbnormal = 1006 // no close frame
	closeTooBig   = 1009 // a message that is too big for its receiver
)

// ErrTooBig is inside the error of a message that is larger than the read limit.
var ErrTooBig = errors.New("message is larger than the read limit")

// WebSocketDialer opens sockets over the network. The zero value is ready; the
// fields must not change after the first Dial. It is safe for concurrent use.
//
// The handshake is that of the official client's Node socket: no redirects,
// permessage-deflate offered, no header but those given and those of the
// protocol. Targets with TLS go through the proxy of the environment
// (HTTPS_PROXY, NO_PROXY), which the stage tcp names.
type WebSocketDialer struct {
	// ReadLimit is the largest message in bytes. Zero means [DefaultReadLimit],
	// negative no limit.
	ReadLimit int64
	// NoCompression does not offer permessage-deflate.
	NoCompression bool
	// TLSConfig is cloned for each dial; nil means the defaults of crypto/tls.
	TLSConfig *tls.Config
	// DialContext makes the TCP connection; nil means a [net.Dialer], which tries
	// both address families. What it resolves is not seen by the stage dns.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Proxy chooses the proxy of a target with TLS; nil means
	// [http.ProxyFromEnvironment].
	Proxy func(*http.Request) (*url.URL, error)
}

var _ Dialer = (*WebSocketDialer)(nil)

// Dial implements [Dialer]. The library's dial runs in a goroutine of its own,
// which has ended when Dial returns.
func (d *WebSocketDialer) Dial(ctx context.Context, req DialRequest, trace func(timeline.StageChanged)) (Conn, error) {
	if trace == nil {
		trace = func(timeline.StageChanged) {}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	run := &dialRun{dialer: d, lane: newDialLane(req.URL.Scheme == "wss")}
	done := make(chan error, 1)
	go func() { done <- run.do(ctx, req) }()
	for {
		select {
		case <-run.lane.wake:
			deliver(trace, run.lane.take())
		case err := <-done:
			deliver(trace, run.lane.close())
			if err != nil {
				return nil, err
			}
			return run.conn, nil
		}
	}
}

func deliver(trace func(timeline.StageChanged), stages []timeline.StageChanged) {
	for _, s := range stages {
		trace(s)
	}
}

// dialRun is one Dial.
type dialRun struct {
	dialer *WebSocketDialer
	lane   *dialLane
	conn   *wsConn // set by do

	// guarded by mu
	mu  sync.Mutex
	raw net.Conn // below TLS
}

func (r *dialRun) do(ctx context.Context, req DialRequest) error {
	transport := r.transport(ctx)
	traced := httptrace.WithClientTrace(ctx, r.lane.hooks())
	ws, resp, err := websocket.Dial(traced, req.URL.String(), r.dialer.options(req, transport))
	if err != nil {
		failure := r.failure(ctx, err, resp)
		r.hangUp()
		transport.CloseIdleConnections()
		r.lane.fail(failure)
		return failure
	}
	ws.SetReadLimit(cmp.Or(r.dialer.ReadLimit, DefaultReadLimit))
	r.conn = &wsConn{ws: ws, raw: r.connection()}
	detail := resp.Status
	if extension := resp.Header.Get("Sec-WebSocket-Extensions"); extension != "" {
		detail += ", " + extension
	}
	r.lane.pass(timeline.StageUpgrade, resp.StatusCode, detail)
	return nil
}

func (d *WebSocketDialer) options(req DialRequest, transport *http.Transport) *websocket.DialOptions {
	o := &websocket.DialOptions{
		HTTPClient: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		HTTPHeader:           quietHeader(req.Header),
		CompressionMode:      websocket.CompressionContextTakeover,
		CompressionThreshold: deflateFrom,
	}
	if d.NoCompression {
		o.CompressionMode = websocket.CompressionDisabled
	}
	return o
}

// transport serves one dial: a socket is never taken from a pool.
func (r *dialRun) transport(dialCtx context.Context) *http.Transport {
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			ctx, cancel := context.WithCancelCause(ctx)
			// What net/http passes outlives the request.
			stop := context.AfterFunc(dialCtx, func() { cancel(context.Cause(dialCtx)) })
			defer func() { stop(); cancel(nil) }()
			return r.connect(ctx, network, addr)
		},
		DisableCompression: true,
		Proxy:              r.proxy,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return &tunnelError{status: resp.StatusCode, text: resp.Status}
		},
	}
	t.TLSClientConfig = &tls.Config{}
	if r.dialer.TLSConfig != nil {
		t.TLSClientConfig = r.dialer.TLSConfig.Clone()
	}
	return t
}

// connect makes the one connection of the dial.
func (r *dialRun) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	dial := r.dialer.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	} else {
		r.lane.start(timeline.StageTCP, addr)
	}
	conn, err := dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.raw = conn
	r.mu.Unlock()
	r.lane.connected(conn.RemoteAddr())
	if ctx.Err() != nil {
		r.hangUp() // do may have looked for it before it was there
	}
	return conn, nil
}

func (r *dialRun) proxy(req *http.Request) (*url.URL, error) {
	proxy, err := secureProxy(r.dialer.Proxy)(req)
	if proxy != nil && err == nil {
		r.lane.useProxy(proxy.Scheme + "://" + proxy.Host)
	}
	return proxy, err
}

func (r *dialRun) connection() net.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.raw
}

func (r *dialRun) hangUp() {
	if raw := r.connection(); raw != nil {
		_ = raw.Close() // a failed dial leaves nothing behind; there is nobody to tell
	}
}

// failure makes our error of the library's. The URL and its query are left out.
func (r *dialRun) failure(ctx context.Context, err error, resp *http.Response) *Error {
	e := &Error{Op: "dial", Stage: r.lane.current()}
	cause := errors.Unwrap(err) // the library's first words are ours already
	if inner, ok := errors.AsType[*url.Error](err); ok {
		cause = inner.Err
	}
	if cause == nil {
		cause = err
	}
	tunnel, refused := errors.AsType[*tunnelError](err)
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case refused:
		e.Stage, e.Status, e.Err = timeline.StageTCP, tunnel.status, tunnel
	case resp != nil:
		e.Stage, e.Status = timeline.StageUpgrade, resp.StatusCode
		e.Reason, e.Err = upgradeRefusal(resp), cleanError(cause)
		if resp.StatusCode != http.StatusSwitchingProtocols {
			e.Err = errors.New("upgrade refused") // status and body say the rest
		}
	default:
		e.Reason, e.Err = tlsProblem(cause), cleanError(cause)
		if _, unknown := errors.AsType[*net.DNSError](err); unknown {
			e.Stage = timeline.StageDNS
		}
	}
	return e
}

// wsConn is an open socket over the library.
//
// What the library does on its own: a close frame is answered with the same code
// and the connection is closed at once; pings are answered; a context that ends
// during a read or write closes the connection, because half a frame cannot be
// taken back.
type wsConn struct {
	ws  *websocket.Conn
	raw net.Conn // below TLS
}

var _ Conn = (*wsConn)(nil)

// Read implements [Conn]. When ctx ends the connection is gone.
func (s *wsConn) Read(ctx context.Context) (Message, error) {
	stop := context.AfterFunc(ctx, s.Abort)
	kind, data, err := s.ws.Read(context.Background())
	stop()
	if err != nil {
		e := readError(ctx, err)
		_ = s.ws.CloseNow() // the library leaves that to its finalizer
		return Message{}, e
	}
	return Message{Binary: kind == websocket.MessageBinary, Data: data}, nil
}

// readError knows the close code: the peer's, 1005 for a close frame without
// one, 1006 for no close frame.
func readError(ctx context.Context, err error) *Error {
	if frame, ok := errors.AsType[websocket.CloseError](err); ok {
		return &Error{Op: "read", Close: int(frame.Code), Reason: wire.Clean(frame.Reason)}
	}
	e := &Error{Op: "read", Close: closeAbnormal}
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case errors.Is(err, websocket.ErrMessageTooBig):
		e.Err = ErrTooBig
	case closedHere(err):
		e.Err = net.ErrClosed
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Err = io.ErrUnexpectedEOF
	case isOp:
		e.Err = op
	default:
		e.Err = cleanError(err)
	}
	return e
}

// closedHere reports whether this end closed the connection; a pipe in memory
// has a word of its own for it.
func closedHere(err error) bool {
	return errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

// Write implements [Conn]. When ctx ends before the message was written the
// connection is gone.
func (s *wsConn) Write(ctx context.Context, m Message) error {
	kind := websocket.MessageText
	if m.Binary {
		kind = websocket.MessageBinary
	}
	err := s.ws.Write(ctx, kind, m.Data)
	if err == nil {
		return nil
	}
	e := &Error{Op: "write", Err: cleanError(err)}
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case closedHere(err):
		e.Err = net.ErrClosed
	case isOp:
		e.Err = op
	}
	return e
}

// Close implements [Conn]. Code 1005 sends a close frame without a payload. The
// library gives the peer 5 s for its answer when ctx gives more.
func (s *wsConn) Close(ctx context.Context, code int, reason string) error {
	stop := context.AfterFunc(ctx, func() { _ = s.raw.Close() })
	defer stop()
	if code == closeNoCode {
		reason = ""
	}
	err := s.ws.Close(websocket.StatusCode(code), cutText(reason, maxCloseReason))
	_, answered := errors.AsType[websocket.CloseError](err)
	switch {
	case err == nil, answered, closedHere(err) && ctx.Err() == nil:
		return nil
	case ctx.Err() != nil:
		return &Error{Op: "write", Reason: "no answer to the close frame", Err: context.Cause(ctx)}
	}
	return &Error{Op: "write", Reason: "close frame", Err: cleanError(err)}
}

// Abort implements [Conn]. On TCP the peer sees a reset.
func (s *wsConn) Abort() {
	if tcp, ok := s.raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the peer sees an end of file, which is nearly as abrupt
	}
	_ = s.raw.Close() // may be closed already
}

// cutText shortens text to n bytes without splitting a character.
func cutText(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
