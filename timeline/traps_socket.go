package timeline

import (
	"strconv"
	"time"

	"streamscope/internal/wire"
)

// The traps of one socket and its reconnects: K1, K3 to K5, K8, K9, K22, K24,
// K26, and when they are over.

// established reports whether connection.ok came on the event's socket.
func (t *sighting) established() bool { return t.a != nil && !t.a.ConnectedAt.IsZero() }

// reconnecting reports whether the event's socket is in the handshake of a
// reconnect: the place where the official client gives up in silence. During the
// first connectUser its outer loop still goes on, and that is no trap.
func (t *sighting) reconnecting() bool {
	return t.a != nil && t.a.ConnectedAt.IsZero() && t.a.Reconnect && t.s.memory.wasConnected
}

func (t *sighting) incoming(eventType string) bool {
	return t.frame.Dir == In && t.frame.Type == eventType && t.frame.Op != "ping" && t.frame.Op != "pong"
}

func (t *sighting) cleanClose() bool {
	c, ok := t.e.Payload.(Close)
	return ok && c.Dir == In && c.Code == 1000
}

func seeIgnoredClose(t *sighting) (TrapSeen, bool) {
	if !t.cleanClose() || !t.established() || !t.a.Ended.IsZero() || t.a.N != t.s.Attempt.N {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: t.a.CloseIn.Reason, Until: t.s.Health.DeafAt}, true
}

func seeCloseInReconnect(t *sighting) (TrapSeen, bool) {
	if !t.cleanClose() || !t.reconnecting() || t.a.Errors > 0 {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: t.a.CloseIn.Reason}, true
}

// refusal reports the code of a connection.error in the handshake of a
// reconnect.
func (t *sighting) refusal() (int, bool) {
	return t.frame.Code, t.incoming(wire.TypeConnectionError) && t.reconnecting()
}

func seeErrorInReconnect(t *sighting) (TrapSeen, bool) {
	code, ok := t.refusal()
	if !ok || code == int(wire.CodeTokenExpired) {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: codeText(code)}, true
}

// seeStaticExpired cannot tell of somebody else's client whether it has a
// provider, and says nothing there.
func seeStaticExpired(t *sighting) (TrapSeen, bool) {
	code, ok := t.refusal()
	if !ok || code != int(wire.CodeTokenExpired) || t.s.Opened.Refreshable || t.s.infers() {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: codeText(code)}, true
}

func seeSwallowedError(t *sighting) (TrapSeen, bool) {
	if !t.incoming(wire.TypeConnectionError) || !t.established() {
		return TrapSeen{}, false
	}
	word := "dropped: "
	if t.a.Errors > 1 {
		word = "unhealthy without a word: "
	}
	return TrapSeen{Detail: word + codeText(t.frame.Code)}, true
}

// handover is how long an old socket may outlive the connection.ok of the new
// one: the client opens the new one first and closes the old one then.
const handover = 3 * time.Second

// seeSecondSocket: traffic on an old socket, while the new one has been up for
// some time.
func seeSecondSocket(t *sighting) (TrapSeen, bool) {
	current := &t.s.Attempt
	if t.a == nil || t.a.N == current.N || !t.a.Live() || !current.Live() {
		return TrapSeen{}, false
	}
	if t.e.Time.Sub(current.ConnectedAt) <= handover {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: "attempt " + strconv.Itoa(t.a.N) + " is still alive"}, true
}

func (s *Session) liveSockets() int {
	n := 0
	if s.Attempt.Live() {
		n++
	}
	for i := range s.Attempts {
		if s.Attempts[i].Live() {
			n++
		}
	}
	return n
}

func seeOverlap(t *sighting) (TrapSeen, bool) {
	if !t.before.handshaking || t.e.Attempt <= t.before.attempt {
		return TrapSeen{}, false
	}
	return TrapSeen{Detail: "attempt " + strconv.Itoa(t.before.attempt) + " is still open"}, true
}

func seeAliveOffline(t *sighting) (TrapSeen, bool) {
	alive := t.frame.Dir == In && t.s.memory.deviceOffline && t.established() && t.a.N == t.s.Attempt.N
	return TrapSeen{Detail: t.frame.Type}, alive && t.a.Live() && !t.s.trapOpen("K24")
}

func seeEarlyHealthCheck(t *sighting) (TrapSeen, bool) {
	early := t.incoming(wire.TypeHealthCheck) && t.a != nil && t.a.ConnectedAt.IsZero() && t.a.Ended.IsZero()
	return TrapSeen{}, early
}

// gone reports whether the user has ended the connection, or the session is
// over.
func (t *sighting) gone() bool {
	return t.s.Closed != "" || t.s.Conn == StateDisconnected || t.s.Conn == StateIdle && t.s.memory.toldConn
}

func overSessionClosed(t *sighting, _ *TrapSeen) bool { return t.s.Closed != "" }

// overNewSocket is the end of what befell one socket or what followed from it.
func overNewSocket(t *sighting, seen *TrapSeen) bool {
	return t.s.Attempt.N > seen.Attempt || t.gone()
}

func overOneSocket(t *sighting, _ *TrapSeen) bool { return t.s.liveSockets() < 2 }

func overOverlap(t *sighting, seen *TrapSeen) bool {
	open := 0
	for _, n := range [...]int{seen.Attempt, seen.Attempt - 1} {
		if a := t.s.lane(n); a != nil && a.ConnectedAt.IsZero() && a.Ended.IsZero() {
			open++
		}
	}
	return open < 2 || t.gone()
}

func overOnline(t *sighting, seen *TrapSeen) bool {
	return !t.s.memory.deviceOffline || overNewSocket(t, seen) || !t.s.Attempt.Live()
}

func overEstablished(t *sighting, seen *TrapSeen) bool {
	a := t.s.lane(seen.Attempt)
	return a == nil || !a.ConnectedAt.IsZero() || !a.Ended.IsZero() || t.gone()
}
