package sim

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"streamscope/coordinator"
	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/timeline"
)

// Arm implements [scenario.Driver]: the fault goes to who can cause it, the
// coordinator before the token sources before the device.
func (d *Driver) Arm(f fault.Fault, user string) error {
	info, known := f.Kind.Info()
	if !known {
		return fmt.Errorf("no fault %q", f.Kind)
	}
	if f.User == "" && !info.ForAll {
		f.User = user
	}
	if f.Seed == 0 {
		f.Seed = uint64(d.random.upTo(1<<32)) + 1
	}
	if err := f.Validate(); err != nil {
		return err
	}
	switch {
	case info.CausedBy(fault.Coordinator):
		_, err := d.server.Arm(f)
		return err
	case info.CausedBy(fault.TokenSource):
		d.provider.arm(f)
		return nil
	}
	return d.device.arm(f, d.concerned(f))
}

// concerned returns the sessions that a fault strikes.
func (d *Driver) concerned(f fault.Fault) []*session.Session {
	var all []*session.Session
	for _, name := range d.order {
		if f.User == "" || f.User == name {
			all = append(all, d.sessions[name])
		}
	}
	return all
}

// Clear implements [scenario.Driver].
func (d *Driver) Clear() error {
	d.server.ClearFaults()
	d.provider.clear()
	d.device.clear()
	return nil
}

// observe puts what happens to the coordinator's faults on the timeline.
func (d *Driver) observe(e coordinator.Event) {
	if d.Observe != nil {
		d.Observe(e)
	}
	switch e.Kind {
	case coordinator.FaultArmed:
		if f, err := fault.Parse(e.Fault); err == nil {
			publish(d.events, f, timeline.FaultArmed{Fault: shown(e.FaultID, f, fault.Coordinator), For: f.For})
		}
	case coordinator.FaultStruck:
		if f, err := fault.Parse(e.Fault); err == nil {
			d.hits[e.FaultID]++
			publish(d.events, f, timeline.FaultHit{ID: e.FaultID, Fault: string(f.Kind)})
		}
	case coordinator.FaultOver:
		if f, err := fault.Parse(e.Fault); err == nil {
			publish(d.events, f, timeline.FaultCleared{ID: e.FaultID, Hits: d.hits[e.FaultID]})
		}
	}
}

// publish appends an event about a fault, in the session it is limited to.
func publish(events *timeline.Store, f fault.Fault, p timeline.Payload) {
	events.Append(timeline.Event{Session: f.User, Payload: p})
}

func shown(id string, f fault.Fault, site fault.Site) timeline.Fault {
	info, _ := f.Kind.Info()
	expect := f.Expect()
	return timeline.Fault{
		ID: id, Kind: string(f.Kind), Title: info.Title, Spec: f.String(), Where: string(site),
		Expect: expect.Text, Trap: expect.Trap, Seed: f.Seed,
	}
}

// dial makes a connection to the coordinator, which takes its time.
func (d *Driver) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := pause(ctx, d.DialTime); err != nil {
		return nil, err
	}
	return d.line.Dial(ctx, network, addr)
}

// deviceFaults are the networks of the devices: what a browser would tell the
// client about them.
type deviceFaults struct {
	ctx    context.Context // the life of the sessions
	events *timeline.Store
	wg     *sync.WaitGroup // of the driver

	// Owned by the goroutine of the driver's methods.
	last  int
	armed []*deviceFault
}

type deviceFault struct {
	over context.CancelFunc
	done chan struct{}
}

func newDeviceFaults(ctx context.Context, events *timeline.Store, wg *sync.WaitGroup) *deviceFaults {
	return &deviceFaults{ctx: ctx, events: events, wg: wg}
}

// arm takes the devices of the sessions off the network, from the time and for
// the time that the fault says.
func (d *deviceFaults) arm(f fault.Fault, of []*session.Session) error {
	d.last++
	id := fmt.Sprintf("device-%d", d.last)
	ctx, over := context.WithCancel(d.ctx)
	armed := &deviceFault{over: over, done: make(chan struct{})}
	d.armed = append(d.armed, armed)
	publish(d.events, f, timeline.FaultArmed{Fault: shown(id, f, fault.Dialer), For: f.For})
	set := func(online bool) {
		for _, s := range of {
			_ = s.SetOnline(online, timeline.ByFault) // a session that is over has no network
		}
	}
	d.wg.Go(func() {
		defer close(armed.done)
		hits := 0
		if pause(ctx, f.After) == nil {
			hits = 1
			publish(d.events, f, timeline.FaultHit{ID: id, Fault: string(f.Kind)})
			set(false)
			if f.For > 0 {
				_ = pause(ctx, f.For) // or until it is cleared
			} else {
				<-ctx.Done()
			}
			set(true)
		}
		publish(d.events, f, timeline.FaultCleared{ID: id, Hits: hits})
	})
	return nil
}

func (d *deviceFaults) clear() {
	for _, f := range d.armed {
		f.over()
		<-f.done
	}
	d.armed = nil
}

// tokenFaults are the faults of the token sources, of all users together.
type tokenFaults struct {
	events *timeline.Store

	// guarded by mu
	mu    sync.Mutex
	last  int
	gates []*tokenFault
}

type tokenFault struct {
	id   string
	gate *fault.Gate
}

func newTokenFaults(events *timeline.Store) *tokenFaults { return &tokenFaults{events: events} }

func (t *tokenFaults) arm(f fault.Fault) {
	t.mu.Lock()
	t.last++
	armed := &tokenFault{id: fmt.Sprintf("token-%d", t.last), gate: fault.NewGate(f, time.Now())}
	t.gates = append(t.gates, armed)
	t.mu.Unlock()
	publish(t.events, f, timeline.FaultArmed{Fault: shown(armed.id, f, fault.TokenSource), For: f.For})
}

func (t *tokenFaults) clear() {
	t.mu.Lock()
	gates := t.gates
	t.gates = nil
	t.mu.Unlock()
	for _, g := range gates {
		t.over(g)
	}
}

func (t *tokenFaults) over(g *tokenFault) {
	publish(t.events, g.gate.Fault, timeline.FaultCleared{ID: g.id, Hits: g.gate.Shots()})
}

// strike returns a fault of the kind that strikes the user's source now, and
// the delay that it draws; nil for none.
func (t *tokenFaults) strike(kind fault.Kind, user string) (*fault.Fault, time.Duration) {
	now := time.Now()
	t.mu.Lock()
	i := slices.IndexFunc(t.gates, func(g *tokenFault) bool {
		f := g.gate.Fault
		return f.Kind == kind && (f.User == "" || f.User == user) && g.gate.Strike(now)
	})
	if i < 0 {
		t.mu.Unlock()
		return nil, 0
	}
	g, delay := t.gates[i], t.gates[i].gate.Delay()
	spent := g.gate.Spent(now)
	if spent {
		t.gates = slices.Delete(t.gates, i, i+1)
	}
	t.mu.Unlock()
	t.events.Append(timeline.Event{Session: user, Payload: timeline.FaultHit{ID: g.id, Fault: string(kind)}})
	if spent {
		t.over(g)
	}
	return &g.gate.Fault, delay
}

// provider is the token provider of one user. The session asks it one call at a
// time.
type provider struct {
	user   string
	sign   func(user string, ttl time.Duration) string
	ttl    time.Duration
	faults *tokenFaults

	last string // of the one caller at a time
}

var _ session.TokenSource = (*provider)(nil)

// Token implements [session.TokenSource].
func (p *provider) Token(ctx context.Context) (string, error) {
	if slow, delay := p.faults.strike(fault.ProviderSlow, p.user); slow != nil {
		if err := pause(ctx, delay); err != nil {
			return "", err
		}
	}
	if failing, _ := p.faults.strike(fault.ProviderFails, p.user); failing != nil {
		return "", fmt.Errorf("%s", providerFailure(*failing))
	}
	if p.last != "" {
		if stale, _ := p.faults.strike(fault.ProviderStale, p.user); stale != nil {
			return p.last, nil
		}
	}
	p.last = p.sign(p.user, p.ttl)
	return p.last, nil
}

func providerFailure(f fault.Fault) string {
	if f.Reason != "" {
		return f.Reason
	}
	return "the token endpoint answered 503"
}

// Kind implements [session.TokenSource].
func (*provider) Kind() string { return "provider" }

// Refreshable implements [session.TokenSource].
func (*provider) Refreshable() bool { return true }

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
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
