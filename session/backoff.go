package session

import (
	"time"

	"streamscope/timeline"
)

// retryWindow is the official client's retryInterval before the dice
// (protocol.md 4.2): n is the number of failures, or of attempts before.
func retryWindow(n int) (low, high time.Duration) {
	const ms = time.Millisecond
	step := time.Duration(n) * 2000 * ms
	high = min(500*ms+step, 5000*ms)
	low = min(max(250*ms, step-2000*ms), 5000*ms)
	return low, high
}

// steadyWindow is policy steady's: full jitter below a bound that doubles from
// half a second to thirty.
func steadyWindow(n int) (low, high time.Duration) {
	return 0, min(500*time.Millisecond<<min(n, 10), 30*time.Second)
}

// draw throws the dice: whole milliseconds, as the official client's.
func (m *machine) draw(n int) (b timeline.Backoff) {
	b.Failures = n
	b.Min, b.Max = retryWindow(n)
	if m.policy == timeline.PolicySteady {
		b.Min, b.Max = steadyWindow(n)
	}
	b.Drawn = b.Min
	if spread := b.Max - b.Min; spread > 0 {
		b.Drawn += m.cfg.Jitter(spread)
	}
	b.Drawn = b.Drawn.Truncate(time.Millisecond)
	return b
}
