package coordinator

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

// maxTokens is how many tokens of a user are remembered, to know which were
// already in use when one is made to expire.
const maxTokens = 16

// user is a user in memory. Guarded by Server.mu.
type user struct {
	wire.User
	devices []wire.Device
	tokens  []seenToken // oldest first
}

type seenToken struct {
	signature string
	epoch     int // in which it was first accepted
}

// upsertLocked creates or updates a user with the members that are given. It
// returns nil when there is no room for another user.
func (s *Server) upsertLocked(d wire.UserDetails) *user {
	now := wire.At(time.Now())
	u, ok := s.users[d.ID]
	if !ok {
		if len(s.users) >= limit(s.MaxUsers, defaultMaxUsers) {
			return nil
		}
		u = &user{User: wire.User{ID: d.ID, Role: "user", CreatedAt: now}}
		s.users[d.ID] = u
	}
	u.UpdatedAt = now
	u.Name = cmp.Or(d.Name, u.Name)
	u.Image = cmp.Or(d.Image, u.Image)
	u.Role = cmp.Or(d.Role, u.Role)
	if d.Custom != nil {
		u.Custom = d.Custom
	}
	return u
}

// own returns what connection.ok tells a user about himself.
func (u *user) own() wire.OwnUser {
	return wire.OwnUser{User: u.User, Devices: u.devices}
}

// remember notes that a token was accepted, and refuses tokens that the user's
// revocation covers (protocol.md 11.2).
func (s *Server) remember(p principal) *wire.APIError {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[p.userID]
	if u == nil {
		return nil
	}
	if !u.RevokedBefore.IsZero() && p.issued.Before(u.RevokedBefore.Time) {
		return jwtError(wire.CodeAuthentication, "token was revoked")
	}
	u.sawToken(p.signature, s.epoch)
	return nil
}

func (u *user) sawToken(signature string, epoch int) {
	if slices.ContainsFunc(u.tokens, func(t seenToken) bool { return t.signature == signature }) {
		return
	}
	if len(u.tokens) == maxTokens {
		u.tokens = slices.Delete(u.tokens, 0, 1)
	}
	u.tokens = append(u.tokens, seenToken{signature, epoch})
}

// epochLocked begins a new epoch of tokens with a fault: those accepted in
// earlier ones were in use before it. Counting is exact where the clock is not.
func (s *Server) epochLocked(a *armed) {
	s.epoch++
	s.faults.mu.Lock()
	a.epoch = s.epoch
	s.faults.mu.Unlock()
}

// expired reports whether a fault lets the token count as expired: one that was
// in use when the fault began, or was issued before. A token issued in the very
// second counts as new unless it was seen, because iat has whole seconds and is
// back-dated by one.
func (s *Server) expired(p principal) bool {
	if p.server || !s.faults.any() {
		return false
	}
	epoch, seen := s.seenIn(p)
	return s.strikeIf(fault.ExpireToken, p.userID, func(a *armed) bool {
		if seen {
			return epoch < a.epoch
		}
		return p.issued.Add(iatBackdate).Before(a.gate.Starts().Truncate(time.Second))
	}) != nil
}

// seenIn returns the epoch in which a token was first accepted, and whether it
// was.
func (s *Server) seenIn(p principal) (epoch int, seen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[p.userID]; u != nil {
		for _, t := range u.tokens {
			if t.signature == p.signature {
				return t.epoch, true
			}
		}
	}
	return 0, false
}

// checkSize refuses custom data and settings that are larger than a debugger's
// memory should have to hold; the service has limits of its own.
func checkSize(op string, parts ...any) *wire.APIError {
	for _, part := range parts {
		// What came as JSON can be written as JSON.
		data, _ := json.Marshal(part)
		if len(data) > maxCustom {
			return apiError(wire.CodePayloadTooBig, fmt.Sprintf("%s failed with error: \"custom data and settings may have %d bytes\"", op, maxCustom))
		}
	}
	return nil
}

// checkUser refuses users whose id cannot be one, or who bring too much. What
// the service allows in an id is not known here (protocol.md 13): this keeps out
// what no log and no path could show.
func checkUser(op string, d wire.UserDetails) *wire.APIError {
	if fail := checkID(op, "user id", d.ID); fail != nil {
		return fail
	}
	return checkSize(op, d)
}

func checkID(op, what, id string) *wire.APIError {
	switch {
	case id == "":
		return inputError(op, what+" is a required field")
	case len(id) > maxID:
		return inputError(op, fmt.Sprintf("%s may have %d bytes", what, maxID))
	case wire.Clean(id) != id:
		return inputError(op, what+" has characters that cannot be shown")
	}
	return nil
}

// makeGuest creates a guest with an id of its own (protocol.md 3.5: the id
// pattern of the service is not known) and a token.
func (s *Server) makeGuest(d wire.UserDetails) (wire.GuestResponse, *wire.APIError) {
	if fail := checkUser("CreateGuest", d); fail != nil {
		return wire.GuestResponse{}, fail
	}
	d.ID = fmt.Sprintf("guest-%s-%s", rand.Text()[:8], d.ID)
	d.Role = "guest"
	s.mu.Lock()
	u := s.upsertLocked(d)
	s.mu.Unlock()
	if u == nil {
		return wire.GuestResponse{}, s.fullError("CreateGuest")
	}
	s.note(Event{Kind: GuestMade, UserID: d.ID})
	return wire.GuestResponse{AccessToken: wire.Secret(s.Token(d.ID, s.TokenTTL)), User: u.User}, nil
}

func (s *Server) fullError(op string) *wire.APIError {
	return apiError(wire.CodeRateLimit, fmt.Sprintf("%s failed with error: %q", op,
		fmt.Sprintf("this local coordinator holds %d users and has no room for more", limit(s.MaxUsers, defaultMaxUsers))))
}

// updateUsers is the server-side upsert. Connected users are told.
func (s *Server) updateUsers(details []wire.UserDetails) (map[string]fullUser, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	updated := make(map[string]fullUser, len(details))
	for _, d := range details {
		if fail := checkUser("UpdateUsers", d); fail != nil {
			return nil, fail
		}
		u := s.upsertLocked(d)
		if u == nil {
			return nil, s.fullError("UpdateUsers")
		}
		s.tellUserLocked(u)
		updated[d.ID] = u.full()
	}
	return updated, nil
}

// userPatch is one element of a partial update.
type userPatch struct {
	ID    string        `json:"id"`
	Set   wire.Map[any] `json:"set"`
	Unset []string      `json:"unset"`
}

// patchUsers sets and removes single members; those that a user does not have
// go to the custom data, as do names that begin with custom.
func (s *Server) patchUsers(patches []userPatch) (map[string]fullUser, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	updated := make(map[string]fullUser, len(patches))
	for _, patch := range patches {
		u := s.users[patch.ID]
		if u == nil {
			return nil, notFound("UpdateUsersPartial", "user", patch.ID)
		}
		before := u.User
		u.patch(patch)
		if fail := checkSize("UpdateUsersPartial", u.User); fail != nil {
			u.User = before
			return nil, fail
		}
		s.tellUserLocked(u)
		updated[u.ID] = u.full()
	}
	return updated, nil
}

func (u *user) patch(p userPatch) {
	u.Custom = maps.Clone(u.Custom)
	if u.Custom == nil {
		u.Custom = wire.Custom{}
	}
	for name, value := range p.Set {
		text, _ := value.(string)
		switch name {
		case "name":
			u.Name = text
		case "image":
			u.Image = text
		case "role":
			u.Role = cmp.Or(text, u.Role)
		case "revoke_tokens_issued_before":
			u.RevokedBefore = parseTime(text)
		default:
			u.Custom[customName(name)] = value
		}
	}
	for _, name := range p.Unset {
		switch name {
		case "name":
			u.Name = ""
		case "image":
			u.Image = ""
		default:
			delete(u.Custom, customName(name))
		}
	}
	u.UpdatedAt = wire.At(time.Now())
}

func parseTime(text string) wire.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return wire.Time{}
	}
	return wire.At(t)
}

func customName(name string) string {
	if after, ok := strings.CutPrefix(name, "custom."); ok {
		return after
	}
	return name
}

// tellUserLocked sends user.updated to the user's own connections (protocol.md 11.4).
func (s *Server) tellUserLocked(u *user) {
	s.broadcastLocked(s.byUser[u.ID], wire.TypeUserUpdated, wire.CallEvent{
		Type: wire.TypeUserUpdated, CreatedAt: wire.At(s.now()), User: new(u.User), Custom: wire.Custom{},
	})
}

// fullUser is FullUserResponse of the server-side API (protocol.md 11.4).
type fullUser struct {
	wire.User
	Devices          wire.List[wire.Device] `json:"devices"`
	Mutes            wire.List[string]      `json:"mutes"`
	ChannelMutes     wire.List[string]      `json:"channel_mutes"`
	TotalUnreadCount int                    `json:"total_unread_count"`
	UnreadChannels   int                    `json:"unread_channels"`
	UnreadCount      int                    `json:"unread_count"`
	UnreadThreads    int                    `json:"unread_threads"`
}

func (u *user) full() fullUser { return fullUser{User: u.User, Devices: u.devices} }
