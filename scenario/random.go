package scenario

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Random is what a run draws from its seed, for its sessions and faults. Any
// goroutine may draw; in which order they do is not the seed's to say.
type Random struct {
	mu   sync.Mutex
	rand *rand.Rand // guarded by mu
}

// NewRandom returns the draws of a seed.
func NewRandom(seed uint64) *Random { return &Random{rand: rand.New(rand.NewPCG(seed, 1))} }

// UpTo draws a duration that is less than n, which must be positive: the jitter
// of a session.
func (r *Random) UpTo(n time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Duration(r.rand.Int64N(int64(n)))
}

// ID draws an identifier. It is shaped like a UUID, so that it reads like the
// real ones.
func (r *Random) ID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, b := r.rand.Uint64(), r.rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}
