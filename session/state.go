package session

import (
	"cmp"
	"slices"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// view is what the world was told last about the connection.
type view struct {
	state timeline.ConnState
	since time.Time
	why   string
}

// show publishes a transition when what the session is doing has another word
// than after the step before.
func (m *machine) show() {
	state := m.state()
	if state == m.shown.state {
		return
	}
	if m.shown.state == timeline.StateBackoff && m.why == m.shown.why &&
		(state == timeline.StateLoadingToken || state == timeline.StateDialing) {
		m.why = "the wait is over" // what ended the attempt before is no reason of this one's
	}
	change := timeline.StateChanged{From: m.shown.state, To: state, Reason: m.why, Cycle: m.cycle}
	if m.link != nil {
		change.Failures = m.link.failures
	}
	if state == timeline.StateBackoff {
		if at, ok := m.retryAt(); ok {
			change.RetryIn = at.Sub(m.now)
		}
	}
	if state == timeline.StateStalled {
		if at, ok := m.lastChance(); ok {
			change.RetryIn = at.Sub(m.now)
		}
	}
	m.shown = view{state: state, since: m.now, why: m.why}
	m.emit(m.lanes, change)
}

// state is the word for what the session is doing, from what the official
// client's variables say. The paragraphs are the meaning of the words.
func (m *machine) state() timeline.ConnState {
	switch {
	case m.stopping:
		// The session ends: at most the answer to a close frame is waited for.
		return timeline.StateDisconnected
	case m.anonymous && m.user != nil:
		// An anonymous user has no socket by design; REST works.
		return timeline.StateNoSocket
	case m.link != nil && m.link.healthy:
		// The client believes that its socket works. After a close 1000 by the
		// server it is wrong (K1); the timeline says so beside this word.
		return timeline.StateConnected
	case m.gaveUp:
		// connectUser has rejected and told the application. The user stays set;
		// only a new connectUser, or disconnectUser, changes anything.
		return timeline.StateFailed
	case !m.busy():
		return m.idleState()
	}
	return m.tryingState()
}

// busy reports whether a user is connected, or being connected.
func (m *machine) busy() bool { return m.userID != "" || m.cycle > 0 }

func (m *machine) idleState() timeline.ConnState {
	if m.disconnected {
		return timeline.StateDisconnected
	}
	return timeline.StateIdle
}

// tryingState tells apart what a client does that is not connected.
func (m *machine) tryingState() timeline.ConnState {
	if s := m.handshaking(); s != nil {
		if s.phase == sockOpen {
			// The token is on the wire; connection.ok or connection.error follows.
			return timeline.StateAuthenticating
		}
		// Resolving, connecting or upgrading.
		return timeline.StateDialing
	}
	waits := m.cycle > 0 || m.link != nil && m.link.connecting
	if m.prepared != 0 || waits && m.tokens.asking != nil {
		// The token source has been asked for the token of the next socket.
		return timeline.StateLoadingToken
	}
	if !m.online {
		// The device is offline and the client knows; no socket is opening. Waits
		// that had begun go on, as in the official client.
		return timeline.StateOffline
	}
	if _, waiting := m.retryAt(); waiting || m.cycle > 0 {
		// At least one wait runs that will open a socket, or connectUser is between
		// two of its attempts.
		return timeline.StateBackoff
	}
	// Unhealthy, and no wait runs: the official client has stopped in silence. The
	// application was told nothing but online: false. The staleness check of the
	// socket before may still be armed; see lastChance.
	return timeline.StateStalled
}

// handshaking returns the socket of the newest attempt that has yet to be
// established.
func (m *machine) handshaking() *wsock {
	if m.link == nil || m.link.sock == nil {
		return nil
	}
	if s := m.link.sock; !s.ignored && !s.ok && (s.phase == sockDialing || s.phase == sockOpen) {
		return s
	}
	return nil
}

// retryAt returns when the next attempt begins, if one is scheduled: the
// earliest of the sleeping reconnects, or connectUser's own wait.
func (m *machine) retryAt() (time.Time, bool) {
	var at time.Time
	consider := func(t *timer) {
		if t.pending() && (at.IsZero() || t.at.Before(at)) {
			at = t.at
		}
	}
	for _, c := range m.waits {
		if c.link == m.link && !c.link.disconnected {
			consider(c.timer)
		}
	}
	consider(m.connectSleep)
	if at.IsZero() {
		consider(m.initialWait)
	}
	return at, !at.IsZero()
}

// lastChance returns when a client that has stopped dials once more, if it does:
// the staleness check of the socket before is still armed, and its owner is among
// those whose check notices (protocol.md 4.4 row 29).
func (m *machine) lastChance() (time.Time, bool) {
	l := m.link
	if l == nil || l.disconnected || l.cancelled || l.lastEvent.IsZero() || !l.check.pending() {
		return time.Time{}, false
	}
	silence := l.check.at.Sub(l.lastEvent)
	hair := silence < silenceLimit+lateTimer
	if silence < silenceLimit || hair && !m.lucky && m.policy != timeline.PolicySteady {
		return time.Time{}, false
	}
	return l.check.at, true
}

// status returns what to publish, and whether it differs from what was
// published before.
func (m *machine) status(time.Time) (Status, bool) {
	if !m.changed {
		return Status{}, false
	}
	m.changed = false
	s := Status{
		Name: m.cfg.Name, User: m.cfg.User, State: m.shown.state, Since: m.shown.since, Reason: m.shown.why,
		Attempt: m.lanes, Online: m.online, RejectWhenBusy: m.busyReject, Policy: m.policy,
		LuckyWatchdog: m.lucky, Over: m.stopped,
	}
	if m.user != nil {
		s.User = *m.user
	}
	if m.link != nil {
		s.ConnectionID, s.Failures = wire.Clean(m.link.connectionID), m.link.failures
	}
	if m.shown.state == timeline.StateBackoff {
		s.RetryAt, _ = m.retryAt()
	}
	if m.shown.state == timeline.StateStalled {
		s.RetryAt, _ = m.lastChance()
	}
	for _, c := range m.calls {
		s.Calls = append(s.Calls, CallStatus{
			CID: c.cid, State: c.state, Ringing: c.ringing, Outgoing: c.creator == cmp.Or(m.connected, m.cfg.User.ID), Watching: c.watching,
			Creator: c.creator, Members: slices.Clone(c.members),
		})
	}
	return s, true
}
