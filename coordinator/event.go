package coordinator

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"streamscope/internal/wire"
)

// EventKind says what the coordinator did.
type EventKind string

// The kinds of events.
const (
	Connected    EventKind = "connected"    // connection.ok was sent
	Refused      EventKind = "refused"      // connection.error or a close instead
	Disconnected EventKind = "disconnected" // an authenticated socket is gone
	Requested    EventKind = "request"      // a REST request was answered
	Rang         EventKind = "ring"
	Accepted     EventKind = "accepted"
	Rejected     EventKind = "rejected"
	Missed       EventKind = "missed"
	Ended        EventKind = "ended"
	Joined       EventKind = "joined"
	Left         EventKind = "left"
	GuestMade    EventKind = "guest"
	Telemetry    EventKind = "telemetry" // the client's own account of a step
	Overflowed   EventKind = "overflow"  // a client was cut off for not reading
	FaultArmed   EventKind = "fault armed"
	FaultStruck  EventKind = "fault struck"
	FaultOver    EventKind = "fault over"
)

// Event is something the coordinator did. Members that do not apply are zero.
// Texts are as they came from the network: see [wire.Clean].
type Event struct {
	Time         time.Time
	Kind         EventKind
	UserID       string
	ConnectionID string
	CallCID      string
	Method, Path string
	Status       int           // HTTP status
	Code         wire.Code     // error code of a refusal
	Close        int           // close code, where a close was sent or received
	Reason       string        // reason of a close or reject, text of an error
	Took         time.Duration // time to answer a request
	FaultID      string
	Fault        string // text form of the fault
	Client       string // X-Stream-Client
	Stage        *wire.ClientEvent
}

// String returns the event as a line, safe to show.
func (e Event) String() string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	add := func(format string, v any, set bool) {
		if set {
			fmt.Fprintf(&b, " "+format, v)
		}
	}
	add("%s", e.Method, e.Method != "")
	add("%s", e.Path, e.Path != "")
	add("%d", e.Status, e.Status != 0)
	add("%s", e.CallCID, e.CallCID != "")
	add("user=%s", e.UserID, e.UserID != "")
	add("conn=%s", e.ConnectionID, e.ConnectionID != "")
	add("code=%d", int(e.Code), e.Code != 0)
	add("close=%d", e.Close, e.Close != 0)
	add("%q", e.Reason, e.Reason != "")
	add("[%s]", e.Fault, e.Fault != "")
	return wire.Clean(b.String())
}

// eventQueue delivers events in order without holding a lock: whoever finds it
// idle delivers everything that is queued, also what others add meanwhile.
type eventQueue struct {
	mu       sync.Mutex
	queue    []Event
	draining bool
}

// note queues an event; flush delivers it. It may be called with mu held.
func (s *Server) note(e Event) {
	if s.OnEvent == nil {
		return
	}
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	s.events.mu.Lock()
	s.events.queue = append(s.events.queue, e)
	s.events.mu.Unlock()
}

// flush delivers what was noted. The caller holds no lock.
func (s *Server) flush() {
	q := &s.events
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.draining {
		return
	}
	q.draining = true
	for len(q.queue) > 0 {
		batch := q.queue
		q.queue = nil
		q.mu.Unlock()
		for _, e := range batch {
			s.OnEvent(e)
		}
		q.mu.Lock()
	}
	q.draining = false
}
