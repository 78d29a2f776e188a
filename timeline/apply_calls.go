package timeline

import (
	"slices"
	"time"

	"streamscope/internal/wire"
)

// callEvent folds a call.* event of the server. Member outcomes are always read
// from it; the client's own state only where the client does not tell.
func (f *folder) callEvent(p *CallEvent) {
	c := f.call(p.CID, introduces(p.Type))
	if c == nil {
		return
	}
	f.describeCall(c, p)
	f.memberEvent(c, p)
	switch p.Type {
	case wire.TypeCallRing:
		f.rung(c, p)
	case wire.TypeCallEnded, wire.TypeCallDeleted:
		c.Ended = true
	}
	if p.Ended {
		c.Ended = true
	}
	f.inferCall(c, p)
}

// introduces reports whether the official client registers a call that it did
// not know when it gets an event of that type.
func introduces(eventType string) bool {
	switch eventType {
	case wire.TypeCallCreated, wire.TypeCallRing, wire.TypeCallNotification:
		return true
	}
	return false
}

// call returns the call with that id, new if wanted; nil when there is none.
func (f *folder) call(cid string, create bool) *Call {
	s := f.s
	if cid == "" {
		return nil
	}
	i := slices.IndexFunc(s.Calls, func(c Call) bool { return c.CID == cid })
	if i >= 0 {
		return &writable(&s.Calls, &f.own.calls)[i]
	}
	if !create {
		return nil
	}
	if len(s.Calls) >= maxCalls {
		i := slices.IndexFunc(s.Calls, func(c Call) bool { return !c.busy() })
		w := writable(&s.Calls, &f.own.calls)
		s.Calls = slices.Delete(w, max(i, 0), max(i, 0)+1)
	}
	push(&s.Calls, &f.own.calls, maxCalls, Call{CID: cid, State: CallingIdle, Since: f.e.Time})
	return &s.Calls[len(s.Calls)-1]
}

// describeCall takes over what an event or an answer says about a call itself.
func (f *folder) describeCall(c *Call, p *CallEvent) {
	if p.Creator != "" {
		c.Creator = p.Creator
		c.Outgoing = p.Creator == f.s.me()
	}
	if p.SessionID != "" && p.SessionID != c.SessionID {
		if c.SessionID != "" {
			c.Members = nil // another ring of the same call
		}
		c.SessionID = p.SessionID
	}
	if p.AutoCancel != 0 || p.Incoming != 0 || p.MissedIn != 0 {
		c.autoCancel, c.incoming, c.missedIn = p.AutoCancel, p.Incoming, p.MissedIn
	}
	if p.Video {
		c.Video = true
	}
}

// memberEvent folds what an event says about the members.
func (f *folder) memberEvent(c *Call, p *CallEvent) {
	now := f.e.Time
	switch p.Type {
	case wire.TypeCallMemberRemoved:
		c.Members = slices.DeleteFunc(slices.Clone(c.Members), func(m Member) bool {
			return slices.Contains(p.Members, m.ID)
		})
	case wire.TypeCallMissed:
		for _, id := range p.Members {
			c.setOutcome(id, OutcomeMissed, "", now)
		}
	case wire.TypeCallRing:
		for _, id := range p.Members {
			c.setOutcome(id, OutcomeRinging, "", now)
		}
	case wire.TypeCallAccepted:
		c.setOutcome(p.By, OutcomeAccepted, "", now)
	case wire.TypeCallRejected:
		c.setOutcome(p.By, OutcomeRejected, p.Reason, now)
	default:
		for _, id := range p.Members {
			c.setOutcome(id, OutcomeNone, "", now)
		}
	}
	for _, id := range p.Accepted {
		c.setOutcome(id, OutcomeAccepted, "", now)
	}
	for _, id := range p.Rejected {
		c.setOutcome(id, OutcomeRejected, "", now)
	}
	for _, id := range p.Missed {
		c.setOutcome(id, OutcomeMissed, "", now)
	}
}

// outcomeRank orders outcomes: a later one is not undone by an event that
// repeats an earlier one.
func outcomeRank(o Outcome) int {
	switch o {
	case OutcomeRinging:
		return 1
	case OutcomeMissed:
		return 2
	case OutcomeRejected:
		return 3
	case OutcomeAccepted:
		return 4
	}
	return 0
}

// setOutcome notes a member's part; the slice is replaced, not written, because
// older states share it.
func (c *Call) setOutcome(id string, o Outcome, reason string, now time.Time) {
	if id == "" {
		return
	}
	i := slices.IndexFunc(c.Members, func(m Member) bool { return m.ID == id })
	if i < 0 {
		if len(c.Members) < maxMembers {
			c.Members = append(slices.Clip(c.Members), Member{ID: id, Outcome: o, Reason: reason, At: now})
		}
		return
	}
	m := c.Members[i]
	switch {
	case outcomeRank(o) > outcomeRank(m.Outcome):
		m.Outcome, m.Reason, m.At = o, reason, now
	case o == m.Outcome && reason != "" && m.Reason == "":
		m.Reason = reason
	default:
		return
	}
	c.Members = slices.Clone(c.Members)
	c.Members[i] = m
}

// rung starts the countdowns of an incoming ring.
func (f *folder) rung(c *Call, p *CallEvent) {
	if c.Creator == f.s.me() && c.Creator != "" {
		return
	}
	if c.RingAt.IsZero() || !c.Ringing {
		c.RingAt = f.e.Time
	}
	if p.Video {
		c.Video = true
	}
	c.arm()
}

// arm makes the deadlines from the settings of the call (protocol 7.1).
func (c *Call) arm() {
	c.IncomingDeadline, c.AutoCancelDeadline = time.Time{}, time.Time{}
	if c.Outgoing {
		c.AutoCancelDeadline = deadline(c.RingAt, c.autoCancel)
	} else {
		c.IncomingDeadline = deadline(c.RingAt, c.incoming)
	}
	c.MissedDeadline = deadline(c.RingAt, c.missedIn)
}

// disarm clears the deadlines.
func (c *Call) disarm() {
	c.IncomingDeadline, c.AutoCancelDeadline, c.MissedDeadline = time.Time{}, time.Time{}, time.Time{}
}

func deadline(from time.Time, after time.Duration) time.Time {
	if from.IsZero() || after <= 0 {
		return time.Time{}
	}
	return from.Add(after)
}

// busy is the official client's test for one known call (protocol 7.3).
func (c *Call) busy() bool {
	if !c.Ringing {
		return false
	}
	switch c.State {
	case CallingIdle, CallingLeft, CallingReconnectingFailed:
		return false
	}
	return true
}

// enterCalling changes the client's state of a call.
func (f *folder) enterCalling(c *Call, to CallingState, ringing bool, why string) {
	if c.State != to {
		c.State, c.Since = to, f.e.Time
	}
	if ringing && !c.Ringing && c.RingAt.IsZero() {
		c.RingAt = f.e.Time
	}
	c.Ringing, c.Why = ringing, why
	if to == CallingRinging {
		c.Busy = false
		c.arm()
		return
	}
	c.disarm()
	if to == CallingLeft {
		c.RingAt = time.Time{}
	}
}

func (f *folder) callChanged(p CallChanged) {
	f.s.memory.toldCalls = true
	if c := f.call(p.CID, true); c != nil {
		f.enterCalling(c, p.To, p.Ringing, p.Why)
	}
}

func (f *folder) ringDecision(p RingDecision) {
	push(&f.s.Decisions, &f.own.decisions, maxDecisions, DecidedRing{RingDecision: p, At: f.e.Time})
	if !p.Busy {
		return
	}
	if c := f.call(p.CID, false); c != nil {
		c.Busy = true
		f.enterCalling(c, CallingLeft, false, wire.ReasonBusy)
		c.setOutcome(f.s.me(), OutcomeRejected, wire.ReasonBusy, f.e.Time)
	}
}

func (f *folder) busyTone(p BusyTone) {
	t := &f.s.Tone
	if !p.On {
		t.On = false
		return
	}
	*t = ToneState{On: true, CID: p.CID, By: p.By, Since: f.e.Time, For: p.For, Count: t.Count + 1}
}
