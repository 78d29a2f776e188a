package coordinator

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"streamscope/internal/fault"
)

// maxFaults is how many faults may be in force; each is asked for every frame.
const maxFaults = 1000

// faults are the armed faults. Its mutex is a leaf: nothing is called under it.
type faults struct {
	count atomic.Int32 // of the list, so that no fault costs one load

	mu   sync.Mutex
	last int
	list []*armed
}

// armed is a fault in force. Guarded by faults.mu.
type armed struct {
	id    string
	gate  *fault.Gate
	since time.Time
	epoch int         // of the tokens, when the fault began
	end   *time.Timer // nil while it has no end
}

// Armed describes a fault in force.
type Armed struct {
	ID      string
	Fault   fault.Fault
	Since   time.Time // when it was armed
	Strikes int       // how often it has struck
}

// hit is one stroke of a fault.
type hit struct {
	id    string
	fault fault.Fault
	delay time.Duration
}

// Arm puts a fault into force and returns the id by which to disarm it. Faults
// of a live session strike at once; where there is nothing to strike yet they
// wait for the next connection. It refuses faults that are not valid, and those
// that only a client can cause.
func (s *Server) Arm(f fault.Fault) (id string, err error) {
	s.init()
	if err := f.Validate(); err != nil {
		return "", fmt.Errorf("coordinator: arm: %w", err)
	}
	if info, _ := f.Kind.Info(); !info.CausedBy(fault.Coordinator) {
		return "", fmt.Errorf("coordinator: arm: %s happens at the client; its %s causes it", f.Kind, info.Sites[0])
	}
	now := time.Now()
	a := &armed{gate: fault.NewGate(f, now), since: now}
	if !s.add(a) {
		return "", fmt.Errorf("coordinator: arm: %d faults are in force already", maxFaults)
	}
	s.note(Event{Kind: FaultArmed, FaultID: a.id, Fault: f.String(), UserID: f.User})
	s.flush()
	if f.After > 0 {
		s.after(f.After, func() { s.start(a) })
	} else {
		s.start(a)
	}
	return a.id, nil
}

// start lets a fault do what it does at once.
func (s *Server) start(a *armed) {
	s.strikeLive(a)
	s.syncPort()
	s.flush()
}

// Disarm takes a fault out of force, and reports whether it was in force.
func (s *Server) Disarm(id string) bool {
	s.init()
	return s.disarm(id, "disarmed")
}

func (s *Server) disarm(id, why string) bool {
	a := s.faults.remove(id)
	if a == nil {
		return false
	}
	s.noteOver(a, why)
	s.release()
	s.syncPort()
	s.flush()
	return true
}

func (s *Server) noteOver(a *armed, why string) {
	f := a.gate.Fault
	s.note(Event{Kind: FaultOver, FaultID: a.id, Fault: f.String(), UserID: f.User, Reason: why})
}

// ClearFaults disarms everything.
func (s *Server) ClearFaults() {
	for _, a := range s.Armed() {
		s.Disarm(a.ID)
	}
}

// Armed lists the faults in force in the order in which they were armed.
func (s *Server) Armed() []Armed {
	s.init()
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	all := make([]Armed, 0, len(s.faults.list))
	for _, a := range s.faults.list {
		all = append(all, Armed{a.id, a.gate.Fault, a.since, a.gate.Shots()})
	}
	return all
}

// add reports false when there is no room for another.
func (s *Server) add(a *armed) bool {
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list) >= maxFaults {
		return false
	}
	f.last++
	a.id = "f" + strconv.Itoa(f.last)
	f.list = append(f.list, a)
	f.count.Store(int32(len(f.list)))
	s.timeLocked(a)
	return true
}

// timeLocked sets the timer of a fault whose end is known. The caller holds
// faults.mu.
func (s *Server) timeLocked(a *armed) {
	end, limited := a.gate.Ends()
	if !limited || a.end != nil {
		return
	}
	a.end = time.AfterFunc(time.Until(end), func() {
		if s.begin() {
			defer s.wg.Done()
			s.disarm(a.id, "its time is over")
		}
	})
}

// stop stops every timer.
func (f *faults) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.list {
		a.stopLocked()
	}
}

func (a *armed) stopLocked() {
	if a.end != nil {
		a.end.Stop()
	}
}

// all are the faults in force.
func (f *faults) all() []*armed {
	if !f.any() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

func (f *faults) remove(id string) *armed {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, a := range f.list {
		if a.id == id {
			f.list = slices.Delete(f.list, i, i+1)
			f.count.Store(int32(len(f.list)))
			a.stopLocked()
			return a
		}
	}
	return nil
}

// any reports whether any fault is in force.
func (f *faults) any() bool { return f.count.Load() > 0 }

// holds reports whether the fault with the id is still in force.
func (f *faults) holds(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.list, func(a *armed) bool { return a.id == id })
}

// strikeSkew is by how much the clock is wrong that checks a token.
func (s *Server) strikeSkew() (sum time.Duration) {
	for _, a := range s.faults.all() {
		if a.gate.Fault.Kind == fault.ClockSkew && s.strikeArmed(a, "") != nil {
			sum += a.gate.Fault.Skew
		}
	}
	return sum
}

// skew is the sum of the clock faults in force.
func (f *faults) skew(now time.Time) (sum time.Duration) {
	if !f.any() {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.list {
		if a.gate.Fault.Kind == fault.ClockSkew && a.gate.Active(now) {
			sum += a.gate.Fault.Skew
		}
	}
	return sum
}

// strike lets the first fault of a kind that concerns the user strike, and
// returns nil if none does.
func (s *Server) strike(kind fault.Kind, userID string) *hit {
	return s.strikeIf(kind, userID, func(*armed) bool { return true })
}

// strikeIf is strike for faults that also meet a condition.
func (s *Server) strikeIf(kind fault.Kind, userID string, condition func(*armed) bool) *hit {
	if !s.faults.any() {
		return nil
	}
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	for _, a := range f.list {
		if a.gate.Fault.Kind != kind || !concerns(a.gate.Fault, userID) || !condition(a) {
			continue
		}
		if h := s.strikeOneLocked(a, now, userID); h != nil {
			return h
		}
	}
	return nil
}

// strikeOneLocked strikes a user, or everybody if none is named, with one
// fault. The caller holds faults.mu.
func (s *Server) strikeOneLocked(a *armed, now time.Time, userID string) *hit {
	if !a.gate.Strike(now) {
		return nil
	}
	h := &hit{a.id, a.gate.Fault, a.gate.Delay()}
	s.note(Event{Kind: FaultStruck, FaultID: a.id, Fault: h.fault.String(), UserID: userID})
	s.timeLocked(a) // what waits for a cue has its end now
	// A half-open socket stays so until the fault is disarmed, long after the
	// stroke that silenced it.
	if a.gate.Spent(now) && h.fault.Kind != fault.HalfOpen {
		f := &s.faults
		f.list = slices.DeleteFunc(f.list, func(other *armed) bool { return other == a })
		f.count.Store(int32(len(f.list)))
		a.stopLocked()
		s.noteOver(a, "it has struck")
	}
	return h
}

func concerns(f fault.Fault, userID string) bool { return f.User == "" || f.User == userID }
