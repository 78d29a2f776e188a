package fault

import (
	"math/rand/v2"
	"time"
)

// Gate decides when an armed fault strikes. It knows the fault's window, count
// and probability and is told the time by its owner; it is not safe for
// concurrent use.
type Gate struct {
	Fault Fault

	armed time.Time
	first time.Time // of the strikes
	shots int       // strikes so far
	rng   *rand.Rand
}

// NewGate arms a fault at an instant.
func NewGate(f Fault, now time.Time) *Gate {
	return &Gate{Fault: f, armed: now, rng: rand.New(rand.NewPCG(f.Seed, 0))}
}

// Starts returns when the fault begins to strike.
func (g *Gate) Starts() time.Time { return g.armed.Add(g.Fault.After) }

// Ends returns when its time is over, and false if it has no end, or none yet:
// the time of a fault that waits for its cue runs from the first stroke, so that
// nobody has to hurry.
func (g *Gate) Ends() (time.Time, bool) {
	switch waits := g.Fault.Waits() != ""; {
	case g.Fault.For <= 0, waits && g.shots == 0:
		return time.Time{}, false
	case waits:
		return g.first.Add(g.Fault.For), true
	}
	return g.Starts().Add(g.Fault.For), true
}

// Shots returns how often it has struck.
func (g *Gate) Shots() int { return g.shots }

// Spent reports that it can never strike again.
func (g *Gate) Spent(now time.Time) bool {
	if n := g.Fault.Strikes(); n > 0 && g.shots >= n {
		return true
	}
	end, limited := g.Ends()
	return limited && !now.Before(end)
}

// Active reports that it would strike now, probability aside.
func (g *Gate) Active(now time.Time) bool {
	return !now.Before(g.Starts()) && !g.Spent(now)
}

// Strike reports whether it strikes now, and counts the stroke if it does.
func (g *Gate) Strike(now time.Time) bool {
	if !g.Active(now) {
		return false
	}
	if p := g.Fault.Probability; p > 0 && g.rng.Float64() >= p {
		return false
	}
	if g.shots == 0 {
		g.first = now
	}
	g.shots++
	return true
}

// Delay draws the pause of one stroke from latency and jitter.
func (g *Gate) Delay() time.Duration {
	d := g.Fault.Latency
	if j := g.Fault.Jitter; j > 0 {
		d += time.Duration(g.rng.Int64N(int64(j) + 1))
	}
	return d
}
