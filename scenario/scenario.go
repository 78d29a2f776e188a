package scenario

import (
	"time"

	"streamscope/internal/fault"
)

// Scenario is one file.
type Scenario struct {
	// Name is short, for lists and reports; the file's name when it gives none.
	Name string
	// Title says in one line what happens.
	Title string
	// Description is documentation for a person: why it happens, what to learn.
	Description string
	// Seed is for every random choice of the run; 0 lets the runner draw one.
	Seed uint64
	// Users are who takes part. The first is meant where a step names nobody.
	Users []User
	Steps []Step
	// File is where it was read from.
	File string
}

// User is one participant with a session of their own.
type User struct {
	ID string
	// Token says how tokens are had: provider (asked again on code 40) or static.
	Token string
	// TokenTTL is the life of a token; 0 means an hour.
	TokenTTL time.Duration
	// RejectWhenBusy is Stream's rejectCallWhenBusy.
	RejectWhenBusy bool
	// Policy is sdk or steady; empty means sdk.
	Policy string
	// MaxConnectRetries is maxConnectUserRetries; 0 means the client's 5.
	MaxConnectRetries int
	// ConnectTimeout is defaultWsTimeout; 0 means the client's 15 s.
	ConnectTimeout time.Duration
	// UnluckyWatchdog is trap K2: the staleness check never fires.
	UnluckyWatchdog bool
	// ForgetUserOnFailure is persistUserOnConnectionFailure: false (trap K12).
	ForgetUserOnFailure bool
}

// Step is one line of the list: a verb and what it needs.
type Step struct {
	Verb Verb
	User string
	// Target is the verb's own value: a state, an event type, a trap, a request,
	// a call or the word of `token`.
	Target string
	Fault  fault.Fault
	Ring   Ring
	Reason string
	// Wait is how long `wait` takes.
	Wait time.Duration
	// Within is how long an expectation may take; 0 means [DefaultWithin].
	Within time.Duration
	// Absent turns an expectation round: it must not be seen.
	Absent bool
	// Status is the HTTP status that an expected request must be answered with; 0
	// means any, or none.
	Status int
	// Count is how often an event or request must be seen; 0 means once.
	Count int
	// Line and Column are where the step stands in its file, from 1.
	Line, Column int
}

// DefaultWithin is how long an expectation waits when it does not say.
const DefaultWithin = 5 * time.Second

// Ring is who calls whom.
type Ring struct {
	From string
	To   []string
	CID  string // type:id; drawn by the driver when empty
}

// Verb names what a step does.
type Verb string

// The verbs.
const (
	Connect       Verb = "connect"
	Disconnect    Verb = "disconnect"
	Reconnect     Verb = "reconnect"
	ArmFault      Verb = "fault"
	Clear         Verb = "clear"
	RingUsers     Verb = "ring"
	Accept        Verb = "accept"
	Reject        Verb = "reject"
	Leave         Verb = "leave"
	End           Verb = "end"
	GoOffline     Verb = "offline"
	GoOnline      Verb = "online"
	Token         Verb = "token"
	Wait          Verb = "wait"
	ExpectState   Verb = "expect state"
	ExpectEvent   Verb = "expect event"
	ExpectRequest Verb = "expect request"
	ExpectTrap    Verb = "expect trap"
)

// Expects reports whether the verb waits for something instead of doing it.
func (v Verb) Expects() bool {
	switch v {
	case ExpectState, ExpectEvent, ExpectRequest, ExpectTrap:
		return true
	}
	return false
}

// VerbInfo describes a verb to a person writing a scenario.
type VerbInfo struct {
	Verb  Verb
	Value string // what stands behind the colon
	Text  string
	// Takes names the further keys that the step may have.
	Takes []string
}

// Verbs returns the table of verbs. It is the caller's.
func Verbs() []VerbInfo {
	expects := []string{"user", "within", "absent"}
	counted := []string{"user", "within", "absent", "count"}
	return []VerbInfo{
		{Connect, "USER", "Connects the user, as connectUser does.", nil},
		{Disconnect, "USER", "Disconnects the user properly, with close 1000.", nil},
		{Reconnect, "USER", "Cuts a backoff short, or drops the socket and dials again.", nil},
		{ArmFault, "FAULT", "Arms a fault, in the form that --fault takes.", []string{"user"}},
		{Clear, "faults", "Clears all faults.", nil},
		{RingUsers, "{from, to, call}", "Creates a call and rings its members.", nil},
		{Accept, "CALL", "The user accepts a ringing call.", []string{"user"}},
		{Reject, "CALL", "The user rejects a ringing call.", []string{"user", "reason"}},
		{Leave, "CALL", "The user leaves a call without a word to the others.", []string{"user"}},
		{End, "CALL", "The user ends a call for everybody.", []string{"user"}},
		{GoOffline, "USER", "The device reports that it has no network.", nil},
		{GoOnline, "USER", "The device reports that it has a network again.", nil},
		{Token, "refresh", "Asks the token source for a new token now.", []string{"user"}},
		{Wait, "DURATION", "Lets time pass.", nil},
		{ExpectState, "STATE", "The session must be in the state, or enter it.", expects},
		{ExpectEvent, "TYPE", "A frame of the type must arrive, or an event of that kind happen.", counted},
		{ExpectRequest, "METHOD PATH", "A REST request must be made whose path ends so; * stands for one segment.", append(counted, "status")},
		{ExpectTrap, "K1…K27", "The trap of the official client must be recognised.", expects},
	}
}
