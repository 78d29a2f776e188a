package session

import (
	"time"

	"streamscope/timeline"
)

// Status is what a session is doing, at one instant. It is a value: nothing in
// it changes after it was handed out. Everything that a screen shows comes from
// the timeline; Status is for those who need one word now.
type Status struct {
	Name  string
	User  timeline.User
	State timeline.ConnState
	Since time.Time
	// Reason says why State was entered.
	Reason string
	// ConnectionID is what REST requests carry. It outlives its socket, as the
	// official client's does (protocol.md 4.1).
	ConnectionID string
	// Attempt numbers the newest socket, from 1; 0 before the first.
	Attempt  int
	Failures int
	// RetryAt is when the earliest scheduled attempt starts; zero for none.
	RetryAt time.Time
	// Online is the device's network, as a browser would report it.
	Online         bool
	RejectWhenBusy bool
	Policy         timeline.Policy
	LuckyWatchdog  bool
	Calls          []CallStatus
	// Over says that Run has ended, or is about to.
	Over bool
}

// CallStatus is one call that the client knows.
type CallStatus struct {
	CID      string
	State    timeline.CallingState
	Ringing  bool
	Outgoing bool
	Watching bool // its events are asked for again after a reconnect
	Creator  string
	Members  []string
}

// Live reports whether a socket is established, as far as the client believes.
func (s Status) Live() bool { return s.State.Live() }
