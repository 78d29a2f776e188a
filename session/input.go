package session

import (
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// input is what can happen to the machine: a command of the user, a result of
// an effect, or nothing but time. The set is closed.
type input interface{ input() }

// Commands. Reply is called from the loop with the outcome; nil when nobody
// waits.
type (
	// connectCmd without a source takes the session's.
	connectCmd struct {
		user   timeline.User
		source TokenSource
		reply  func(error)
	}
	disconnectCmd struct{ reply func(error) }
	reconnectCmd  struct{ renewal bool }
	refreshCmd    struct{ renewal bool }
	onlineCmd     struct {
		online bool
		by     timeline.Party
	}
	busyCmd   struct{ reject bool }
	policyCmd struct{ policy timeline.Policy }
	luckyCmd  struct{ lucky bool }
	tokenCmd  struct{ source TokenSource }
	callCmd   struct {
		verb   callVerb
		cid    string
		reason string
		ring   RingOptions
		reply  func(error)
	}
	// sendCmd is a frame that the user wrote.
	sendCmd    struct{ data []byte }
	requestCmd struct {
		method, path string
		params       []param
		body         []byte
		reply        func(answer, error)
	}
	// stopCmd ends the session: a proper disconnect, whatever is going on.
	stopCmd struct{ reason string }
)

// callVerb is what the user does to a call.
type callVerb string

// The verbs; the words are the official client's methods.
const (
	verbGet    callVerb = "get"
	verbRing   callVerb = "ring"
	verbAccept callVerb = "accept"
	verbJoin   callVerb = "join"
	verbReject callVerb = "reject"
	verbLeave  callVerb = "leave"
	verbEnd    callVerb = "end"
)

// Results of effects. They carry the number of what was asked for; a result
// whose number is not current is dropped with a Note.
type (
	stageSeen struct {
		attempt int
		stage   timeline.StageChanged
	}
	// dialed is an open socket. The loop keeps conn; the machine only counts.
	dialed struct {
		attempt int
		conn    Conn
	}
	// dialFailed also reports a dial that was given up.
	dialFailed struct {
		attempt int
		err     error
	}
	received struct {
		attempt int
		message Message
	}
	// lost is the end of a socket that was open.
	lost struct {
		attempt int
		err     error
	}
	closed struct{ attempt int }
	loaded struct {
		load int
		raw  token.Raw
		took time.Duration
		err  error
	}
	responded struct {
		request int
		resp    RESTResponse
		took    time.Duration
		err     error
	}
	// panicked is a panic in a goroutine that an effect started.
	panicked struct {
		what  string
		stack string
	}
	// tick is the timer: nothing happened but time.
	tick struct{}
)

func (connectCmd) input()    {}
func (disconnectCmd) input() {}
func (reconnectCmd) input()  {}
func (refreshCmd) input()    {}
func (onlineCmd) input()     {}
func (busyCmd) input()       {}
func (policyCmd) input()     {}
func (luckyCmd) input()      {}
func (tokenCmd) input()      {}
func (callCmd) input()       {}
func (sendCmd) input()       {}
func (requestCmd) input()    {}
func (stopCmd) input()       {}
func (stageSeen) input()     {}
func (dialed) input()        {}
func (dialFailed) input()    {}
func (received) input()      {}
func (lost) input()          {}
func (closed) input()        {}
func (loaded) input()        {}
func (responded) input()     {}
func (panicked) input()      {}
func (tick) input()          {}
