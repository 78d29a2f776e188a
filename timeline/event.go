package timeline

import "time"

// Event is one thing that happened, in the order in which it happened. It is a
// value: it may be copied, kept and compared, and nothing in it changes after
// it was appended.
type Event struct {
	// Seq numbers the events of one run from 1. The store assigns it.
	Seq uint64
	// Time is the wall clock, for display only.
	Time time.Time
	// Offset is the monotonic distance from the start of the run; durations on
	// the screen are differences of offsets.
	Offset time.Duration
	// Session names the session that the event belongs to; empty for what
	// concerns the whole program (faults of the coordinator, marks, losses).
	Session string
	// Attempt numbers the socket (one dial-to-loss life) that the event belongs
	// to, from 1; 0 where there is none.
	Attempt int
	// Payload says what happened.
	Payload Payload
}

// Kind returns the kind of the payload, or the empty kind when there is none.
func (e Event) Kind() Kind {
	if e.Payload == nil {
		return ""
	}
	return e.Payload.Kind()
}

// Payload is the closed set of things that can happen: one small struct a kind,
// all in this package. Payloads hold no pointers that anyone still writes to.
type Payload interface {
	// Kind names the payload in recordings and on the command line.
	Kind() Kind
	payload()
}

// Kind names a payload. The names are part of the recording format.
type Kind string

// The kinds, in the order in which a session meets them.
const (
	KindSessionOpened Kind = "session.opened"
	KindSessionClosed Kind = "session.closed"
	KindStateChanged  Kind = "state"
	KindSwitched      Kind = "switch"
	KindUserAction    Kind = "action"
	KindNetwork       Kind = "network"
	KindWarning       Kind = "warning"
	KindNote          Kind = "note"
	KindMark          Kind = "mark"
	KindDropped       Kind = "dropped"

	KindAttemptStarted Kind = "attempt.started"
	KindStage          Kind = "attempt.stage"
	KindAttemptEnded   Kind = "attempt.ended"
	KindBackoff        Kind = "backoff"
	KindConnectFailed  Kind = "connect.failed"
	KindAppEvent       Kind = "app"

	KindTokenLoading Kind = "token.loading"
	KindTokenLoaded  Kind = "token.loaded"
	KindTokenFailed  Kind = "token.failed"
	KindTokenSent    Kind = "token.sent"
	KindClock        Kind = "clock"

	KindFrame        Kind = "frame"
	KindClose        Kind = "close"
	KindHTTPRequest  Kind = "http.request"
	KindHTTPResponse Kind = "http.response"

	KindCallEvent    Kind = "call.event"
	KindCallChanged  Kind = "call.state"
	KindRingDecision Kind = "ring.decision"
	KindBusyTone     Kind = "busy.tone"

	KindFaultArmed   Kind = "fault.armed"
	KindFaultHit     Kind = "fault.hit"
	KindFaultCleared Kind = "fault.cleared"
	KindFaultScored  Kind = "fault.scored"
)
