package session

import (
	"streamscope/internal/fault"
	"streamscope/internal/faultwire"
)

// Faults are the faults of a session's own end: its dialer, its REST calls, its
// token source, the network of its device. It is safe for concurrent use. Make
// one with [NewFaults].
//
// A kind is extended in the switch of the place where it strikes: [FaultDialer] for
// handshakes, package faultwire for frames and the device, [FaultREST] for requests,
// [FaultSource] for tokens.
type Faults struct {
	*faultwire.Set
	source *FaultSource // immutable once a fault is armed; nil for none
}

// FaultEvents are told what becomes of armed faults, from the goroutine that
// suffers them: they must neither block nor call back. Each may be nil.
type FaultEvents struct {
	// Struck is told each stroke.
	Struck func(id string, f fault.Fault)
	// Over is told that a fault is used up or its time is over, and how often it
	// has struck; not that it was disarmed.
	Over func(id string, f fault.Fault, hits int)
}

// NewFaults returns an empty set.
func NewFaults(on FaultEvents) *Faults {
	s := &Faults{}
	s.Set = faultwire.New(faultwire.Options{
		Kinds:    serverKinds[:],
		CanCause: func(k fault.Kind) bool { return s.source != nil && s.source.canCause(k) },
		Fail: func(f faultwire.Failure) error {
			return &Error{Op: f.Op, Close: f.Close, Reason: f.Reason, Err: f.Err}
		},
		Struck: func(_, id string, f fault.Fault) {
			if on.Struck != nil {
				on.Struck(id, f)
			}
		},
		Over: on.Over,
	})
	return s
}

// serverKinds are those that a server would cause, and that can be played on the
// way as well.
var serverKinds = [...]fault.Kind{
	fault.Drop, fault.Close, fault.HalfOpen, fault.NoPong, fault.StallAuth, fault.StallUpgrade,
	fault.RefuseUpgrade, fault.RefuseTCP, fault.DNSFails, fault.TLSFails, fault.Error, fault.Slow, fault.Corrupt, fault.Truncate,
	fault.UnknownEvent, fault.HugeFrame, fault.Duplicate, fault.Reorder, fault.Withhold,
	fault.RESTError, fault.RESTHTML, fault.RESTHang, fault.RESTReset,
}
