package coordinator

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"slices"

	"streamscope/internal/wire"
)

// What every call has and nobody here changes (protocol.md 5.1): the official
// client reads these members without looking whether they are there.
var (
	egress  = json.RawMessage(`{"broadcasting":false,"rtmps":[]}`)
	ingress = json.RawMessage(`{"rtmp":{"address":""},"srt":{"address":""},"whip":{"address":""}}`)
)

//go:embed settings.json
var settingsJSON []byte

// defaultSettings are the settings of a call that overrides nothing.
func (s *Server) defaultSettings() wire.Settings {
	standard := int(defaultRingTimeout.Milliseconds())
	ring := wire.RingSettings{
		AutoCancelTimeoutMS:   max(cmp.Or(s.RingTimeouts.AutoCancelTimeoutMS, standard), 0),
		IncomingCallTimeoutMS: max(cmp.Or(s.RingTimeouts.IncomingCallTimeoutMS, standard), 0),
		MissedCallTimeoutMS:   max(cmp.Or(s.RingTimeouts.MissedCallTimeoutMS, standard), 0),
	}
	// Plain numbers always encode.
	part, _ := json.Marshal(ring)
	return wire.Settings{Ring: ring, Raw: bytes.Replace(settingsJSON, []byte(`"RING"`), part, 1)}
}

// capabilities are what the caller may do in a call (names of protocol.md 5.1).
func (c *call) capabilities(p principal, role string) wire.List[string] {
	caps := wire.List[string]{"read-call", "join-call", "create-call", "send-audio", "send-video", "screenshare"}
	if c.mayManage(p, role) {
		caps = append(caps, "end-call", "update-call", "update-call-settings", "update-call-member", "mute-users", "block-users", "kick-user", "join-ended-call")
	}
	return caps
}

// mayManage reports whether the caller may end and change the call: its
// creator, its admins and hosts, administrators of the app, and servers.
func (c *call) mayManage(p principal, role string) bool {
	if p.server || p.userID == c.createdBy || role == "admin" {
		return true
	}
	m := c.member(p.userID)
	return m != nil && slices.Contains([]string{"admin", "host"}, m.role)
}
