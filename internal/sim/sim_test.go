package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/scenario"
	"streamscope/timeline"
)

var (
	seeds = flag.Int("sim.seeds", 40, "how many seeds the simulation runs")
	first = flag.Uint64("sim.seed", 1, "the first of the seeds")
	file  = flag.String("sim.file", "", "a scenario `file` to hold to the invariants instead")
)

// everyEvent says for which share of the seeds a recording is compared at every
// event, instead of after every step.
const everyEvent = 4

// TestSimulation draws a scenario from each seed and holds it to the invariants.
func TestSimulation(t *testing.T) {
	if *file != "" {
		t.Skip("a file is given")
	}
	total := newTally()
	began := time.Now()
	t.Run("seeds", func(t *testing.T) {
		for i := range *seeds {
			seed := *first + uint64(i)
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				hold(t, drawScenario(seed), total)
			})
		}
	})
	took := time.Since(began)
	t.Logf("%d seeds in %s, %.0f session-hours a minute: %s", *seeds, took.Round(time.Millisecond), total.rate(took), total)
}

// TestFile holds one scenario file to the invariants, for a seed that failed.
func TestFile(t *testing.T) {
	if *file == "" {
		t.Skip("no -sim.file")
	}
	all, err := scenario.Load(*file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) { hold(t, s, newTally()) })
	}
}

// outcome is what one run came to.
type outcome struct {
	scenario scenario.Scenario
	broken   []string
	events   *timeline.Store
}

// hold runs a scenario and holds it to the invariants.
func hold(t *testing.T, s scenario.Scenario, total *tally) {
	run := live(t, s, total)
	if len(run.broken) == 0 {
		return
	}
	for _, broken := range run.broken {
		t.Error(broken)
	}
	if *file != "" {
		t.Logf("what happened:\n%s", story(run.events))
		return
	}
	s = shrunk(t, run).scenario
	t.Logf("this scenario does it: save it and run go test ./internal/sim -run TestFile -v -sim.file FILE\n%s", s.YAML())
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), s.Name+".yaml"), s.YAML(), 0o600); err != nil {
		t.Error(err)
	}
}

// live runs a scenario in a bubble of its own.
func live(t *testing.T, s scenario.Scenario, total *tally) outcome {
	run := outcome{scenario: s}
	synctest.Test(t, func(t *testing.T) {
		run.events = timeline.NewStore(timeline.Options{})
		driver := New(run.events)
		driver.DialTime = dialTime
		m := newMonitor(driver, run.events)
		m.every = s.Seed%everyEvent == 0
		defer m.cursor.Close()
		runner := &scenario.Runner{
			Driver: driver, Timeline: run.events,
			OnStep: func(_ scenario.Result, done scenario.StepResult) { m.step(done.Step) },
		}
		result, err := runner.Run(t.Context(), s)
		if err != nil {
			m.breaks("running: %v", err)
		}
		if !result.Passed() {
			m.breaks("%s", result)
		}
		if err := driver.Close(); err != nil {
			m.breaks("the run ended with a failure inside: %v", err)
		}
		m.finish()
		if left := leftBehind(); len(left) > 0 {
			// The bubble ends the program for their sake: it is now or never.
			fmt.Fprintf(os.Stderr, "goroutines are left:\n%s\n\nby this scenario:\n%s", strings.Join(left, "\n\n"), s.YAML())
			m.breaks("%d goroutines are left", len(left))
		}
		total.add(result, m)
		run.broken = m.broken
	})
	return run
}
