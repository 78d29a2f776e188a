package faultwire

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"streamscope/internal/fault"
)

// Options are what an end of a wire tells its [Set].
type Options struct {
	// Kinds are those that are played on the way.
	Kinds []fault.Kind
	// CanCause, which may be nil, tells of kinds that the end causes elsewhere.
	CanCause func(fault.Kind) bool
	// Fail makes the end's own error of a failure.
	Fail func(Failure) error
	// Struck and Over are told what becomes of armed faults, from the goroutine that
	// suffers them: they must neither block nor call back. Each may be nil. Struck is
	// told each stroke, and whom it struck where that is known; Over that a fault is
	// used up or its time is over, and how often it has struck, but not that it was
	// disarmed.
	Struck func(user, id string, f fault.Fault)
	Over   func(id string, f fault.Fault, hits int)
}

// Set are the faults of one end of a wire, and of the network of its device. Make
// one with [New].
type Set struct {
	o      Options // immutable
	device device
	count  atomic.Int32 // of armed, for those who only ask whether there are any

	// guarded by mu
	mu    sync.Mutex
	armed []*Armed
	conns map[*conn]struct{}
}

// Armed is a fault with its gate, which the mutex of its Set guards.
type Armed struct {
	id      string
	gate    *fault.Gate
	cleared chan struct{} // closed when it is disarmed or its time is over
	start   *time.Timer   // of an outage; nil where nothing has to happen at the start
	end     *time.Timer   // nil while it has no end
	down    bool          // it keeps the device off its network
}

// Fault is the fault.
func (a *Armed) Fault() fault.Fault { return a.gate.Fault }

// Cleared is closed when the fault is disarmed or its time is over.
func (a *Armed) Cleared() <-chan struct{} { return a.cleared }

// New returns an empty set.
func New(o Options) *Set {
	if o.Struck == nil {
		o.Struck = func(string, string, fault.Fault) {}
	}
	if o.Over == nil {
		o.Over = func(string, fault.Fault, int) {}
	}
	return &Set{o: o, conns: make(map[*conn]struct{})}
}

func (s *Set) fail(f Failure) error { return s.o.Fail(f) }

// CanCause reports whether [Set.Arm] takes the kind.
func (s *Set) CanCause(k fault.Kind) bool {
	return slices.Contains(s.o.Kinds, k) || k == fault.Offline && s.hasDevice() ||
		s.o.CanCause != nil && s.o.CanCause(k)
}

// Arm switches a fault on under an id of the caller's choice. What strikes
// established connections or the device does so at once.
func (s *Set) Arm(id string, f fault.Fault) error {
	if !s.CanCause(f.Kind) {
		return fmt.Errorf("nothing at this end can cause %s", f.Kind)
	}
	if err := f.Validate(); err != nil {
		return fmt.Errorf("fault: %w", err)
	}
	a := &Armed{id: id, gate: fault.NewGate(f, time.Now()), cleared: make(chan struct{})}
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
func (s *Set) timeLocked(a *Armed) {
	if end, limited := a.gate.Ends(); limited && a.end == nil {
		a.end = time.AfterFunc(time.Until(end), func() { s.expire(a) })
	}
}

// expire ends a fault whose time is over.
func (s *Set) expire(a *Armed) {
	s.mu.Lock()
	hits, ok := s.removeLocked(a)
	s.mu.Unlock()
	if ok {
		s.tellDevice()
		s.o.Over(a.id, a.gate.Fault, hits)
	}
}

// removeLocked takes a fault out of force, and reports whether it was in force.
func (s *Set) removeLocked(a *Armed) (hits int, ok bool) {
	i := slices.Index(s.armed, a)
	if i < 0 {
		return 0, false
	}
	s.armed = slices.Delete(s.armed, i, i+1)
	s.letGoLocked(a)
	s.changedLocked()
	return a.gate.Shots(), true
}

func (s *Set) letGoLocked(a *Armed) {
	a.stop()
	close(a.cleared)
}

func (a *Armed) stop() {
	for _, t := range []*time.Timer{a.start, a.end} {
		if t != nil {
			t.Stop()
		}
	}
}

// Disarm switches a fault off and returns how often it struck, and false when
// there is none of that id.
func (s *Set) Disarm(id string) (hits int, ok bool) {
	s.mu.Lock()
	i := slices.IndexFunc(s.armed, func(a *Armed) bool { return a.id == id })
	if i >= 0 {
		hits, ok = s.removeLocked(s.armed[i])
	}
	s.mu.Unlock()
	s.tellDevice()
	return hits, ok
}

// Clear switches everything off and returns the numbers of strokes by id.
func (s *Set) Clear() map[string]int {
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
func (s *Set) changedLocked() {
	s.count.Store(int32(len(s.armed)))
	for c := range s.conns {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// Strike returns the first armed fault that fits and strikes now, with the delay
// that it draws; nil for none. A fault that is limited to a user strikes that one,
// or whoever has the empty name: where there is only one, nobody has to tell.
func (s *Set) Strike(user string, fits func(*Armed) bool) (hit *Armed, delay time.Duration) {
	if s.count.Load() == 0 {
		return nil, 0
	}
	s.mu.Lock()
	now := time.Now()
	var over bool
	for _, a := range s.armed {
		if a.concerns(user) && fits(a) && a.gate.Strike(now) {
			hit, delay = a, a.gate.Delay()
			over = s.struckLocked(a, now)
			break
		}
	}
	s.mu.Unlock()
	if hit == nil {
		return nil, 0
	}
	s.o.Struck(user, hit.id, hit.gate.Fault)
	if over {
		s.o.Over(hit.id, hit.gate.Fault, hit.gate.Fault.Strikes())
	}
	return hit, delay
}

// struckLocked follows a stroke, and reports whether the fault is used up. What
// waits for a cue is given its end now.
func (s *Set) struckLocked(a *Armed, now time.Time) (over bool) {
	s.timeLocked(a)
	if outlasts(a.gate.Fault.Kind) || !a.gate.Spent(now) {
		return false
	}
	s.armed = slices.DeleteFunc(s.armed, func(other *Armed) bool { return other == a })
	a.stop()
	s.count.Store(int32(len(s.armed)))
	return true
}

func (a *Armed) concerns(user string) bool {
	only := a.Fault().User
	return only == "" || user == "" || only == user
}

// next is when the earliest fault that fits begins, zero when none is to come.
func (s *Set) next(user string, fits func(*Armed) bool) time.Time {
	if s.count.Load() == 0 {
		return time.Time{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var at time.Time
	now := time.Now()
	for _, a := range s.armed {
		starts := a.gate.Starts()
		if a.concerns(user) && fits(a) && starts.After(now) && (at.IsZero() || starts.Before(at)) {
			at = starts
		}
	}
	return at
}

// OfKind fits the faults of some kinds.
func OfKind(kinds ...fault.Kind) func(*Armed) bool {
	return func(a *Armed) bool { return slices.Contains(kinds, a.Fault().Kind) }
}
