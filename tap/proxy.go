package tap

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/faultwire"
	"streamscope/internal/origin"
	"streamscope/internal/token"
	"streamscope/logsink"
	"streamscope/timeline"
)

const (
	headerTimeout = 30 * time.Second
	idleTimeout   = 2 * time.Minute // between two requests on one connection
	dialTimeout   = 30 * time.Second
	closeGrace    = time.Second // for the answer to a close frame that was passed on
)

// DefaultReadLimit is the largest message that is passed on. A larger one ends the
// socket: it would have to be held in memory.
const DefaultReadLimit = 64 << 20

// Proxy is the tap. Its exported fields must be set before the first use and not be
// changed afterwards; Upstream, Timeline, Logs and Levels are required.
type Proxy struct {
	// Upstream is what the app would talk to without us, with the path that its base
	// URL has: https://video.stream-io-api.com/video.
	Upstream *url.URL
	Timeline *timeline.Store
	Logs     *logsink.Store
	// Levels are those of the log pane, which the loggers in the app follow.
	Levels *logsink.Levels
	// Guard says which hosts and pages are strangers.
	Guard origin.Guard
	// Code must be the first element of every path. Empty means that none is asked
	// for, which is for loopback only.
	Code string
	// ReadLimit is the largest message in bytes. Zero means [DefaultReadLimit].
	ReadLimit int64
	// Struck is told the strokes of faults, with the session that was struck. It must
	// not block. Nil means that nobody listens.
	Struck func(session, id string, f fault.Fault)
	// Over is told that a fault is used up or its time is over, and how often it has
	// struck. It must not block. Nil means that nobody listens.
	Over func(id string, f fault.Fault, hits int)
	// DialContext makes the connections to upstream. Nil means a [net.Dialer].
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// TLSConfig is for upstream; nil means the defaults of crypto/tls.
	TLSConfig *tls.Config

	start   sync.Once
	faults  *faultwire.Set
	rest    *httputil.ReverseProxy
	working sync.WaitGroup  // on requests and sockets
	ctx     context.Context // ends with Serve
	cancel  context.CancelCauseFunc
	strange refusals

	mu       sync.Mutex // guards everything below
	lanes    map[laneKey]*lane
	requests int
	closed   bool
}

func (p *Proxy) init() {
	p.start.Do(func() {
		p.lanes = make(map[laneKey]*lane)
		p.ctx, p.cancel = context.WithCancelCause(context.Background())
		p.faults = faultwire.New(faultwire.Options{
			Kinds: fault.Tap.Kinds(), Fail: func(f faultwire.Failure) error { return &lostError{f} },
			Struck: func(user, id string, f fault.Fault) {
				if p.Struck != nil {
					p.Struck(strings.TrimPrefix(user, nobody), id, f)
				}
			},
			Over: p.Over,
		})
		p.rest = p.newREST()
	})
}

// NewCode makes a pairing code that nobody guesses and that can be typed.
func NewCode() string { return strings.ToLower(rand.Text()[:16]) }

// Faults is what is armed between the app and upstream.
func (p *Proxy) Faults() *faultwire.Set {
	p.init()
	return p.faults
}

// Token is the token that a session's app sent last.
func (p *Proxy) Token(session string) token.Raw {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lanes {
		if l.name == session {
			return l.raw
		}
	}
	return ""
}

// Serve answers on a listener, which it closes, until ctx ends. Sockets are cut then
// and not closed: a close frame of ours would be news from the server.
func (p *Proxy) Serve(ctx context.Context, ln net.Listener) error {
	p.init()
	srv := &http.Server{
		Handler: p, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ConnContext: connContext, ConnState: connState, ErrorLog: discard,
	}
	stop := context.AfterFunc(ctx, func() {
		p.cancel(context.Cause(ctx))
		srv.Close() // it has nothing to say: what is open is cut
	})
	defer stop()
	err := srv.Serve(listener{ln})
	p.cancel(err)
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.working.Wait()
	p.closeLanes()
	if errors.Is(err, http.ErrServerClosed) && ctx.Err() != nil {
		return nil
	}
	return err
}

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.init()
	if !p.begin() {
		cut()
	}
	defer p.working.Done()
	if !p.admit(w, r) {
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, ownPrefix):
		p.serveOwn(w, r)
	case isUpgrade(r):
		p.serveSocket(w, r)
	default:
		p.serveREST(w, r)
	}
}

// begin counts a request in, unless the proxy is closed.
func (p *Proxy) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.working.Add(1)
	}
	return !p.closed
}

func isUpgrade(r *http.Request) bool { return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") }

// target is where a request goes: only the server is another. The app's base URL
// ends in the path of upstream, so that everything else stays as it is.
func (p *Proxy) target(r *http.Request) *url.URL {
	u := *r.URL
	u.Scheme, u.Host = p.Upstream.Scheme, p.Upstream.Host
	return &u
}

// transport makes connections to upstream. Bodies stay as they are, compressed or
// not.
func (p *Proxy) transport() *http.Transport {
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: p.DialContext, DisableCompression: true,
		ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout,
	}
	if t.DialContext == nil {
		t.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	if p.TLSConfig != nil {
		t.TLSClientConfig = p.TLSConfig.Clone()
	}
	return t
}

// cut ends a request as the network would: no answer, the connection is gone.
func cut() { panic(http.ErrAbortHandler) }
