package timeline

import "time"

// AttemptStarted opens a lane: one socket, from the token to its loss.
type AttemptStarted struct {
	URL string `json:"url"` // without query
	// Reconnect says that the attempt follows a loss or failure inside the
	// socket layer, not a connectUser.
	Reconnect bool `json:"reconnect,omitempty"`
	// Cycle is the outer connectUser attempt this socket belongs to, from 1.
	Cycle int    `json:"cycle,omitempty"`
	Why   string `json:"why,omitempty"`
}

// StageChanged is progress in the lane of an attempt.
type StageChanged struct {
	Stage    Stage         `json:"stage"`
	Progress Progress      `json:"progress"`
	Took     time.Duration `json:"took_ns,omitempty"`
	// Detail is what the stage found: an address, a TLS version, a status text.
	Detail  string   `json:"detail,omitempty"`
	Status  int      `json:"status,omitempty"` // HTTP status of the upgrade
	Failure *Failure `json:"failure,omitempty"`
}

// AttemptEnded closes a lane.
type AttemptEnded struct {
	By      Party    `json:"by"`
	Close   int      `json:"close,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Failure *Failure `json:"failure,omitempty"` // nil for a wanted end
}

// Backoff is one wait that was scheduled before an attempt. The official client
// can have several at a time (K21); the earliest opens the socket.
type Backoff struct {
	Chain    int           `json:"chain"` // numbers the wait within the session
	Layer    string        `json:"layer"` // socket or connect
	Failures int           `json:"failures"`
	Min      time.Duration `json:"min_ns"`
	Max      time.Duration `json:"max_ns"`
	Drawn    time.Duration `json:"drawn_ns"`
	Refresh  bool          `json:"refresh,omitempty"` // loads a new token first
}

// ConnectFailed is onConnectUserError: the whole loop gave up.
type ConnectFailed struct {
	Last Failure   `json:"last"`
	All  []Failure `json:"all"`
}

// AppEvent is what the official client would dispatch to the application
// itself, not a frame of the server: connection.changed, network.changed.
type AppEvent struct {
	Type   string `json:"type"`
	Online bool   `json:"online"`
}

// TokenInfo is a token without its secret: shape, claims, and a fingerprint
// that tells two tokens apart.
type TokenInfo struct {
	Number      int       `json:"number"` // counts distinct tokens of the session, from 1
	Mask        string    `json:"mask"`
	Fingerprint string    `json:"fingerprint"`
	Alg         string    `json:"alg,omitempty"`
	UserID      string    `json:"user_id,omitempty"`
	IssuedAt    time.Time `json:"issued_at,omitzero"`
	ExpiresAt   time.Time `json:"expires_at,omitzero"`
	NotBefore   time.Time `json:"not_before,omitzero"`
	CallCIDs    []string  `json:"call_cids,omitempty"`
	Server      bool      `json:"server,omitempty"`
	// Malformed says why the token could not be read; empty when it could.
	Malformed string `json:"malformed,omitempty"`
	// Undecodable says why the official JS client's own decoder refuses a token
	// that is correct (protocol 3.2, K20); empty when it does not.
	Undecodable string `json:"undecodable,omitempty"`
}

// TokenLoading is the token source being asked.
type TokenLoading struct {
	Source string `json:"source"`
	Load   int    `json:"load"` // numbers the calls of the source, from 1
}

// TokenLoaded is the token source's answer.
type TokenLoaded struct {
	Source string        `json:"source"`
	Load   int           `json:"load"`
	Took   time.Duration `json:"took_ns"`
	Token  TokenInfo     `json:"token"`
	// Same says that the source gave the token it gave before.
	Same bool `json:"same,omitempty"`
}

// TokenFailed is the token source's failure, or a token that the client itself
// refuses.
type TokenFailed struct {
	Source  string        `json:"source"`
	Load    int           `json:"load"`
	Took    time.Duration `json:"took_ns"`
	Failure Failure       `json:"failure"`
	// Token is the token that was refused; nil when the source gave none.
	Token *TokenInfo `json:"token,omitempty"`
}

// TokenSent is a token going on the wire in the auth frame of a socket.
type TokenSent struct {
	Token TokenInfo `json:"token"`
}

// Clock is a measurement of the server's clock against ours.
type Clock struct {
	Skew   time.Duration `json:"skew_ns"` // server minus ours
	Source string        `json:"source"`  // date header, connection.ok
}
