package session

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"streamscope/timeline"
)

// FuzzStep plays any sequence of inputs and holds every step to the invariants
// that world checks.
func FuzzStep(f *testing.F) {
	f.Add(uint64(1), []byte{17, 24, 24, 24, 0, 14, 0, 24, 24, 19})
	f.Add(uint64(2), []byte{17, 24, 24, 24, 20, 20, 0, 4, 21, 21, 0, 0, 0})
	f.Add(uint64(3), []byte{17, 17, 9, 5, 14, 0, 0, 0, 0, 22, 22, 22, 23})
	f.Fuzz(func(t *testing.T, seed uint64, plays []byte) {
		w := newWorld(t, seed, variant(seed))
		w.step(tick{})
		for _, c := range plays[:min(len(plays), 400)] {
			w.play(int(c))
		}
		w.finish()
	})
}

// variant gives each world a user and a policy.
func variant(seed uint64) func(*Config) {
	return func(c *Config) {
		switch seed % 9 {
		case 0:
			c.User.Type = timeline.Anonymous
		case 1:
			c.User.Type, c.Token = timeline.Guest, nil
		case 2:
			c.Token = StaticSource{Raw: "static"}
		case 3:
			c.Policy = timeline.PolicySteady
		case 4:
			c.MaxConnectRetries = -1
		case 5:
			c.ForgetUserOnFailure = true
		}
	}
}

// TestTransitionTable explores the machine with dice and holds the transitions
// that it makes to the table in the package comment: none that is not there,
// none there that never happens.
func TestTransitionTable(t *testing.T) {
	documented := readTable(t)
	seen := map[[2]timeline.ConnState]string{}
	for seed := range uint64(1500) {
		w := newWorld(t, seed, variant(seed))
		w.step(tick{})
		for range 120 {
			w.play(w.rng.IntN(choices))
		}
		if w.cfg.Policy != timeline.PolicySteady { // whose transitions are fewer
			maps.Copy(seen, w.seen)
		}
		w.finish()
	}
	for edge, why := range seen {
		if !documented[edge] {
			t.Errorf("not in the table of doc.go: %s -> %s (%s)", edge[0], edge[1], why)
		}
	}
	for edge := range documented {
		if _, ok := seen[edge]; !ok {
			t.Errorf("in the table of doc.go, and never seen: %s -> %s", edge[0], edge[1])
		}
	}
}

// readTable reads the transitions of the package comment.
func readTable(t *testing.T) map[[2]timeline.ConnState]bool {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	states := []timeline.ConnState{
		timeline.StateIdle, timeline.StateLoadingToken, timeline.StateDialing, timeline.StateAuthenticating,
		timeline.StateConnected, timeline.StateBackoff, timeline.StateStalled, timeline.StateOffline,
		timeline.StateDisconnected, timeline.StateFailed, timeline.StateNoSocket,
	}
	table := map[[2]timeline.ConnState]bool{}
	for line := range strings.Lines(string(text)) {
		row, ok := strings.CutPrefix(line, "//\t")
		if !ok {
			continue
		}
		from := slices.IndexFunc(states, func(s timeline.ConnState) bool { return strings.HasPrefix(row, fmt.Sprintf("%-16s", s)) })
		if from < 0 {
			continue
		}
		rest := row[16:]
		for _, to := range states {
			if strings.HasPrefix(rest, fmt.Sprintf("%-15s ", to)) {
				table[[2]timeline.ConnState{states[from], to}] = true
			}
		}
	}
	if len(table) == 0 {
		t.Fatal("doc.go has a transition table")
	}
	return table
}
