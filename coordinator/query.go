package coordinator

import (
	"fmt"
	"slices"
	"strings"

	"streamscope/internal/wire"
)

const (
	defaultPage = 25   // what a query returns unless it says how much
	maxPage     = 100  // the most that it returns
	maxValues   = 2000 // in the conditions of one query
	maxSort     = 10
)

// queryCalls finds calls, newest first unless sorted, and lets the connection
// watch them if asked to. After a reconnect clients do this for every call that
// they watched (protocol.md 4.5).
func (s *Server) queryCalls(p principal, connID string, req wire.QueryCallsRequest) (wire.QueryCallsResponse, *wire.APIError) {
	const op = "QueryCalls"
	s.mu.Lock()
	defer s.mu.Unlock()
	var watcher *conn
	if req.Watch {
		var fail *wire.APIError
		if watcher, fail = s.watcherLocked(op, p, connID); fail != nil {
			return wire.QueryCallsResponse{}, fail
		}
	}
	if fail := checkQuery(op, req.FilterConditions, len(req.Sort)); fail != nil {
		return wire.QueryCallsResponse{}, fail
	}
	found, fail := s.findCallsLocked(op, p, req.FilterConditions)
	if fail != nil {
		return wire.QueryCallsResponse{}, fail
	}
	sortCalls(found, req.Sort)
	found, next, fail := page(op, found, req.Next, req.Limit)
	if fail != nil {
		return wire.QueryCallsResponse{}, fail
	}
	res := wire.QueryCallsResponse{Next: next}
	for _, c := range found {
		s.watchLocked(watcher, c)
		res.Calls = append(res.Calls, s.stateLocked(c, p, 0))
	}
	return res, nil
}

// checkQuery bounds the work of a query, for which everybody else waits.
func checkQuery(op string, filter wire.Map[any], sorted int) *wire.APIError {
	switch {
	case values(map[string]any(filter)) > maxValues:
		return inputError(op, fmt.Sprintf("filter_conditions may have %d values", maxValues))
	case sorted > maxSort:
		return inputError(op, fmt.Sprintf("sort may have %d fields", maxSort))
	}
	return nil
}

func (s *Server) findCallsLocked(op string, p principal, filter wire.Map[any]) ([]*call, *wire.APIError) {
	var found []*call
	for _, cid := range s.order {
		c := s.calls[cid]
		ok, err := matches(filter, c.field)
		if err != nil {
			return nil, inputError(op, err.Error())
		}
		if ok && p.mayRead(cid) {
			found = append(found, c)
		}
	}
	slices.Reverse(found)
	return found, nil
}

// page cuts a list to the limit; next is the id of the first that is left out.
func page(op string, found []*call, next string, limit int) ([]*call, string, *wire.APIError) {
	if next != "" {
		i := slices.IndexFunc(found, func(c *call) bool { return c.cid == next })
		if i < 0 {
			return nil, "", inputError(op, "next is not a cursor of this query")
		}
		found = found[i:]
	}
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit].cid, nil
}

func sortCalls(calls []*call, by []wire.SortField) {
	slices.SortStableFunc(calls, func(a, b *call) int {
		for _, field := range by {
			av, _ := a.field(field.Field)
			bv, _ := b.field(field.Field)
			order := compareFields(av, bv)
			if field.Direction < 0 {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
}

// field gives a call's value by the name that queries use.
func (c *call) field(name string) (any, bool) {
	switch name {
	case "cid":
		return c.cid, true
	case "id":
		return c.id, true
	case "type":
		return c.typ, true
	case "team":
		return c.team, true
	case "created_by_user_id":
		return c.createdBy, true
	case "created_at":
		return c.created, true
	case "updated_at":
		return c.updated, true
	case "starts_at":
		return orNil(c.starts.Time), true
	case "ended_at":
		return orNil(c.ended), true
	case "backstage":
		return c.backstage, true
	case "members":
		ids := make([]string, 0, len(c.members))
		for _, m := range c.members {
			ids = append(ids, m.userID)
		}
		return ids, true
	case "ongoing":
		return c.session != nil && len(c.session.participants) > 0, true
	}
	if key, ok := strings.CutPrefix(name, "custom."); ok {
		return c.custom[key], true
	}
	return nil, false
}

// field gives a user's value by the name that queries use.
func (u *user) field(name string) (any, bool) {
	switch name {
	case "id":
		return u.ID, true
	case "name":
		return u.Name, true
	case "role":
		return u.Role, true
	case "created_at":
		return u.CreatedAt.Time, true
	case "updated_at":
		return u.UpdatedAt.Time, true
	case "last_active":
		return orNil(u.LastActive.Time), true
	case "banned":
		return u.Banned, true
	}
	return u.Custom[strings.TrimPrefix(name, "custom.")], true
}

// userQuery is the payload of GET /users.
type userQuery struct {
	FilterConditions wire.Map[any] `json:"filter_conditions"`
	Limit            int           `json:"limit"`
	Offset           int           `json:"offset"`
}

func (s *Server) queryUsers(q userQuery) (wire.List[fullUser], *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fail := checkQuery("QueryUsers", q.FilterConditions, 0); fail != nil {
		return nil, fail
	}
	found := wire.List[fullUser]{}
	for _, u := range s.users {
		ok, err := matches(q.FilterConditions, u.field)
		if err != nil {
			return nil, inputError("QueryUsers", err.Error())
		}
		if ok {
			found = append(found, u.full())
		}
	}
	slices.SortFunc(found, func(a, b fullUser) int { return strings.Compare(a.ID, b.ID) })
	found = found[min(max(q.Offset, 0), len(found)):]
	return found[:min(limit(q.Limit, defaultPage), len(found))], nil
}

// queryMembers lists the members of a call that meet the conditions.
func (s *Server) queryMembers(p principal, req membersQuery) (wire.List[wire.Member], *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.knownLocked("QueryCallMembers", p, req.Type+":"+req.ID)
	if fail != nil {
		return nil, fail
	}
	if fail := checkQuery("QueryCallMembers", req.FilterConditions, 0); fail != nil {
		return nil, fail
	}
	found := wire.List[wire.Member]{}
	for _, m := range c.members {
		ok, err := matches(req.FilterConditions, m.field)
		if err != nil {
			return nil, inputError("QueryCallMembers", err.Error())
		}
		if ok {
			found = append(found, s.memberViewLocked(m))
		}
	}
	return found[:min(limit(req.Limit, maxPage), len(found))], nil
}

type membersQuery struct {
	Type             string        `json:"type"`
	ID               string        `json:"id"`
	FilterConditions wire.Map[any] `json:"filter_conditions"`
	Limit            int           `json:"limit"`
}

func (m *member) field(name string) (any, bool) {
	switch name {
	case "user_id":
		return m.userID, true
	case "role":
		return m.role, true
	case "created_at":
		return m.created, true
	}
	return m.custom[strings.TrimPrefix(name, "custom.")], true
}
