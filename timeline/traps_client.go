package timeline

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The traps of the client around its sockets: K6, K7, K10 to K18, K20, K21, K23,
// K25, and when they are over.

// seeFailedRefresh: the provider fails while the client was on its way back.
func seeFailedRefresh(t *sighting) (TrapSeen, bool) {
	p := t.e.Payload.(TokenFailed)
	if t.before.conn == StateConnected || t.before.conn.Ended() || !t.s.memory.wasConnected {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: failureText(&p.Failure)}, true
}

// poisonedWithin is how soon a request fails that never left (K7).
const poisonedWithin = 100 * time.Millisecond

func seePoisonedREST(t *sighting) (TrapSeen, bool) {
	p := t.e.Payload.(HTTPResponse)
	if p.Status != 0 || p.Failure == nil || p.Took > poisonedWithin || t.s.Token.Failure == nil {
		return TrapSeen{}, false
	}
	const provider = "Call to tokenProvider failed"
	token := p.Failure.Op == "token" || strings.Contains(p.Failure.SDKText, provider) || strings.Contains(p.Failure.Text, provider)
	return TrapSeen{Detail: failureText(t.s.Token.Failure)}, token
}

func overTokenLoaded(t *sighting, _ *TrapSeen) bool { return t.s.Token.Failure == nil || t.gone() }

// seeUnhandledRejection: the next attempt of a connectUser loop begins, and the
// promise that the socket of the one before had left behind is rejected. An
// attempt that failed before it had a socket leaves none.
func seeUnhandledRejection(t *sighting) (TrapSeen, bool) {
	p := t.e.Payload.(AttemptStarted)
	if p.Cycle < 2 || p.Reconnect || t.s.memory.wasConnected || t.s.trapOpen("K10") {
		return TrapSeen{}, false
	}
	return TrapSeen{}, t.s.dialedIn(p.Cycle - 1)
}

// dialedIn reports whether an attempt of the latest such cycle came as far as a
// socket.
func (s *Session) dialedIn(cycle int) bool {
	for i := len(s.Attempts) - 1; i >= 0 && s.Attempts[i].Cycle == cycle; i-- {
		if s.Attempts[i].dialed() {
			return true
		}
	}
	return false
}

// dialed reports whether the attempt came as far as a socket.
func (a *Attempt) dialed() bool {
	for _, st := range a.Stages[StageDNS:] {
		if st.Progress != Pending && st.Progress != Skipped {
			return true
		}
	}
	return false
}

func seeCachedRejection(t *sighting) (TrapSeen, bool) {
	w := t.e.Payload.(Warning)
	failed := len(t.s.ConnectErrors) > 0 && !t.s.memory.wasConnected
	return TrapSeen{}, w.ID == WarnConsecutiveConnect && failed
}

// seeMaskedCause: the last error is a consequence, the first one is the cause.
func seeMaskedCause(t *sighting) (TrapSeen, bool) {
	p := t.e.Payload.(ConnectFailed)
	if len(p.All) < 2 {
		return TrapSeen{}, false
	}
	const consequence = "before trying to connect as a different user"
	masked := strings.Contains(p.Last.SDKText, consequence) || strings.Contains(p.Last.Text, consequence)
	first := firstOf(failureText(&p.All[0]), p.All[0].SDKText)
	return TrapSeen{Detail: first}, masked && first != ""
}

func seePendingLogout(t *sighting) (TrapSeen, bool) {
	return TrapSeen{}, t.e.Payload.(Warning).ID == WarnPendingLogout
}

// seeAbandonedRing: the client disconnects while its own ring is pending, and
// nobody tells the callee.
func seeAbandonedRing(t *sighting) (TrapSeen, bool) {
	leaves := false
	switch p := t.e.Payload.(type) {
	case UserAction:
		leaves = p.Action == ActionDisconnect
	case Close:
		leaves = p.Dir == Out && p.Code == 1000 && t.a != nil && t.a.N == t.s.Attempt.N
	case StateChanged:
		leaves = p.To == StateDisconnected
	}
	return TrapSeen{Detail: t.before.ringing, Until: t.before.ringEnds}, leaves && t.before.ringing != ""
}

// overRingDone: the callee's own timeout has passed, or somebody told it.
func overRingDone(t *sighting, seen *TrapSeen) bool {
	if !seen.Until.IsZero() && t.e.Time.After(seen.Until) || t.s.Attempt.N > seen.Attempt {
		return true
	}
	q, ok := t.e.Payload.(HTTPRequest)
	return ok && q.CID == seen.Detail && (q.Op == OpReject || q.Op == OpEnd)
}

// seeRewrittenPort: the client replaces the first ":3030" of its base address.
func seeRewrittenPort(t *sighting) (TrapSeen, bool) {
	base := t.e.Payload.(SessionOpened).BaseURL
	u, err := url.Parse(base)
	if err != nil {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: u.Host}, strings.HasPrefix(u.Port(), "3030")
}

// A request that waits for the socket fails after exactly 15 s (protocol 4.5).
const stalledREST = 15*time.Second - 100*time.Millisecond

func seeStalledREST(t *sighting) (TrapSeen, bool) {
	p := t.e.Payload.(HTTPResponse)
	if p.Status != 0 || p.Failure == nil || p.Took < stalledREST || t.s.Conn == StateConnected {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: firstOf(p.Failure.SDKText, failureText(p.Failure))}, true
}

func overStalledREST(t *sighting, _ *TrapSeen) bool {
	p, ok := t.e.Payload.(HTTPResponse)
	return t.s.Conn == StateConnected || t.gone() || ok && p.Status != 0
}

func seeRefusalLoop(t *sighting) (TrapSeen, bool) {
	n := t.s.memory.refused
	if n < 2 || t.e.Payload.(HTTPResponse).ID != t.s.memory.refusedID {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: strconv.Itoa(n) + " refusals of one request"}, true
}

func overRefusalLoop(t *sighting, _ *TrapSeen) bool { return t.s.memory.refused < 2 || t.gone() }

// seeUndecodable: a token that is fine and that the client cannot read.
func seeUndecodable(t *sighting) (TrapSeen, bool) {
	var why string
	switch p := t.e.Payload.(type) {
	case TokenLoaded:
		why = p.Token.Undecodable
	case TokenSent:
		why = p.Token.Undecodable
	case TokenFailed:
		if p.Token != nil {
			why = p.Token.Undecodable
		}
	}
	return TrapSeen{Detail: why}, why != ""
}

// overTokenSent: a token that went out was read after all, or is another one.
func overTokenSent(t *sighting, _ *TrapSeen) bool {
	p, ok := t.e.Payload.(TokenSent)
	return ok && p.Token.Undecodable == "" || t.gone()
}

// seeManyChains: one failure counts several times and starts several waits.
func seeManyChains(t *sighting) (TrapSeen, bool) {
	n := 0
	for i := range t.s.Backoffs {
		if t.s.Backoffs[i].Layer == t.s.LastWait.Layer {
			n++
		}
	}
	if n < 2 || t.s.trapOpen("K21") {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: "more than one wait at once"}, true
}

func overChains(t *sighting, _ *TrapSeen) bool { return t.s.Conn == StateConnected || t.gone() }

// sameMoment is how close together the events of one cause are.
const sameMoment = time.Second

// seeUnheardNetwork: the application hears that the network is back, and the
// socket does not.
func seeUnheardNetwork(t *sighting) (TrapSeen, bool) {
	p := t.e.Payload.(AppEvent)
	if p.Type != AppNetworkChanged || !p.Online || t.s.Conn != StateStalled {
		return TrapSeen{}, false
	}
	m := &t.s.memory
	return TrapSeen{}, !m.onlineSeen || t.e.Offset-m.onlineAt > sameMoment
}

func overRevived(t *sighting, seen *TrapSeen) bool {
	return t.s.Conn != StateStalled || overNewSocket(t, seen)
}

func seeUnwatched(t *sighting) (TrapSeen, bool) {
	return TrapSeen{}, t.s.memory.watchFails >= watchTries && !t.s.trapOpen("K25")
}

func overWatched(t *sighting, seen *TrapSeen) bool {
	return t.s.memory.watchFails == 0 || overNewSocket(t, seen)
}

// overConnectEnded is the end of a connectUser loop.
func overConnectEnded(t *sighting, _ *TrapSeen) bool {
	return t.s.Conn == StateConnected || t.s.Conn == StateFailed && t.before.conn != StateFailed || t.gone()
}

func overConnectBegan(t *sighting, _ *TrapSeen) bool {
	return t.gone() || t.before.conn == StateFailed && t.s.Conn != StateFailed
}
