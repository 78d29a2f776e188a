package timeline

import "time"

// User is who a session is for. It holds nothing secret.
type User struct {
	ID     string         `json:"id"`
	Name   string         `json:"name,omitempty"`
	Image  string         `json:"image,omitempty"`
	Type   UserType       `json:"type"`
	Custom map[string]any `json:"custom,omitempty"`
}

// SessionOpened is the first event of a session: who, where, and with which
// options.
type SessionOpened struct {
	Source            Source        `json:"source"`
	User              User          `json:"user"`
	APIKey            string        `json:"api_key"` // masked
	BaseURL           string        `json:"base_url"`
	Policy            Policy        `json:"policy"`
	TokenSource       string        `json:"token_source"` // static, http, exec, file, secret, none
	Refreshable       bool          `json:"refreshable"`  // code 40 leads to a new token
	RejectWhenBusy    bool          `json:"reject_when_busy"`
	MaxConnectRetries int           `json:"max_connect_user_retries"`
	ConnectTimeout    time.Duration `json:"connect_timeout_ns"`
	// RenewBefore says that the app renews a token this long before it expires,
	// which the official client does not; 0 is not known.
	RenewBefore time.Duration `json:"renew_before_ns,omitempty"`
}

// SessionClosed is the last event of a session.
type SessionClosed struct {
	Reason string `json:"reason"`
}

// StateChanged is a transition of the session.
type StateChanged struct {
	From   ConnState `json:"from"`
	To     ConnState `json:"to"`
	Reason string    `json:"reason,omitempty"`
	// Failures counts failures since the last success: the input of the backoff.
	Failures int `json:"failures,omitempty"`
	// RetryIn is the time to the next attempt, when one is scheduled. In
	// [StateStalled] it is the time to the staleness check of the socket before,
	// where that is still armed and will dial once more.
	RetryIn time.Duration `json:"retry_in_ns,omitempty"`
	// Cycle is the attempt of the outer connectUser loop, from 1; 0 after the
	// first success.
	Cycle int `json:"cycle,omitempty"`
}

// Switched is a live option that changed: reject_when_busy, policy, watchdog…
type Switched struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// UserAction is a key or command of ours that touched the connection. Of the
// action [ActionRenew] the app itself is the user: no key was pressed.
type UserAction struct {
	Action string `json:"action"` // the action's ID
	Detail string `json:"detail,omitempty"`
}

// Network is the device going offline or online, as a browser would report it.
type Network struct {
	Online bool  `json:"online"`
	By     Party `json:"by"`
}

// Warning is what the official client warns about, or silently does not
// (duplicate instances, dropped options, consecutive connects).
type Warning struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Note is a debugging remark that needs no field of its own.
type Note struct {
	Text string `json:"text"`
}

// Mark is the user's own note in the record.
type Mark struct {
	Text string `json:"text"`
}

// Dropped says that events were overwritten before this reader saw them. It is
// made by the reader of a store, never recorded by a session.
type Dropped struct {
	Count uint64 `json:"count"`
}

// Failure is what is known about something that went wrong: facts only, the
// words are explain's.
type Failure struct {
	// Stage is where in an attempt it happened; meaningful only with Op dial.
	Stage Stage `json:"stage"`
	// Op is what was being done: token, dial, auth, read, write, http, guest.
	Op string `json:"op"`
	// Code is the coordinator's error code, 0 where there is none.
	Code int `json:"code,omitempty"`
	// Name is the code's name in Stream's table.
	Name string `json:"name,omitempty"`
	// Status is the HTTP status, 0 where there is none.
	Status int `json:"status,omitempty"`
	// Close is the WebSocket close code, 0 where there is none.
	Close int `json:"close,omitempty"`
	// Reason is the peer's own text, cleaned of control characters.
	Reason string `json:"reason,omitempty"`
	// Text is our error's text, redacted.
	Text string `json:"text,omitempty"`
	// SDKText is the error text that the official client gives the application.
	SDKText string `json:"sdk_text,omitempty"`
	// Transient is the official client's isWSFailure: it retries by itself.
	Transient bool `json:"transient,omitempty"`
}
