package cli

import (
	"context"
	"errors"
	"sync"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/token"
	"streamscope/session"
)

// provider is a session's token source with a memory and with faults: it keeps
// the last token for the token bench, and fails, dawdles or repeats itself when
// a fault of the token site is armed. The session calls it from one goroutine;
// faults are armed from others.
type provider struct {
	session.TokenSource
	// struck is told each stroke of a fault; it must not call back.
	struck func(id string, f fault.Fault)

	// guarded by mu
	mu    sync.Mutex
	last  token.Raw
	gates map[string]*fault.Gate
}

func newProvider(source session.TokenSource, struck func(id string, f fault.Fault)) *provider {
	return &provider{TokenSource: source, struck: struck, gates: make(map[string]*fault.Gate)}
}

// Token implements [session.TokenSource].
func (p *provider) Token(ctx context.Context) (string, error) {
	if wait := p.strike(fault.ProviderSlow); wait != nil {
		if err := pause(ctx, wait.Delay()); err != nil {
			return "", err
		}
	}
	if failing := p.strike(fault.ProviderFails); failing != nil {
		text := failing.Fault.Reason
		if text == "" {
			text = "the token provider fails on purpose"
		}
		return "", &session.Error{Op: "token", Err: errors.New(text)}
	}
	if last := p.latest(); !last.IsZero() && p.strike(fault.ProviderStale) != nil {
		return last.Reveal(), nil
	}
	raw, err := p.TokenSource.Token(ctx)
	if err == nil {
		p.mu.Lock()
		p.last = token.Raw(raw)
		p.mu.Unlock()
	}
	return raw, err
}

// latest is the token that the source gave last.
func (p *provider) latest() token.Raw {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// arm switches a fault on.
func (p *provider) arm(id string, f fault.Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gates[id] = fault.NewGate(f, time.Now())
}

// clear switches every fault off and returns their numbers of strokes by id.
func (p *provider) clear() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	hits := make(map[string]int, len(p.gates))
	for id, g := range p.gates {
		hits[id] = g.Shots()
	}
	clear(p.gates)
	return hits
}

// strike returns the gate of an armed fault of the kind that strikes now.
func (p *provider) strike(kind fault.Kind) *fault.Gate {
	p.mu.Lock()
	var hit *fault.Gate
	var hitID string
	for id, g := range p.gates {
		if g.Fault.Kind == kind && g.Strike(time.Now()) {
			hit, hitID = g, id
			break
		}
	}
	p.mu.Unlock()
	if hit != nil {
		p.struck(hitID, hit.Fault)
	}
	return hit
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
