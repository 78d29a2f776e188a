package timeline

import "time"

// Fault is one misbehaviour as the screen shows it. The machinery is elsewhere;
// these are its words.
type Fault struct {
	ID    string `json:"id"`   // unique while armed
	Kind  string `json:"kind"` // the fault's name in the menu and in scenarios
	Title string `json:"title"`
	// Spec is the fault in the form the --fault flag takes.
	Spec string `json:"spec,omitempty"`
	// Where says who misbehaves: coordinator, dialer, token, tap.
	Where string `json:"where"`
	// Expect is the reaction to expect from the official client.
	Expect string `json:"expect,omitempty"`
	// Trap is the trap that the fault provokes, if any.
	Trap string `json:"trap,omitempty"`
	Seed uint64 `json:"seed,omitempty"`
	// Strikes says what a fault that does nothing by itself waits for: one of
	// the Strikes words, or empty.
	Strikes string `json:"strikes,omitempty"`
}

// What an armed fault can wait for.
const (
	StrikesConnect = "strikes at the next connect"
	StrikesRequest = "strikes at the next request"
	StrikesToken   = "strikes when a token is asked for"
)

// FaultArmed is a fault switched on.
type FaultArmed struct {
	Fault Fault `json:"fault"`
	// After is the pause before it begins.
	After time.Duration `json:"after_ns,omitempty"`
	// For is how long it lasts: from its beginning, or where it waits for
	// something from its first stroke.
	For time.Duration `json:"for_ns,omitempty"`
}

// FaultHit is an armed fault acting once.
type FaultHit struct {
	ID     string `json:"id"`
	Fault  string `json:"fault"` // the fault's kind
	Detail string `json:"detail,omitempty"`
}

// FaultCleared is a fault switched off or used up.
type FaultCleared struct {
	ID   string `json:"id"`
	Why  string `json:"why,omitempty"`
	Hits int    `json:"hits"`
}

// FaultScored compares what happened after a fault with what the official
// client does.
type FaultScored struct {
	ID     string        `json:"id"`
	Fault  string        `json:"fault"` // the fault's kind
	Score  string        `json:"score"` // seen, late, missed
	After  time.Duration `json:"after_ns,omitempty"`
	Detail string        `json:"detail,omitempty"`
}
