package tap

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// maxRefusal is how much of the body of a refused upgrade is passed on.
const maxRefusal = 1 << 20

// refusal is the whole answer to an upgrade that upstream refused.
type refusal struct {
	status int
	header http.Header
	body   []byte
}

// refusalKeeper keeps a refused upgrade's answer: the library reads a part of it.
type refusalKeeper struct {
	next http.RoundTripper
	kept *refusal
}

// RoundTrip implements [http.RoundTripper].
func (k *refusalKeeper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := k.next.RoundTrip(r)
	if err != nil || resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	resp.Body.Close()
	k.kept = &refusal{status: resp.StatusCode, header: resp.Header.Clone(), body: body}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

// dial opens the socket to upstream as the app has asked for it. A connection of its
// own is made for each: a socket is never taken from a pool.
func (s *socket) dial(r *http.Request) (*end, *http.Response, *refusal, error) {
	ctx, cancel := context.WithTimeout(r.Context(), dialTimeout)
	defer cancel()
	stop := context.AfterFunc(s.proxy.ctx, cancel)
	defer stop()

	transport := s.proxy.transport()
	transport.ForceAttemptHTTP2 = false
	var mu sync.Mutex
	var raw net.Conn
	connect := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if s.proxy.DialContext != nil {
			s.stages.start(timeline.StageTCP, addr) // net's own dialer tells by itself
		}
		conn, err := connect(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		s.stages.pass(timeline.StageTCP, 0, conn.RemoteAddr().String())
		mu.Lock()
		defer mu.Unlock()
		raw = conn
		return conn, nil
	}
	keeper := &refusalKeeper{next: transport}
	options := &websocket.DialOptions{
		HTTPClient: &http.Client{
			Transport:     keeper,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		HTTPHeader: upgradeHeader(r), CompressionThreshold: deflateFrom,
		OnPingReceived: func(context.Context, []byte) bool { s.ping(timeline.In, s.app); return true },
	}
	for _, list := range r.Header.Values("Sec-Websocket-Protocol") {
		for protocol := range strings.SplitSeq(list, ",") {
			options.Subprotocols = append(options.Subprotocols, strings.TrimSpace(protocol))
		}
	}
	if strings.Contains(strings.Join(r.Header.Values("Sec-Websocket-Extensions"), ","), "permessage-deflate") {
		options.CompressionMode = websocket.CompressionContextTakeover
	}
	ws, resp, err := websocket.Dial(s.hooked(ctx), s.proxy.target(r).String(), options)
	if err != nil {
		transport.CloseIdleConnections()
		return nil, resp, keeper.kept, err
	}
	ws.SetReadLimit(cmp.Or(s.proxy.ReadLimit, DefaultReadLimit))
	mu.Lock()
	defer mu.Unlock()
	return &end{ws: ws, raw: raw}, resp, nil, nil
}

// upgradeHeader is what the app said, without what is about its own socket.
func upgradeHeader(r *http.Request) http.Header {
	h := http.Header{}
	for name, values := range r.Header {
		if !ownHeader(name) {
			h[name] = values
		}
	}
	if h.Get("User-Agent") == "" {
		h["User-Agent"] = []string{""} // or net/http puts its own there
	}
	return h
}

// ownHeader reports whether a header is about one socket and not to be passed on to
// another.
func ownHeader(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Connection", "Upgrade", "Keep-Alive", "Transfer-Encoding", "Content-Length",
		"Sec-Websocket-Key", "Sec-Websocket-Accept", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol":
		return true
	}
	return false
}

// refuse passes on that upstream took no socket: its answer, or that it gave none.
func (s *socket) refuse(w http.ResponseWriter, r *http.Request, answer *refusal, err error) {
	failure := &timeline.Failure{Op: "dial", Text: clean(rootCause(err))}
	ended := timeline.AttemptEnded{By: timeline.ByNetwork, Failure: failure}
	switch {
	case answer != nil:
		ended.By, failure.Status = timeline.ByServer, answer.status
		failure.Text = "upgrade refused: " + http.StatusText(answer.status)
		failure.Reason = refusalWords(answer)
	case r.Context().Err() != nil:
		ended.By, failure.Text = timeline.ByClient, "the app gave up"
	}
	s.stages.fail(failure, err)
	s.finish(ended)
	if answer == nil {
		cut()
	}
	for name, values := range answer.header {
		if !ownHeader(name) {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body) // the app may be gone
}

// refusalWords is the first of what the answer says.
func refusalWords(answer *refusal) string {
	text := string(answer.body[:min(len(answer.body), 200)])
	return wire.Clean(strings.TrimSpace(timeline.RedactText(text)))
}
