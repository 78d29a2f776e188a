package coordinator

import (
	"cmp"
	"time"

	"streamscope/internal/wire"
)

// callAnswer is an answer that holds the call as it is now.
type callAnswer struct {
	Duration string    `json:"duration"`
	Call     wire.Call `json:"call"`
}

func (s *Server) serveGoLive(r *request) (any, *wire.APIError) {
	return s.setBackstage(r, "GoLive", false)
}

func (s *Server) serveStopLive(r *request) (any, *wire.APIError) {
	return s.setBackstage(r, "StopLive", true)
}

// setBackstage takes a call out of the backstage, or back to it.
func (s *Server) setBackstage(r *request, op string, backstage bool) (any, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.managedLocked(op, r.who, r.cid())
	if fail != nil {
		return nil, fail
	}
	c.backstage, c.updated = backstage, time.Now()
	if backstage {
		s.tellUpdatedLocked(c)
	} else {
		s.tellLocked(c, wire.CallEvent{Type: wire.TypeLiveStarted})
	}
	return callAnswer{r.took(), s.viewLocked(c)}, nil
}

// serveReaction passes a reaction on to everybody in the call.
func (s *Server) serveReaction(r *request) (any, *wire.APIError) {
	const op = "SendVideoReaction"
	reaction, fail := decode[wire.Reaction](r, op)
	if fail != nil {
		return nil, fail
	}
	if reaction.Type == "" {
		return nil, inputError(op, "type is a required field")
	}
	if fail := checkSize(op, reaction); fail != nil {
		return nil, fail
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, fail := s.knownLocked(op, r.who, r.cid())
	if fail != nil {
		return nil, fail
	}
	reaction.User = new(s.userViewLocked(cmp.Or(r.who.userID, c.createdBy)))
	s.tellLocked(c, wire.CallEvent{Type: wire.TypeReaction, Reaction: &reaction})
	return struct {
		Duration string        `json:"duration"`
		Reaction wire.Reaction `json:"reaction"`
	}{r.took(), reaction}, nil
}

// serveBroadcast accepts a broadcast that nobody can watch: there is no media.
func (s *Server) serveBroadcast(r *request) (any, *wire.APIError) {
	_, fail := s.serveNothing(r)
	return struct {
		Duration string `json:"duration"`
		Playlist string `json:"playlist_url"`
	}{Duration: r.took()}, fail
}
