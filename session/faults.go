package session

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"streamscope/internal/fault"
)

// Faults are the faults of a session's own end: its dialer, its REST calls, its
// token source, the network of its device. It is safe for concurrent use. Make
// one with [NewFaults].
//
// The server is real and knows nothing of it: what a fault says that the server
// does is done here, on the way. A kind is extended in the switch of the place
// where it strikes: [FaultDialer] for handshakes, faultConn for frames,
// [FaultREST] for requests, [FaultSource] for tokens, [Faults.Device] for the
// device.
type Faults struct {
	on     FaultEvents  // immutable
	source *FaultSource // immutable once a fault is armed; nil for none
	device device
	count  atomic.Int32 // of armed, for those who only ask whether there are any

	// guarded by mu
	mu    sync.Mutex
	armed []*armedFault
	conns map[*faultConn]struct{}
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

// armedFault is a fault with its gate; guarded by the mutex of its Faults.
type armedFault struct {
	id      string
	gate    *fault.Gate
	cleared chan struct{} // closed when it is disarmed or its time is over
	start   *time.Timer   // of an outage; nil where nothing has to happen at the start
	end     *time.Timer   // nil while it has no end
	down    bool          // it keeps the device off its network
}

// NewFaults returns an empty set.
func NewFaults(on FaultEvents) *Faults {
	if on.Struck == nil {
		on.Struck = func(string, fault.Fault) {}
	}
	if on.Over == nil {
		on.Over = func(string, fault.Fault, int) {}
	}
	return &Faults{on: on, conns: make(map[*faultConn]struct{})}
}

// serverKinds are those that a server would cause, and that can be played on the
// way as well.
var serverKinds = [...]fault.Kind{
	fault.Drop, fault.Close, fault.HalfOpen, fault.NoPong, fault.StallAuth, fault.StallUpgrade,
	fault.RefuseUpgrade, fault.RefuseTCP, fault.DNSFails, fault.TLSFails, fault.Error, fault.Slow, fault.Corrupt, fault.Truncate,
	fault.UnknownEvent, fault.HugeFrame, fault.Duplicate, fault.Reorder, fault.Withhold,
	fault.RESTError, fault.RESTHTML, fault.RESTHang, fault.RESTReset,
}

// CanCause reports whether [Faults.Arm] takes the kind.
func (s *Faults) CanCause(k fault.Kind) bool {
	return slices.Contains(serverKinds[:], k) || k == fault.Offline && s.hasDevice() ||
		s.source != nil && s.source.canCause(k)
}

// Arm switches a fault on under an id of the caller's choice. What strikes
// established connections or the device does so at once.
func (s *Faults) Arm(id string, f fault.Fault) error {
	if !s.CanCause(f.Kind) {
		return fmt.Errorf("session: nothing at this end can cause %s", f.Kind)
	}
	if err := f.Validate(); err != nil {
		return fmt.Errorf("session: fault: %w", err)
	}
	a := &armedFault{id: id, gate: fault.NewGate(f, time.Now()), cleared: make(chan struct{})}
	s.mu.Lock()
	s.armed = append(s.armed, a)
	s.timeLocked(a)
	later := f.Kind == fault.Offline && f.After > 0
	if later {
		a.start = time.AfterFunc(f.After, func() { s.takeDown(a) })
	}
	s.changedLocked()
	s.mu.Unlock()
	if f.Kind == fault.Offline && !later {
		s.takeDown(a)
	}
	return nil
}

// timeLocked sets the timer of a fault whose end is known.
func (s *Faults) timeLocked(a *armedFault) {
	if end, limited := a.gate.Ends(); limited && a.end == nil {
		a.end = time.AfterFunc(time.Until(end), func() { s.expire(a) })
	}
}

// expire ends a fault whose time is over.
func (s *Faults) expire(a *armedFault) {
	s.mu.Lock()
	hits, ok := s.removeLocked(a)
	s.mu.Unlock()
	if ok {
		s.tellDevice()
		s.on.Over(a.id, a.gate.Fault, hits)
	}
}

// removeLocked takes a fault out of force, and reports whether it was in force.
func (s *Faults) removeLocked(a *armedFault) (hits int, ok bool) {
	i := slices.Index(s.armed, a)
	if i < 0 {
		return 0, false
	}
	s.armed = slices.Delete(s.armed, i, i+1)
	s.letGoLocked(a)
	s.changedLocked()
	return a.gate.Shots(), true
}

func (s *Faults) letGoLocked(a *armedFault) {
	a.stop()
	close(a.cleared)
}

func (a *armedFault) stop() {
	for _, t := range []*time.Timer{a.start, a.end} {
		if t != nil {
			t.Stop()
		}
	}
}

// Disarm switches a fault off and returns how often it struck, and false when
// there is none of that id.
func (s *Faults) Disarm(id string) (hits int, ok bool) {
	s.mu.Lock()
	i := slices.IndexFunc(s.armed, func(a *armedFault) bool { return a.id == id })
	if i >= 0 {
		hits, ok = s.removeLocked(s.armed[i])
	}
	s.mu.Unlock()
	s.tellDevice()
	return hits, ok
}

// Clear switches everything off and returns the numbers of strokes by id.
func (s *Faults) Clear() map[string]int {
	s.mu.Lock()
	hits := make(map[string]int, len(s.armed))
	for _, a := range s.armed {
		hits[a.id] = a.gate.Shots()
		s.letGoLocked(a)
	}
	s.armed = nil
	s.changedLocked()
	s.mu.Unlock()
	s.tellDevice()
	return hits
}

// changedLocked makes the connections look at the faults again.
func (s *Faults) changedLocked() {
	s.count.Store(int32(len(s.armed)))
	for c := range s.conns {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// strike returns the first armed fault that fits and strikes now. The delay is
// drawn under the same lock.
func (s *Faults) strike(fits func(*armedFault) bool) (hit *armedFault, delay time.Duration) {
	if s.count.Load() == 0 {
		return nil, 0
	}
	s.mu.Lock()
	now := time.Now()
	var over bool
	for _, a := range s.armed {
		if fits(a) && a.gate.Strike(now) {
			hit, delay = a, a.gate.Delay()
			over = s.struckLocked(a, now)
			break
		}
	}
	s.mu.Unlock()
	if hit == nil {
		return nil, 0
	}
	s.on.Struck(hit.id, hit.gate.Fault)
	if over {
		s.on.Over(hit.id, hit.gate.Fault, hit.gate.Fault.Strikes())
	}
	return hit, delay
}

// struckLocked follows a stroke, and reports whether the fault is used up. What
// waits for a cue is given its end now.
func (s *Faults) struckLocked(a *armedFault, now time.Time) (over bool) {
	s.timeLocked(a)
	if outlasts(a.gate.Fault.Kind) || !a.gate.Spent(now) {
		return false
	}
	s.armed = slices.DeleteFunc(s.armed, func(other *armedFault) bool { return other == a })
	a.stop()
	s.count.Store(int32(len(s.armed)))
	return true
}

// next is when the earliest fault that fits begins, zero when none is to come.
func (s *Faults) next(fits func(*armedFault) bool) time.Time {
	if s.count.Load() == 0 {
		return time.Time{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var at time.Time
	now := time.Now()
	for _, a := range s.armed {
		starts := a.gate.Starts()
		if fits(a) && starts.After(now) && (at.IsZero() || starts.Before(at)) {
			at = starts
		}
	}
	return at
}

func ofKind(kinds ...fault.Kind) func(*armedFault) bool {
	return func(a *armedFault) bool { return slices.Contains(kinds, a.gate.Fault.Kind) }
}
