package faultwire

import (
	"slices"
	"sync"

	"streamscope/internal/fault"
)

// device is the network of the device, as far as faults take it away.
type device struct {
	mu   sync.Mutex // held while it is told, so that it is told in order
	tell func(online bool)
	off  bool
}

// Device gives the faults the device of the session: tell is told when it loses
// its network and when it has it back, as a browser tells the client. It must
// not call back.
func (s *Set) Device(tell func(online bool)) {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	s.device.tell = tell
}

func (s *Set) hasDevice() bool {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	return s.device.tell != nil
}

// takeDown begins an outage.
func (s *Set) takeDown(a *Armed) {
	hit, _ := s.Strike("", func(other *Armed) bool { return other == a })
	if hit == nil {
		return
	}
	s.mu.Lock()
	a.down = true
	s.mu.Unlock()
	s.tellDevice()
}

// tellDevice tells the device when it has lost its network or has it back: it
// has none while any outage lasts.
func (s *Set) tellDevice() {
	s.device.mu.Lock()
	defer s.device.mu.Unlock()
	s.mu.Lock()
	off := slices.ContainsFunc(s.armed, func(a *Armed) bool { return a.down })
	s.mu.Unlock()
	if off == s.device.off || s.device.tell == nil {
		return
	}
	s.device.off = off
	s.device.tell(!off)
}

// outlasts reports whether a fault goes on after the stroke that uses it up:
// until it is disarmed or its time is over.
func outlasts(k fault.Kind) bool { return k == fault.HalfOpen || k == fault.Offline }
