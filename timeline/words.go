package timeline

// Source says what feeds a session's timeline.
type Source string

// The sources (design: one interface, several feeds).
const (
	SourceLocal  Source = "local"
	SourceDirect Source = "direct"
	SourceTap    Source = "tap"
	SourceReplay Source = "replay"
)

// UserType is Stream's kind of user.
type UserType string

// The user types; the words are Stream's own.
const (
	Authenticated UserType = "authenticated"
	Guest         UserType = "guest"
	Anonymous     UserType = "anonymous"
)

// Policy names how the session treats failures.
type Policy string

// PolicySDK does what the official client does, traps included; PolicySteady
// repairs the traps.
const (
	PolicySDK    Policy = "sdk"
	PolicySteady Policy = "steady"
)

// ConnState is the word for what a session is doing about its connection.
type ConnState string

// The states of a session. StateStalled is the official client's silent stop:
// unhealthy and no wait running (protocol 4.1); at most the staleness
// check of the socket before is left, see [StateChanged.RetryIn]. It differs from StateFailed,
// which the application was told about.
const (
	StateIdle           ConnState = "idle"
	StateLoadingToken   ConnState = "loading token"
	StateDialing        ConnState = "dialing"
	StateAuthenticating ConnState = "authenticating"
	StateConnected      ConnState = "connected"
	StateBackoff        ConnState = "backoff"
	StateStalled        ConnState = "stalled"
	StateOffline        ConnState = "offline"
	StateDisconnected   ConnState = "disconnected"
	StateFailed         ConnState = "failed"
	// StateNoSocket is an anonymous user: connected without a socket, by design.
	StateNoSocket ConnState = "no socket"
)

// Live reports whether a socket is established in this state.
func (s ConnState) Live() bool { return s == StateConnected }

// Ended reports whether nothing further will happen without the user.
func (s ConnState) Ended() bool {
	switch s {
	case StateIdle, StateStalled, StateDisconnected, StateFailed, StateNoSocket:
		return true
	}
	return false
}

// Stage is one step of a connection attempt, in order.
type Stage int

// The stages of the lane.
const (
	StageToken Stage = iota
	StageDNS
	StageTCP
	StageTLS
	StageUpgrade
	StageAuth
	StageConnected
	// StageCount is the number of stages, not a stage.
	StageCount
)

var stageNames = [StageCount]string{"token", "dns", "tcp", "tls", "upgrade", "auth", "connected"}

// String returns the stage's name as the lane, recordings and JSON print it.
func (s Stage) String() string {
	if s < 0 || s >= StageCount {
		return "unknown"
	}
	return stageNames[s]
}

// Progress is how far a stage has come.
type Progress string

// The progress of a stage. Skipped stages do not exist for this attempt (no
// name to resolve, no TLS).
const (
	Pending Progress = ""
	Started Progress = "started"
	Passed  Progress = "passed"
	Failed  Progress = "failed"
	Skipped Progress = "skipped"
)

// Direction is seen from the client.
type Direction string

// In is from the server, Out is towards it.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Party names who did something to a connection.
type Party string

// The parties that can end a socket or change the network.
const (
	ByUser    Party = "user"
	ByClient  Party = "client"
	ByServer  Party = "server"
	ByNetwork Party = "network"
	ByFault   Party = "fault"
)

// CallingState is the official client's word for a call's local state
// (protocol 7.2).
type CallingState string

// The calling states that coordinator traffic can show.
const (
	CallingUnknown            CallingState = "unknown"
	CallingIdle               CallingState = "idle"
	CallingRinging            CallingState = "ringing"
	CallingJoining            CallingState = "joining"
	CallingJoined             CallingState = "joined"
	CallingLeft               CallingState = "left"
	CallingReconnecting       CallingState = "reconnecting"
	CallingMigrating          CallingState = "migrating"
	CallingReconnectingFailed CallingState = "reconnecting-failed"
	CallingOffline            CallingState = "offline"
)

// Outcome is what a member did about a ring.
type Outcome string

// The outcomes of a ring for one member.
const (
	OutcomeNone     Outcome = ""
	OutcomeRinging  Outcome = "ringing"
	OutcomeAccepted Outcome = "accepted"
	OutcomeRejected Outcome = "rejected"
	OutcomeMissed   Outcome = "missed"
)

// Severity orders events for colours, jumps and exit codes.
type Severity int

// The severities.
const (
	Quiet Severity = iota
	Normal
	Notable
	Warn
	Bad
)

// MarshalText writes the name of the stage.
func (s Stage) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a stage; one that is not known, of a newer
// recording, becomes [StageCount].
func (s *Stage) UnmarshalText(text []byte) error {
	*s = StageCount
	for i, name := range stageNames {
		if string(text) == name {
			*s = Stage(i)
		}
	}
	return nil
}
