package session

import (
	"context"
	"errors"
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

// GetOrCreate returns the session of the configuration's API key and user, and
// whether it was made now. An existing one is returned whatever its state and
// whatever the other options are: what was dropped is told as a Warning in its
// timeline, where the official client is silent (protocol.md 9).
func (m *Manager) GetOrCreate(cfg Config) (s *Session, created bool, err error) {
	s, err = New(cfg)
	if err != nil {
		return nil, false, err
	}
	m.mu.Lock()
	if m.over {
		m.mu.Unlock()
		return nil, false, ErrClosed
	}
	if old := m.byKey[s.cfg.key()]; old != nil {
		m.mu.Unlock()
		warnDropped(old, s.cfg)
		return old, false, nil
	}
	m.byKey[s.cfg.key()] = s
	m.order = append(m.order, s)
	m.mu.Unlock()
	// disconnectUser takes the client out of the registry, so that the next
	// GetOrCreate makes a new one (protocol.md 9). The session itself lives on:
	// the user may connect it again.
	s.gone = func() { m.unregister(s) }
	select {
	case m.start <- s:
		return s, true, nil
	case <-m.closed:
		m.forget(s)
		return nil, false, ErrClosed
	}
}

// warnDropped tells which options of a second GetOrCreate have no effect.
func warnDropped(s *Session, cfg Config) {
	text := "a client already exists for " + s.cfg.User.ID + "; it is returned as it is"
	var dropped []string
	if cfg.RejectWhenBusy != s.cfg.RejectWhenBusy {
		dropped = append(dropped, "rejectCallWhenBusy")
	}
	if !sameSource(cfg.Token, s.cfg.Token) {
		dropped = append(dropped, "the token or provider")
	}
	if cfg.MaxConnectRetries != s.cfg.MaxConnectRetries {
		dropped = append(dropped, "maxConnectUserRetries")
	}
	if cfg.BaseURL != s.cfg.BaseURL {
		dropped = append(dropped, "baseURL")
	}
	if len(dropped) > 0 {
		text += ", and these options were dropped: " + strings.Join(dropped, ", ")
	}
	s.cfg.Timeline.Append(timeline.Event{
		Session: s.cfg.Name,
		Payload: timeline.Warning{ID: "K13", Text: text},
	})
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

func (m *Manager) unregister(s *Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byKey[s.cfg.key()] == s {
		delete(m.byKey, s.cfg.key())
	}
}

func (m *Manager) forget(s *Session) {
	m.unregister(s)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = slices.DeleteFunc(m.order, func(o *Session) bool { return o == s })
}
