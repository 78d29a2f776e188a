package coordinator

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"streamscope/internal/wire"
)

// maxRing is how many members one ring request may name (protocol.md 5).
const maxRing = 25

// ringing is a ring that is under way.
type ringing struct {
	caller string
	rung   []string
	cancel func() // of the missed-call timer
}

// ringLocked rings members of a call, all but the caller when none are named.
// It makes the session that says who answered, sends call.ring to every
// connection of those rung, and starts the clock of call.missed
// (protocol.md 11.5).
func (s *Server) ringLocked(c *call, caller string, members []string, video bool) []string {
	rung := s.rungLocked(c, caller, members)
	s.renewSessionLocked(c)
	s.stopRingLocked(c)
	event := s.fillLocked(c, wire.CallEvent{
		Type: wire.TypeCallRing, SessionID: c.session.id, User: new(s.userViewLocked(caller)), Video: new(video),
		Members: s.membersViewLocked(c, func(id string) bool { return id != c.createdBy }),
	})
	s.broadcastLocked(s.connsLocked(rung), event.Type, event)
	s.note(Event{Kind: Rang, UserID: caller, CallCID: c.cid})
	ring := &ringing{caller: caller, rung: rung, cancel: func() {}}
	if d := c.settings.Ring.MissedCall(); d > 0 {
		ring.cancel = s.afterLocked(d, func() { s.missed(c, ring) })
	}
	c.ringing = ring
	s.ringPuppetsLocked(c, ring)
	return rung
}

// rungLocked picks who is rung: members who are not the caller and not in.
func (s *Server) rungLocked(c *call, caller string, members []string) []string {
	rung := []string{}
	for _, m := range c.members {
		wanted := len(members) == 0 || slices.Contains(members, m.userID)
		if wanted && m.userID != caller && !c.isIn(m.userID) {
			rung = append(rung, m.userID)
		}
	}
	return rung
}

func (c *call) isIn(userID string) bool {
	return c.session != nil && slices.ContainsFunc(c.session.participants, func(p participant) bool { return p.userID == userID })
}

// renewSessionLocked makes sure that there is a session in which nobody has
// said no yet, unless people are in the one that there is.
func (s *Server) renewSessionLocked(c *call) {
	cs := c.session
	fresh := cs != nil && cs.ended.IsZero() && len(cs.rejected)+len(cs.missed) == 0
	if fresh || cs != nil && cs.ended.IsZero() && len(cs.participants) > 0 {
		return
	}
	c.session = newSession()
	c.updated = time.Now()
}

func newSession() *callSession {
	return &callSession{
		id: uuid.NewString(), accepted: wire.Map[wire.Time]{}, rejected: wire.Map[wire.Time]{}, missed: wire.Map[wire.Time]{},
	}
}

func (s *Server) stopRingLocked(c *call) {
	if c.ringing != nil {
		c.ringing.cancel()
		c.ringing = nil
	}
}

// missed is the end of a ring's time: those who said nothing have missed it.
func (s *Server) missed(c *call, ring *ringing) {
	s.mu.Lock()
	defer s.flush()
	defer s.mu.Unlock()
	if c.ringing != ring || !c.ended.IsZero() {
		return
	}
	c.ringing = nil
	now := wire.At(time.Now())
	var silent []string
	for _, id := range ring.rung {
		if c.session.accepted[id].IsZero() && c.session.rejected[id].IsZero() && !c.isIn(id) {
			c.session.missed[id] = now
			silent = append(silent, id)
		}
	}
	if len(silent) == 0 {
		return
	}
	c.updated = now.Time
	event := s.fillLocked(c, wire.CallEvent{
		Type: wire.TypeCallMissed, SessionID: c.session.id, User: new(s.userViewLocked(ring.caller)), NotifyUser: new(true),
		Members: s.membersViewLocked(c, func(id string) bool { return slices.Contains(silent, id) }),
	})
	s.broadcastLocked(s.connsLocked(append(silent, ring.caller)), event.Type, event)
	for _, id := range silent {
		s.note(Event{Kind: Missed, UserID: id, CallCID: c.cid})
	}
}

// accept is a member's yes. Saying it again changes the time and tells everyone
// again (protocol.md 11.5).
func (s *Server) accept(p principal, cid string) *wire.APIError {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.answerableLocked("AcceptCall", p, cid)
	if fail != nil {
		return fail
	}
	now := wire.At(time.Now())
	delete(c.session.rejected, p.userID)
	c.session.accepted[p.userID] = now
	c.updated = now.Time
	s.tellLocked(c, wire.CallEvent{Type: wire.TypeCallAccepted, User: new(s.userViewLocked(p.userID))})
	s.note(Event{Kind: Accepted, UserID: p.userID, CallCID: cid})
	s.answeredPuppetsLocked(c, p.userID)
	return nil
}

// reject is a member's no, with any reason; it is also how a caller cancels.
func (s *Server) reject(p principal, cid, reason string) *wire.APIError {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.answerableLocked("RejectCall", p, cid)
	if fail != nil {
		return fail
	}
	now := wire.At(time.Now())
	delete(c.session.accepted, p.userID)
	c.session.rejected[p.userID] = now
	c.updated = now.Time
	s.tellLocked(c, wire.CallEvent{Type: wire.TypeCallRejected, User: new(s.userViewLocked(p.userID)), Reason: reason})
	s.note(Event{Kind: Rejected, UserID: p.userID, CallCID: cid, Reason: reason})
	s.answeredPuppetsLocked(c, p.userID)
	return nil
}

func (s *Server) answerableLocked(op string, p principal, cid string) (*call, *wire.APIError) {
	c := s.calls[cid]
	switch {
	case c == nil:
		return nil, notFound(op, "call", cid)
	case !c.concernsUser(p.userID):
		return nil, notAllowed(op, p, s.userViewLocked(p.userID).Role, "JoinCall", c.typ)
	}
	if c.session == nil {
		c.session = newSession()
	}
	return c, nil
}

// markEnded ends a call for everyone.
func (s *Server) markEnded(p principal, cid string) *wire.APIError {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[cid]
	if c == nil {
		return notFound("EndCall", "call", cid)
	}
	role := s.userViewLocked(p.userID).Role
	if !c.mayManage(p, role) {
		return notAllowed("EndCall", p, role, "EndCall", c.typ)
	}
	if !c.ended.IsZero() {
		return nil
	}
	now := time.Now()
	c.ended, c.updated = now, now
	s.stopRingLocked(c)
	sessionID := ""
	if c.session != nil {
		sessionID = c.session.id
		s.endSessionLocked(c, now)
	}
	event := wire.CallEvent{Type: wire.TypeCallEnded}
	if !p.server {
		event.User = new(s.userViewLocked(p.userID))
	}
	s.tellLocked(c, event)
	if sessionID != "" {
		s.tellLocked(c, wire.CallEvent{Type: wire.TypeSessionEnded, SessionID: sessionID})
	}
	s.note(Event{Kind: Ended, UserID: p.userID, CallCID: cid})
	return nil
}

// ringState is what the caller's client polls while it rings (protocol.md 5.1).
func (s *Server) ringState(cid, sessionID string) (wire.RingState, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[cid]
	switch {
	case c == nil:
		return wire.RingState{}, notFound("GetRingState", "call", cid)
	case c.session == nil || sessionID != "" && sessionID != c.session.id:
		return wire.RingState{}, notFound("GetRingState", "session", sessionID)
	}
	view := s.sessionViewLocked(c.session)
	state := wire.RingState{
		CallCID: cid, CreatedByUserID: c.createdBy, SessionID: view.ID,
		AcceptedBy: view.AcceptedBy, RejectedBy: view.RejectedBy, MissedBy: view.MissedBy,
		SessionStartedAt: view.StartedAt, SessionEndedAt: view.EndedAt,
	}
	if !c.ended.IsZero() {
		state.CallEndedAt = wire.At(c.ended)
	}
	return state, nil
}
