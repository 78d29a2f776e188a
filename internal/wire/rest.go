package wire

import "encoding/json"

// DurationResponse is the body of a success that says nothing else.
type DurationResponse struct {
	Duration string `json:"duration"`
}

// CallRequest is the body of get-or-create and, with Location, of join
// (protocol.md 5). Every member is optional.
type CallRequest struct {
	Ring          bool     `json:"ring,omitempty"`
	Notify        bool     `json:"notify,omitempty"`
	Video         bool     `json:"video,omitempty"`
	MembersLimit  int      `json:"members_limit,omitempty"`
	Create        bool     `json:"create,omitempty"`
	Location      string   `json:"location,omitempty"`
	MigratingFrom string   `json:"migrating_from,omitempty"`
	Data          CallData `json:"data,omitzero"`
}

// CallData is what a call is created with.
type CallData struct {
	CreatedByID      string          `json:"created_by_id,omitempty"`
	CreatedBy        *UserDetails    `json:"created_by,omitempty"`
	Members          []MemberRequest `json:"members,omitempty"`
	Custom           Custom          `json:"custom,omitzero"`
	SettingsOverride json.RawMessage `json:"settings_override,omitempty"`
	StartsAt         Time            `json:"starts_at,omitzero"`
	Team             string          `json:"team,omitempty"`
	Video            bool            `json:"video,omitempty"`
}

// MemberRequest names a member to add.
type MemberRequest struct {
	UserID string `json:"user_id"`
	Role   string `json:"role,omitempty"`
	Custom Custom `json:"custom,omitzero"`
}

// CallStateResponse is the answer to get, get-or-create and update, and an
// element of a query's list.
type CallStateResponse struct {
	Duration        string       `json:"duration,omitempty"`
	Created         *bool        `json:"created,omitempty"`
	Call            Call         `json:"call"`
	Members         List[Member] `json:"members"`
	Membership      *Member      `json:"membership,omitempty"`
	OwnCapabilities List[string] `json:"own_capabilities"`
}

// JoinResponse answers join. Without a media server the credentials lead
// nowhere; the coordinator's side of a ring completes all the same.
type JoinResponse struct {
	CallStateResponse
	Credentials  Credentials  `json:"credentials"`
	StatsOptions StatsOptions `json:"stats_options"`
}

// Credentials tell a client where the media server is.
type Credentials struct {
	Server     MediaServer     `json:"server"`
	Token      Secret          `json:"token"`
	ICEServers List[ICEServer] `json:"ice_servers"`
}

// MediaServer is the address of an SFU.
type MediaServer struct {
	EdgeName   string `json:"edge_name"`
	URL        string `json:"url"`
	WSEndpoint string `json:"ws_endpoint"`
}

// ICEServer is a STUN or TURN server.
type ICEServer struct {
	URLs     List[string] `json:"urls"`
	Username string       `json:"username"`
	Password Secret       `json:"password"`
}

// StatsOptions switch media statistics.
type StatsOptions struct {
	EnableRTCStats      bool `json:"enable_rtc_stats"`
	ReportingIntervalMS int  `json:"reporting_interval_ms"`
}

// RingState is polled by the caller while a ring is pending (protocol.md 5.1).
type RingState struct {
	Duration         string    `json:"duration"`
	CallCID          string    `json:"call_cid"`
	CreatedByUserID  string    `json:"created_by_user_id"`
	SessionID        string    `json:"session_id"`
	AcceptedBy       Map[Time] `json:"accepted_by"`
	RejectedBy       Map[Time] `json:"rejected_by"`
	MissedBy         Map[Time] `json:"missed_by"`
	SessionStartedAt Time      `json:"session_started_at,omitzero"`
	SessionEndedAt   Time      `json:"session_ended_at,omitzero"`
	CallEndedAt      Time      `json:"call_ended_at,omitzero"`
}

// RejectRequest is the body of a reject.
type RejectRequest struct {
	Reason string `json:"reason,omitempty"`
}

// RingRequest rings members of an existing call; no ids mean all.
type RingRequest struct {
	MembersIDs []string `json:"members_ids,omitempty"`
	Video      bool     `json:"video,omitempty"`
}

// RingResponse names who was rung.
type RingResponse struct {
	Duration   string       `json:"duration"`
	MembersIDs List[string] `json:"members_ids"`
}

// MembersRequest changes the members of a call.
type MembersRequest struct {
	UpdateMembers []MemberRequest `json:"update_members,omitempty"`
	RemoveMembers []string        `json:"remove_members,omitempty"`
}

// MembersResponse lists members.
type MembersResponse struct {
	Duration string       `json:"duration"`
	Members  List[Member] `json:"members"`
}

// QueryCallsRequest asks for calls; with Watch the connection that is named in
// the query receives their events (protocol.md 4.5).
type QueryCallsRequest struct {
	FilterConditions Map[any]    `json:"filter_conditions,omitzero"`
	Sort             []SortField `json:"sort,omitempty"`
	Watch            bool        `json:"watch,omitempty"`
	Limit            int         `json:"limit,omitempty"`
	Next             string      `json:"next,omitempty"`
}

// SortField orders a query; direction is 1 or -1.
type SortField struct {
	Field     string `json:"field"`
	Direction int    `json:"direction,omitempty"`
}

// QueryCallsResponse lists calls.
type QueryCallsResponse struct {
	Duration string                  `json:"duration"`
	Calls    List[CallStateResponse] `json:"calls"`
	Next     string                  `json:"next,omitempty"`
}

// UpdateUsersRequest is the server-side upsert (protocol.md 11.4).
type UpdateUsersRequest struct {
	Users map[string]UserDetails `json:"users"`
}

// ClientEvents is the body of the client's telemetry (protocol.md 10).
type ClientEvents struct {
	Events []ClientEvent `json:"events"`
}

// ClientEvent is one step of the client's own account of a connect or join.
type ClientEvent struct {
	UserID               string `json:"user_id,omitempty"`
	Stage                string `json:"stage"`
	EventType            string `json:"event_type"`
	Timestamp            Time   `json:"timestamp"`
	UserAgent            string `json:"user_agent,omitempty"`
	SDKVersion           string `json:"sdk_version,omitempty"`
	StageID              string `json:"stage_id,omitempty"`
	CoordinatorConnectID string `json:"coordinator_connect_id,omitempty"`
	JoinAttemptID        string `json:"join_attempt_id,omitempty"`
	JoinReason           string `json:"join_reason,omitempty"`
	Source               string `json:"source,omitempty"`
	CallType             string `json:"type,omitempty"`
	CallID               string `json:"id,omitempty"`
	CallSessionID        string `json:"call_session_id,omitempty"`
	Outcome              string `json:"outcome,omitempty"`
	RetryCountAttempt    *int   `json:"retry_count_attempt,omitempty"`
	ElapsedTimeMS        *int   `json:"elapsed_time,omitempty"`
	RetryFailureReason   string `json:"retry_failure_reason,omitempty"`
	RetryFailureCode     string `json:"retry_failure_code,omitempty"`
}
