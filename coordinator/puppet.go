package coordinator

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"streamscope/internal/wire"
)

// Answer is what a simulated user does when it is rung.
type Answer string

// The answers.
const (
	Ignore Answer = "ignore" // let it ring until it is missed
	Accept Answer = "accept"
	Reject Answer = "reject" // with reason decline unless another is given
	Busy   Answer = "busy"   // reject with reason busy
)

// Behaviour is what a simulated user does when it is rung. A server cannot see
// that somebody is busy, only a reject with that reason: a busy user is a
// client like any other (protocol.md 11.5).
type Behaviour struct {
	Answer Answer
	// After is the pause before the answer.
	After time.Duration
	// Reason of a reject. Empty means decline, or busy for Busy.
	Reason string
}

// puppet is a simulated user. Guarded by Server.mu.
type puppet struct{ behaviour Behaviour }

// RingOptions say what kind of call a simulated user makes.
type RingOptions struct {
	Type   string // empty means default
	ID     string // empty means a short one that no call has: lunch, standup, …, lunch-2
	Video  bool
	Custom map[string]any
}

// SetBehaviour makes a user a simulated one and says what it does when it is
// rung. The user is created if need be.
func (s *Server) SetBehaviour(userID string, b Behaviour) {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.upsertLocked(wire.UserDetails{ID: userID})
	s.puppets[userID] = &puppet{b}
}

// Behaviour returns what a simulated user does, and false for other users.
func (s *Server) Behaviour(userID string) (Behaviour, bool) {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.puppets[userID]
	if p == nil {
		return Behaviour{}, false
	}
	return p.behaviour, true
}

// Ring lets a simulated user ring others, and returns the id of the call as
// soon as the ring is out. As a client would, the caller joins when somebody
// accepts, cancels when all have rejected, and gives up after the auto-cancel
// timeout.
func (s *Server) Ring(from string, to []string, opts RingOptions) (cid string, err error) {
	s.init()
	if opts.Type == "" {
		opts.Type = "default"
	}
	s.mu.Lock()
	if opts.ID == "" {
		opts.ID = s.nameLocked(opts.Type)
	}
	for _, id := range append(slices.Clone(to), from) {
		if id == "" || s.users[id] == nil && s.upsertLocked(wire.UserDetails{ID: id}) == nil {
			s.mu.Unlock()
			return "", fmt.Errorf("coordinator: ring: no user %q", id)
		}
	}
	if s.puppets[from] == nil {
		s.puppets[from] = &puppet{}
	}
	s.mu.Unlock()
	req := wire.CallRequest{Ring: true, Video: opts.Video, Data: wire.CallData{Custom: opts.Custom}}
	for _, id := range to {
		req.Data.Members = append(req.Data.Members, wire.MemberRequest{UserID: id})
	}
	_, fail := s.getOrCreate(principal{userID: from}, opts.Type, opts.ID, "", req)
	s.flush()
	if fail != nil {
		return "", errors.New("coordinator: ring: " + fail.Message)
	}
	return opts.Type + ":" + opts.ID, nil
}

// callNames are what the calls of simulated users are about. People read them on
// narrow screens, so they are words.
var callNames = [...]string{"lunch", "standup", "retro", "planning", "demo", "coffee", "review", "interview", "onboarding", "wrap-up"}

// nameLocked makes an id that no call of the type has: each word once, then
// each with a number. The order is always the same.
func (s *Server) nameLocked(typ string) string {
	for {
		id, round := callNames[s.named%len(callNames)], s.named/len(callNames)
		s.named++
		if round > 0 {
			id += "-" + strconv.Itoa(round+1)
		}
		if s.calls[typ+":"+id] == nil {
			return id
		}
	}
}

// Accept lets a user join and accept a call, as a client does.
func (s *Server) Accept(cid, userID string) error {
	defer s.flush()
	p := principal{userID: userID}
	if fail := s.joinAs(p, cid); fail != nil {
		return asError("accept", fail)
	}
	return asError("accept", s.accept(p, cid))
}

// Reject lets a user reject a call with a reason, decline if it is empty.
func (s *Server) Reject(cid, userID, reason string) error {
	defer s.flush()
	if reason == "" {
		reason = wire.ReasonDecline
	}
	return asError("reject", s.reject(principal{userID: userID}, cid, reason))
}

// Cancel lets the creator of a call withdraw its ring.
func (s *Server) Cancel(cid string) error {
	s.init()
	s.mu.Lock()
	c := s.calls[cid]
	s.mu.Unlock()
	if c == nil {
		return asError("cancel", notFound("RejectCall", "call", cid))
	}
	return s.Reject(cid, c.createdBy, wire.ReasonCancel)
}

// End lets a user end a call for everyone. Only its creator and those who
// manage it may.
func (s *Server) End(cid, userID string) error {
	defer s.flush()
	return asError("end", s.markEnded(principal{userID: userID}, cid))
}

func asError(op string, fail *wire.APIError) error {
	if fail == nil {
		return nil
	}
	return fmt.Errorf("coordinator: %s: %s (code %d)", op, fail.Message, fail.Code)
}

// joinAs adds a participant who has no connection of his own.
func (s *Server) joinAs(p principal, cid string) *wire.APIError {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[cid]
	switch {
	case c == nil:
		return notFound("JoinCall", "call", cid)
	case !c.ended.IsZero():
		return notAllowed("JoinCall", p, s.userViewLocked(p.userID).Role, "JoinEndedCall", c.typ)
	case !c.isIn(p.userID):
		s.joinLocked(c, p.userID, nil)
	}
	return nil
}

// ringPuppetsLocked lets the simulated users among those rung answer in their
// own time, and a simulated caller give up in his.
func (s *Server) ringPuppetsLocked(c *call, ring *ringing) {
	for _, id := range ring.rung {
		if p := s.puppets[id]; p != nil {
			s.answerLaterLocked(c, ring, id, p.behaviour)
		}
	}
	if d := c.settings.Ring.AutoCancel(); d > 0 && s.puppets[ring.caller] != nil {
		session := c.session
		s.afterLocked(d, func() { s.giveUp(c, session, ring.caller) })
	}
}

// answerLaterLocked schedules the answer of a simulated user. An answer that
// has become pointless is told to nobody: the call may have ended meanwhile.
func (s *Server) answerLaterLocked(c *call, ring *ringing, userID string, b Behaviour) {
	var answer func() error
	switch b.Answer {
	case Accept:
		answer = func() error { return s.Accept(c.cid, userID) }
	case Reject:
		answer = func() error { return s.Reject(c.cid, userID, b.Reason) }
	case Busy:
		answer = func() error { return s.Reject(c.cid, userID, orBusy(b.Reason)) }
	default:
		return
	}
	s.afterLocked(b.After, func() {
		if !s.stillRings(c, ring, userID) {
			return
		}
		if err := answer(); err != nil {
			s.logger().Debug("simulated user could not answer", "user", userID, "err", err)
		}
	})
}

func orBusy(reason string) string {
	if reason == "" {
		return wire.ReasonBusy
	}
	return reason
}

// stillRings reports whether a ring still waits for a user's answer.
func (s *Server) stillRings(c *call, ring *ringing, userID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ringing != ring || !c.ended.IsZero() || !c.session.rejected[ring.caller].IsZero() {
		return false
	}
	return c.session.accepted[userID].IsZero() && c.session.rejected[userID].IsZero()
}

// giveUp is a simulated caller's auto-cancel timeout.
func (s *Server) giveUp(c *call, session *callSession, caller string) {
	s.mu.Lock()
	pending := c.session == session && session.ended.IsZero() && len(session.accepted) == 0 &&
		session.rejected[caller].IsZero() && !c.isIn(caller)
	s.mu.Unlock()
	if pending {
		s.try("give up", s.Reject(c.cid, caller, wire.ReasonTimeout))
	}
}

func (s *Server) try(what string, err error) {
	if err != nil {
		s.logger().Debug("simulated user could not "+what, "err", err)
	}
}

// answeredPuppetsLocked lets a simulated caller react to an answer as a client
// does: join when somebody accepted, cancel when all have rejected
// (protocol.md 5.2).
func (s *Server) answeredPuppetsLocked(c *call, by string) {
	caller := c.createdBy
	if by == caller || s.puppets[caller] == nil || c.isIn(caller) || !c.session.rejected[caller].IsZero() {
		return
	}
	if len(c.session.accepted) > 0 {
		s.afterLocked(0, func() {
			if fail := s.joinAs(principal{userID: caller}, c.cid); fail != nil {
				s.try("join", asError("join", fail))
			}
			s.flush()
		})
		return
	}
	for _, m := range c.members {
		if m.userID != caller && c.session.rejected[m.userID].IsZero() {
			return
		}
	}
	s.afterLocked(0, func() { s.try("cancel", s.Cancel(c.cid)) })
}

// onlyPuppetsLocked reports that nobody but simulated users is left in a
// session; they do not stay by themselves.
func (s *Server) onlyPuppetsLocked(cs *callSession) bool {
	if len(cs.participants) == 0 {
		return false
	}
	return !slices.ContainsFunc(cs.participants, func(p participant) bool { return s.puppets[p.userID] == nil || p.via != nil })
}
