package timeline

import (
	"slices"
	"time"
)

func newSession(name string, now time.Time) Session {
	return Session{Name: name, Conn: StateIdle, Since: now, Online: true}
}

// sessionOpened starts the session afresh, also where one of that name was
// there before.
func (f *folder) sessionOpened(p SessionOpened) {
	*f.s = newSession(f.s.Name, f.e.Time)
	*f.own = owned{name: f.own.name}
	f.s.Opened = p
	f.s.Policy = p.Policy
	f.s.RejectWhenBusy = p.RejectWhenBusy
	if p.User.Type == Anonymous {
		f.inferState(StateNoSocket, "")
	}
}

func (f *folder) sessionClosed(p SessionClosed) {
	f.s.Closed = p.Reason
	if p.Reason == "" {
		f.s.Closed = "closed"
	}
	f.silence()
	f.clearWaits()
}

func (f *folder) stateChanged(p StateChanged) {
	s := f.s
	s.memory.toldConn = true
	f.enterState(p.To, p.Reason)
	s.Failures, s.Cycle = p.Failures, p.Cycle
	s.RetryAt = time.Time{}
	if p.RetryIn > 0 {
		s.RetryAt = f.e.Time.Add(p.RetryIn)
	}
}

// enterState changes the connection's state and what depends on it.
func (f *folder) enterState(to ConnState, reason string) {
	s := f.s
	s.Conn, s.Since, s.Reason = to, f.e.Time, reason
	switch to {
	case StateConnected:
		s.memory.wasConnected = true
		s.Failures = 0
		f.clearWaits()
	case StateDisconnected, StateFailed, StateIdle:
		s.memory.wasConnected = false
		f.clearWaits()
		f.silence()
	case StateStalled:
		f.clearWaits()
	}
}

// inferState does for the traffic of somebody else's client what StateChanged
// does for our own session.
func (f *folder) inferState(to ConnState, reason string) {
	if f.s.infers() && !f.s.memory.toldConn && f.s.Conn != to {
		f.enterState(to, reason)
	}
}

// infers reports whether the client behind the session is not ours, so that its
// inner state has to be read from its traffic.
func (s *Session) infers() bool {
	return s.Opened.Source == SourceTap || s.Opened.Source == ""
}

// me is the id of the session's user.
func (s *Session) me() string {
	if s.memory.me != "" {
		return s.memory.me
	}
	return s.Opened.User.ID
}

// clearWaits forgets the waits before attempts.
func (f *folder) clearWaits() {
	f.s.Backoffs, f.own.backoffs = nil, true
	f.s.RetryAt = time.Time{}
}

// The names of switches that the fold knows.
const (
	SwitchRejectWhenBusy = "reject_when_busy"
	SwitchPolicy         = "policy"
	SwitchWatchdog       = "watchdog"
)

func (f *folder) switched(p Switched) {
	push(&f.s.Switches, &f.own.switches, maxSwitches, p)
	switch p.Name {
	case SwitchRejectWhenBusy:
		f.s.RejectWhenBusy = p.Value == "true" || p.Value == "on"
	case SwitchPolicy:
		f.s.Policy = Policy(p.Value)
	}
}

func (f *folder) network(p Network) {
	f.s.Online = p.Online
	f.s.memory.deviceOffline = !p.Online
	if p.Online {
		f.s.memory.onlineSeen, f.s.memory.onlineAt = true, f.e.Offset
	}
}

func (f *folder) connectFailed(p ConnectFailed) {
	all := p.All
	if len(all) > maxFailures {
		all = all[len(all)-maxFailures:]
	}
	f.s.ConnectErrors = slices.Clone(all)
}

// The types of [AppEvent].
const (
	AppConnectionChanged = "connection.changed"
	AppNetworkChanged    = "network.changed"
)

func (f *folder) appEvent(p AppEvent) {
	if p.Type == AppConnectionChanged {
		f.s.AppOnline = p.Online
		f.s.AppTold = f.e.Time
	}
}
