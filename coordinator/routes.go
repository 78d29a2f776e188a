package coordinator

import (
	"fmt"
	"net/http"

	"streamscope/internal/wire"
)

// route is a row of the table of what the coordinator answers.
type route struct {
	method, path string // below the prefix of a surface
	op           string // the operation's name in error messages
	public       bool   // needs no user
	anonymous    bool   // anonymous users may, within their call_cids
	serverOnly   bool   // needs a server-side token
	serve        func(*request) (any, *wire.APIError)
}

// video are the routes below /video and /api/v2/video (protocol.md 11.3).
func (s *Server) video() []route {
	const one = "/call/{type}/{id}"
	table := []route{
		{method: "POST", path: "/guest", op: "CreateGuest", public: true, serve: s.serveGuest},
		{method: "POST", path: "/call_client_event", op: "ReportClientEvent", public: true, serve: s.serveTelemetry},
		{method: "GET", path: "/edges", op: "GetEdges", anonymous: true, serve: s.serveEdges},
		{method: "GET", path: "/calltypes", op: "ListCallTypes", serve: s.serveCallTypes},
		{method: "POST", path: "/calls", op: "QueryCalls", anonymous: true, serve: s.serveQueryCalls},
		{method: "POST", path: "/call/members", op: "QueryCallMembers", anonymous: true, serve: s.serveQueryMembers},
		{method: "GET", path: one, op: "GetCall", anonymous: true, serve: s.serveGetCall},
		{method: "POST", path: one, op: "GetOrCreateCall", serve: s.serveGetOrCreate},
		{method: "PATCH", path: one, op: "UpdateCall", serve: s.serveUpdate},
		{method: "POST", path: one + "/ring", op: "RingCall", serve: s.serveRing},
		{method: "GET", path: one + "/ring_state", op: "GetRingState", serve: s.serveRingState},
		{method: "POST", path: one + "/accept", op: "AcceptCall", serve: s.serveAccept},
		{method: "POST", path: one + "/reject", op: "RejectCall", serve: s.serveReject},
		{method: "POST", path: one + "/mark_ended", op: "EndCall", serve: s.serveEnd},
		{method: "POST", path: one + "/join", op: "JoinCall", serve: s.serveJoin},
		{method: "POST", path: one + "/members", op: "UpdateCallMembers", serve: s.serveMembers},
		{method: "POST", path: one + "/event", op: "SendCallEvent", serve: s.serveCustomEvent},
		{method: "POST", path: one + "/delete", op: "DeleteCall", serve: s.serveDelete},
		{method: "POST", path: one + "/go_live", op: "GoLive", serve: s.serveGoLive},
		{method: "POST", path: one + "/stop_live", op: "StopLive", serve: s.serveStopLive},
		{method: "POST", path: one + "/reaction", op: "SendVideoReaction", serve: s.serveReaction},
		{method: "POST", path: one + "/start_broadcasting", op: "StartHLSBroadcasting", serve: s.serveBroadcast},
		{method: "GET", path: "/devices", op: "ListDevices", serve: s.serveDevices},
		{method: "POST", path: "/devices", op: "CreateDevice", serve: s.serveAddDevice},
		{method: "DELETE", path: "/devices", op: "DeleteDevice", serve: s.serveRemoveDevice},
	}
	// What ringing does not need is accepted and has no effect.
	for _, verb := range []string{
		"block", "unblock", "kick", "mute_users", "user_permissions", "request_permission",
		"pin", "unpin", "feedback", "recordings/{kind}/start", "recordings/{kind}/stop", "start_recording", "stop_recording", "start_transcription", "stop_transcription",
		"start_closed_captions", "stop_closed_captions", "stop_broadcasting", "rtmp_broadcasts", "rtmp_broadcasts/stop", "rtmp_broadcasts/{name}/stop",
		"start_frame_recording", "stop_frame_recording",
	} {
		table = append(table, route{method: "POST", path: one + "/" + verb, op: verb, serve: s.serveNothing})
	}
	for _, list := range []string{"recordings", "transcriptions"} {
		table = append(table, route{method: "GET", path: one + "/" + list, op: list, serve: s.serveEmptyList(list)})
	}
	return table
}

// users are the routes below /api/v2 (protocol.md 11.4).
func (s *Server) userRoutes() []route {
	return []route{
		{method: "POST", path: "/users", op: "UpdateUsers", serverOnly: true, serve: s.serveUpdateUsers},
		{method: "PATCH", path: "/users", op: "UpdateUsersPartial", serverOnly: true, serve: s.servePatchUsers},
		{method: "GET", path: "/users", op: "QueryUsers", serve: s.serveQueryUsers},
		{method: "POST", path: "/guest", op: "CreateGuest", public: true, serve: s.serveGuest},
		{method: "GET", path: "/app", op: "GetApp", serverOnly: true, serve: s.serveApp},
		{method: "GET", path: "/devices", op: "ListDevices", serve: s.serveDevices},
		{method: "POST", path: "/devices", op: "CreateDevice", serve: s.serveAddDevice},
		{method: "DELETE", path: "/devices", op: "DeleteDevice", serve: s.serveRemoveDevice},
	}
}

// routes builds the table for both surfaces: RFC 3339 below /video, integer
// nanoseconds below /api/v2 (protocol.md 1.1).
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, rt := range s.video() {
		mux.HandleFunc(rt.method+" /video"+rt.path, s.handle(rt, false))
		mux.HandleFunc(rt.method+" /api/v2/video"+rt.path, s.handle(rt, true))
	}
	for _, rt := range s.userRoutes() {
		mux.HandleFunc(rt.method+" /api/v2"+rt.path, s.handle(rt, true))
	}
	mux.HandleFunc("GET /video/connect", s.connect)
	mux.HandleFunc("GET "+hintPath, s.hint)
	mux.HandleFunc("/", s.unknownRoute)
	return mux
}

// unknownRoute answers in Stream's envelope, never with HTML.
func (s *Server) unknownRoute(w http.ResponseWriter, r *http.Request) {
	fail := apiError(wire.CodeDoesNotExist, fmt.Sprintf("%s %s is not a route of this local coordinator", r.Method, wire.Clean(r.URL.Path)))
	s.refuse(w, fail)
	s.note(Event{Kind: Requested, Method: r.Method, Path: r.URL.Path, Status: fail.StatusCode})
	s.flush()
}

// hintPath stands in for the service that tells clients where they are
// (protocol.md 1.5); it is the value of the option locationHintUrl.
const hintPath = "/hint"

func (s *Server) hint(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("x-amz-cf-pop", "LOC1-P1")
	w.WriteHeader(http.StatusOK)
}
