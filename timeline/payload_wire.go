package timeline

import "time"

// Frame is one WebSocket message. Body is redacted, and cut at a limit; Size is
// what went over the wire.
type Frame struct {
	Dir  Direction `json:"dir"`
	Op   string    `json:"op"` // text, binary, ping, pong
	Size int       `json:"size"`
	// Type is the event type of a JSON object or of the one object in an array;
	// empty when there is none.
	Type string `json:"type,omitempty"`
	CID  string `json:"cid,omitempty"`
	Body Body   `json:"body,omitempty"`
	// Cut is how many bytes of the body were not kept.
	Cut int `json:"cut,omitempty"`
	// Bad says why the frame is not what the protocol wants; empty when it is.
	Bad string `json:"bad,omitempty"`
	// ConnectionID is the connection_id of connection.ok.
	ConnectionID string `json:"connection_id,omitempty"`
	// Code and Message are those of connection.error; Message is cleaned.
	Code    int    `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// By is the user that a call event is about.
	By string `json:"by,omitempty"`
	// ByHand says that the user wrote the frame, not the client.
	ByHand bool `json:"by_hand,omitempty"`
}

// Close is a close frame, or the loss of the connection without one (1006).
type Close struct {
	Dir    Direction `json:"dir"`
	Code   int       `json:"code"`
	Reason string    `json:"reason,omitempty"`
}

// HTTPRequest is a REST request of the client. ID ties it to its response.
type HTTPRequest struct {
	ID     string `json:"id"` // x-client-request-id, or our own number
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"` // redacted
	Body   Body   `json:"body,omitempty"`  // redacted
	CID    string `json:"cid,omitempty"`
	// Token is the number of the token in Authorization, 0 for none.
	Token int `json:"token_number,omitempty"`
	// Op names what the request asks for, one of the Op constants; the fold
	// reads it from the method and path when it is empty.
	Op string `json:"op,omitempty"`
	// Ring, Video, Watch, Reason and Members are those of the body or query. The
	// Reason of telemetry is the step that it tells about.
	Ring    bool     `json:"ring,omitempty"`
	Video   bool     `json:"video,omitempty"`
	Watch   bool     `json:"watch,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Members []string `json:"members,omitempty"`
}

// HTTPResponse is the answer to a request, or its failure.
type HTTPResponse struct {
	ID      string        `json:"id"`
	Method  string        `json:"method"`
	Path    string        `json:"path"`
	Status  int           `json:"status,omitempty"`
	Took    time.Duration `json:"took_ns"`
	Size    int           `json:"size,omitempty"`
	Body    Body          `json:"body,omitempty"` // redacted
	CID     string        `json:"cid,omitempty"`
	Failure *Failure      `json:"failure,omitempty"`
	// Code is the API error code in the body, 0 for none.
	Code int `json:"code,omitempty"`
	// Unrecoverable is the server's word that repeating is of no use.
	Unrecoverable bool `json:"unrecoverable,omitempty"`
	// Call is the state of the call that the answer holds; nil when it has none.
	Call *CallEvent `json:"call,omitempty"`
	// User is the id that the answer to POST /guest gives: the guest connects, and
	// its token is, for that one.
	User string `json:"user,omitempty"`
}

// CallEvent is a call.* event of the server, decoded once where it was read, so
// that the fold needs no JSON.
type CallEvent struct {
	Type      string `json:"type"` // call.created, call.ring, call.rejected…
	CID       string `json:"cid"`
	SessionID string `json:"session_id,omitempty"`
	By        string `json:"by,omitempty"`      // the user the event is about
	Creator   string `json:"creator,omitempty"` // call.created_by.id
	Reason    string `json:"reason,omitempty"`
	// Members are the member ids that the event lists.
	Members []string `json:"members,omitempty"`
	// Accepted, Rejected and Missed are the users in the call's session marks.
	Accepted []string `json:"accepted,omitempty"`
	Rejected []string `json:"rejected,omitempty"`
	Missed   []string `json:"missed,omitempty"`
	Video    bool     `json:"video,omitempty"`
	Ended    bool     `json:"ended,omitempty"` // the call has ended_at
	// The ring settings of the call; 0 switches the client's timer off.
	AutoCancel time.Duration `json:"auto_cancel_ns,omitempty"`
	Incoming   time.Duration `json:"incoming_ns,omitempty"`
	MissedIn   time.Duration `json:"missed_ns,omitempty"`
}

// CallChanged is a change of a call's local state in the client.
type CallChanged struct {
	CID     string       `json:"cid"`
	From    CallingState `json:"from"`
	To      CallingState `json:"to"`
	Ringing bool         `json:"ringing"` // the client's flag: this is a ring call
	Why     string       `json:"why,omitempty"`
}

// RingDecision is what the client decided about a ring, and why.
type RingDecision struct {
	CID    string `json:"cid"`
	Caller string `json:"caller"`
	Busy   bool   `json:"busy"` // rejected as busy
	// Counted are the calls that the busy rule counted.
	Counted []string `json:"counted,omitempty"`
	Rule    string   `json:"rule"`
}

// BusyTone is the caller's busy tone starting or stopping.
type BusyTone struct {
	CID string        `json:"cid"`
	By  string        `json:"by"` // who was busy
	On  bool          `json:"on"`
	For time.Duration `json:"for_ns,omitempty"`
}
