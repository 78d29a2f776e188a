package wire

// The event types of the connection itself and of ringing (protocol.md 2, 6).
// Others exist; an unknown type is an event like any other.
const (
	TypeConnectionOK    = "connection.ok"
	TypeConnectionError = "connection.error"
	TypeHealthCheck     = "health.check"

	TypeCallCreated       = "call.created"
	TypeCallRing          = "call.ring"
	TypeCallNotification  = "call.notification"
	TypeCallAccepted      = "call.accepted"
	TypeCallRejected      = "call.rejected"
	TypeCallMissed        = "call.missed"
	TypeCallEnded         = "call.ended"
	TypeCallUpdated       = "call.updated"
	TypeLiveStarted       = "call.live_started"
	TypeReaction          = "call.reaction_new"
	TypeCallDeleted       = "call.deleted"
	TypeCallMemberAdded   = "call.member_added"
	TypeCallMemberRemoved = "call.member_removed"
	TypeSessionStarted    = "call.session_started"
	TypeSessionEnded      = "call.session_ended"
	TypeParticipantJoined = "call.session_participant_joined"
	TypeParticipantLeft   = "call.session_participant_left"
	TypeParticipantCount  = "call.session_participant_count_updated"
	TypeUserUpdated       = "user.updated"
	TypeCustom            = "custom"
)

// The reject reasons that clients build in; any other text is allowed too
// (protocol.md 5.2).
const (
	ReasonBusy    = "busy"
	ReasonDecline = "decline"
	ReasonCancel  = "cancel"
	ReasonTimeout = "timeout"
)

// AuthMessage is the first frame of a client (protocol.md 2.2).
type AuthMessage struct {
	Token       Secret      `json:"token"`
	Products    []string    `json:"products,omitempty"`
	UserDetails UserDetails `json:"user_details"`
}

// ConnectedEvent is connection.ok: the session is established.
type ConnectedEvent struct {
	Type         string  `json:"type"`
	ConnectionID string  `json:"connection_id"`
	CreatedAt    Time    `json:"created_at"`
	Me           OwnUser `json:"me"`
}

// ConnectionError is connection.error; the server closes the socket after it.
type ConnectionError struct {
	Type         string   `json:"type"`
	ConnectionID string   `json:"connection_id"`
	CreatedAt    Time     `json:"created_at"`
	Error        APIError `json:"error"`
}

// HealthCheck is the server's answer to a ping (protocol.md 2.5).
type HealthCheck struct {
	Type         string `json:"type"`
	ConnectionID string `json:"connection_id"`
	CreatedAt    Time   `json:"created_at"`
	Custom       Custom `json:"custom"`
}

// Ping is the one member of the array that the client sends as a health check.
type Ping struct {
	Type     string `json:"type"`
	ClientID string `json:"client_id,omitempty"`
}

// Event is what all events have in common, for those who need more than
// [SniffType] and less than the whole.
type Event struct {
	Type         string `json:"type"`
	CreatedAt    Time   `json:"created_at"`
	ConnectionID string `json:"connection_id,omitempty"`
	CallCID      string `json:"call_cid,omitempty"`
}
