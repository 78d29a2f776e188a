package session

import (
	"fmt"
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

// steadyAskAgain is the shortest time between two tries of a refresh before
// expiry: nothing depends on it yet, and a token endpoint in trouble wants peace.
const steadyAskAgain = 5 * time.Second

// steadyKeepsTrying reports whether connectUser goes on after its last attempt.
func (m *machine) steadyKeepsTrying(err *failure) bool {
	if m.policy != timeline.PolicySteady || !transientCause(err) {
		return false
	}
	m.note("policy steady: connectUser goes on after its last attempt; in the official client it would reject")
	return true
}

func transientCause(err *failure) bool {
	if err.transient || err == nothingRecorded {
		return true
	}
	return err.coded && DispositionOf(wire.Code(err.code)) == Retry
}

// steadyReconnect is what follows a refusal while reconnecting.
func (m *machine) steadyReconnect(l *link, err *failure) {
	const instead = "the reconnecting would end here"
	switch {
	case err.facts.Op == "token":
		m.steadyDiffers("the token source is asked again after a wait", instead, "K6")
		m.reconnect(l, 0, true)
	case err.coded && DispositionOf(wire.Code(err.code)) == Refresh && !m.tokens.isStatic():
		m.reconnect(l, 0, true)
	case transientCause(err):
		m.steadyDiffers("what may pass is tried again", instead, "K4")
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
	if m.poisoned() {
		m.steadyDiffers("the token source is asked again", "every request would fail with its old error", "K7")
		m.loadToken()
	}
	m.steadyRefresh()
	if !l.healthy && !l.connecting && !m.sleeping(l) {
		m.why = "policy steady"
		m.reconnect(l, 0, false)
	}
}

// steadyDiffers says what this policy does, and what the official client would
// have done instead.
func (m *machine) steadyDiffers(does, instead, trap string) {
	m.note("policy steady: " + does + "; in the official client " + instead + " (" + trap + ")")
}

// steadyStartsOver forgets the user of a connectUser that led to nothing, so that
// the next one is not answered from what the last one left (K11, K12).
func (m *machine) steadyStartsOver() {
	l := m.link
	if m.policy != timeline.PolicySteady || m.userID == "" {
		return
	}
	if l != nil && !l.disconnected && (l.healthy || l.connecting || m.sleeping(l)) {
		return
	}
	m.steadyDiffers("connectUser starts over", "it would get what the last one left behind", "K11")
	if l != nil && !l.disconnected {
		m.destroy(l, timeline.ByClient, "connectUser starts over")
		l.disconnected = true
		l.ping.stop()
		l.check.stop()
	}
	m.user, m.userID, m.connectTask = nil, "", nil
	m.resetTokens()
}

// poisoned reports whether the last load of a token has failed, so that requests
// fail with its error (K7).
func (m *machine) poisoned() bool {
	t := &m.tokens
	return t.set && t.refreshable && t.ready != nil && t.ready.settled && t.ready.err != nil
}

// tokenValid reports whether the token at hand is one that a server may take.
func (m *machine) tokenValid() bool {
	claims, err := token.Parse(m.tokens.token.Reveal())
	return err == nil && (claims.Exp.IsZero() || m.now.Before(claims.Exp))
}

// steadyToken is what a request does when the last load of a token has failed: it
// uses the token at hand while that is valid, or asks the source again. False
// means that there is nothing to be done.
func (m *machine) steadyToken(then func(*failure)) bool {
	if m.policy != timeline.PolicySteady || !m.poisoned() {
		return false
	}
	if m.tokenValid() {
		m.steadyDiffers("the request goes out with the token at hand", "it would fail with the error of the token source", "K7")
		m.later(func() { then(nil) })
		return true
	}
	m.steadyDiffers("the request asks the token source again", "it would fail with the old error", "K7")
	m.loadToken().then(m, then)
	return true
}

// steadyLoadFailed schedules the next try of a refresh that failed, or that gave
// a token which is about to expire. What an attempt asked for is asked for again
// by the next attempt.
func (m *machine) steadyLoadFailed() {
	t := &m.tokens
	t.failures++
	if m.policy != timeline.PolicySteady || !t.set || !t.refreshable || m.link == nil || !m.link.healthy {
		return
	}
	b := m.draw(t.failures)
	wait := max(b.Drawn, steadyAskAgain)
	m.steadyDiffers(fmt.Sprintf("the token source is asked again in %s", wait.Round(time.Millisecond)),
		"nothing would ask it before the next code 40", "K7")
	m.armRefresh(m.now.Add(wait))
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
	if at, ok := m.refreshAt(); ok {
		m.armRefresh(at)
	}
}

func (m *machine) armRefresh(at time.Time) {
	m.refresh.stop()
	m.refresh = m.timers.set(at, "refresh before expiry", func() {
		if m.policy != timeline.PolicySteady || !m.tokens.set || m.tokens.asking != nil {
			return
		}
		m.steadyDiffers("the token is replaced before it expires", "nothing happens until the server refuses it", "K5")
		m.loadToken()
	})
}
