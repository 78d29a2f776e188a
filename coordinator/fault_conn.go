package coordinator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

const (
	defaultHuge   = 1 << 20
	defaultStatus = http.StatusServiceUnavailable
)

// refuseUpgrade is the stage before the upgrade. It reports whether the request
// is dealt with.
func (s *Server) refuseUpgrade(w http.ResponseWriter, r *http.Request) bool {
	s.hold(r, s.Latency)
	if h := s.strikeIf(fault.Slow, "", func(a *armed) bool { return a.gate.Fault.Direction.Includes(fault.In) }); h != nil {
		s.flush()
		s.hold(r, h.delay)
	}
	if s.strike(fault.StallUpgrade, "") != nil {
		s.flush()
		s.stall(r)
		return true
	}
	if h := s.strike(fault.RefuseUpgrade, ""); h != nil {
		s.flush()
		status := cmp.Or(h.fault.Status, defaultStatus)
		http.Error(w, http.StatusText(status), status)
		return true
	}
	return false
}

// stall answers nothing until the client gives up or the server closes, and
// then cuts the connection.
func (s *Server) stall(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.done:
	}
	panic(http.ErrAbortHandler)
}

// sabotaged is the stage between the auth message and its answer. It reports
// whether a fault has answered instead.
func (c *conn) sabotaged() bool {
	s, user := c.srv, c.userID()
	strike := func(kind fault.Kind) *hit {
		h := s.strikeIf(kind, user, func(a *armed) bool { return a.gate.Fault.AtConnect() })
		s.flush() // who listens hears of the stroke before the client does
		return h
	}
	if strike(fault.StallAuth) != nil {
		return true
	}
	if strike(fault.Drop) != nil {
		c.finish(ending{reset: true})
		return true
	}
	if h := strike(fault.Close); h != nil {
		c.finish(closing(h.fault))
		return true
	}
	if h := strike(fault.Error); h != nil {
		c.refuse(*s.injected(h.fault))
		return true
	}
	return false
}

func closing(f fault.Fault) ending { return ending{code: cmp.Or(f.Code, 1000), reason: f.Reason} }

// injected is the error that a fault asks for, with the service's own words
// where they are known.
func (s *Server) injected(f fault.Fault) *wire.APIError {
	code := wire.Code(cmp.Or(f.Code, int(wire.CodeInternal)))
	if code == wire.CodeTokenSignature && f.Reason == "" {
		return s.signatureError()
	}
	words := map[wire.Code]string{
		wire.CodeInternal:              "internal error",
		wire.CodeAccessKey:             "api_key not valid",
		wire.CodeAuthentication:        "JWTAuth error: token contains an invalid number of segments",
		wire.CodeRateLimit:             "too many requests",
		wire.CodeTokenExpired:          "JWTAuth error: token is expired (exp)",
		wire.CodeTokenNotValidYet:      "JWTAuth error: token is not valid yet (nbf)",
		wire.CodeTokenUsedBeforeIssued: "JWTAuth error: token used before issue at (iat)",
		wire.CodeTooManyConnections:    "too many connections",
		wire.CodeAppSuspended:          "app suspended",
	}
	fail := apiError(code, cmp.Or(f.Reason, words[code], code.String()))
	fail.StatusCode = cmp.Or(f.Status, fail.StatusCode)
	return fail
}

// strikesLive reports whether a kind strikes established connections by itself,
// rather than the frames that pass over them.
func strikesLive(f fault.Fault) bool {
	switch f.Kind {
	case fault.Drop, fault.Close, fault.Error, fault.UnknownEvent, fault.HugeFrame, fault.HalfOpen:
		return f.InSession()
	}
	return false
}

// strikeLive strikes the connections that are up when a fault begins. Who listens
// hears of the strokes before the clients do.
func (s *Server) strikeLive(a *armed) {
	targets, hits := s.aim(a)
	s.flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range targets {
		if a.gate.Fault.Kind == fault.ExpireToken && a.gate.Fault.InSession() {
			c.sendError(*s.injected(fault.Fault{Code: int(wire.CodeTokenExpired)}))
		}
		for _, h := range hits {
			s.hitLocked(c, h)
		}
	}
}

// aim returns the connections that a fault concerns, and its strokes.
func (s *Server) aim(a *armed) (targets []*conn, hits []*hit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epochLocked(a)
	f := a.gate.Fault
	if s.ln != nil && s.ln.port && closesPort(f) {
		s.strikeArmed(a, "")
		return nil, nil
	}
	for _, c := range s.conns {
		if concerns(f, c.userID()) {
			targets = append(targets, c)
		}
	}
	if len(targets) == 0 || !strikesLive(f) {
		return targets, nil
	}
	user := onlyUser(targets)
	for range strokes(f) {
		if h := s.strikeArmed(a, user); h != nil {
			hits = append(hits, h)
		}
	}
	return targets, hits
}

// strokes is how often a fault strikes the connections that are up: all its
// count where they survive a stroke, once where they do not.
func strokes(f fault.Fault) int {
	switch f.Kind {
	case fault.Error, fault.UnknownEvent, fault.HugeFrame:
		return max(f.Count, 1)
	}
	return 1
}

func (s *Server) strikeArmed(a *armed, userID string) *hit {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.strikeOneLocked(a, time.Now(), userID)
}

// onlyUser returns the user of all the connections, or nothing if they are of
// several.
func onlyUser(conns []*conn) string {
	user := conns[0].userID()
	for _, c := range conns {
		if c.userID() != user {
			return ""
		}
	}
	return user
}

// greetLocked strikes a connection that has just been established with the
// faults that waited for one.
func (s *Server) greetLocked(c *conn) {
	for _, kind := range []fault.Kind{fault.HalfOpen, fault.UnknownEvent, fault.HugeFrame, fault.Error, fault.Close, fault.Drop} {
		h := s.strikeIf(kind, c.userID(), func(a *armed) bool { return strikesLive(a.gate.Fault) })
		if h != nil {
			s.hitLocked(c, h)
		}
	}
}

func (s *Server) hitLocked(c *conn, h *hit) {
	switch h.fault.Kind {
	case fault.Drop:
		c.finish(ending{reset: true})
	case fault.Close:
		c.finish(closing(h.fault))
	case fault.Error:
		c.sendError(*s.injected(h.fault))
	case fault.HalfOpen:
		c.mutedBy.Store(&h.id)
	case fault.UnknownEvent:
		typ := cmp.Or(h.fault.Type, "streamscope.unknown_event")
		c.send(encode(typ, wire.CallEvent{Type: typ, CreatedAt: wire.At(s.now()), Custom: wire.Custom{"unknown": true}}))
	case fault.HugeFrame:
		c.send(s.huge(cmp.Or(h.fault.Size, defaultHuge)))
	}
}

func (s *Server) huge(size int) frame {
	event := wire.CallEvent{Type: wire.TypeCustom, CreatedAt: wire.At(s.now())}
	bare := len(encode(wire.TypeCustom, event).data)
	event.Custom = wire.Custom{"padding": json.RawMessage(`"` + strings.Repeat("x", max(size-bare-len(`,"custom":{"padding":""}`), 0)) + `"`)}
	return encode(wire.TypeCustom, event)
}

// muted reports whether a fault has silenced the connection.
func (c *conn) muted() bool {
	id := c.mutedBy.Load()
	return id != nil && c.srv.faults.holds(*id)
}
