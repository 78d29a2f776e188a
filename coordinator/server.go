package coordinator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"streamscope/internal/wire"
)

// DefaultAPIKey is the key of a [Server] that was given none.
const DefaultAPIKey = "streamscope-local"

// Limits and times of a Server that was given none.
const (
	defaultAuthTimeout = 10 * time.Second // protocol.md 11.2
	defaultRingTimeout = 15 * time.Second // protocol.md 7.1: a reasonable local default
	defaultMaxUsers    = 20_000
	defaultMaxCalls    = 10_000
	defaultMaxConns    = 20_000
	defaultMaxQueue    = 4 << 20
	closeGrace         = time.Second
	headerTimeout      = 30 * time.Second // for all headers, and for an answer to be taken
	bodyTimeout        = 30 * time.Second
	idleTimeout        = 2 * time.Minute // between two requests on one connection
	maxHeaders         = 64 << 10
	maxBody            = 1 << 20
	maxCustom          = 16 << 10 // of a user or a call; our default settings fit
	maxClient          = 256      // of X-Stream-Client
	maxID              = 255      // of a user, a call or a call type
)

// Server is a coordinator. Its zero value is ready to use; the exported fields
// must be set before the first use and not changed afterwards.
type Server struct {
	// APIKey identifies the app. Empty means [DefaultAPIKey].
	APIKey string
	// Secret signs and checks tokens (HS256). Empty means a random one, which
	// [Server.Credentials] tells.
	Secret string
	// Users exist from the start. Nil means those of Seed, or without any sara,
	// jack and nina.
	Users []wire.UserDetails
	// RingTimeouts are the default ring timeouts of new calls. Zero means 15 s
	// each, negative that there is none.
	RingTimeouts wire.RingSettings
	// AuthTimeout is how long a socket may stay without an auth message before
	// it is closed with 1008. Zero means 10 s.
	AuthTimeout time.Duration
	// Seed is what there is from the start besides Users; see [LoadSeed].
	Seed Seed
	// Latency delays every answer and every frame to a client, in order, as a
	// distant server would. Zero means none.
	Latency time.Duration
	// TokenTTL is how long the tokens live that the coordinator hands out by
	// itself, which are those of guests. Zero means for ever.
	TokenTTL time.Duration

	// AllowRemote lets [Server.Run] listen on other than loopback addresses.
	AllowRemote bool
	// AllowOrigins are the origins of pages, such as https://app.example, that
	// may use a coordinator on loopback besides those of localhost. "*" allows
	// every page that the developer's browser opens.
	AllowOrigins []string
	// AllowHosts are the names, besides localhost and plain addresses, under
	// which a coordinator on loopback may be addressed, as behind a tunnel.
	AllowHosts []string

	// MaxUsers limits the users in memory. Zero means 20,000. When it is
	// reached new users are refused with code 9.
	MaxUsers int
	// MaxCalls limits the calls in memory. Zero means 10,000. When it is
	// reached the oldest call is forgotten.
	MaxCalls int
	// MaxConns limits the connections. Zero means 20,000. When it is reached
	// new ones get code 71.
	MaxConns int
	// MaxQueue limits the bytes waiting for one connection. Zero means 4 MiB.
	// A client that lets more pile up is cut off.
	MaxQueue int

	// OnEvent is told what the coordinator does. Calls come in order and never
	// at the same time; no lock is held, so it may call the server, but it must
	// not block or call Close. Nil means nobody listens.
	OnEvent func(Event)
	// Logger gets the server's own words, without tokens. Nil discards them.
	Logger *slog.Logger

	once   sync.Once
	key    string
	secret []byte
	done   chan struct{} // closed by Close
	wg     sync.WaitGroup
	faults faults
	events eventQueue

	mu       sync.Mutex // guards everything below
	closed   bool
	epoch    int // of tokens: see epochLocked
	tasks    map[*task]struct{}
	users    map[string]*user
	calls    map[string]*call
	order    []string // cids, oldest first
	conns    map[string]*conn
	connects int // connections so far
	byUser   map[string][]*conn
	sockets  map[*socket]struct{} // every accepted WebSocket, authenticated or not
	puppets  map[string]*puppet
	linger   map[*rawConn]struct{}
	ln       *listener // nil until it serves
	named    int       // calls of simulated users that were given a name
}

func (s *Server) init() {
	s.once.Do(func() {
		s.key = s.APIKey
		if s.key == "" {
			s.key = DefaultAPIKey
		}
		s.secret = []byte(s.Secret)
		if s.Secret == "" {
			s.secret = []byte(rand.Text())
		}
		s.done = make(chan struct{})
		s.tasks = make(map[*task]struct{})
		s.users = make(map[string]*user)
		s.calls = make(map[string]*call)
		s.conns = make(map[string]*conn)
		s.byUser = make(map[string][]*conn)
		s.sockets = make(map[*socket]struct{})
		s.puppets = make(map[string]*puppet)
		s.linger = make(map[*rawConn]struct{})
		s.seed()
	})
}

// Credentials returns the API key and the secret in force.
func (s *Server) Credentials() (key, secret string) {
	s.init()
	return s.key, string(s.secret)
}

func (s *Server) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Logger
}

func limit(set, standard int) int {
	if set > 0 {
		return set
	}
	return standard
}

// Run listens on the address and serves until the context ends, then returns
// nil. It refuses addresses outside loopback unless AllowRemote is set, and ports
// that official clients cannot reach. The
// function ready, if any, is told the address once connections are accepted.
func (s *Server) Run(ctx context.Context, addr string, ready func(net.Addr)) error {
	if err := s.checkAddr(addr); err != nil {
		return fmt.Errorf("coordinator: %w", err)
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("coordinator: %w", err)
	}
	if ready != nil {
		ready(ln.Addr())
	}
	return s.Serve(ctx, ln)
}

func (s *Server) checkAddr(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if strings.HasPrefix(port, "3030") {
		return fmt.Errorf("listen on %q: the official JS client makes :8800 of :3030 in the URL of its socket (protocol.md 1.2)", addr)
	}
	ip, err := netip.ParseAddr(host)
	if s.AllowRemote || host == "localhost" || err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen on %q: not a loopback address, and remote access was not asked for", addr)
}

// Serve accepts connections until the context ends or the server is closed.
// Then it closes the listener, sends every client close code 1001, gives them a
// second, and returns nil when all it started has ended. A failing listener is
// the only error. A server serves once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	s.init()
	hs := &http.Server{
		Handler:     s.Handler(),
		ConnContext: ConnContext,
		// A connection that says nothing, or says it too slowly, does not stay for
		// ever; bodies and answers have deadlines where they are read and written.
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          slog.NewLogLogger(s.logger().Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	own := s.listen(ln)
	go func() { failed <- hs.Serve(own) }()
	var err error
	select {
	case err = <-failed:
		failed <- err
	case <-ctx.Done():
		own.Close()
		s.goodbye()
	case <-s.done:
	}
	s.stop()
	hs.Close()
	<-failed
	s.wg.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("coordinator: serve: %w", err)
	}
	return nil
}

// Close cuts every connection, stops every timer, and returns when all that the
// server started has ended. Serve returns nil.
func (s *Server) Close() error {
	s.init()
	s.stop()
	s.wg.Wait()
	return nil
}

// goodbye asks every client to leave with close code 1001 and waits for them,
// but not for longer than the grace.
func (s *Server) goodbye() {
	s.mu.Lock()
	for _, c := range s.conns {
		c.finish(ending{code: 1001, reason: "the coordinator is shutting down"})
	}
	gone := make(chan struct{})
	s.spawnLocked(func() {
		defer close(gone)
		for _, c := range s.snapshot() {
			<-c.gone
		}
	})
	s.mu.Unlock()
	timer := time.NewTimer(closeGrace)
	defer timer.Stop()
	select {
	case <-gone:
	case <-timer.C:
	case <-s.done:
	}
}

func (s *Server) snapshot() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*conn, 0, len(s.conns))
	for _, c := range s.conns {
		all = append(all, c)
	}
	return all
}

func (s *Server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.done)
	for t := range s.tasks {
		t.timer.Stop()
	}
	clear(s.tasks)
	s.faults.stop()
	for sock := range s.sockets {
		s.wg.Go(func() { sock.cut() })
	}
	for raw := range s.linger {
		raw.Conn.Close()
	}
}

// now is the coordinator's clock, which a fault can make wrong.
func (s *Server) now() time.Time {
	now := time.Now()
	return now.Add(s.faults.skew(now))
}
