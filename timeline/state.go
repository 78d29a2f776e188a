package timeline

import "time"

// Limits of what a [State] keeps. The whole record is in the [Store]; the state
// keeps what the panes show at once.
const (
	maxAttempts  = 64
	maxTokens    = 32
	maxCalls     = 64
	maxDecisions = 32
	maxTraps     = 64
	maxRTTs      = 60
	maxFailures  = 32
	maxFaults    = 64
	maxSessions  = 256
	maxBackoffs  = 16
	maxSwitches  = 32
	maxWarnings  = 32
	maxLoads     = 128
	maxPending   = 64
	maxMembers   = 128
)

// State is everything that the panes show, folded from events. A State that was
// handed out never changes; [Apply] and [Fold] return a new one.
type State struct {
	// Seq, Time and Offset are those of the last event applied.
	Seq    uint64
	Time   time.Time
	Offset time.Duration
	// Sessions are in the order in which they were opened.
	Sessions []Session
	Faults   []ArmedFault
	// Dropped counts events that were lost before this reader saw them.
	Dropped uint64
	Marks   int
}

// Session returns the state of the named session.
func (s State) Session(name string) (Session, bool) {
	for i := range s.Sessions {
		if s.Sessions[i].Name == name {
			return s.Sessions[i], true
		}
	}
	return Session{}, false
}

// Session is what is known about one user's connection.
type Session struct {
	Name   string
	Opened SessionOpened
	Closed string // why the session is over; empty while it lives

	Conn  ConnState
	Since time.Time // when Conn was entered
	// Reason says why Conn was entered.
	Reason   string
	Failures int
	Cycle    int
	// RetryAt is when the earliest scheduled attempt starts; zero for none.
	RetryAt  time.Time
	Backoffs []Wait // waits that are still running, oldest first
	LastWait Wait   // the wait drawn last, for the curve

	Attempt  Attempt   // the current or last attempt; N is 0 before the first
	Attempts []Attempt // the ones before it, oldest first
	Drops    int       // established sockets that were lost
	LastLoss Attempt   // the last attempt that ended in a failure

	ConnectErrors []Failure // of the last connectUser loop that gave up
	Online        bool      // the device's network
	AppOnline     bool      // the last connection.changed that the app got
	AppTold       time.Time // when the app was last told

	Health Health
	Token  TokenState
	Clock  Clock

	RejectWhenBusy bool
	Policy         Policy
	Switches       []Switched
	Calls          []Call
	Decisions      []DecidedRing
	Tone           ToneState
	Traps          []TrapSeen
	Warnings       []Warning

	FramesIn, FramesOut int
	BytesIn, BytesOut   int64
	BadFrames           int
	Requests            int

	pending []pendingRequest
	memory  memory
}

// Wait is a [Backoff] with its times.
type Wait struct {
	Backoff
	At    time.Time
	Until time.Time
}

// pendingRequest is a request whose answer has not come.
type pendingRequest struct {
	id      string
	op      string
	cid     string
	ring    bool
	video   bool
	watch   bool
	reason  string
	members []string
	at      time.Time
}

// memory is what the fold remembers of a session for its own rules; no pane
// shows it.
type memory struct {
	// toldConn and toldCalls say that the session itself reports its state and
	// its calls, so that they need not be read from the traffic.
	toldConn, toldCalls bool
	// wasConnected says that a socket was established since the user connected.
	wasConnected bool
	// deviceOffline says that the last Network event was offline; onlineSeen and
	// onlineAt are of the last one that was online.
	deviceOffline, onlineSeen bool
	onlineAt                  time.Duration
	// openTraps counts the traps that are not over.
	openTraps int
	// me is the user's id as connection.ok gave it: a guest's differs from the
	// one asked for.
	me string
	// watchFails counts failed re-watches in a row (K25).
	watchFails int
	// refusedID and refused count answers with code 40 to one request (K18).
	refusedID string
	refused   int
}

// Attempt is one lane.
type Attempt struct {
	N         int
	Cycle     int
	Reconnect bool
	URL       string
	Why       string
	Started   time.Time
	Ended     time.Time // zero while it lives
	// ConnectedAt is when connection.ok came; zero if it did not.
	ConnectedAt  time.Time
	FirstFrameAt time.Time
	ConnectionID string
	Stages       [StageCount]StageState
	TokenNumber  int
	End          AttemptEnded
	CloseIn      *Close // the server's close frame, even when it was ignored
	FramesIn     int
	FramesOut    int
	// Errors counts the connection.error frames of this socket; ErrorCode is
	// that of the last one.
	Errors    int
	ErrorCode int
	// assumed says that the beginning of the attempt was not seen.
	assumed bool
}

// StageState is one cell of a lane.
type StageState struct {
	Progress Progress
	Started  time.Time
	Took     time.Duration
	Detail   string
	Status   int
	Failure  *Failure
}

// Health is what the frames say about the liveness of the current socket. The
// times are the official client's (protocol 2.5).
type Health struct {
	LastFrame time.Time // any frame received
	LastPing  time.Time // our last health.check
	LastPong  time.Time // the server's last health.check
	// NextPing is when the client sends its next health.check; zero for never.
	NextPing time.Time
	// DeafAt is when 35 s of silence are over; zero without a socket.
	DeafAt time.Time
	Pings  int
	Pongs  int
	RTTs   []time.Duration // the last ones, oldest first
	// Awaiting says that a ping is unanswered.
	Awaiting bool

	// The same times as offsets, for differences that no clock change can bend.
	frameAt, pingAt time.Duration
}

// TokenState is the token pane.
type TokenState struct {
	// Wire is the token that went out last in an auth frame; Number 0 for none.
	Wire   TokenInfo
	WireAt time.Time
	// Latest is the token that the source gave last.
	Latest   TokenInfo
	LatestAt time.Time
	Loading  bool
	Loads    int
	LastTook time.Duration
	Failure  *Failure // of the last load; nil when it worked
	Same     bool     // the last load gave the same token again
	History  []TokenUse
	// LoadTimes are the times of the latest loads, for calls per minute.
	LoadTimes []time.Time
}

// TokenUse is a row for a token that went on the wire.
type TokenUse struct {
	Token   TokenInfo
	At      time.Time
	Attempt int
	// Result is how the server took it: ok, an error, or empty while open.
	Result string
}

// Call is one call that the client knows.
type Call struct {
	CID       string
	SessionID string
	State     CallingState
	Ringing   bool // the client's flag: this is a ring call
	Creator   string
	Outgoing  bool // created by the session's user
	Video     bool
	Since     time.Time // when State was entered
	RingAt    time.Time // when call.ring came or our ring went out
	Members   []Member
	// The deadlines of the ring; zero where the timer is off.
	IncomingDeadline   time.Time
	AutoCancelDeadline time.Time
	MissedDeadline     time.Time
	Ended              bool
	Why                string // of the last change
	// The ring settings of the call, from which the deadlines are made.
	autoCancel, incoming, missedIn time.Duration
	// Busy says that the client turned this call away as busy.
	Busy bool
}

// Member is one member's part in a ring.
type Member struct {
	ID      string
	Outcome Outcome
	Reason  string
	At      time.Time
}

// DecidedRing is a decision with its time.
type DecidedRing struct {
	RingDecision
	At time.Time
}

// ToneState is the busy tone.
type ToneState struct {
	On    bool
	CID   string
	By    string
	Since time.Time
	For   time.Duration
	Count int
}

// TrapSeen is a trap of the official client, recognised by the fold.
type TrapSeen struct {
	ID      string // K1…K27
	Seq     uint64 // of the event that gave it away
	At      time.Time
	Attempt int
	Detail  string
	// Until is when the client notices or gives up; zero where there is no
	// countdown.
	Until time.Time
	// Over says that the trap no longer holds.
	Over bool
}

// ArmedFault is a fault with what became of it.
type ArmedFault struct {
	Fault
	ArmedAt time.Time
	For     time.Duration
	Until   time.Time // zero for no limit, or for none yet
	Hits    int
	LastHit time.Time
	Cleared bool
	Score   *FaultScored
}
