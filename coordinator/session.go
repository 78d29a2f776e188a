package coordinator

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"streamscope/internal/wire"
)

// inactivity is how long a session lasts without participants; it is what
// settings.session.inactivity_timeout_seconds of our default settings says.
const inactivity = 30 * time.Second

// joinLocked adds a participant, through the connection by which the request
// came if it named one.
func (s *Server) joinLocked(c *call, userID string, via *conn) {
	now := time.Now()
	if c.session == nil || !c.session.ended.IsZero() {
		c.session = newSession()
	}
	cs := c.session
	if cs.cancelEnd != nil {
		cs.cancelEnd()
		cs.cancelEnd = nil
	}
	// Who joins again over the same connection comes back, not twice.
	for _, old := range slices.Clone(cs.participants) {
		if old.userID == userID && old.via == via {
			s.leaveLocked(c, old)
		}
	}
	p := participant{userSessionID: uuid.NewString(), userID: userID, joined: now, via: via}
	if via != nil {
		via.joined[c] = struct{}{}
	}
	first := cs.started.IsZero()
	cs.participants = append(cs.participants, p)
	if first {
		cs.started = now
		s.tellLocked(c, wire.CallEvent{Type: wire.TypeSessionStarted, SessionID: cs.id})
	}
	c.updated = now
	s.tellLocked(c, wire.CallEvent{
		Type: wire.TypeParticipantJoined, SessionID: cs.id, Participant: new(s.participantViewLocked(p)),
	})
	s.countLocked(c)
	s.note(Event{Kind: Joined, UserID: userID, CallCID: c.cid})
}

// countLocked tells how many are in, by role.
func (s *Server) countLocked(c *call) {
	view := s.sessionViewLocked(c.session)
	s.broadcastLocked(s.audienceLocked(c), wire.TypeParticipantCount, wire.ParticipantCountEvent{
		Type: wire.TypeParticipantCount, CreatedAt: wire.At(s.now()), CallCID: c.cid, SessionID: view.ID,
		ParticipantsCountByRole: view.ParticipantsCountByRole, AnonymousParticipantCount: view.AnonymousParticipantCount,
	})
}

// leaveAllLocked takes out of their calls the participants that joined through
// a connection that is gone. Without a media server this is the only way that
// the coordinator learns of it.
func (s *Server) leaveAllLocked(gone *conn) {
	for c := range gone.joined {
		if c.session == nil || !c.session.ended.IsZero() {
			continue
		}
		for _, p := range slices.Clone(c.session.participants) {
			if p.via == gone {
				s.leaveLocked(c, p)
			}
		}
		s.emptiedLocked(c)
	}
}

func (s *Server) leaveLocked(c *call, p participant) {
	cs := c.session
	p.departs(c)
	cs.participants = slices.DeleteFunc(cs.participants, func(other participant) bool { return other.userSessionID == p.userSessionID })
	s.tellLocked(c, wire.CallEvent{
		Type: wire.TypeParticipantLeft, SessionID: cs.id, Participant: new(s.participantViewLocked(p)),
		DurationSeconds: new(int(time.Since(p.joined).Seconds())),
	})
	s.countLocked(c)
	s.note(Event{Kind: Left, UserID: p.userID, CallCID: c.cid})
}

// emptiedLocked follows a departure: simulated users do not stay by themselves,
// and an empty session ends after a while.
func (s *Server) emptiedLocked(c *call) {
	cs := c.session
	if s.onlyPuppetsLocked(cs) {
		for _, p := range slices.Clone(cs.participants) {
			s.leaveLocked(c, p)
		}
	}
	if len(cs.participants) == 0 && cs.cancelEnd == nil {
		cs.cancelEnd = s.afterLocked(inactivity, func() { s.endIdle(c, cs) })
	}
}

// endIdle ends a session that nobody came back to.
func (s *Server) endIdle(c *call, cs *callSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.session != cs || len(cs.participants) > 0 || !cs.ended.IsZero() {
		return
	}
	s.endSessionLocked(c, time.Now())
	s.tellLocked(c, wire.CallEvent{Type: wire.TypeSessionEnded, SessionID: cs.id})
}

func (s *Server) endSessionLocked(c *call, now time.Time) {
	if c.session.cancelEnd != nil {
		c.session.cancelEnd()
		c.session.cancelEnd = nil
	}
	c.session.ended = now
	for _, p := range c.session.participants {
		p.departs(c)
	}
	c.session.participants = nil
}

// departs lets the connection forget that its user is in the call.
func (p participant) departs(c *call) {
	if p.via != nil {
		delete(p.via.joined, c)
	}
}
