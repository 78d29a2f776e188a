package timeline

import (
	"cmp"
	"slices"
	"time"
)

// The IDs of warnings that a session gives about what the official client does.
// A warning may also have the ID of a trap, K1 to K27: it then gives that trap
// away.
const (
	WarnConsecutiveConnect = "consecutive-connect"
	WarnPendingLogout      = "pending-logout"
)

// Actions that mean more than their name.
const (
	ActionDisconnect = "disconnect" // the fold knows it
	ActionRenew      = "renew"      // by the app around the session, not by anybody's key
)

// trapRule recognises one trap of the official client (protocol 4.6). What it
// means is told elsewhere; here is how it looks on a timeline. Rules prefer what
// went over the wire to what a session says about itself, because they have to
// work for somebody else's client too.
type trapRule struct {
	id string
	// on are the kinds that can give the trap away; none means that only time
	// does, and every event is looked at.
	on []Kind
	// see returns what there is to say about the trap: Detail and Until.
	see func(*sighting) (TrapSeen, bool)
	// over reports whether a trap that was seen no longer holds.
	over func(*sighting, *TrapSeen) bool
	// always says that the trap also holds for a client that repairs the traps.
	always bool
}

// sighting is what a rule looks at: the event, the state after it, and a few
// facts about the state before it.
type sighting struct {
	before facts
	e      *Event
	s      *Session // after the event
	a      *Attempt // of the event; nil when it has none
	frame  *Frame   // the payload, if it is a frame
}

// facts is what the rules need of the state before an event: little, because it
// is taken for every event.
type facts struct {
	conn        ConnState
	attempt     int
	handshaking bool // the current attempt was open and not established
	awaiting    bool
	heard       bool // a frame came on the current socket
	frameAt     time.Duration
	pingAt      time.Duration
	ringing     string // an outgoing ring, where a disconnect may follow
	ringEnds    time.Time
}

func (f *folder) facts() facts {
	s := f.s
	a, h := &s.Attempt, &s.Health
	before := facts{
		conn: s.Conn, attempt: a.N, awaiting: h.Awaiting, heard: !h.LastFrame.IsZero(), frameAt: h.frameAt, pingAt: h.pingAt,
		handshaking: a.N > 0 && a.ConnectedAt.IsZero() && a.Ended.IsZero() && a.CloseIn == nil,
	}
	switch f.e.Payload.(type) {
	case UserAction, Close, StateChanged, CallChanged:
		i := slices.IndexFunc(s.Calls, func(c Call) bool { return c.Outgoing && c.Ringing && c.State == CallingRinging })
		if i >= 0 {
			before.ringing = s.Calls[i].CID
			before.ringEnds = deadline(s.Calls[i].RingAt, cmp.Or(s.Calls[i].incoming, s.Calls[i].missedIn))
		}
	}
	return before
}

// ruleIndex finds the rules for a kind. It is made once and never changed.
var ruleIndex = indexRules()

// kindRules are the rules that an event of a kind has to be shown to.
type kindRules map[Kind][]*trapRule

func indexRules() kindRules {
	index := kindRules{}
	for i := range trapRules {
		for _, k := range trapRules[i].on {
			index[k] = append(index[k], &trapRules[i])
		}
	}
	return index
}

func ruleFor(id string) *trapRule {
	for i := range trapRules {
		if trapRules[i].id == id {
			return &trapRules[i]
		}
	}
	return nil
}

// recognise closes the traps that are over and finds new ones.
func (f *folder) recognise(before *facts) {
	f.see = sighting{before: *before, e: f.e, s: f.s, a: f.s.lane(f.e.Attempt)}
	kind := f.e.Kind()
	if kind == KindFrame {
		f.see.frame = &f.in
	}
	if f.s.memory.openTraps > 0 {
		f.settleTraps(&f.see)
	}
	for _, r := range ruleIndex[kind] {
		f.try(r, &f.see)
	}
	for i := range timedRules {
		f.tryTimed(&timedRules[i], &f.see)
	}
	if w, ok := f.e.Payload.(Warning); ok {
		if r := ruleFor(w.ID); r != nil {
			f.sighted(r, TrapSeen{Detail: w.Text})
		}
	}
}

// lane returns a kept attempt for reading, nil when there is none.
func (s *Session) lane(n int) *Attempt {
	if n == s.Attempt.N && n > 0 {
		return &s.Attempt
	}
	for i := len(s.Attempts) - 1; i >= 0 && n > 0; i-- {
		if s.Attempts[i].N == n {
			return &s.Attempts[i]
		}
	}
	return nil
}

func (f *folder) try(r *trapRule, see *sighting) {
	if f.s.Policy == PolicySteady && !r.always {
		return
	}
	if seen, ok := r.see(see); ok {
		f.sighted(r, seen)
	}
}

// sighted notes a trap, once for as long as it holds. One that is seen again is
// brought up to date.
func (f *folder) sighted(r *trapRule, seen TrapSeen) {
	s := f.s
	seen.ID, seen.Seq, seen.At = r.id, f.e.Seq, f.e.Time
	seen.Attempt = cmp.Or(f.e.Attempt, s.Attempt.N)
	i := slices.IndexFunc(s.Traps, func(t TrapSeen) bool {
		return t.ID == seen.ID && !t.Over && t.Attempt == seen.Attempt
	})
	if i >= 0 {
		if s.Traps[i].Detail != seen.Detail {
			w := writable(&s.Traps, &f.own.traps)
			w[i].Detail, w[i].Until = seen.Detail, seen.Until
		}
		return
	}
	s.memory.openTraps++
	if len(s.Traps) >= maxTraps && !s.Traps[0].Over {
		s.memory.openTraps--
	}
	push(&s.Traps, &f.own.traps, maxTraps, seen)
}

// settleTraps marks the traps that no longer hold.
func (f *folder) settleTraps(see *sighting) {
	for i := range f.s.Traps {
		t := f.s.Traps[i]
		if t.Over {
			continue
		}
		r := ruleFor(t.ID)
		if r == nil || !r.over(see, &t) {
			continue
		}
		writable(&f.s.Traps, &f.own.traps)[i].Over = true
		f.s.memory.openTraps--
	}
}

// OpenTraps returns the traps that hold at that time, oldest first: those that
// events gave away, and those that only the clock does.
func (s Session) OpenTraps(now time.Time) []TrapSeen {
	var open []TrapSeen
	for _, t := range s.Traps {
		if !t.Over {
			open = append(open, t)
		}
	}
	return append(open, s.Overdue(now)...)
}

// Left returns the time until the client notices the trap or gives up, and
// whether there is a countdown.
func (t TrapSeen) Left(now time.Time) (time.Duration, bool) { return until(t.Until, now) }

// trapOpen reports whether a trap was given away and still holds.
func (s *Session) trapOpen(id string) bool {
	return slices.ContainsFunc(s.Traps, func(t TrapSeen) bool { return t.ID == id && !t.Over })
}
