package coordinator

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"streamscope/internal/wire"
)

// ConnInfo describes an authenticated connection.
type ConnInfo struct {
	ID           string
	UserID       string
	Client       string // X-Stream-Client, as it came
	Since        time.Time
	TokenExpires time.Time // zero means never
	Watching     []string  // cids
}

// Connections lists the authenticated connections, oldest first.
func (s *Server) Connections() []ConnInfo {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ConnInfo
	for _, c := range slices.SortedFunc(maps.Values(s.conns), func(a, b *conn) int { return a.seq - b.seq }) {
		info := ConnInfo{ID: c.id, UserID: c.userID(), Client: c.client, Since: c.since, TokenExpires: c.who.Load().expires}
		for cid := range c.watching {
			info.Watching = append(info.Watching, cid)
		}
		slices.Sort(info.Watching)
		all = append(all, info)
	}
	return all
}

// register makes the connection known and queues connection.ok before anything
// else can reach it.
func (s *Server) register(c *conn, p principal, details wire.UserDetails) *wire.APIError {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) >= limit(s.MaxConns, defaultMaxConns) {
		return apiError(wire.CodeTooManyConnections, "too many connections")
	}
	if fail := checkUser("Connect", details); fail != nil {
		return fail
	}
	details.Role, details.Type = p.role, ""
	u := s.upsertLocked(details)
	if u == nil {
		return s.fullError("Connect")
	}
	u.sawToken(p.signature, s.epoch)
	u.Online, u.LastActive = true, wire.At(time.Now())
	s.connects++
	c.id, c.seq, c.since = uuid.NewString(), s.connects, time.Now()
	c.who.Store(&p)
	s.conns[c.id] = c
	s.byUser[p.userID] = append(s.byUser[p.userID], c)
	c.send(encode(wire.TypeConnectionOK, wire.ConnectedEvent{
		Type: wire.TypeConnectionOK, ConnectionID: c.id, CreatedAt: wire.At(s.now()), Me: u.own(),
	}))
	s.note(Event{Kind: Connected, UserID: p.userID, ConnectionID: c.id, Client: c.client})
	s.greetLocked(c)
	return nil
}

// unregister forgets the connection: its user may be offline now, and leaves
// the calls that were joined through it.
func (s *Server) unregister(c *conn, cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	userID := c.userID()
	delete(s.conns, c.id)
	s.byUser[userID] = slices.DeleteFunc(s.byUser[userID], func(other *conn) bool { return other == c })
	if len(s.byUser[userID]) == 0 {
		delete(s.byUser, userID)
		if u := s.users[userID]; u != nil {
			u.Online, u.LastActive = false, wire.At(time.Now())
		}
	}
	for _, watched := range c.watching {
		delete(watched.watchers, c)
	}
	s.leaveAllLocked(c)
	e := Event{Kind: Disconnected, UserID: userID, ConnectionID: c.id, Close: int(websocket.CloseStatus(cause))}
	if closed, ok := errors.AsType[websocket.CloseError](cause); ok {
		e.Reason = closed.Reason
	}
	if e.Close < 0 {
		e.Close = 1006
	}
	s.note(e)
	close(c.gone)
}

// broadcastLocked encodes an event once and queues it for each connection.
func (s *Server) broadcastLocked(conns []*conn, typ string, event any) {
	if len(conns) == 0 {
		return
	}
	f := encode(typ, event)
	for _, c := range conns {
		c.send(f)
	}
}

// encode makes a frame. Our own shapes always encode; what users attach to them
// came from JSON.
func encode(typ string, event any) frame {
	data, err := json.Marshal(event)
	if err != nil {
		panic("coordinator: encode " + typ + ": " + err.Error())
	}
	return frame{typ: typ, data: data}
}

// Drop resets every connection of a user and returns how many there were.
func (s *Server) Drop(userID string) int {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := s.byUser[userID]
	for _, c := range conns {
		c.finish(ending{reset: true})
	}
	return len(conns)
}
