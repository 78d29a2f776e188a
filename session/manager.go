package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"

	"streamscope/timeline"
)

// Manager keeps one session for each API key and user, as the official client's
// registry of instances does, and says aloud what that one does in silence
// (protocol.md 9). Make it with [NewManager]; sessions run while Run does. All
// methods may be called from any goroutine.
type Manager struct {
	start  chan *Session
	closed chan struct{}

	// guarded by mu
	mu    sync.Mutex
	order []*Session // in the order in which they were made
	byKey map[string]*Session
	over  bool
}

// NewManager returns a manager without sessions.
func NewManager() *Manager {
	return &Manager{
		start:  make(chan *Session),
		closed: make(chan struct{}),
		byKey:  make(map[string]*Session),
	}
}

// Run runs the sessions until ctx ends, then disconnects them all, each within
// the second that its close handshake may take, and returns what went wrong in
// any of them. It may be called once.
func (m *Manager) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failures []error
	for {
		select {
		case s := <-m.start:
			wg.Go(func() {
				err := s.Run(ctx)
				m.forget(s)
				if err != nil {
					mu.Lock()
					failures = append(failures, err)
					mu.Unlock()
				}
			})
		case <-ctx.Done():
			m.mu.Lock()
			m.over = true
			m.mu.Unlock()
			close(m.closed)
			wg.Wait()
			return errors.Join(failures...)
		}
	}
}

// GetOrCreate is getOrCreateInstance: it returns the session of the
// configuration's API key and user, and whether it was made now. An existing one
// is returned whatever its state and whatever the other options are. The official
// client is silent about that; where the session is dead or options are dropped,
// its timeline gets a Warning that names them (protocol.md 9, K13).
func (m *Manager) GetOrCreate(cfg Config) (s *Session, created bool, err error) {
	s, err = New(cfg)
	if err != nil {
		return nil, false, err
	}
	m.mu.Lock()
	// Anonymous users are stored under their id and looked up without one.
	if old := m.byKey[s.cfg.key()]; old != nil && !m.over && s.cfg.User.Type != timeline.Anonymous {
		m.mu.Unlock()
		warnReturned(old, s.cfg)
		return old, false, nil
	}
	return m.add(s)
}

// Create is the official client's constructor: it always makes a session. One of
// the same API key and user loses its place among the instances, and the official
// client warns; both stay connected (protocol.md 9).
func (m *Manager) Create(cfg Config) (*Session, error) {
	s, err := New(cfg)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	s, _, err = m.add(s)
	return s, err
}

// add registers a session and starts it. It is called with mu held, and releases
// it.
func (m *Manager) add(s *Session) (*Session, bool, error) {
	if m.over {
		m.mu.Unlock()
		return nil, false, ErrClosed
	}
	s.rename(m.freeName(s.cfg.Name))
	old := m.byKey[s.cfg.key()]
	m.byKey[s.cfg.key()] = s
	m.order = append(m.order, s)
	m.mu.Unlock()
	// disconnectUser takes a client out of the registry, so that the next
	// GetOrCreate makes a new one (protocol.md 9). The session itself lives on:
	// the user may connect it again.
	s.gone = func(userID string) { m.unregister(s, userID) }
	select {
	case m.start <- s:
	case <-m.closed:
		m.forget(s)
		return nil, false, ErrClosed
	}
	if old != nil {
		warnTaken(s)
	}
	return s, true, nil
}

// freeName returns the name, or the name with the first number that nobody has.
// It is called with mu held.
func (m *Manager) freeName(name string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(m.order, func(s *Session) bool { return s.cfg.Name == name })
	}
	free := name
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s %d", name, n)
	}
	return free
}

// warnTaken is the official constructor's warning.
func warnTaken(s *Session) {
	text := "A StreamVideoClient already exists for " + s.cfg.User.ID + "; Prefer using getOrCreateInstance method"
	s.cfg.Logger.LogAttrs(context.Background(), slog.LevelWarn, text, slog.String("scope", scopeClient))
	s.warn(text + ". Both stay connected, and whichever disconnects takes the other out of the list")
}

// warnReturned tells what is wrong with a session that is returned again, where
// something is.
func warnReturned(s *Session, cfg Config) {
	var wrong []string
	switch state := s.Status().State; state {
	case timeline.StateFailed, timeline.StateDisconnected, timeline.StateStalled:
		wrong = append(wrong, "its state is "+string(state)+", and it is not connected again by this")
	}
	if dropped := droppedOptions(s.cfg, cfg); len(dropped) > 0 {
		wrong = append(wrong, "these options were dropped: "+strings.Join(dropped, ", "))
	}
	if len(wrong) > 0 {
		s.warn("getOrCreateInstance returned the client that was there for " + s.cfg.User.ID + ": " + strings.Join(wrong, "; "))
	}
}

func (s *Session) warn(text string) {
	s.cfg.Timeline.Append(timeline.Event{Session: s.cfg.Name, Payload: timeline.Warning{ID: "K13", Text: text}})
}

// droppedOptions names, in the official client's words, the options that differ
// from those that the session was made with.
func droppedOptions(old, now Config) []string {
	user := now.User
	user.ID, user.Type = old.User.ID, old.User.Type
	var dropped []string
	for _, option := range []struct {
		name    string
		differs bool
	}{
		{"user", !reflect.DeepEqual(user, old.User)},
		{"token or tokenProvider", !sameSource(now.Token, old.Token)},
		{"rejectCallWhenBusy", now.RejectWhenBusy != old.RejectWhenBusy},
		{"maxConnectUserRetries", now.MaxConnectRetries != old.MaxConnectRetries},
		{"persistUserOnConnectionFailure", now.ForgetUserOnFailure != old.ForgetUserOnFailure},
		{"onConnectUserError", now.OnConnectError != nil},
		{"baseURL", now.BaseURL != old.BaseURL},
		{"defaultWsTimeout", now.ConnectTimeout != old.ConnectTimeout},
		{"timeout", now.RequestTimeout != old.RequestTimeout},
		{"clientEventsReportingEnabled", now.NoTelemetry != old.NoTelemetry},
		{"ringStatePolling", now.NoRingPolling != old.NoRingPolling},
		{"locationHintUrl", now.LocationHintURL != old.LocationHintURL},
		{"clientAppIdentifier", !slices.Equal(now.App, old.App)},
	} {
		if option.differs {
			dropped = append(dropped, option.name)
		}
	}
	return dropped
}

// sameSource compares two sources where their types allow it.
func sameSource(a, b TokenSource) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	ta, tb := reflect.TypeOf(a), reflect.TypeOf(b)
	return ta == tb && ta.Comparable() && a == b
}

// Get returns the session of that name, or nil.
func (m *Manager) Get(name string) *Session {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.order {
		if s.cfg.Name == name {
			return s
		}
	}
	return nil
}

// All returns the sessions that run, oldest first.
func (m *Manager) All() []*Session {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.order)
}

// Close disconnects the session of that name and waits for its end. A name that
// nobody has is no error.
func (m *Manager) Close(name string) {
	s := m.Get(name)
	if s == nil {
		return
	}
	if s.post(stopCmd{reason: "closed"}) == nil {
		<-s.Done()
	}
	m.forget(s) // Run does so too, in its time; the name is free when Close returns
}

// unregister takes out whoever is registered under the id that the disconnected
// user had. A guest has another one than it was registered with, and stays; of two
// clients of one user the first to disconnect takes the entry of the other.
func (m *Manager) unregister(s *Session, userID string) {
	cfg := s.cfg
	cfg.User.ID = userID
	m.mu.Lock()
	entry := m.byKey[cfg.key()]
	delete(m.byKey, cfg.key())
	kept := m.byKey[s.cfg.key()] == s
	m.mu.Unlock()
	switch {
	case entry != nil && entry != s:
		entry.warn("the other client of " + userID + " has disconnected, and that took this one out of the list: " +
			"the next getOrCreateInstance makes a third")
	case kept:
		s.warn("the guest disconnects as " + userID + " and stays in the list as " + s.cfg.User.ID +
			": getOrCreateInstance goes on returning this client")
	}
}

// forget takes out a session that is over.
func (m *Manager) forget(s *Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byKey[s.cfg.key()] == s {
		delete(m.byKey, s.cfg.key())
	}
	m.order = slices.DeleteFunc(m.order, func(o *Session) bool { return o == s })
}
