package coordinator

import (
	"maps"
	"slices"
	"time"

	"streamscope/internal/wire"
)

// maxDevices is how many push devices of a user are kept.
const maxDevices = 25

func (s *Server) serveGuest(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.GuestRequest](r, "CreateGuest")
	if fail != nil {
		return nil, fail
	}
	res, fail := s.makeGuest(req.User)
	res.Duration = r.took()
	return res, fail
}

// serveTelemetry takes the client's own account of what it does, and never
// refuses: a 4xx would be logged as an error by the client (protocol.md 10).
func (s *Server) serveTelemetry(r *request) (any, *wire.APIError) {
	// A report that cannot be read is worth nothing, but no reason to fail.
	report, _ := wire.Decode[wire.ClientEvents](r.body)
	for _, stage := range report.Events {
		s.note(Event{Kind: Telemetry, UserID: stage.UserID, Stage: new(stage), Client: stage.UserAgent})
	}
	return wire.DurationResponse{Duration: "0ms"}, nil
}

func (s *Server) serveEdges(r *request) (any, *wire.APIError) {
	return struct {
		Duration string            `json:"duration"`
		Edges    wire.List[string] `json:"edges"`
	}{Duration: r.took()}, nil
}

func (s *Server) serveCallTypes(r *request) (any, *wire.APIError) {
	return struct {
		Duration  string        `json:"duration"`
		CallTypes wire.Map[any] `json:"call_types"`
	}{Duration: r.took()}, nil
}

func (s *Server) serveApp(r *request) (any, *wire.APIError) {
	return struct {
		Duration string        `json:"duration"`
		App      wire.Map[any] `json:"app"`
	}{r.took(), wire.Map[any]{"name": "streamscope local coordinator", "suspended": false}}, nil
}

type usersResponse struct {
	Duration string             `json:"duration"`
	Users    wire.Map[fullUser] `json:"users"`
	TaskID   string             `json:"membership_deletion_task_id"`
}

func (s *Server) serveUpdateUsers(r *request) (any, *wire.APIError) {
	req, fail := decode[wire.UpdateUsersRequest](r, "UpdateUsers")
	if fail != nil {
		return nil, fail
	}
	updated, fail := s.updateUsers(slices.Collect(maps.Values(req.Users)))
	return usersResponse{Duration: r.took(), Users: updated}, fail
}

func (s *Server) servePatchUsers(r *request) (any, *wire.APIError) {
	req, fail := decode[struct {
		Users []userPatch `json:"users"`
	}](r, "UpdateUsersPartial")
	if fail != nil {
		return nil, fail
	}
	updated, fail := s.patchUsers(req.Users)
	return usersResponse{Duration: r.took(), Users: updated}, fail
}

// serveQueryUsers reads the query from one URL parameter that holds JSON.
func (s *Server) serveQueryUsers(r *request) (any, *wire.APIError) {
	r.body = []byte(r.URL.Query().Get("payload"))
	query, fail := decode[userQuery](r, "QueryUsers")
	if fail != nil {
		return nil, fail
	}
	found, fail := s.queryUsers(query)
	return struct {
		Duration string              `json:"duration"`
		Users    wire.List[fullUser] `json:"users"`
	}{r.took(), found}, fail
}

func (s *Server) serveDevices(r *request) (any, *wire.APIError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var devices wire.List[wire.Device]
	if u := s.users[r.deviceOwner()]; u != nil {
		devices = slices.Clone(u.devices)
	}
	return struct {
		Duration string                 `json:"duration"`
		Devices  wire.List[wire.Device] `json:"devices"`
	}{r.took(), devices}, nil
}

// deviceOwner is the caller, or for servers the user that the request names.
func (r *request) deviceOwner() string {
	if r.who.server {
		return r.URL.Query().Get("user_id")
	}
	return r.who.userID
}

func (s *Server) serveAddDevice(r *request) (any, *wire.APIError) {
	const op = "CreateDevice"
	device, fail := decode[struct {
		wire.Device
		VoipToken bool `json:"voip_token"`
	}](r, op)
	if fail != nil {
		return nil, fail
	}
	if device.ID == "" || device.PushProvider == "" {
		return nil, inputError(op, "id and push_provider are required fields")
	}
	if fail := checkSize(op, device); fail != nil {
		return nil, fail
	}
	owner := r.deviceOwner()
	if r.who.server {
		owner = device.UserID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[owner]
	if u == nil {
		return nil, notFound(op, "user", owner)
	}
	kept := device.Device
	kept.Voip, kept.UserID, kept.CreatedAt = device.VoipToken, owner, wire.At(time.Now())
	u.devices = slices.DeleteFunc(u.devices, func(d wire.Device) bool { return d.ID == kept.ID })
	if len(u.devices) >= maxDevices {
		return nil, inputError(op, "the user has too many devices")
	}
	u.devices = append(u.devices, kept)
	return r.done(nil)
}

func (s *Server) serveRemoveDevice(r *request) (any, *wire.APIError) {
	const op = "DeleteDevice"
	id := r.URL.Query().Get("id")
	if id == "" {
		return nil, inputError(op, "id is a required field")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[r.deviceOwner()]; u != nil {
		u.devices = slices.DeleteFunc(u.devices, func(d wire.Device) bool { return d.ID == id })
	}
	return r.done(nil)
}
