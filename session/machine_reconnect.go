package session

import (
	"log/slog"
	"slices"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// chain is one sleeping reconnect. The official client can have several at a
// time; the first to wake opens the socket and the others find it open (K21).
type chain struct {
	n       int
	link    *link
	refresh bool // load a new token before the socket
	timer   *timer
}

// reconnect is the official client's _reconnect: sleep, tear down, load a token
// if that was the reason, connect. An interval of 0 means the backoff's.
func (m *machine) reconnect(l *link, interval time.Duration, refresh bool) {
	if l.cancelled || l.disconnected && m.policy == timeline.PolicySteady {
		return
	}
	m.logSocket(slog.LevelInfo, "_reconnect() - Initiating the reconnect")
	if l.connecting || l.healthy {
		m.logSocket(slog.LevelInfo, "_reconnect() - Abort (1) since already connecting or healthy")
		return
	}
	if m.policy == timeline.PolicySteady && m.sleeping(l) {
		return // one wait is enough
	}
	b := timeline.Backoff{Min: interval, Max: interval, Drawn: interval, Failures: l.failures}
	if interval == 0 {
		b = m.draw(l.failures)
	}
	m.chains++
	b.Chain, b.Layer, b.Refresh = m.chains, "socket", refresh
	m.emit(0, b)
	c := &chain{n: m.chains, link: l, refresh: refresh}
	c.timer = m.after(b.Drawn, "reconnect", func() { m.wake(c) })
	m.waits = append(m.waits, c)
}

// sleeping reports whether a reconnect of the link is waiting.
func (m *machine) sleeping(l *link) bool {
	return slices.ContainsFunc(m.waits, func(c *chain) bool { return c.link == l })
}

// wake ends the sleep of a reconnect.
func (m *machine) wake(c *chain) {
	m.waits = slices.DeleteFunc(m.waits, func(o *chain) bool { return o == c })
	l := c.link
	switch {
	case l.connecting || l.healthy:
		m.logSocket(slog.LevelInfo, "_reconnect() - Abort (2) since already connecting or healthy")
		return
	case l.disconnected:
		m.logSocket(slog.LevelInfo, "_reconnect() - Abort (3) since disconnect() is called")
		return
	}
	m.logSocket(slog.LevelInfo, "_reconnect() - Destroying current WS connection")
	m.destroy(l, timeline.ByClient, "replaced by a reconnect")
	connect := func() {
		m.connectOnce(l, m.cfg.ConnectTimeout, true, func(err *failure) { m.reconnected(l, err) })
	}
	if !c.refresh && !m.steadyWantsToken() {
		connect()
		return
	}
	if m.prepared == 0 {
		m.prepared = m.beginLane(m.why, true)
	}
	m.loadToken().then(m, func(err *failure) {
		switch {
		case l.disconnected: // and with it the lane
		case err == nil:
			connect()
		default:
			m.refreshFailed(l, err)
		}
	})
}

// refreshFailed is a token source that fails while reconnecting: in the
// official client nobody catches that, and nothing further is scheduled (K6).
func (m *machine) refreshFailed(l *link, err *failure) {
	m.dropLane(timeline.AttemptEnded{By: timeline.ByClient, Failure: new(err.fact())})
	if m.policy == timeline.PolicySteady {
		l.failures++
		m.steadyDiffers("the token source is asked again after a wait", "the reconnecting would end here", "K6")
		m.reconnect(l, 0, true)
		return
	}
	m.note("the reconnect ends here: the official client does not catch a token source that fails (K6)")
}

// reconnected ends a reconnect's attempt.
func (m *machine) reconnected(l *link, err *failure) {
	defer m.logSocket(slog.LevelInfo, "_reconnect() - == END ==")
	if err == nil {
		m.logSocket(slog.LevelInfo, "_reconnect() - Finished recoverCallBack")
		l.failures = 0
		return
	}
	l.healthy = false
	l.failures++
	switch {
	case m.expired(err):
		m.logSocket(slog.LevelInfo, "_reconnect() - WS failure due to expired token, so going to try to reload token and reconnect")
		m.reconnect(l, 0, true)
	case err.transient:
		m.logSocket(slog.LevelInfo, "_reconnect() - WS failure, so going to try to reconnect")
		m.reconnect(l, 0, false)
	case m.policy == timeline.PolicySteady:
		m.steadyReconnect(l, err)
	}
}

// expired is the one code that the official client repairs (protocol.md 3.6).
func (m *machine) expired(err *failure) bool {
	return err.coded && err.code == int(wire.CodeTokenExpired) && !m.tokens.isStatic()
}

// connect is the first attempt of a link, and the wait for what follows from
// its failure (protocol.md 4.4).
func (m *machine) connect(l *link, then func(*failure)) {
	l.disconnected, l.lastError = false, nil
	m.connectOnce(l, m.cfg.ConnectTimeout, false, func(err *failure) {
		switch {
		case l.cancelled:
			return
		case err == nil:
			l.failures = 0
			m.logSocket(slog.LevelInfo, "connect() - Established ws connection with healthcheck: [object Object]")
		case m.expired(err):
			l.healthy = false
			l.failures++
			m.logSocket(slog.LevelInfo, "connect() - WS failure due to expired token, so going to try to reload token and reconnect")
			m.reconnect(l, 0, true)
		case !err.transient:
			l.healthy = false
			l.failures++
			then(err.rethrown())
			return
		default:
			l.healthy = false
			l.failures++
			l.lastError = err
			m.reconnect(l, 0, false)
		}
		m.initialWait = m.waitForHealth(l, m.cfg.ConnectTimeout, then)
	})
}

// waitForHealth waits until the link's newest attempt succeeds, looking again
// every 50 ms after one has failed, and not longer than the timeout. Its end,
// also after a success, forces connecting off: that is how two attempts of the
// official client come to overlap (K22).
func (m *machine) waitForHealth(l *link, timeout time.Duration, then func(*failure)) *timer {
	over := false
	finish := func(err *failure) {
		if !over {
			over = true
			then(err)
		}
	}
	var look func()
	look = func() {
		if over || l.cancelled {
			return // those who wait for a cancelled one are told when their time is over
		}
		l.open.then(m, func(err *failure) {
			switch {
			case over:
			case err == nil:
				finish(nil)
			default:
				m.after(healthPoll, "health poll", look)
			}
		})
	}
	limit := m.after(timeout, "wait for health", func() {
		if m.policy != timeline.PolicySteady || !over {
			l.connecting = false
		}
		err := nothingRecorded
		if l.lastError != nil {
			err = l.lastError.rethrown()
		}
		finish(err)
	})
	look()
	return limit
}

// reconnectNow is the user's command, or that of an app that has a newer token:
// whatever the client waits for, it stops waiting.
func (m *machine) reconnectNow(renewal bool) {
	action, why, by := timeline.UserAction{Action: "reconnect"}, "reconnect by the user", timeline.ByUser
	if renewal {
		action, why, by = renewedBy("a new socket puts it on the wire"), "the app renews its token", timeline.ByClient
	}
	m.emit(0, action)
	l := m.link
	switch {
	case m.anonymous && m.user != nil:
		m.note("an anonymous user has no socket to reconnect")
	case m.connectSleep.pending():
		m.connectSleep.at = m.now
	case l == nil || l.disconnected || m.gaveUp:
		if m.cycle > 0 {
			m.note("connecting already")
			return
		}
		m.connectCommand(connectCmd{user: m.cfg.User, source: m.source})
	case l.healthy:
		m.why = why
		m.setHealth(l, false, false)
		m.destroy(l, by, m.why)
		m.reconnect(l, onlineDelay, false)
	case l.connecting:
		m.redial(l, why)
	case m.sleeping(l):
		m.why = why
		m.wakeEarliest(l)
	default:
		m.why = why
		m.reconnect(l, onlineDelay, false)
	}
}

// redial gives a handshake up and starts the next one at once.
func (m *machine) redial(l *link, why string) {
	if !l.open.pending() {
		m.note("connecting already: the token is not there yet")
		return
	}
	m.why = why
	l.open.settle(&failure{
		message: m.why, transient: true, marked: true, facts: timeline.Failure{Op: "dial", Text: m.why},
	})
	m.drain()
	if m.sleeping(l) {
		m.wakeEarliest(l)
	}
}

// wakeEarliest cuts the shortest of the link's waits short.
func (m *machine) wakeEarliest(l *link) {
	var first *chain
	for _, c := range m.waits {
		if c.link == l && (first == nil || c.timer.at.Before(first.timer.at)) {
			first = c
		}
	}
	first.timer.stop()
	m.wake(first)
}
