package coordinator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"streamscope/internal/wire"
)

// getOrCreate is get-or-create with all its side effects: it may create the
// call, add members, ring, notify, and let a connection watch.
func (s *Server) getOrCreate(p principal, typ, id, connID string, req wire.CallRequest) (wire.CallStateResponse, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const op = "GetOrCreateCall"
	watcher, fail := s.watcherLocked(op, p, connID)
	if fail != nil {
		return wire.CallStateResponse{}, fail
	}
	c, created, fail := s.obtainLocked(op, p, typ, id, req)
	if fail != nil {
		return wire.CallStateResponse{}, fail
	}
	s.watchLocked(watcher, c)
	caller := cmp.Or(p.userID, c.createdBy)
	if req.Ring {
		s.ringLocked(c, caller, nil, req.Video || req.Data.Video)
	}
	if req.Notify {
		s.notifyLocked(c, caller)
	}
	state := s.stateLocked(c, p, req.MembersLimit)
	state.Created = new(created)
	return state, nil
}

// obtainLocked finds or makes a call and adds the members asked for. A call
// that is made to ring has its session from the start.
func (s *Server) obtainLocked(op string, p principal, typ, id string, req wire.CallRequest) (c *call, created bool, fail *wire.APIError) {
	data := req.Data
	if fail := s.checkMembersLocked(op, data.Members); fail != nil {
		return nil, false, fail
	}
	c = s.calls[typ+":"+id]
	created = c == nil
	if !created {
		if fail := c.checkRoom(op, data.Members); fail != nil {
			return nil, false, fail
		}
	}
	if created {
		creator, fail := s.creatorLocked(op, p, data)
		if fail != nil {
			return nil, false, fail
		}
		if c, fail = s.createLocked(typ, id, creator, data); fail != nil {
			return nil, false, fail
		}
	}
	now := time.Now()
	for _, m := range data.Members {
		c.addMember(m.UserID, m.Role, m.Custom, now)
	}
	if created {
		if req.Ring {
			s.renewSessionLocked(c)
		}
		s.tellLocked(c, wire.CallEvent{Type: wire.TypeCallCreated, Members: s.membersViewLocked(c, everyone)})
	}
	return c, created, nil
}

// creatorLocked is whose call it will be. Servers must say.
func (s *Server) creatorLocked(op string, p principal, data wire.CallData) (string, *wire.APIError) {
	if !p.server {
		return p.userID, nil
	}
	if data.CreatedBy != nil && data.CreatedBy.ID != "" {
		if fail := checkUser(op, *data.CreatedBy); fail != nil {
			return "", fail
		}
		if s.upsertLocked(*data.CreatedBy) == nil {
			return "", s.fullError(op)
		}
		return data.CreatedBy.ID, nil
	}
	switch {
	case data.CreatedByID == "":
		return "", inputError(op, "either data.created_by or data.created_by_id must be provided when using server side auth.")
	case s.users[data.CreatedByID] == nil:
		return "", unknownUsers(op, []string{data.CreatedByID})
	}
	return data.CreatedByID, nil
}

func (s *Server) checkMembersLocked(op string, members []wire.MemberRequest) *wire.APIError {
	if len(members) > maxMembers {
		return inputError(op, fmt.Sprintf("members must have at most %d elements", maxMembers))
	}
	var unknown []string
	for _, m := range members {
		if fail := checkSize(op, m); fail != nil {
			return fail
		}
		if s.users[m.UserID] == nil {
			unknown = append(unknown, m.UserID)
		}
	}
	if len(unknown) > 0 {
		return unknownUsers(op, unknown)
	}
	return nil
}

// checkRoom bounds the members of a call.
func (c *call) checkRoom(op string, members []wire.MemberRequest) *wire.APIError {
	if len(c.members)+len(members) > maxCallMembers {
		return inputError(op, fmt.Sprintf("a call of this local coordinator has at most %d members", maxCallMembers))
	}
	return nil
}

func unknownUsers(op string, ids []string) *wire.APIError {
	return inputError(op, fmt.Sprintf(
		"The following users are involved in call create operation, but don't exist: [%s]. Please create the user objects before setting up the call.",
		strings.Join(ids, ", ")))
}

// watcherLocked finds the connection that a request names. An unknown one is
// code 46 (protocol.md 11.2).
func (s *Server) watcherLocked(op string, p principal, connID string) (*conn, *wire.APIError) {
	if connID == "" {
		return nil, nil
	}
	c := s.conns[connID]
	if c == nil || c.userID() != p.userID {
		return nil, apiError(wire.CodeConnectionIDNotFound, fmt.Sprintf("%s failed with error: \"connection id %s is not known\"", op, connID))
	}
	return c, nil
}

func (s *Server) watchLocked(watcher *conn, c *call) {
	if watcher != nil {
		watcher.watching[c.cid] = c
		c.watchers[watcher] = struct{}{}
	}
}

func (s *Server) notifyLocked(c *call, caller string) {
	s.renewSessionLocked(c)
	event := s.fillLocked(c, wire.CallEvent{
		Type: wire.TypeCallNotification, SessionID: c.session.id, User: new(s.userViewLocked(caller)),
		Members: s.membersViewLocked(c, func(id string) bool { return id != c.createdBy }),
	})
	s.broadcastLocked(s.connsLocked(s.rungLocked(c, caller, nil)), event.Type, event)
}

// getCall reads a call; a GET may ring and notify as well (protocol.md 5).
func (s *Server) getCall(p principal, cid, connID string, req wire.CallRequest) (wire.CallStateResponse, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.knownLocked("GetCall", p, cid)
	if fail != nil {
		return wire.CallStateResponse{}, fail
	}
	watcher, fail := s.watcherLocked("GetCall", p, connID)
	if fail != nil {
		return wire.CallStateResponse{}, fail
	}
	s.watchLocked(watcher, c)
	caller := cmp.Or(p.userID, c.createdBy)
	if req.Ring {
		s.ringLocked(c, caller, nil, req.Video)
	}
	if req.Notify {
		s.notifyLocked(c, caller)
	}
	return s.stateLocked(c, p, req.MembersLimit), nil
}

// knownLocked finds a call that the caller may read.
func (s *Server) knownLocked(op string, p principal, cid string) (*call, *wire.APIError) {
	c := s.calls[cid]
	switch {
	case c == nil:
		return nil, notFound(op, "call", cid)
	case !p.mayRead(cid):
		return nil, notAllowed(op, p, "anonymous", "ReadCall", c.typ)
	}
	return c, nil
}

// managedLocked finds a call that the caller may change.
func (s *Server) managedLocked(op string, p principal, cid string) (*call, *wire.APIError) {
	c, fail := s.knownLocked(op, p, cid)
	if fail != nil {
		return nil, fail
	}
	if role := s.userViewLocked(p.userID).Role; !c.mayManage(p, role) {
		return nil, notAllowed(op, p, role, op, c.typ)
	}
	return c, nil
}

// ringMembers rings members of a call that exists.
func (s *Server) ringMembers(p principal, cid string, req wire.RingRequest) ([]string, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(req.MembersIDs) > maxRing {
		return nil, inputError("RingCall", fmt.Sprintf("members_ids must have at most %d elements", maxRing))
	}
	c, fail := s.answerOrServerLocked("RingCall", p, cid)
	if fail != nil {
		return nil, fail
	}
	for _, id := range req.MembersIDs {
		if c.member(id) == nil {
			return nil, inputError("RingCall", fmt.Sprintf("user %q is not a member of the call", id))
		}
	}
	return s.ringLocked(c, cmp.Or(p.userID, c.createdBy), req.MembersIDs, req.Video), nil
}

func (s *Server) answerOrServerLocked(op string, p principal, cid string) (*call, *wire.APIError) {
	if p.server {
		return s.knownLocked(op, p, cid)
	}
	return s.answerableLocked(op, p, cid)
}

// join lets the caller in, creating the call if asked to.
func (s *Server) join(p principal, typ, id, connID string, req wire.CallRequest) (wire.CallStateResponse, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const op = "JoinCall"
	watcher, fail := s.watcherLocked(op, p, connID)
	if fail != nil {
		return wire.CallStateResponse{}, fail
	}
	c, created := s.calls[typ+":"+id], false
	if c == nil && !req.Create {
		return wire.CallStateResponse{}, notFound(op, "call", typ+":"+id)
	}
	if c != nil && !c.ended.IsZero() {
		fail := notAllowed(op, p, s.userViewLocked(p.userID).Role, "JoinEndedCall", typ)
		fail.Unrecoverable = true
		return wire.CallStateResponse{}, fail
	}
	if req.Create {
		if c, created, fail = s.obtainLocked(op, p, typ, id, req); fail != nil {
			return wire.CallStateResponse{}, fail
		}
	}
	s.watchLocked(watcher, c)
	if req.Ring {
		s.ringLocked(c, p.userID, nil, req.Video || req.Data.Video)
	}
	s.joinLocked(c, p.userID, watcher)
	state := s.stateLocked(c, p, req.MembersLimit)
	state.Created = new(created)
	return state, nil
}

// update changes a call's custom data, settings and start.
func (s *Server) update(p principal, cid string, data wire.CallData) (wire.CallStateResponse, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.managedLocked("UpdateCall", p, cid)
	if fail != nil {
		return wire.CallStateResponse{}, fail
	}
	settings, err := mergeSettings(c.settings, data.SettingsOverride)
	if fail := checkSize("UpdateCall", data.Custom, settings); fail != nil {
		return wire.CallStateResponse{}, fail
	}
	if err != nil {
		return wire.CallStateResponse{}, inputError("UpdateCall", err.Error())
	}
	c.settings, c.updated = settings, time.Now()
	if data.Custom != nil {
		c.custom = data.Custom
	}
	if !data.StartsAt.IsZero() {
		c.starts = data.StartsAt
	}
	s.tellUpdatedLocked(c)
	return s.stateLocked(c, p, 0), nil
}

func (s *Server) tellUpdatedLocked(c *call) {
	s.tellLocked(c, wire.CallEvent{Type: wire.TypeCallUpdated, CapabilitiesByRole: map[string][]string{
		"user": {"read-call", "join-call"}, "admin": {"read-call", "join-call", "end-call", "update-call"},
	}})
}

// updateMembers adds, changes and removes members.
func (s *Server) updateMembers(p principal, cid string, req wire.MembersRequest) (wire.List[wire.Member], *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.managedLocked("UpdateCallMembers", p, cid)
	if fail != nil {
		return nil, fail
	}
	if fail := s.checkMembersLocked("UpdateCallMembers", req.UpdateMembers); fail != nil {
		return nil, fail
	}
	if fail := c.checkRoom("UpdateCallMembers", req.UpdateMembers); fail != nil {
		return nil, fail
	}
	now := time.Now()
	c.updated = now
	added := wire.List[wire.Member]{}
	for _, m := range req.UpdateMembers {
		added = append(added, s.memberViewLocked(c.addMember(m.UserID, m.Role, m.Custom, now)))
	}
	if len(added) > 0 {
		s.tellLocked(c, wire.CallEvent{Type: wire.TypeCallMemberAdded, Members: added})
	}
	if len(req.RemoveMembers) > 0 {
		// Those who are removed hear about it too.
		heard := s.audienceLocked(c)
		c.members = slices.DeleteFunc(c.members, func(m *member) bool { return slices.Contains(req.RemoveMembers, m.userID) })
		s.broadcastLocked(heard, wire.TypeCallMemberRemoved, wire.MemberRemovedEvent{
			Type: wire.TypeCallMemberRemoved, CreatedAt: wire.At(s.now()), CallCID: c.cid,
			Call: new(s.viewLocked(c)), Members: req.RemoveMembers,
		})
	}
	return s.membersViewLocked(c, everyone), nil
}

// deleteCall forgets a call and says so.
func (s *Server) deleteCall(p principal, cid string) (wire.Call, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.managedLocked("DeleteCall", p, cid)
	if fail != nil {
		return wire.Call{}, fail
	}
	s.tellLocked(c, wire.CallEvent{Type: wire.TypeCallDeleted})
	view := s.viewLocked(c)
	s.forgetLocked(cid)
	return view, nil
}

// customEvent passes an integrator's event on.
func (s *Server) customEvent(p principal, cid string, custom wire.Custom) *wire.APIError {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.knownLocked("SendCallEvent", p, cid)
	if fail != nil {
		return fail
	}
	sender := cmp.Or(p.userID, c.createdBy)
	if custom == nil {
		custom = wire.Custom{}
	}
	s.tellLocked(c, wire.CallEvent{Type: wire.TypeCustom, User: new(s.userViewLocked(sender)), Custom: custom})
	return nil
}
