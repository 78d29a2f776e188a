package coordinator

import (
	"cmp"
	"strconv"

	"streamscope/internal/wire"
)

func (s *Server) serveGetOrCreate(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.CallRequest](r, "GetOrCreateCall")
	if fail != nil {
		return nil, fail
	}
	state, fail := s.getOrCreate(r.who, r.PathValue("type"), r.PathValue("id"), r.connID, req)
	state.Duration = r.took()
	return state, fail
}

func (s *Server) serveGetCall(r *request) (any, *wire.APIError) {
	query := r.URL.Query()
	limit, err := strconv.Atoi(cmp.Or(query.Get("members_limit"), "0"))
	if err != nil || limit < 0 {
		return nil, inputError("GetCall", "members_limit must be a number, 0 or more")
	}
	req := wire.CallRequest{
		Ring: query.Get("ring") == "true", Notify: query.Get("notify") == "true", Video: query.Get("video") == "true", MembersLimit: limit,
	}
	state, fail := s.getCall(r.who, r.cid(), r.connID, req)
	state.Duration = r.took()
	return state, fail
}

func (s *Server) serveUpdate(r *request) (any, *wire.APIError) {
	data, fail := decode[wire.CallData](r, "UpdateCall")
	if fail != nil {
		return nil, fail
	}
	state, fail := s.update(r.who, r.cid(), data)
	state.Duration = r.took()
	return state, fail
}

func (s *Server) serveRing(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.RingRequest](r, "RingCall")
	if fail != nil {
		return nil, fail
	}
	rung, fail := s.ringMembers(r.who, r.cid(), req)
	return wire.RingResponse{Duration: r.took(), MembersIDs: rung}, fail
}

func (s *Server) serveRingState(r *request) (any, *wire.APIError) {
	state, fail := s.ringState(r.cid(), r.URL.Query().Get("call_session_id"))
	state.Duration = r.took()
	return state, fail
}

func (s *Server) serveAccept(r *request) (any, *wire.APIError) {
	return r.done(s.accept(r.who, r.cid()))
}

func (s *Server) serveReject(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.RejectRequest](r, "RejectCall")
	if fail != nil {
		return nil, fail
	}
	return r.done(s.reject(r.who, r.cid(), req.Reason))
}

func (s *Server) serveEnd(r *request) (any, *wire.APIError) {
	return r.done(s.markEnded(r.who, r.cid()))
}

func (s *Server) serveJoin(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.CallRequest](r, "JoinCall")
	if fail != nil {
		return nil, fail
	}
	if req.Location == "" {
		return nil, inputError("JoinCall", "location is a required field")
	}
	state, fail := s.join(r.who, r.PathValue("type"), r.PathValue("id"), r.connID, req)
	state.Duration = r.took()
	// There is no media server: the address is one that nothing answers.
	return wire.JoinResponse{
		CallStateResponse: state,
		Credentials: wire.Credentials{
			Server:     wire.MediaServer{EdgeName: "local-sfu", URL: "http://127.0.0.1:9/twirp", WSEndpoint: "ws://127.0.0.1:9/ws"},
			Token:      "no-media-server",
			ICEServers: wire.List[wire.ICEServer]{{}},
		},
	}, fail
}

func (s *Server) serveMembers(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.MembersRequest](r, "UpdateCallMembers")
	if fail != nil {
		return nil, fail
	}
	members, fail := s.updateMembers(r.who, r.cid(), req)
	return wire.MembersResponse{Duration: r.took(), Members: members}, fail
}

func (s *Server) serveQueryMembers(r *request) (any, *wire.APIError) {
	req, fail := decode[membersQuery](r, "QueryCallMembers")
	if fail != nil {
		return nil, fail
	}
	members, fail := s.queryMembers(r.who, req)
	return wire.MembersResponse{Duration: r.took(), Members: members}, fail
}

func (s *Server) serveQueryCalls(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.QueryCallsRequest](r, "QueryCalls")
	if fail != nil {
		return nil, fail
	}
	res, fail := s.queryCalls(r.who, r.connID, req)
	res.Duration = r.took()
	return res, fail
}

func (s *Server) serveCustomEvent(r *request) (any, *wire.APIError) {
	req, fail := decode[struct {
		Custom wire.Custom `json:"custom"`
	}](r, "SendCallEvent")
	if fail != nil {
		return nil, fail
	}
	return r.done(s.customEvent(r.who, r.cid(), req.Custom))
}

func (s *Server) serveDelete(r *request) (any, *wire.APIError) {
	gone, fail := s.deleteCall(r.who, r.cid())
	return callAnswer{r.took(), gone}, fail
}

func (s *Server) serveNothing(r *request) (any, *wire.APIError) {
	s.mu.Lock()
	_, fail := s.knownLocked("GetCall", r.who, r.cid())
	s.mu.Unlock()
	return r.done(fail)
}

// serveEmptyList answers with a list of that name: nothing is ever recorded.
func (s *Server) serveEmptyList(name string) func(*request) (any, *wire.APIError) {
	return func(r *request) (any, *wire.APIError) {
		_, fail := s.serveNothing(r)
		return map[string]any{"duration": r.took(), name: []string{}}, fail
	}
}

// done is the answer to a request that has nothing to say but that it worked.
func (r *request) done(fail *wire.APIError) (any, *wire.APIError) {
	return wire.DurationResponse{Duration: r.took()}, fail
}
