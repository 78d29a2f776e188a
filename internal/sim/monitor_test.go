package sim

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"streamscope/coordinator"
	"streamscope/scenario"
	"streamscope/timeline"
)

// The invariants' limits.
const (
	// overlap is how long the coordinator may count two connections of a user: the
	// close handshake of the old one, a second, and what a slow line adds.
	overlap = 10 * time.Second
	// A provider may be asked so often in a minute: on the socket the client waits
	// 0.25 to 5 s between two calls, and for each request that is refused and
	// repeated (K18) it soon waits 5 s.
	stormSocket, stormRequest = 60, 20
)

// bound is how long after the last disturbance a client is connected again, or
// has stopped for a reason with a name: 35 s of silence before it notices, 15 s
// of a handshake that was under way and 15 s more of waiting for health, the
// longest backoff, the 20 s that a provider may take here, and a second.
func bound(p timeline.Policy) time.Duration {
	backoff := 5 * time.Second
	if p == timeline.PolicySteady {
		backoff = 30 * time.Second
	}
	return (35+15+15+20+1)*time.Second + backoff
}

// monitor watches a run and holds it to the invariants. The runner's goroutine
// calls it, but for served, which is the coordinator's.
type monitor struct {
	driver *Driver
	cursor *timeline.Cursor
	buf    []timeline.Event

	both    twins
	every   bool // compare them at every event
	clients map[string]*client
	// disturbed is when something was done that is not waiting.
	disturbed time.Time
	faulty    bool // faults may be armed
	broken    []string
	struck    map[string]bool // kinds of faults

	// guarded by mu
	mu     sync.Mutex
	online map[string]*presence
}

// presence is the coordinator's view of one user.
type presence struct {
	conns   int
	twice   time.Time // since when there are two
	longest time.Duration
}

func newMonitor(d *Driver, events *timeline.Store) *monitor {
	m := &monitor{
		driver: d, cursor: events.Cursor(0), clients: make(map[string]*client), online: make(map[string]*presence),
		struck: make(map[string]bool), disturbed: time.Now(),
	}
	d.Observe = m.served
	return m
}

// breaks notes a broken invariant.
func (m *monitor) breaks(format string, args ...any) {
	if len(m.broken) < 5 {
		m.broken = append(m.broken, fmt.Sprintf(format, args...))
	}
}

// served counts connections at the coordinator.
func (m *monitor) served(e coordinator.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.online[e.UserID]
	if p == nil {
		p = &presence{}
		m.online[e.UserID] = p
	}
	switch e.Kind {
	case coordinator.Connected:
		if p.conns++; p.conns == 2 {
			p.twice = e.Time
		}
	case coordinator.Disconnected:
		if p.conns--; p.conns == 1 {
			p.longest = max(p.longest, e.Time.Sub(p.twice))
		}
	}
}

// step is called after every step of a scenario.
func (m *monitor) step(st scenario.Step) {
	m.read()
	switch st.Verb {
	case scenario.Wait:
		if !m.faulty {
			m.wantSettled()
		}
		return
	case scenario.Clear:
		m.faulty = false
	case scenario.ArmFault:
		m.faulty = true
	}
	m.disturbed = time.Now()
}

// read takes what is new on the timeline.
func (m *monitor) read() {
	m.buf = m.cursor.Next(m.buf[:0])
	if len(m.buf) == 0 {
		return
	}
	m.wantReplayable()
	for _, e := range m.buf {
		if e.Kind() == timeline.KindDropped {
			m.breaks("the timeline lost events: the run is too long for its store")
		}
		if hit, ok := e.Payload.(timeline.FaultHit); ok {
			m.struck[hit.Fault] = true
		}
		if e.Session != "" {
			m.heard(e)
		}
	}
	m.wantOneSocket()
}

func (m *monitor) client(name string) *client {
	c := m.clients[name]
	if c == nil {
		c = &client{started: make(map[int]bool), refused: make(map[string]time.Time), decisions: make(map[string][]*decision), rejects: make(map[string]map[string]bool)}
		m.clients[name] = c
	}
	return c
}

// heard holds one event of a session to the invariants.
func (m *monitor) heard(e timeline.Event) {
	c := m.client(e.Session)
	switch p := e.Payload.(type) {
	case timeline.UserAction:
		c.acted(p, e.Time)
	case timeline.StateChanged:
		c.entered(p.To)
		c.disturb(e.Time)
	case timeline.AttemptStarted:
		c.started[e.Attempt] = true
		c.causes++
		if c.gone {
			m.breaks("%s: attempt %d starts after the user has disconnected", e.Session, e.Attempt)
		}
	case timeline.AttemptEnded:
		if !c.started[e.Attempt] {
			m.breaks("%s: attempt %d ends twice, or never began", e.Session, e.Attempt)
		}
		delete(c.started, e.Attempt)
	case timeline.Backoff:
		if p.Refresh {
			c.causes++
		}
	case timeline.TokenLoading:
		m.loading(e, c)
	case timeline.SessionOpened:
		c.steady = p.Policy == timeline.PolicySteady
	case timeline.TokenLoaded:
		c.asking, c.poisoned = false, false
		c.disturb(e.Time)
	case timeline.TokenFailed:
		c.asking, c.poisoned = false, true
		c.disturb(e.Time)
	case timeline.FaultHit:
		c.disturb(e.Time)
	case timeline.HTTPResponse:
		if p.Code == 40 {
			c.causes++
			c.refused[p.ID] = e.Time
		}
	default:
		c.rings(e, p)
	}
}

// loading holds the calls of a token source to their causes and to a rate.
func (m *monitor) loading(e timeline.Event, c *client) {
	c.asking = true
	c.loads = append(c.loads, e.Time)
	if c.steady {
		c.causes++ // it also refreshes by itself, before expiry: the rate bounds that
	}
	if len(c.loads) > c.causes {
		m.breaks("%s: the provider is asked %d times for %d reasons", e.Session, len(c.loads), c.causes)
	}
	maps.DeleteFunc(c.refused, func(_ string, last time.Time) bool { return e.Time.Sub(last) > 2*time.Minute })
	most := stormSocket + stormRequest*len(c.refused)
	if n := len(c.loads); n > most && e.Time.Sub(c.loads[n-1-most]) < time.Minute {
		m.breaks("%s: the provider is asked more than %d times in a minute", e.Session, most)
		c.loads, c.causes = nil, c.causes-n
	}
}

// wantOneSocket requires that a session has at most one live socket, two only
// where trap K8 is named.
func (m *monitor) wantOneSocket() {
	for _, s := range m.both.live.Sessions {
		live := 0
		for _, a := range s.Lanes() {
			if a.Live() {
				live++
			}
		}
		named := slices.ContainsFunc(s.Traps, func(t timeline.TrapSeen) bool { return t.ID == "K8" && !t.Over })
		if live > 2 || live == 2 && !named {
			m.breaks("%s has %d live sockets", s.Name, live)
		}
	}
}
