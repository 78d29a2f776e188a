package timeline

import "time"

// Limits after which silence gives a trap away.
const (
	// noticeGrace is what a client that does notice 35 s of silence may take.
	noticeGrace = time.Second
	// pongGrace is how long an answer to a health check may take.
	pongGrace = 10 * time.Second
	// mutedAfter is how long an open socket may go without the auth message.
	mutedAfter = 15 * time.Second
)

// timedRule is a trap that nothing but time gives away. It is checked at each
// event, with the offsets before it, and asked by [Session.Overdue] meanwhile.
type timedRule struct {
	id  string
	see func(*sighting) (TrapSeen, bool)
	// due is when the trap holds unless something happens; zero for never.
	due func(*Session) time.Time
}

var timedRules = [...]timedRule{
	{id: "K2", see: seeHalfOpen, due: halfOpenDue},
	{id: "K19", see: seeUnanswered, due: unansweredDue},
	{id: "K27", see: seeMuted, due: mutedDue},
}

func (f *folder) tryTimed(r *timedRule, t *sighting) {
	seen, ok := r.see(t)
	if !ok || f.s.trapOpen(r.id) {
		return
	}
	if rule := ruleFor(r.id); rule.always || f.s.Policy != PolicySteady {
		f.sighted(rule, seen)
	}
}

// Overdue returns the traps that no event has given away yet but that hold at
// that time: a socket silent for more than 35 s and not replaced (K2), a health
// check without an answer (K19), an open socket that never said who it is (K27).
func (s Session) Overdue(now time.Time) []TrapSeen {
	var due []TrapSeen
	for _, r := range timedRules {
		at := r.due(&s)
		if at.IsZero() || !now.After(at) || s.trapOpen(r.id) {
			continue
		}
		if s.Policy == PolicySteady && !ruleFor(r.id).always {
			continue
		}
		due = append(due, TrapSeen{ID: r.id, At: at, Attempt: s.Attempt.N})
	}
	return due
}

// believed reports whether the client takes the current socket for a live one.
func (s *Session) believed() bool {
	a := &s.Attempt
	if a.ConnectedAt.IsZero() || s.Closed != "" {
		return false
	}
	return s.Conn == StateConnected && (a.Ended.IsZero() || s.deafTo(a))
}

// seeHalfOpen: more than 35 s without a frame, and no reconnect.
func seeHalfOpen(t *sighting) (TrapSeen, bool) {
	silent := t.before.heard && t.e.Offset-t.before.frameAt > DeafAfter+noticeGrace
	return TrapSeen{}, silent && t.before.attempt == t.s.Attempt.N && t.s.believed()
}

func halfOpenDue(s *Session) time.Time {
	if s.Health.DeafAt.IsZero() || !s.believed() {
		return time.Time{}
	}
	return s.Health.DeafAt.Add(noticeGrace)
}

func overHeard(t *sighting, seen *TrapSeen) bool {
	heard := t.frame != nil && t.frame.Dir == In && t.e.Attempt == seen.Attempt && t.e.Seq != seen.Seq
	return heard || overNewSocket(t, seen) || !t.s.believed()
}

// seeUnanswered: a health check without an answer is the last one.
func seeUnanswered(t *sighting) (TrapSeen, bool) {
	late := t.before.awaiting && t.s.Health.Awaiting && t.e.Offset-t.before.pingAt > pongGrace
	return TrapSeen{}, late && t.before.attempt == t.s.Attempt.N && t.s.Attempt.Live()
}

func unansweredDue(s *Session) time.Time {
	if !s.Health.Awaiting || !s.Attempt.Live() {
		return time.Time{}
	}
	return s.Health.LastPing.Add(pongGrace)
}

func overPong(t *sighting, seen *TrapSeen) bool {
	return !t.s.Health.Awaiting || overNewSocket(t, seen)
}

// muted reports whether a socket is open and no frame has gone either way.
func (a *Attempt) muted() bool {
	return a.N > 0 && !a.assumed && a.Ended.IsZero() && a.CloseIn == nil && a.ConnectedAt.IsZero() &&
		a.FramesIn == 0 && a.FramesOut == 0 && a.Stages[StageUpgrade].Progress == Passed
}

// seeMuted: a socket that was abandoned while it was connecting opens all the
// same, says nothing, and is closed by nobody.
func seeMuted(t *sighting) (TrapSeen, bool) {
	a := &t.s.Attempt
	if !a.muted() {
		return TrapSeen{}, false
	}
	p, ok := t.e.Payload.(StageChanged)
	opens := ok && p.Stage == StageUpgrade && t.before.conn == StateDisconnected
	return TrapSeen{}, opens || t.e.Time.Sub(a.Started) > mutedAfter
}

func mutedDue(s *Session) time.Time {
	if !s.Attempt.muted() {
		return time.Time{}
	}
	return s.Attempt.Started.Add(mutedAfter)
}

func overSpoken(t *sighting, seen *TrapSeen) bool {
	a := t.s.lane(seen.Attempt)
	return a == nil || !a.Ended.IsZero() || a.FramesOut > 0 || a.CloseIn != nil || t.s.Closed != ""
}
