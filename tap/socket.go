package tap

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/fault"
	"streamscope/internal/faultwire"
	"streamscope/internal/pause"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// deflateFrom is the size from which messages are compressed, where that was agreed
// on: as in the `ws` package of Node.
const deflateFrom = 1024

// socket is one WebSocket of an app, and the one to upstream that belongs to it.
type socket struct {
	proxy  *Proxy
	client string // X-Stream-Client
	apiKey string
	remote string
	stages *stages

	app *end
	up  faultwire.Conn // with the faults on its way

	// guarded by mu
	mu      sync.Mutex
	lane    *lane // nil until the user is known
	attempt int
	held    []heldEvent
	over    bool // the lane of the attempt is closed
	live    time.Time
	problem *timeline.Failure
	timer   *time.Timer // until the user is guessed, then until a second socket is one too many
}

// heldEvent waits for the user.
type heldEvent struct {
	at      time.Time
	payload timeline.Payload
}

// serveSocket passes an upgrade on and then what comes over it. It returns when the
// socket is gone.
func (p *Proxy) serveSocket(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	s := &socket{
		proxy: p, remote: r.RemoteAddr, apiKey: query.Get("api_key"),
		client: cmp.Or(query.Get("X-Stream-Client"), r.Header.Get("X-Stream-Client")),
	}
	s.stages = &stages{emit: s.emit}
	target := p.target(r)
	s.emit(timeline.AttemptStarted{
		URL: strings.Replace(target.Scheme, "http", "ws", 1) + "://" + target.Host + wire.Clean(target.Path), Why: "the app opened a socket",
	})
	s.emit(timeline.StageChanged{Stage: timeline.StageToken, Progress: timeline.Skipped}) // the app's own affair
	if s.struckDial(w, r) {
		return
	}
	up, resp, refusal, err := s.dial(r)
	if err != nil {
		s.refuse(w, r, refusal, err)
		return
	}
	// The upgrade is answered with the headers of upstream but those that are about
	// the socket itself.
	for name, values := range resp.Header {
		if !ownHeader(name) {
			w.Header()[name] = values
		}
	}
	app, err := websocket.Accept(w, r, s.acceptOptions(resp, up))
	if err != nil {
		up.Abort()
		s.finish(timeline.AttemptEnded{By: timeline.ByClient, Failure: &timeline.Failure{Op: "dial", Stage: timeline.StageUpgrade, Text: clean(err)}})
		return
	}
	app.SetReadLimit(cmp.Or(p.ReadLimit, DefaultReadLimit))
	raw, _ := r.Context().Value(rawKey{}).(net.Conn)
	s.app = &end{ws: app, raw: raw}
	s.up = p.faults.Wrap(up, s.user)
	s.stages.pass(timeline.StageUpgrade, resp.StatusCode, resp.Status)
	s.stages.done()
	s.run()
}

// run passes messages on until both ends are gone.
func (s *socket) run() {
	stop := context.AfterFunc(s.proxy.ctx, func() {
		s.finish(timeline.AttemptEnded{By: timeline.ByUser, Reason: "the tap was closed"})
		s.app.Abort()
		s.up.Abort()
	})
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.outward()
	}()
	s.inward()
	<-done
}

// outward passes on what the app says.
func (s *socket) outward() {
	for {
		m, err := s.app.Read(context.Background())
		if err != nil {
			s.appGone(err)
			return
		}
		s.sent(m)
		if s.up.Write(context.Background(), m) != nil {
			s.up.Abort() // inward hears why
			return
		}
	}
}

// inward passes on what upstream says.
func (s *socket) inward() {
	for {
		m, err := s.up.Read(context.Background())
		if err != nil {
			s.upstreamGone(err)
			return
		}
		s.received(m)
		if s.app.Write(context.Background(), m) != nil {
			s.app.Abort() // outward hears why
			s.up.Abort()
			return
		}
	}
}

// appGone ends the socket to upstream the way that the app has ended its own.
func (s *socket) appGone(err error) {
	code, reason, text := lossOf(err)
	ended := timeline.AttemptEnded{By: timeline.ByClient, Close: code, Reason: wire.Clean(reason)}
	if code == closeAbnormal {
		ended.Failure = &timeline.Failure{Op: "read", Close: code, Text: "the app's end is gone: " + text}
	}
	s.finish(ended, lastWords(err, timeline.Close{Dir: timeline.Out, Code: code, Reason: ended.Reason})...)
	pass(s.up, code, reason)
}

// upstreamGone ends the app's socket the way that upstream has ended its own.
func (s *socket) upstreamGone(err error) {
	code, reason, text := lossOf(err)
	ended := timeline.AttemptEnded{By: timeline.ByServer, Close: code, Reason: wire.Clean(reason), Failure: s.blame(code, wire.Clean(reason), text)}
	switch {
	case errors.Is(err, faultwire.ErrInjected) && code == closeAbnormal:
		ended.By = timeline.ByFault
	case code == closeAbnormal:
		ended.By = timeline.ByNetwork
	}
	s.finish(ended, lastWords(err, timeline.Close{Dir: timeline.In, Code: code, Reason: ended.Reason})...)
	pass(s.app, code, reason)
}

// lastWords are what is told of the end of a socket.
func lastWords(err error, closed timeline.Close) []timeline.Payload {
	if errors.Is(err, errTooBig) {
		return []timeline.Payload{timeline.Note{Text: errTooBig.Error()}, closed}
	}
	return []timeline.Payload{closed}
}

// pass ends one end as the other has ended.
func pass(to faultwire.Conn, code int, reason string) {
	defer to.Abort()
	if code == closeAbnormal {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	_ = to.Close(ctx, code, reason) // it may be gone too
}

func lossOf(err error) (code int, reason, text string) {
	if lost, ok := errors.AsType[*lostError](err); ok {
		return lost.Close, lost.Reason, clean(lost.Err)
	}
	return closeAbnormal, "", clean(err)
}

// user is who the faults of a user strike.
func (s *socket) user() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lane == nil {
		return nobody
	}
	return s.lane.name
}

// struckDial lets the faults of the handshake act, and reports whether one did.
func (s *socket) struckDial(w http.ResponseWriter, r *http.Request) bool {
	faults := s.proxy.faults
	if _, delay := faults.Strike(nobody, faultwire.OfKind(fault.Slow)); delay > 0 && pause.For(r.Context(), delay) != nil {
		s.finish(timeline.AttemptEnded{By: timeline.ByClient, Reason: "the app gave up"})
		return true
	}
	hit, _ := faults.Strike(nobody, faultwire.OfKind(fault.RefuseTCP, fault.StallUpgrade, fault.RefuseUpgrade))
	if hit == nil {
		return false
	}
	f := hit.Fault()
	failure := &timeline.Failure{Op: "dial", Stage: timeline.StageUpgrade, Text: string(f.Kind) + " (by a fault)"}
	switch f.Kind {
	case fault.RefuseUpgrade:
		failure.Status = cmp.Or(f.Status, http.StatusServiceUnavailable)
		s.stages.fail(failure, nil)
		s.finish(timeline.AttemptEnded{By: timeline.ByFault, Failure: failure})
		http.Error(w, http.StatusText(failure.Status), failure.Status)
		return true
	case fault.StallUpgrade:
		s.stages.start(timeline.StageUpgrade, "")
		select {
		case <-r.Context().Done():
		case <-hit.Cleared():
		case <-s.proxy.ctx.Done():
		}
	}
	s.stages.fail(failure, nil)
	s.finish(timeline.AttemptEnded{By: timeline.ByFault, Failure: failure})
	cut()
	return true
}

// acceptOptions agree with the app on what upstream agreed to.
func (s *socket) acceptOptions(resp *http.Response, up *end) *websocket.AcceptOptions {
	o := &websocket.AcceptOptions{
		InsecureSkipVerify:   true, // the guard has looked at the origin
		CompressionThreshold: deflateFrom,
		OnPingReceived:       func(context.Context, []byte) bool { s.ping(timeline.Out, up); return true },
	}
	if protocol := resp.Header.Get("Sec-Websocket-Protocol"); protocol != "" {
		o.Subprotocols = []string{protocol}
	}
	if resp.Header.Get("Sec-Websocket-Extensions") != "" {
		o.CompressionMode = websocket.CompressionContextTakeover
	}
	return o
}

// ping makes a ping at the other end. The library answers the one that came.
func (s *socket) ping(dir timeline.Direction, to *end) {
	s.emit(timeline.Frame{Dir: dir, Op: "ping"})
	s.proxy.working.Go(func() {
		ctx, cancel := context.WithTimeout(s.proxy.ctx, closeGrace)
		defer cancel()
		_ = to.ws.Ping(ctx) // what became of it the end itself notices
	})
}

// hooked is the context of a request whose dial is followed.
func (s *socket) hooked(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, s.stages.hooks())
}
