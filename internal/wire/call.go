package wire

import (
	"encoding/json"
	"strings"
	"time"
)

// SplitCID cuts a call id of the form type:id into its parts.
func SplitCID(cid string) (callType, id string, ok bool) {
	callType, id, ok = strings.Cut(cid, ":")
	return callType, id, ok && callType != "" && id != ""
}

// Member is a member of a call (MemberResponse). In call.member_removed a
// member is only an id; such a Member has its UserID and nothing else.
type Member struct {
	UserID    string `json:"user_id"`
	User      User   `json:"user"`
	Role      string `json:"role,omitempty"`
	Custom    Custom `json:"custom"`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// UnmarshalJSON reads a member object or a bare user id.
func (m *Member) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*m = Member{}
		return json.Unmarshal(b, &m.UserID)
	}
	type plain Member
	return json.Unmarshal(b, (*plain)(m))
}

// Call is the full state of a call (CallResponse, protocol.md 5.1). Events
// always carry all of it.
type Call struct {
	Type             string          `json:"type"`
	ID               string          `json:"id"`
	CID              string          `json:"cid"`
	CreatedBy        User            `json:"created_by"`
	Custom           Custom          `json:"custom"`
	CreatedAt        Time            `json:"created_at"`
	UpdatedAt        Time            `json:"updated_at"`
	StartsAt         Time            `json:"starts_at,omitzero"`
	EndedAt          Time            `json:"ended_at,omitzero"`
	Team             string          `json:"team,omitempty"`
	Backstage        bool            `json:"backstage"`
	Recording        bool            `json:"recording"`
	Transcribing     bool            `json:"transcribing"`
	Captioning       bool            `json:"captioning"`
	Translating      bool            `json:"translating"`
	BlockedUserIDs   List[string]    `json:"blocked_user_ids"`
	CurrentSessionID string          `json:"current_session_id"`
	Egress           json.RawMessage `json:"egress,omitempty"`
	Ingress          json.RawMessage `json:"ingress,omitempty"`
	Session          *CallSession    `json:"session,omitempty"`
	Settings         Settings        `json:"settings"`
}

// CallSession says who answered a ring and who is in the call.
type CallSession struct {
	ID                        string            `json:"id"`
	StartedAt                 Time              `json:"started_at,omitzero"`
	EndedAt                   Time              `json:"ended_at,omitzero"`
	AcceptedBy                Map[Time]         `json:"accepted_by"`
	RejectedBy                Map[Time]         `json:"rejected_by"`
	MissedBy                  Map[Time]         `json:"missed_by"`
	Participants              List[Participant] `json:"participants"`
	ParticipantsCountByRole   Map[int]          `json:"participants_count_by_role"`
	AnonymousParticipantCount int               `json:"anonymous_participant_count"`
}

// Participant is someone who joined the call's session.
type Participant struct {
	UserSessionID string `json:"user_session_id"`
	Role          string `json:"role"`
	JoinedAt      Time   `json:"joined_at"`
	User          User   `json:"user"`
}

// RingSettings are the timeouts of a ring, in milliseconds as on the wire
// (protocol.md 7.1). Zero in a response disables the client's timer.
type RingSettings struct {
	AutoCancelTimeoutMS   int `json:"auto_cancel_timeout_ms"`
	IncomingCallTimeoutMS int `json:"incoming_call_timeout_ms"`
	MissedCallTimeoutMS   int `json:"missed_call_timeout_ms"`
}

// AutoCancel is when the caller's client gives up.
func (r RingSettings) AutoCancel() time.Duration {
	return time.Duration(r.AutoCancelTimeoutMS) * time.Millisecond
}

// IncomingCall is when the callee's client gives up.
func (r RingSettings) IncomingCall() time.Duration {
	return time.Duration(r.IncomingCallTimeoutMS) * time.Millisecond
}

// MissedCall is when the server sends call.missed.
func (r RingSettings) MissedCall() time.Duration {
	return time.Duration(r.MissedCallTimeoutMS) * time.Millisecond
}

// Settings are a call's settings. Only the ring timeouts are read; the rest is
// passed through as it came, in Raw, which is what is written when it is set.
type Settings struct {
	Ring RingSettings
	Raw  json.RawMessage
}

// MarshalJSON writes Raw, or the ring settings alone when there is no Raw.
func (s Settings) MarshalJSON() ([]byte, error) {
	if s.Raw != nil {
		return s.Raw, nil
	}
	return json.Marshal(settingsRead{s.Ring})
}

// UnmarshalJSON keeps the whole object and reads the ring timeouts from it.
func (s *Settings) UnmarshalJSON(b []byte) error {
	read, err := Decode[settingsRead](b)
	s.Ring = read.Ring
	s.Raw = append(s.Raw[:0:0], b...)
	return err
}

type settingsRead struct {
	Ring RingSettings `json:"ring"`
}

// CallEvent is any event about a call or a user (protocol.md 6), the union of
// their members. Which are present depends on Type: members that a type does
// not have are zero and are not written.
type CallEvent struct {
	Type               string              `json:"type"`
	CreatedAt          Time                `json:"created_at"`
	CallCID            string              `json:"call_cid,omitempty"`
	SessionID          string              `json:"session_id,omitempty"`
	Call               *Call               `json:"call,omitempty"`
	Members            List[Member]        `json:"members,omitzero"`
	User               *User               `json:"user,omitempty"`
	Video              *bool               `json:"video,omitempty"`
	Reason             string              `json:"reason,omitempty"`
	NotifyUser         *bool               `json:"notify_user,omitempty"`
	Participant        *Participant        `json:"participant,omitempty"`
	DurationSeconds    *int                `json:"duration_seconds,omitempty"`
	CapabilitiesByRole map[string][]string `json:"capabilities_by_role,omitempty"`
	Reaction           *Reaction           `json:"reaction,omitempty"`
	Custom             Custom              `json:"custom,omitzero"`
}

// Reaction is what a participant sends to all others: the request of a client,
// and with its user the reaction of call.reaction_new.
type Reaction struct {
	Type      string `json:"type"`
	EmojiCode string `json:"emoji_code,omitempty"`
	Custom    Custom `json:"custom,omitzero"`
	User      *User  `json:"user,omitempty"`
}

// MemberRemovedEvent is call.member_removed, whose members are ids.
type MemberRemovedEvent struct {
	Type      string       `json:"type"`
	CreatedAt Time         `json:"created_at"`
	CallCID   string       `json:"call_cid"`
	Call      *Call        `json:"call"`
	Members   List[string] `json:"members"`
}

// ParticipantCountEvent is call.session_participant_count_updated.
type ParticipantCountEvent struct {
	Type                      string   `json:"type"`
	CreatedAt                 Time     `json:"created_at"`
	CallCID                   string   `json:"call_cid"`
	SessionID                 string   `json:"session_id"`
	ParticipantsCountByRole   Map[int] `json:"participants_count_by_role"`
	AnonymousParticipantCount int      `json:"anonymous_participant_count"`
}
