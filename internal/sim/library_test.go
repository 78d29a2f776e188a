package sim

import (
	"flag"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/scenario"
	"streamscope/timeline"
)

const library = "../../scenarios"

// dialTime is what a connection on one machine takes, about.
const dialTime = 2 * time.Millisecond

func loadLibrary(t *testing.T) []scenario.Scenario {
	t.Helper()
	all, err := scenario.Load(library)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var rolls = flag.Int("sim.rolls", 3, "how many seeds each scenario of the library runs with")

// TestLibrary runs every scenario that ships, with several seeds: what it says
// must hold however the dice fall.
func TestLibrary(t *testing.T) {
	for _, s := range loadLibrary(t) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			seeds := []uint64{s.Seed} // of a scenario that needs a certain one
			for i := 0; s.Seed == 0 && i < *rolls; i++ {
				seeds = append(seeds, uint64(i+1))
			}
			for _, s.Seed = range seeds {
				synctest.Test(t, func(t *testing.T) { pass(t, s) })
			}
		})
	}
}

// pass requires that a scenario passes and that nothing is left of it.
func pass(t *testing.T, s scenario.Scenario) {
	events := timeline.NewStore(timeline.Options{})
	driver := New(events)
	driver.DialTime = dialTime
	runner := &scenario.Runner{Driver: driver, Timeline: events}
	result, err := runner.Run(t.Context(), s)
	if err != nil {
		t.Error(err)
	}
	if err := driver.Close(); err != nil {
		t.Errorf("the run ends without a failure inside, got %v", err)
	}
	if !result.Passed() {
		t.Errorf("seed %d: %s\n%s", s.Seed, result, story(events))
	}
	if open := driver.Server().Connections(); len(open) > 0 {
		t.Errorf("%d connections are left at the coordinator", len(open))
	}
	for _, stack := range leftBehind() {
		t.Errorf("a goroutine is left:\n%s", stack)
	}
}

// story is the timeline as a person reads it, without the stages of attempts.
func story(events *timeline.Store) string {
	var b strings.Builder
	for e := range events.All() {
		if e.Kind() == timeline.KindStage {
			continue
		}
		b.WriteString(e.Offset.Round(time.Millisecond).String() + " " + e.Session + " " + timeline.Describe(e).String() + "\n")
	}
	return b.String()
}

func TestTheLibraryReadsAsDocumentation(t *testing.T) {
	all := loadLibrary(t)
	if len(all) < 30 {
		t.Errorf("%d scenarios ship, want 30 at least", len(all))
	}
	sentence := regexp.MustCompile(`[.!?](\s|$)`)
	names := map[string]bool{}
	for _, s := range all {
		if s.Title == "" {
			t.Errorf("%s has no title", s.File)
		}
		if n := len(sentence.FindAllString(s.Description, -1)); n < 2 {
			t.Errorf("%s: the description has %d sentences, want 2 at least", s.File, n)
		}
		if file := strings.TrimSuffix(filepath.Base(s.File), ".yaml"); file != s.Name {
			t.Errorf("%s is called %q: list and file must agree", s.File, s.Name)
		}
		if names[s.Name] {
			t.Errorf("%s is there twice", s.Name)
		}
		names[s.Name] = true
		if !slices.ContainsFunc(s.Steps, func(st scenario.Step) bool { return st.Verb.Expects() && !st.Absent }) {
			t.Errorf("%s expects nothing", s.File)
		}
	}
	for _, name := range []string{
		"flaky-wifi", "train-tunnel", "token-storm", "server-deploy", "clock-ahead", "provider-down", "busy-evening",
	} {
		if !names[name] {
			t.Errorf("the library has no %s", name)
		}
	}
}

// TestTheLibraryCoversTheTraps requires a scenario for every trap of protocol
// 4.6 that a fault or a user can cause. The others need another program: a
// second client in the process (K8, K13), another port (K16), React Native (K23).
func TestTheLibraryCoversTheTraps(t *testing.T) {
	covered := map[string]bool{}
	for _, s := range loadLibrary(t) {
		for _, st := range s.Steps {
			if st.Verb == scenario.ExpectTrap && !st.Absent {
				covered[st.Target] = true
			}
		}
	}
	for _, id := range []string{
		"K1", "K2", "K3", "K4", "K5", "K6", "K7", "K9", "K10", "K11", "K12", "K14", "K15",
		"K17", "K18", "K19", "K20", "K21", "K22", "K24", "K25", "K26", "K27",
	} {
		if !covered[id] {
			t.Errorf("no scenario causes %s", id)
		}
	}
}
