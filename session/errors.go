package session

import (
	"errors"
	"fmt"
	"strings"

	"streamscope/timeline"
)

// Facts about us, for callers to test with [errors.Is].
var (
	// ErrClosed is returned by commands after Run has returned.
	ErrClosed = errors.New("session: closed")
	// ErrNotConnected is returned by commands that need a connection.
	ErrNotConnected = errors.New("session: not connected")
)

// Error is any failure of a session: what was being done, and what the other
// side or the network said. It never holds a token.
type Error struct {
	Op     string         // token, dial, auth, read, write, http, guest
	Stage  timeline.Stage // of a dial
	Code   int            // the coordinator's error code, 0 if none
	Status int            // HTTP status, 0 if none
	Close  int            // WebSocket close code, 0 if none
	Reason string         // the peer's text, cleaned
	Err    error          // the cause, for Unwrap
}

// Error implements error. It reads as a path of what was being done.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Op == "dial" {
		b.WriteString(" (" + e.Stage.String() + ")")
	}
	for _, part := range []struct {
		name string
		n    int
	}{{"code", e.Code}, {"status", e.Status}, {"close", e.Close}} {
		if part.n != 0 {
			fmt.Fprintf(&b, ": %s %d", part.name, part.n)
		}
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
