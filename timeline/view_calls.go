package timeline

import "time"

// The rules that a [Verdict] names.
const (
	// RuleOff: the client does not reject rings.
	RuleOff = "reject when busy is off"
	// RuleFree: no other call counts.
	RuleFree = "no other ring call is under way"
	// RuleBusy is the official client's rule (protocol 7.3).
	RuleBusy = "another call is a ring call and not idle, left or failed"
)

// Verdict says what would happen to a ring.
type Verdict struct {
	// Busy says that it would be rejected as busy.
	Busy bool
	// CID and State are those of the first call that counts; empty when none
	// does. Because is the same as words: "default:standup is ringing".
	CID     string
	State   CallingState
	Because string
	// Counted are all calls that count, also while the switch is off.
	Counted []string
	// Ignored are calls under way that do not count, because they are not ring
	// calls.
	Ignored []string
	Rule    string
}

// NextRing judges the ring of a call that is not known yet.
func (s Session) NextRing() Verdict { return s.verdictFor("") }

// RingOf judges a ring of the given call: the call itself never counts.
func (s Session) RingOf(cid string) Verdict { return s.verdictFor(cid) }

func (s *Session) verdictFor(cid string) Verdict {
	var v Verdict
	for i := range s.Calls {
		c := &s.Calls[i]
		switch {
		case c.CID == cid:
		case c.busy():
			if len(v.Counted) == 0 {
				v.CID, v.State = c.CID, c.State
				v.Because = c.CID + " is " + string(c.State)
			}
			v.Counted = append(v.Counted, c.CID)
		case c.Active():
			v.Ignored = append(v.Ignored, c.CID)
		}
	}
	switch {
	case !s.RejectWhenBusy:
		v.Rule = RuleOff
	case len(v.Counted) == 0:
		v.Rule = RuleFree
	default:
		v.Rule, v.Busy = RuleBusy, true
	}
	return v
}

// Active reports whether the client is in the call or on its way in or out.
func (c Call) Active() bool {
	switch c.State {
	case CallingJoining, CallingJoined, CallingReconnecting, CallingMigrating, CallingOffline:
		return true
	}
	return false
}

// Deadline returns when the client gives the ring up, and whether it will: the
// caller's time for our own ring, the callee's for one that we got.
func (c Call) Deadline() (time.Time, bool) {
	at := c.IncomingDeadline
	if c.Outgoing {
		at = c.AutoCancelDeadline
	}
	return at, !at.IsZero() && c.State == CallingRinging
}

// RingLeft returns the time until the client gives the ring up, and whether it
// will.
func (c Call) RingLeft(now time.Time) (time.Duration, bool) {
	at, ok := c.Deadline()
	if !ok {
		return 0, false
	}
	return until(at, now)
}

// Call returns the call with that id.
func (s Session) Call(cid string) (Call, bool) {
	for i := range s.Calls {
		if s.Calls[i].CID == cid {
			return s.Calls[i], true
		}
	}
	return Call{}, false
}

// Ringing returns the calls that ring, oldest first.
func (s Session) Ringing() []Call {
	return s.calls(func(c Call) bool { return c.State == CallingRinging })
}

// InCall returns the calls that the client is in or entering, oldest first.
func (s Session) InCall() []Call { return s.calls(Call.Active) }

func (s Session) calls(want func(Call) bool) []Call {
	var got []Call
	for _, c := range s.Calls {
		if want(c) {
			got = append(got, c)
		}
	}
	return got
}

// LastDecision returns the latest decision about a ring, and whether there was
// one.
func (s Session) LastDecision() (DecidedRing, bool) {
	if len(s.Decisions) == 0 {
		return DecidedRing{}, false
	}
	return s.Decisions[len(s.Decisions)-1], true
}
