package session

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"streamscope/internal/fault"
	"streamscope/internal/faultwire"
	"streamscope/internal/pause"
	"streamscope/internal/token"
)

// FaultSource is a token source that fails, dawdles or repeats itself as its
// Faults say. It remembers the token that came last. Make it with
// [Faults.Source].
type FaultSource struct {
	TokenSource
	faults *Faults

	// guarded by mu
	mu   sync.Mutex
	last token.Raw
}

var _ TokenSource = (*FaultSource)(nil)

// Source puts the faults around the token source of the session. Call it before
// the first [Faults.Arm].
func (s *Faults) Source(source TokenSource) *FaultSource {
	s.source = &FaultSource{TokenSource: source, faults: s}
	return s.source
}

// Last returns the token that the source gave last, the zero value before the
// first.
func (s *FaultSource) Last() token.Raw {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// canCause reports whether the source can misbehave like that: only one that
// signs by itself has a clock.
func (s *FaultSource) canCause(k fault.Kind) bool {
	_, signs := s.TokenSource.(SecretSource)
	kinds := []fault.Kind{fault.ProviderFails, fault.ProviderSlow, fault.ProviderStale}
	return slices.Contains(kinds, k) || signs && k == fault.ClockSkew
}

// Token implements [TokenSource].
func (s *FaultSource) Token(ctx context.Context) (string, error) {
	if slow, delay := s.faults.Strike("", faultwire.OfKind(fault.ProviderSlow)); slow != nil {
		if err := pause.For(ctx, delay); err != nil {
			return "", err
		}
	}
	if failing, _ := s.faults.Strike("", faultwire.OfKind(fault.ProviderFails)); failing != nil {
		return "", &Error{Op: "token", Err: errors.New(cmp.Or(failing.Fault().Reason, "the token provider fails on purpose"))}
	}
	if last := s.Last(); !last.IsZero() {
		if stale, _ := s.faults.Strike("", faultwire.OfKind(fault.ProviderStale)); stale != nil {
			return last.Reveal(), nil
		}
	}
	raw, err := s.skewed().Token(ctx)
	if err == nil {
		s.mu.Lock()
		s.last = token.Raw(raw)
		s.mu.Unlock()
	}
	return raw, err
}

// skewed is the source with its clock as a fault has it. The skew is that of who
// checks: to a server a minute behind, tokens come from a minute ahead.
func (s *FaultSource) skewed() TokenSource {
	signer, ok := s.TokenSource.(SecretSource)
	if !ok {
		return s.TokenSource
	}
	if skew, _ := s.faults.Strike("", faultwire.OfKind(fault.ClockSkew)); skew != nil {
		signer.skew = -skew.Fault().Skew
	}
	return signer
}
