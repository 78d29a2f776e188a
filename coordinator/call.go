package coordinator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"streamscope/internal/wire"
)

const (
	maxMembers     = 100  // that one request may add (protocol.md 11.3)
	maxCallMembers = 2000 // of one call, to bound the memory
)

// call is a call in memory. Guarded by Server.mu.
type call struct {
	typ, id, cid string
	createdBy    string
	custom       wire.Custom
	created      time.Time
	updated      time.Time
	starts       wire.Time
	ended        time.Time // zero while it goes on
	team         string
	backstage    bool
	settings     wire.Settings
	members      []*member // in the order in which they were added
	session      *callSession
	ringing      *ringing // nil when nobody is being rung
	watchers     map[*conn]struct{}
}

type member struct {
	userID  string
	role    string
	custom  wire.Custom
	created time.Time
}

// callSession says who answered and who is in.
type callSession struct {
	id           string
	started      time.Time
	ended        time.Time
	accepted     wire.Map[wire.Time]
	rejected     wire.Map[wire.Time]
	missed       wire.Map[wire.Time]
	participants []participant
	cancelEnd    func() // cancels the end for want of participants
}

type participant struct {
	userSessionID string
	userID        string
	joined        time.Time
	via           *conn // nil for a simulated user
}

func (c *call) member(userID string) *member {
	for _, m := range c.members {
		if m.userID == userID {
			return m
		}
	}
	return nil
}

// concernsUser reports whether a user has a part in the call.
func (c *call) concernsUser(userID string) bool {
	return c.createdBy == userID || c.member(userID) != nil
}

func (c *call) addMember(userID, role string, custom wire.Custom, now time.Time) *member {
	m := c.member(userID)
	if m == nil {
		m = &member{userID: userID, role: "user", created: now}
		c.members = append(c.members, m)
	}
	if role != "" {
		m.role = role
	}
	if custom != nil {
		m.custom = custom
	}
	return m
}

// createLocked makes a call for a creator who exists. When there is no room the
// oldest call is forgotten.
func (s *Server) createLocked(typ, id, creator string, data wire.CallData) (*call, *wire.APIError) {
	if fail := cmp.Or(checkID("GetOrCreateCall", "call type", typ), checkID("GetOrCreateCall", "call id", id)); fail != nil {
		return nil, fail
	}
	if strings.Contains(typ, ":") {
		return nil, inputError("GetOrCreateCall", "a call type has no colon: the cid would be ambiguous")
	}
	if fail := checkSize("GetOrCreateCall", data.Custom, data.SettingsOverride, data.Team); fail != nil {
		return nil, fail
	}
	settings, err := mergeSettings(s.defaultSettings(), data.SettingsOverride)
	if err != nil {
		return nil, inputError("GetOrCreateCall", err.Error())
	}
	if len(s.calls) >= limit(s.MaxCalls, defaultMaxCalls) {
		s.forgetLocked(s.order[0])
	}
	now := time.Now()
	c := &call{
		typ: typ, id: id, cid: typ + ":" + id, createdBy: creator, custom: data.Custom, created: now, updated: now,
		starts: data.StartsAt, team: data.Team, settings: settings, watchers: make(map[*conn]struct{}),
	}
	c.addMember(creator, "", nil, now)
	s.calls[c.cid] = c
	s.order = append(s.order, c.cid)
	return c, nil
}

// forgetLocked removes a call without telling anyone.
func (s *Server) forgetLocked(cid string) {
	c := s.calls[cid]
	s.stopRingLocked(c)
	if c.session != nil {
		s.endSessionLocked(c, time.Now())
	}
	for watcher := range c.watchers {
		delete(watcher.watching, cid)
	}
	delete(s.calls, cid)
	s.order = slices.DeleteFunc(s.order, func(other string) bool { return other == cid })
}

// audienceLocked lists the connections that hear about a call: those of its
// members, and those that watch it, each once.
func (s *Server) audienceLocked(c *call) []*conn {
	heard := maps.Clone(c.watchers)
	for _, m := range c.members {
		for _, conn := range s.byUser[m.userID] {
			heard[conn] = struct{}{}
		}
	}
	return slices.Collect(maps.Keys(heard))
}

// connsLocked lists the connections of some users.
func (s *Server) connsLocked(userIDs []string) []*conn {
	var conns []*conn
	for _, id := range userIDs {
		conns = append(conns, s.byUser[id]...)
	}
	return conns
}

// tellLocked sends an event about a call, with the whole call in it, to those
// who hear about it.
func (s *Server) tellLocked(c *call, event wire.CallEvent) {
	s.broadcastLocked(s.audienceLocked(c), event.Type, s.fillLocked(c, event))
}

// fillLocked adds what every event about a call has.
func (s *Server) fillLocked(c *call, event wire.CallEvent) wire.CallEvent {
	event.CreatedAt = wire.At(s.now())
	event.CallCID = c.cid
	switch event.Type {
	case wire.TypeParticipantJoined, wire.TypeParticipantLeft, wire.TypeCustom, wire.TypeReaction:
	default:
		event.Call = new(s.viewLocked(c))
	}
	return event
}

func (s *Server) userViewLocked(id string) wire.User {
	if u := s.users[id]; u != nil {
		return u.User
	}
	return wire.User{ID: id, Role: "user"}
}

// viewLocked describes a call as it is now.
func (s *Server) viewLocked(c *call) wire.Call {
	view := wire.Call{
		Type: c.typ, ID: c.id, CID: c.cid, CreatedBy: s.userViewLocked(c.createdBy), Custom: c.custom,
		CreatedAt: wire.At(c.created), UpdatedAt: wire.At(c.updated), StartsAt: c.starts, Team: c.team,
		Backstage: c.backstage, Egress: egress, Ingress: ingress, Settings: c.settings,
	}
	if !c.ended.IsZero() {
		view.EndedAt = wire.At(c.ended)
	}
	if c.session == nil {
		return view
	}
	if c.session.ended.IsZero() {
		view.CurrentSessionID = c.session.id
	}
	view.Session = new(s.sessionViewLocked(c.session))
	return view
}

func (s *Server) sessionViewLocked(cs *callSession) wire.CallSession {
	view := wire.CallSession{
		ID: cs.id, AcceptedBy: maps.Clone(cs.accepted), RejectedBy: maps.Clone(cs.rejected), MissedBy: maps.Clone(cs.missed),
		ParticipantsCountByRole: wire.Map[int]{},
	}
	if !cs.started.IsZero() {
		view.StartedAt = wire.At(cs.started)
	}
	if !cs.ended.IsZero() {
		view.EndedAt = wire.At(cs.ended)
	}
	for _, p := range cs.participants {
		shown := s.participantViewLocked(p)
		view.Participants = append(view.Participants, shown)
		view.ParticipantsCountByRole[shown.Role]++
	}
	return view
}

func (s *Server) participantViewLocked(p participant) wire.Participant {
	u := s.userViewLocked(p.userID)
	return wire.Participant{UserSessionID: p.userSessionID, Role: u.Role, JoinedAt: wire.At(p.joined), User: u}
}

func (s *Server) memberViewLocked(m *member) wire.Member {
	return wire.Member{
		UserID: m.userID, User: s.userViewLocked(m.userID), Role: m.role, Custom: m.custom,
		CreatedAt: wire.At(m.created), UpdatedAt: wire.At(m.created),
	}
}

// membersViewLocked describes the members for whom keep is true.
func (s *Server) membersViewLocked(c *call, keep func(userID string) bool) wire.List[wire.Member] {
	view := wire.List[wire.Member]{}
	for _, m := range c.members {
		if keep(m.userID) {
			view = append(view, s.memberViewLocked(m))
		}
	}
	return view
}

func everyone(string) bool { return true }

// stateLocked is the answer to a request about a call.
func (s *Server) stateLocked(c *call, p principal, membersLimit int) wire.CallStateResponse {
	state := wire.CallStateResponse{
		Call: s.viewLocked(c), Members: s.membersViewLocked(c, everyone), OwnCapabilities: c.capabilities(p, s.userViewLocked(p.userID).Role),
	}
	if membersLimit > 0 && len(state.Members) > membersLimit {
		state.Members = state.Members[:membersLimit]
	}
	if m := c.member(p.userID); m != nil {
		state.Membership = new(s.memberViewLocked(m))
	}
	return state
}

// Calls describes every call, oldest first.
func (s *Server) Calls() []wire.Call {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]wire.Call, 0, len(s.order))
	for _, cid := range s.order {
		all = append(all, s.viewLocked(s.calls[cid]))
	}
	return all
}

func inputError(op, detail string) *wire.APIError {
	return apiError(wire.CodeInput, fmt.Sprintf("%s failed with error: %q", op, detail))
}

func notFound(op, what, id string) *wire.APIError {
	return apiError(wire.CodeDoesNotExist, fmt.Sprintf("%s failed with error: \"Can't find %s with id %s\"", op, what, id))
}

// notAllowed is code 17 in the service's words (protocol.md 3.6).
func notAllowed(op string, p principal, role, action, scope string) *wire.APIError {
	return apiError(wire.CodeNotAllowed, fmt.Sprintf(
		"%s failed with error: \"User '%s' with role '%s' is not allowed to perform action %s in scope '%s'\"", op, p.userID, role, action, scope))
}

// mergeSettings lays the members of an override over the settings.
func mergeSettings(base wire.Settings, override json.RawMessage) (wire.Settings, error) {
	if len(override) == 0 || string(override) == "null" {
		return base, nil
	}
	var all, over map[string]any
	if err := json.Unmarshal(base.Raw, &all); err != nil {
		return base, err
	}
	if err := json.Unmarshal(override, &over); err != nil {
		return base, fmt.Errorf("settings_override is not an object")
	}
	merge(all, over)
	raw, err := json.Marshal(all)
	if err != nil {
		return base, err
	}
	merged, err := wire.Decode[wire.Settings](raw)
	if err != nil {
		return base, fmt.Errorf("settings_override has a member of the wrong type")
	}
	return merged, checkRing(over["ring"])
}

func merge(base, over map[string]any) {
	for key, value := range over {
		inner, isObject := value.(map[string]any)
		existing, wasObject := base[key].(map[string]any)
		if isObject && wasObject {
			merge(existing, inner)
			continue
		}
		base[key] = value
	}
}

// checkRing holds the timeouts that an override names to the service's range
// (protocol.md 7.1).
func checkRing(override any) error {
	ring, _ := override.(map[string]any)
	for _, name := range []string{"auto_cancel_timeout_ms", "incoming_call_timeout_ms", "missed_call_timeout_ms"} {
		ms, given := ring[name].(float64)
		if given && (ms < 5000 || ms > 180000) {
			return fmt.Errorf("settings_override.ring.%s must be from 5000 to 180000", name)
		}
	}
	return nil
}
