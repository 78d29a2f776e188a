package fault

import (
	"strings"
	"time"
)

// Fault is one misbehaviour. The zero value of every member but Kind means the
// kind's default; which members a kind takes is in [Kinds].
type Fault struct {
	// Kind is what happens.
	Kind Kind
	// Phase is the part of a connection's life that is struck. Empty means the
	// first of the phases that the kind allows.
	Phase Phase
	// Direction limits a fault of frames to one direction. Empty means the
	// frames from the server.
	Direction Direction

	// After is the pause between arming and the start.
	After time.Duration
	// For is how long the fault lasts: from its start, or where it waits for a
	// cue ([Fault.Waits]) from its first stroke. Zero means until its count is
	// used up, or until it is disarmed.
	For time.Duration
	// Count is how often it strikes. Zero means once for kinds that are a
	// single stroke and have no For, else without limit.
	Count int
	// Probability of each stroke, above 0 and at most 1. Zero means always.
	Probability float64
	// Seed of the randomness behind Probability and Jitter.
	Seed uint64

	// User limits the fault to one user. Empty means everybody.
	User string
	// Type limits a fault of frames to one event type such as call.ring.
	Type string
	// Path limits a fault of requests to paths that contain it.
	Path string

	// Code is a WebSocket close code or a coordinator error code.
	Code int
	// Status is an HTTP status.
	Status int
	// Reason is the text of a close, an error or a provider's failure.
	Reason string
	// RetryAfter is the Retry-After header of a refused request.
	RetryAfter time.Duration
	// Latency delays each frame, request or answer.
	Latency time.Duration
	// Jitter adds up to this much to each delay.
	Jitter time.Duration
	// Rate is a limit in bytes a second.
	Rate int
	// Size is the length of an injected frame in bytes.
	Size int
	// Skew is added to the clock; negative means the past.
	Skew time.Duration
}

// Phase is a part of a connection's life.
type Phase string

// The phases. In the connect phase a fault waits for the next connection and
// strikes where connection.ok was due; in the session phase it strikes
// connections that are established, at once.
const (
	PhaseConnect Phase = "connect"
	PhaseSession Phase = "session"
)

// Direction of frames, seen from the client.
type Direction string

// The directions.
const (
	// In is from the server to the client.
	In Direction = "in"
	// Out is from the client to the server.
	Out Direction = "out"
	// Both is either.
	Both Direction = "both"
)

// Includes reports whether frames of the direction are struck. An empty
// Direction includes the frames from the server only.
func (d Direction) Includes(other Direction) bool {
	return d == Both || d == other || d == "" && other == In
}

// AtConnect reports whether the fault strikes the handshake.
func (f Fault) AtConnect() bool { return f.phase() == PhaseConnect }

// InSession reports whether the fault strikes established connections.
func (f Fault) InSession() bool { return f.phase() == PhaseSession }

func (f Fault) phase() Phase {
	if f.Phase != "" {
		return f.Phase
	}
	if info, ok := f.Kind.Info(); ok && len(info.Phases) > 0 {
		return info.Phases[0]
	}
	return ""
}

// Cue is what a fault waits for that does nothing to a connection that is up.
type Cue string

// The cues.
const (
	CueConnect Cue = "connect" // the next connect
	CueRequest Cue = "request" // the next request
	CueToken   Cue = "token"   // the next time that a token is asked for
)

// Waits returns the cue of a fault, empty for one that does something at once
// or to whatever comes: tokens that have expired are found out by a connect or
// by a request.
func (f Fault) Waits() Cue {
	switch f.Kind {
	case RESTError, RESTHTML, RESTHang, RESTReset:
		return CueRequest
	case ProviderFails, ProviderSlow, ProviderStale:
		return CueToken
	case ExpireToken:
		return ""
	}
	if f.AtConnect() {
		return CueConnect
	}
	return ""
}

// OnPath reports whether a fault of requests concerns a path. The telemetry of
// a client is left alone unless it is named: the client reports its own steps
// there, and would use up the strokes.
func (f Fault) OnPath(path string) bool {
	if f.Path == "" {
		return !strings.HasSuffix(path, "/call_client_event")
	}
	return strings.Contains(path, f.Path)
}

// Strikes returns how often the fault may strike, 0 for without limit.
func (f Fault) Strikes() int {
	if f.Count > 0 || f.For > 0 {
		return f.Count
	}
	if info, _ := f.Kind.Info(); info.Once {
		return 1
	}
	return 0
}
