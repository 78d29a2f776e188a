package coordinator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"streamscope/internal/wire"
)

// Seed is what a coordinator knows before the first client comes. [LoadSeed]
// reads one from a file.
type Seed struct {
	Users []wire.UserDetails
	Calls []SeedCall
}

// SeedCall is a call that exists from the start. Nobody is rung.
type SeedCall struct {
	Type, ID  string // an empty Type means default
	CreatedBy string // empty means the first member, or the first user
	Members   []wire.MemberRequest
	Custom    map[string]any
	// Settings are laid over the default settings, as settings_override.
	Settings json.RawMessage
	StartsAt time.Time
	Team     string
}

// seed makes what there is from the start. What a file says was checked when it
// was read; what code says and cannot be is left out and logged.
func (s *Server) seed() {
	users := append(append([]wire.UserDetails{}, s.Users...), s.Seed.Users...)
	if s.Users == nil && s.Seed.Users == nil {
		users = []wire.UserDetails{{ID: "sara", Name: "Sara"}, {ID: "jack", Name: "Jack"}, {ID: "nina", Name: "Nina"}}
	}
	for _, d := range users {
		if fail := checkUser("seed", d); fail != nil {
			s.logger().Warn("a user was left out", "err", fail.Message)
			continue
		}
		s.upsertLocked(d)
	}
	for _, c := range s.Seed.Calls {
		if fail := s.seedCall(c, users); fail != nil {
			s.logger().Warn("a call was left out", "type", c.Type, "id", c.ID, "err", fail.Message)
		}
	}
}

func (s *Server) seedCall(c SeedCall, users []wire.UserDetails) *wire.APIError {
	creator := c.CreatedBy
	if creator == "" && len(c.Members) > 0 {
		creator = c.Members[0].UserID
	}
	if creator == "" && len(users) > 0 {
		creator = users[0].ID
	}
	if s.users[creator] == nil {
		return unknownUsers("seed", []string{creator})
	}
	_, _, fail := s.obtainLocked("seed", principal{userID: creator}, cmp.Or(c.Type, "default"), c.ID, wire.CallRequest{Data: wire.CallData{
		Members: c.Members, Custom: c.Custom, SettingsOverride: c.Settings, StartsAt: startsAt(c.StartsAt), Team: c.Team,
	}})
	return fail
}

func startsAt(t time.Time) wire.Time {
	if t.IsZero() {
		return wire.Time{}
	}
	return wire.At(t)
}

// SeedError is a mistake in a seed file: where it is, what is wrong and what was
// expected.
type SeedError struct {
	Line, Column int // from 1
	Problem      string
	Expected     string // may be empty
}

// Error implements error. The name of the file is the caller's to add.
func (e *SeedError) Error() string {
	text := fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Problem)
	if e.Expected != "" {
		text += "; expected " + e.Expected
	}
	return text
}
