package replay

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"streamscope/internal/origin"
	"streamscope/internal/token"
)

const (
	headerTimeout = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeaders    = 64 << 10
	maxBody       = 1 << 20
	authTimeout   = 10 * time.Second // protocol.md 11.2
	writeTimeout  = 30 * time.Second
)

// Server plays a [Script] to clients. It is an [http.Handler]; [Server.Serve]
// runs it with everything around. The exported fields are set before the first
// use.
type Server struct {
	// Script is what is played.
	Script *Script
	// Speed is how many times faster than recorded it is played: 1 is in time, 0
	// as fast as possible, in the recorded order of each socket.
	Speed float64
	// Logger is told what is played, and what was asked for in vain. Nil discards.
	Logger *slog.Logger
	// AllowOrigins are the origins of pages that may connect besides those of this
	// machine; "*" allows all.
	AllowOrigins []string
	// AllowHosts are the names besides localhost under which it may be addressed.
	AllowHosts []string

	once   sync.Once
	secret string
	wg     sync.WaitGroup // handlers

	mu     sync.Mutex // guards everything below
	closed bool
	played []bool         // by part
	asked  map[string]int // answers given, by user, method and path
}

func (s *Server) init() {
	s.once.Do(func() {
		s.secret = rand.Text()
		s.played = make([]bool, len(s.Script.parts))
		s.asked = make(map[string]int)
	})
}

// Secret returns the secret that the server signs tokens with. It is its own.
func (s *Server) Secret() string {
	s.init()
	return s.secret
}

// Token mints a token for a user. The server accepts any; clients that read
// their token want one that names them.
func (s *Server) Token(userID string) (string, error) {
	s.init()
	return token.Sign(s.secret, token.Options{UserID: userID})
}

// Serve plays to whoever connects until the context ends, then cuts all
// connections and returns nil when everything it started has ended. It refuses a
// listener that other machines can reach: a recording is not for everybody. A
// server serves once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	s.init()
	if !origin.Local(origin.Hostname(ln.Addr().String())) {
		return fmt.Errorf("replay: serve on %s: a recording is served on loopback only", ln.Addr())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hs := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaders,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(s.logger().Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(ln) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		failed <- err
	}
	cancel()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	_ = hs.Close() // what it could not close is closed by its handler
	<-failed
	s.wg.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("replay: serve: %w", err)
	}
	return nil
}

// enter counts a handler, or reports that it is too late for another.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.wg.Add(1)
	return true
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.init()
	if !s.enter() {
		return
	}
	defer s.wg.Done()
	if why := s.stranger(r); why != "" {
		s.turnAway(w, r, why)
		return
	}
	allowOrigin(w, r)
	switch {
	case r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		s.serveSocket(w, r)
	default:
		// What the client says is not looked at; until it is read its going is not seen.
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody))
		s.serveAnswer(w, r)
	}
}

func (s *Server) logger() *slog.Logger {
	if s.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Logger
}

// until waits for a distance of the recording to have passed since from. It
// reports false when the context or done ended first.
func (s *Server) until(ctx context.Context, from time.Time, distance time.Duration, done <-chan struct{}) bool {
	var left time.Duration
	if s.Speed > 0 {
		left = time.Duration(float64(distance)/s.Speed) - time.Since(from)
	}
	if left <= 0 {
		select {
		case <-ctx.Done():
			return false
		case <-done:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-done:
	}
	return false
}

// cut ends a connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the way to end what cannot be taken over
	}
	_ = conn.Close() // there is nobody to tell
}
