package session

import (
	"time"

	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// Policy steady repairs the traps of the official client: it refreshes before
// expiry, takes a clean close for a loss, retries what is transient for as long
// as it takes, waits once with full jitter, and keeps pinging. The places where
// it differs ask for it; what it needs of its own is here.

// steadyMargin is how long before its expiry a token is replaced: a tenth of
// its life, but a minute at most.
const steadyMargin = time.Minute

// steadyKeepsTrying reports whether connectUser goes on after its last attempt.
func (m *machine) steadyKeepsTrying(err *failure) bool {
	return m.policy == timeline.PolicySteady && transientCause(err)
}

func transientCause(err *failure) bool {
	if err.transient || err == nothingRecorded {
		return true
	}
	return err.coded && DispositionOf(wire.Code(err.code)) == Retry
}

// steadyReconnect is what follows a refusal while reconnecting.
func (m *machine) steadyReconnect(l *link, err *failure) {
	switch {
	case err.facts.Op == "token":
		m.reconnect(l, 0, true)
	case err.coded && DispositionOf(wire.Code(err.code)) == Refresh && !m.tokens.isStatic():
		m.reconnect(l, 0, true)
	case transientCause(err):
		m.reconnect(l, 0, false)
	}
}

// steadyWantsToken reports whether a reconnect loads a token first: the one at
// hand is about to expire, or has.
func (m *machine) steadyWantsToken() bool {
	if m.policy != timeline.PolicySteady || m.tokens.isStatic() {
		return false
	}
	at, ok := m.refreshAt()
	return ok && !m.now.Before(at)
}

// steadyRevive is what a change to policy steady means for a client that is in a
// trap already: stalled, or believing in a socket that is gone.
func (m *machine) steadyRevive() {
	l := m.link
	if m.policy != timeline.PolicySteady || l == nil || l.disconnected || m.userID == "" || m.cycle > 0 {
		return
	}
	if l.healthy && l.sock != nil && l.sock.phase == sockGone {
		m.setHealth(l, false, false)
	}
	if !l.healthy && !l.connecting && !m.sleeping(l) {
		m.why = "policy steady"
		m.reconnect(l, 0, false)
	}
}

// refreshAt is when the token at hand should be replaced.
func (m *machine) refreshAt() (time.Time, bool) {
	claims, err := token.Parse(m.tokens.token.Reveal())
	if err != nil || claims.Exp.IsZero() {
		return time.Time{}, false
	}
	margin := steadyMargin
	if life := claims.Lifetime(); life > 0 {
		margin = min(margin, life/10)
	}
	return claims.Exp.Add(-margin), true
}

// steadyRefresh arms the refresh before expiry.
func (m *machine) steadyRefresh() {
	m.refresh.stop()
	if m.tokens.isStatic() {
		return
	}
	at, ok := m.refreshAt()
	if !ok {
		return
	}
	if !at.After(m.now) {
		return // the source gave an old token: asking at once would be a storm
	}
	m.refresh = m.timers.set(at, "refresh before expiry", func() {
		if m.policy == timeline.PolicySteady && m.tokens.set {
			m.loadToken()
		}
	})
}
