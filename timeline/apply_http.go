package timeline

import (
	"net/http"
	"slices"
	"strings"

	"streamscope/internal/wire"
)

// The operations of the REST API that matter here (protocol 5).
const (
	OpGetOrCreate = "get_or_create"
	OpGet         = "get"
	OpRing        = "ring"
	OpRingState   = "ring_state"
	OpAccept      = "accept"
	OpReject      = "reject"
	OpJoin        = "join"
	OpEnd         = "end"
	OpUpdate      = "update"
	OpQueryCalls  = "query_calls"
	OpGuest       = "guest"
	OpClientEvent = "client_event"
)

// Operation names what a request asks for and the call it is about, both empty
// where there is none. The path may have any prefix.
func Operation(method, path string) (op, cid string) {
	at := strings.LastIndex(path, "/call/")
	if at < 0 {
		switch {
		case strings.HasSuffix(path, "/calls"):
			return OpQueryCalls, ""
		case strings.HasSuffix(path, "/guest"):
			return OpGuest, ""
		case strings.HasSuffix(path, "/call_client_event"):
			return OpClientEvent, ""
		}
		return "", ""
	}
	callType, rest, ok := strings.Cut(path[at+len("/call/"):], "/")
	id, verb, _ := strings.Cut(rest, "/")
	if !ok || callType == "" || id == "" {
		return "", "" // /call/members and /call/stats are not calls
	}
	return callOperation(method, verb), callType + ":" + id
}

func callOperation(method, verb string) string {
	switch verb {
	case "":
		switch method {
		case http.MethodPost:
			return OpGetOrCreate
		case http.MethodGet:
			return OpGet
		case http.MethodPatch:
			return OpUpdate
		}
	case "ring", "ring_state", "accept", "reject", "join":
		return verb
	case "mark_ended":
		return OpEnd
	}
	return ""
}

// watchTries is how often the official client tries to watch its calls again
// after a reconnect (protocol 4.5).
const watchTries = 3

func (f *folder) request(p *HTTPRequest) {
	s := f.s
	s.Requests++
	op, cid := p.Op, p.CID
	if op == "" {
		op, cid = Operation(p.Method, p.Path)
		if p.CID != "" {
			cid = p.CID
		}
	}
	push(&s.pending, &f.own.pending, maxPending, pendingRequest{
		id: p.ID, op: op, cid: cid, ring: p.Ring || op == OpRing, video: p.Video,
		watch: p.Watch, reason: p.Reason, members: p.Members, at: f.e.Time,
	})
	f.inferRequest(&s.pending[len(s.pending)-1])
}

// response ties an answer to its request and folds what it means for a call.
func (f *folder) response(p *HTTPResponse) {
	q := f.answered(p)
	ok := p.Failure == nil && p.Status >= 200 && p.Status < 300
	f.countRefusals(p)
	if q.op == OpQueryCalls && q.watch {
		f.s.memory.watchFails++
		switch {
		case ok:
			f.s.memory.watchFails = 0
		case p.Unrecoverable:
			f.s.memory.watchFails = max(f.s.memory.watchFails, watchTries)
		}
	}
	if ok {
		f.callAnswered(&q, p)
	}
	if p.User != "" {
		f.s.memory.me = p.User
	}
	f.inferResponse(&q, ok)
}

// answered takes the request of an answer off the list. An answer whose request
// was not seen is read as far as its own path goes.
func (f *folder) answered(p *HTTPResponse) pendingRequest {
	all := f.s.pending
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].id == p.ID {
			q := all[i]
			f.s.pending = slices.Delete(writable(&f.s.pending, &f.own.pending), i, i+1)
			return q
		}
	}
	op, cid := Operation(p.Method, p.Path)
	return pendingRequest{id: p.ID, op: op, cid: cid, at: f.e.Time.Add(-p.Took)}
}

// countRefusals counts answers with code 40 to one request id (K18).
func (f *folder) countRefusals(p *HTTPResponse) {
	m := &f.s.memory
	switch {
	case p.code() != int(wire.CodeTokenExpired) || p.ID == "":
		if p.ID == m.refusedID {
			m.refusedID, m.refused = "", 0
		}
	case p.ID == m.refusedID:
		m.refused++
	default:
		m.refusedID, m.refused = p.ID, 1
	}
}

// code is the API error code of an answer, wherever it was put.
func (p *HTTPResponse) code() int {
	if p.Code == 0 && p.Failure != nil {
		return p.Failure.Code
	}
	return p.Code
}

// registers reports whether the official client remembers a call after a
// successful request about it: only with a connection, or when it rings.
func (f *folder) registers(q *pendingRequest) bool {
	switch q.op {
	case OpGetOrCreate, OpJoin, OpGet:
		return q.ring || f.s.memory.wasConnected
	}
	return false
}

// callAnswered folds a success about a call.
func (f *folder) callAnswered(q *pendingRequest, p *HTTPResponse) {
	c := f.call(q.cid, f.registers(q))
	if c == nil {
		return
	}
	now := f.e.Time
	if p.Call != nil {
		f.describeCall(c, p.Call)
		f.memberEvent(c, p.Call)
		c.Ended = c.Ended || p.Call.Ended
	}
	switch q.op {
	case OpAccept:
		c.setOutcome(f.s.me(), OutcomeAccepted, "", now)
	case OpReject:
		c.setOutcome(f.s.me(), OutcomeRejected, q.reason, now)
	case OpEnd:
		c.Ended = true
	}
	if !q.ring || q.op == OpJoin {
		return
	}
	if c.Creator == "" {
		c.Creator = f.s.me()
	}
	c.Outgoing = c.Creator == f.s.me()
	c.Video = c.Video || q.video
	if !c.Ringing || c.RingAt.IsZero() {
		c.RingAt = q.at
	}
	c.arm()
	f.ringMembers(c, q)
}

// ringMembers marks those who are rung: the ones named, or everybody but us.
func (f *folder) ringMembers(c *Call, q *pendingRequest) {
	ids := q.members
	if len(ids) == 0 {
		for _, m := range c.Members {
			ids = append(ids, m.ID)
		}
	}
	for _, id := range ids {
		if id != f.s.me() {
			c.setOutcome(id, OutcomeRinging, "", f.e.Time)
		}
	}
}
