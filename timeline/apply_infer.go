package timeline

import "streamscope/internal/wire"

// What follows reads the inner state of somebody else's client from its
// traffic, as the official client would have it (protocol 5.2 and 7). Our own
// session tells its state, and is not guessed at.

func (f *folder) inferring() bool { return f.s.infers() && !f.s.memory.toldCalls }

// inferCall is the reaction of the official client to an event.
func (f *folder) inferCall(c *Call, p *CallEvent) {
	if !f.inferring() {
		return
	}
	me := f.s.me()
	ringing := c.State == CallingRinging
	switch {
	case c.Ended && c.State != CallingLeft:
		f.enterCalling(c, CallingLeft, false, "ended")
	case p.Type == wire.TypeCallRing && p.Creator != me:
		if c.State == CallingIdle || c.State == CallingLeft || c.State == CallingUnknown {
			f.enterCalling(c, CallingRinging, true, "rung by "+p.Creator)
		}
	case p.Type == wire.TypeCallAccepted && p.By == me && ringing && !c.Outgoing:
		f.enterCalling(c, CallingLeft, false, "answered elsewhere")
	case p.Type == wire.TypeCallRejected && ringing && (p.By == me || p.By == c.Creator):
		f.enterCalling(c, CallingLeft, false, "rejected by "+p.By)
	}
}

// connectBegins is what the official client reports when connectUser begins: the
// sockets after it are not reconnects, also when the app was killed before.
const connectBegins = "CoordinatorWS initiated"

// inferRequest is what a request shows that the client has done before it sent
// it.
func (f *folder) inferRequest(p *pendingRequest) {
	if p.op == OpClientEvent && p.reason == connectBegins && f.s.infers() && !f.s.Attempt.Live() {
		f.s.memory.wasConnected = false
	}
	if !f.inferring() {
		return
	}
	switch p.op {
	case OpJoin:
		if c := f.call(p.cid, true); c != nil {
			f.enterCalling(c, CallingJoining, c.Ringing || p.ring, "join")
		}
	case OpReject:
		f.inferReject(p)
	}
}

// inferReject also makes the decision that a busy client does not announce.
func (f *folder) inferReject(p *pendingRequest) {
	c := f.call(p.cid, false)
	if p.reason == wire.ReasonBusy && (c == nil || !c.Outgoing) {
		v := f.s.verdictFor(p.cid)
		d := RingDecision{CID: p.cid, Busy: true, Counted: v.Counted, Rule: "the app answered with the reason busy"}
		if c != nil {
			d.Caller = c.Creator
		}
		push(&f.s.Decisions, &f.own.decisions, maxDecisions, DecidedRing{RingDecision: d, At: f.e.Time})
	}
	if c != nil {
		c.Busy = c.Busy || p.reason == wire.ReasonBusy
		f.enterCalling(c, CallingLeft, false, p.reason)
	}
}

// inferResponse is what the client does with the answer to a request.
func (f *folder) inferResponse(p *pendingRequest, ok bool) {
	if !f.inferring() {
		return
	}
	c := f.call(p.cid, false)
	if c == nil {
		return
	}
	switch {
	case p.op == OpJoin && ok:
		f.enterCalling(c, CallingJoined, c.Ringing, "joined")
	case p.op == OpJoin && c.State == CallingJoining:
		back := CallingIdle
		if c.Ringing {
			back = CallingRinging
		}
		f.enterCalling(c, back, c.Ringing, "join failed")
	case !ok:
	case p.op == OpEnd:
		f.enterCalling(c, CallingLeft, false, "ended")
	case p.ring && c.State == CallingIdle:
		f.enterCalling(c, CallingRinging, true, "ring sent")
	}
}

// inferLeaveAll leaves every call: what a disconnect does.
func (f *folder) inferLeaveAll(why string) {
	if !f.inferring() {
		return
	}
	for i := range f.s.Calls {
		if f.s.Calls[i].State != CallingLeft && f.s.Calls[i].State != CallingIdle {
			c := &writable(&f.s.Calls, &f.own.calls)[i]
			f.enterCalling(c, CallingLeft, false, why)
		}
	}
}
