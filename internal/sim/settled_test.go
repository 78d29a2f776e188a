package sim

import (
	"slices"
	"time"

	"streamscope/coordinator"
	"streamscope/internal/wire"
	"streamscope/session"
	"streamscope/timeline"
)

// wantSettled requires of every session, a while after the last disturbance,
// that it is connected, or that what stopped it has a name.
func (m *monitor) wantSettled() {
	for _, s := range m.both.live.Sessions {
		if time.Since(m.disturbed) < bound(s.Policy) {
			continue
		}
		c := m.client(s.Name)
		c.wishes, c.gone = nil, s.Conn == timeline.StateDisconnected
		if problem := m.unsettled(s); problem != "" {
			m.breaks("%s, %s after the last disturbance: %s", s.Name, time.Since(m.disturbed).Round(time.Second), problem)
		}
	}
}

// unsettled says what is wrong with where a session is, or nothing.
func (m *monitor) unsettled(s timeline.Session) string {
	switch s.Conn {
	case timeline.StateConnected:
		return m.deaf(s)
	case timeline.StateIdle, timeline.StateDisconnected:
		return ""
	case timeline.StateFailed:
		if len(s.ConnectErrors) == 0 {
			return "it failed, and no error was told"
		}
		return ""
	case timeline.StateOffline:
		if !s.Online { // nothing new begins before the device says otherwise
			return ""
		}
	case timeline.StateStalled:
		if named(s) {
			return ""
		}
		return "it stopped without a name: " + s.Reason
	}
	return "it is still " + string(s.Conn) + " (" + s.Reason + ")"
}

// deaf says whether a session believes in a connection that the coordinator
// does not have: that is to have a name too.
func (m *monitor) deaf(s timeline.Session) string {
	real := slices.ContainsFunc(m.driver.Server().Connections(), func(c coordinator.ConnInfo) bool {
		return c.ID == s.Attempt.ConnectionID
	})
	if real || slices.ContainsFunc(s.OpenTraps(time.Now()), func(t timeline.TrapSeen) bool { return t.ID == "K1" || t.ID == "K2" }) {
		return ""
	}
	return "it is connected to nothing, and no trap says so"
}

// stops are the traps that end in a client that schedules nothing.
var stops = []string{"K3", "K4", "K5", "K6", "K9", "K11"}

// named reports whether a stop has a name: a trap of the official client, or,
// for a client that has none, an error that no retry can repair.
func named(s timeline.Session) bool {
	if s.Policy != timeline.PolicySteady {
		return slices.ContainsFunc(s.Traps, func(t timeline.TrapSeen) bool { return !t.Over && slices.Contains(stops, t.ID) })
	}
	code := wire.Code(s.Attempt.ErrorCode)
	switch session.DispositionOf(code) {
	case session.Refresh:
		return !s.Opened.Refreshable
	case session.Retry:
		return false
	}
	return code != 0
}

// finish holds the end of a run, after everything was closed, to the invariants
// that need all of it.
func (m *monitor) finish() {
	m.read()
	for name, c := range m.clients {
		for attempt := range c.started {
			m.breaks("%s: attempt %d never ends", name, attempt)
		}
		c.wantRejects(m, name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for user, p := range m.online {
		if p.conns != 0 {
			m.breaks("the coordinator still counts %d connections of %s", p.conns, user)
		}
		if p.longest > overlap {
			m.breaks("the coordinator had two connections of %s for %s", user, p.longest)
		}
	}
}
