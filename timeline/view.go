package timeline

import (
	"cmp"
	"slices"
	"time"
)

// RTTStats sums up the round trips of health checks that are kept.
type RTTStats struct {
	N                      int
	Last, Min, Median, Max time.Duration
}

// RTTStats returns the statistics of the latest round trips; N is 0 when there
// are none.
func (h Health) RTTStats() RTTStats {
	if len(h.RTTs) == 0 {
		return RTTStats{}
	}
	sorted := slices.Sorted(slices.Values(h.RTTs))
	return RTTStats{
		N:      len(sorted),
		Last:   h.RTTs[len(h.RTTs)-1],
		Min:    sorted[0],
		Median: sorted[len(sorted)/2],
		Max:    sorted[len(sorted)-1],
	}
}

// NextPingIn returns the time to the client's next health check, 0 when it is
// due, and whether one is scheduled.
func (h Health) NextPingIn(now time.Time) (time.Duration, bool) { return until(h.NextPing, now) }

// Unanswered returns how long the last health check has been without an answer,
// and whether one is.
func (h Health) Unanswered(now time.Time) (time.Duration, bool) {
	return since(h.LastPing, now), h.Awaiting
}

// InForce returns the token to judge: the one on the wire, or the one that the
// source gave last while none is.
func (t TokenState) InForce() TokenInfo {
	if t.Wire.Number != 0 || t.Wire.Fingerprint != "" {
		return t.Wire
	}
	return t.Latest
}

// ExpiresIn returns the time to the expiry of the token in force, negative when
// it is past, and whether the token expires at all.
func (t TokenState) ExpiresIn(now time.Time) (time.Duration, bool) { return t.InForce().ExpiresIn(now) }

// LoadsPerMinute returns how often the source was asked in the last minute.
func (t TokenState) LoadsPerMinute(now time.Time) int {
	n := 0
	for _, at := range t.LoadTimes {
		if d := now.Sub(at); d >= 0 && d < time.Minute {
			n++
		}
	}
	return n
}

// ExpiresIn returns the time to the token's expiry, negative when it is past,
// and whether it expires at all.
func (t TokenInfo) ExpiresIn(now time.Time) (time.Duration, bool) {
	if t.ExpiresAt.IsZero() {
		return 0, false
	}
	return t.ExpiresAt.Sub(now), true
}

// Lifetime returns the part of the token's life that is left, from 1 down to 0,
// and whether it can be told: a gauge for tokens with both times.
func (t TokenInfo) Lifetime(now time.Time) (left float64, ok bool) {
	whole := t.ExpiresAt.Sub(t.IssuedAt)
	if t.ExpiresAt.IsZero() || t.IssuedAt.IsZero() || whole <= 0 {
		return 0, false
	}
	return min(1, max(0, float64(t.ExpiresAt.Sub(now))/float64(whole))), true
}

// Sounding reports whether the busy tone is to be heard at that time.
func (t ToneState) Sounding(now time.Time) bool {
	return t.On && (t.For <= 0 || now.Before(t.Since.Add(t.For)))
}

// Active reports whether the fault is armed at that time.
func (a ArmedFault) Active(now time.Time) bool {
	return !a.Cleared && (a.Until.IsZero() || now.Before(a.Until))
}

// ActiveFaults returns the faults that are armed at that time, oldest first.
func (s State) ActiveFaults(now time.Time) []ArmedFault {
	var active []ArmedFault
	for _, a := range s.Faults {
		if a.Active(now) {
			active = append(active, a)
		}
	}
	return active
}

// SessionTrap is a trap with the session that it befell.
type SessionTrap struct {
	Session string
	TrapSeen
}

// TrapsAfter returns the traps that events after seq gave away, in the order of
// those events: what is new after a fold.
func (s State) TrapsAfter(seq uint64) []SessionTrap {
	var traps []SessionTrap
	for i := range s.Sessions {
		for _, t := range s.Sessions[i].Traps {
			if t.Seq > seq {
				traps = append(traps, SessionTrap{Session: s.Sessions[i].Name, TrapSeen: t})
			}
		}
	}
	slices.SortStableFunc(traps, func(a, b SessionTrap) int { return cmp.Compare(a.Seq, b.Seq) })
	return traps
}
