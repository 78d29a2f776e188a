package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"streamscope/scenario"
)

// tally is what many runs met: an invariant that nothing could have broken
// proves nothing.
type tally struct {
	mu sync.Mutex
	// guarded by mu
	lived                        time.Duration // of all sessions
	events, attempts, busy, asks int
	traps, faults                map[string]int // runs that met them
}

func newTally() *tally { return &tally{traps: make(map[string]int), faults: make(map[string]int)} }

// add counts one run.
func (t *tally) add(result scenario.Result, m *monitor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lived += result.Took * time.Duration(len(result.Scenario.Users))
	t.events += int(m.both.live.Seq)
	met := make(map[string]bool)
	for _, s := range m.both.live.Sessions {
		t.attempts += s.Attempt.N
		for _, trap := range s.Traps {
			met[trap.ID] = true
		}
	}
	for _, c := range m.clients {
		t.asks += len(c.loads)
		for _, d := range c.decisions {
			t.busy += len(d)
		}
	}
	for id := range met {
		t.traps[id]++
	}
	for kind := range m.struck {
		t.faults[kind]++
	}
}

// rate is session-hours a minute.
func (t *tally) rate(took time.Duration) float64 { return t.lived.Hours() / took.Minutes() }

func (t *tally) String() string {
	return fmt.Sprintf("%.0f session-hours, %d events, %d attempts, %d token loads, %d busy rings\ntraps: %s\nfaults that struck: %s",
		t.lived.Hours(), t.events, t.attempts, t.asks, t.busy, counted(t.traps), counted(t.faults))
}

func counted(m map[string]int) string {
	var all []string
	for _, k := range slices.SortedFunc(maps.Keys(m), func(a, b string) int { return m[b] - m[a] }) {
		all = append(all, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(all, ", ")
}
