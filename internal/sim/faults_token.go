package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/timeline"
)

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
		return "", errors.New(cmp.Or(failing.Reason, "the token endpoint answered 503"))
	}
	if p.last != "" {
		if stale, _ := p.faults.strike(fault.ProviderStale, p.user); stale != nil {
			return p.last, nil
		}
	}
	p.last = p.sign(p.user, p.ttl)
	return p.last, nil
}

// Kind implements [session.TokenSource].
func (*provider) Kind() string { return "provider" }

// Refreshable implements [session.TokenSource].
func (*provider) Refreshable() bool { return true }
