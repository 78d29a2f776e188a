package session

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

// Faults are the faults of a session's own end of the wire: its dialer and its
// REST calls. It is safe for concurrent use. Make one with [NewFaults].
//
// The server is real and knows nothing of it: what a fault says that the server
// does is done here, on the way. A kind is extended in the switch of the place
// where it strikes: [FaultDialer] for handshakes, faultConn for frames,
// [FaultREST] for requests.
type Faults struct {
	struck func(id string, f fault.Fault) // immutable
	count  atomic.Int32                   // of armed, for those who only ask whether there are any

	// guarded by mu
	mu    sync.Mutex
	armed []*armedFault
	conns map[*faultConn]struct{}
}

// armedFault is a fault with its gate; guarded by the mutex of its Faults.
type armedFault struct {
	id      string
	gate    *fault.Gate
	cleared chan struct{} // closed when it is disarmed
}

// NewFaults returns an empty set. struck, which may be nil, is told each stroke
// from the goroutine that suffers it; it must not block.
func NewFaults(struck func(id string, f fault.Fault)) *Faults {
	if struck == nil {
		struck = func(string, fault.Fault) {}
	}
	return &Faults{struck: struck, conns: make(map[*faultConn]struct{})}
}

// faultKinds are the kinds that this end can cause. It is wider than the site
// dialer of package fault: what a server would say can be said here as well.
var faultKinds = [...]fault.Kind{
	fault.Drop, fault.Close, fault.HalfOpen, fault.NoPong, fault.StallAuth, fault.StallUpgrade,
	fault.RefuseUpgrade, fault.RefuseTCP, fault.DNSFails, fault.TLSFails, fault.Error, fault.Slow, fault.Corrupt, fault.Truncate,
	fault.UnknownEvent, fault.HugeFrame, fault.Duplicate, fault.Reorder, fault.Withhold,
	fault.RESTError, fault.RESTHTML, fault.RESTHang, fault.RESTReset,
}

// CanCause reports whether [Faults.Arm] takes the kind.
func CanCause(k fault.Kind) bool { return slices.Contains(faultKinds[:], k) }

// Arm switches a fault on under an id of the caller's choice. What strikes
// established connections does so at once.
func (s *Faults) Arm(id string, f fault.Fault) error {
	if !CanCause(f.Kind) {
		return fmt.Errorf("session: the dialer cannot cause %s", f.Kind)
	}
	if err := f.Validate(); err != nil {
		return fmt.Errorf("session: fault: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = append(s.armed, &armedFault{id: id, gate: fault.NewGate(f, time.Now()), cleared: make(chan struct{})})
	s.changedLocked()
	return nil
}

// Disarm switches a fault off and returns how often it struck, and false when
// there is none of that id.
func (s *Faults) Disarm(id string) (hits int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.armed, func(a *armedFault) bool { return a.id == id })
	if i < 0 {
		return 0, false
	}
	a := s.armed[i]
	s.armed = slices.Delete(s.armed, i, i+1)
	close(a.cleared)
	s.changedLocked()
	return a.gate.Shots(), true
}

// Clear switches everything off and returns the numbers of strokes by id.
func (s *Faults) Clear() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	hits := make(map[string]int, len(s.armed))
	for _, a := range s.armed {
		hits[a.id] = a.gate.Shots()
		close(a.cleared)
	}
	s.armed = nil
	s.changedLocked()
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
	for _, a := range s.armed {
		if fits(a) && a.gate.Strike(now) {
			hit, delay = a, a.gate.Delay()
			break
		}
	}
	s.mu.Unlock()
	if hit != nil {
		s.struck(hit.id, hit.gate.Fault)
	}
	return hit, delay
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

// FaultDialer opens sockets that misbehave as its Faults say.
type FaultDialer struct {
	Dialer Dialer
	Faults *Faults
}

var _ Dialer = FaultDialer{}

// Dial implements [Dialer].
func (d FaultDialer) Dial(ctx context.Context, req DialRequest, trace func(timeline.StageChanged)) (Conn, error) {
	if trace == nil {
		trace = func(timeline.StageChanged) {}
	}
	hit, _ := d.Faults.strike(ofKind(fault.RefuseTCP, fault.DNSFails, fault.TLSFails, fault.StallUpgrade, fault.RefuseUpgrade))
	if hit != nil {
		return nil, d.fail(ctx, hit, req, trace)
	}
	if slow, delay := d.Faults.strike(ofKind(fault.Slow)); slow != nil {
		if err := waitFor(ctx, delay); err != nil {
			return nil, &Error{Op: "dial", Stage: timeline.StageDNS, Err: err}
		}
	}
	conn, err := d.Dialer.Dial(ctx, req, trace)
	if err != nil {
		return nil, err
	}
	return d.Faults.wrap(conn), nil
}

// fail plays a handshake that goes wrong, without touching the network.
func (d FaultDialer) fail(ctx context.Context, hit *armedFault, req DialRequest, trace func(timeline.StageChanged)) error {
	kind := hit.gate.Fault.Kind
	l := newDialLane(req.URL.Scheme == "wss" || kind == fault.TLSFails)
	e := &Error{Op: "dial", Stage: timeline.StageTCP}
	if kind == fault.DNSFails {
		e.Stage = timeline.StageDNS
	} else {
		l.start(timeline.StageTCP, req.URL.Host)
	}
	switch kind {
	case fault.RefuseTCP, fault.DNSFails:
		e.Err = refusedBeforeTLS(kind, req.URL.Hostname())
	case fault.TLSFails:
		e.Stage, e.Err = timeline.StageTLS, untrustedByFault()
		e.Reason = tlsProblem(e.Err)
	default:
		l.ready()
		deliver(trace, l.take())
		e.Stage = timeline.StageUpgrade
		e.fill(ctx, hit)
	}
	l.fail(e)
	deliver(trace, l.close())
	return e
}

// refusedBeforeTLS is what the network says when it ends a dial early.
func refusedBeforeTLS(kind fault.Kind, host string) error {
	if kind == fault.DNSFails {
		return &net.DNSError{Err: "no such host (by a fault)", Name: host, IsNotFound: true}
	}
	return refusedConnection()
}

// untrustedByFault is a chain that ends in nobody's roots.
func untrustedByFault() error {
	return &tls.CertificateVerificationError{Err: fmt.Errorf("%w (by a fault)", x509.UnknownAuthorityError{})}
}

// fill completes the error of an upgrade that is refused or never answered.
func (e *Error) fill(ctx context.Context, hit *armedFault) {
	if hit.gate.Fault.Kind == fault.RefuseUpgrade {
		e.Status = cmp.Or(hit.gate.Fault.Status, http.StatusServiceUnavailable)
		e.Err = fmt.Errorf("upgrade refused: %s (by a fault)", statusWords(e.Status))
		return
	}
	select {
	case <-ctx.Done():
		e.Err = context.Cause(ctx)
	case <-hit.cleared:
		e.Err = resetConnection()
	}
}

func refusedConnection() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%w (by a fault)", syscall.ECONNREFUSED)}
}

func resetConnection() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: fmt.Errorf("%w (by a fault)", syscall.ECONNRESET)}
}

// errInjected marks what the network has nothing to do with.
var errInjected = errors.New("by a fault")

// waitFor waits unless ctx ends first.
func waitFor(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
