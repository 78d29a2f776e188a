package sim

import (
	"regexp"
	"slices"
	"testing"
)

// shrinkRuns is the most that a failure is run again to make it smaller.
const shrinkRuns = 150

// shrunk leaves out of a scenario what is not needed to break the same
// invariant: runs of steps first, then single ones.
func shrunk(t *testing.T, run outcome) outcome {
	tries := shrinkRuns
	for n := len(run.scenario.Steps) / 2; n > 0; n /= 2 {
		for at := 0; at+n <= len(run.scenario.Steps) && tries > 0; tries-- {
			smaller := run.scenario
			smaller.Steps = slices.Delete(slices.Clone(smaller.Steps), at, at+n)
			next := live(t, smaller, newTally())
			if len(next.broken) > 0 && alike(next.broken[0], run.broken[0]) {
				run = next
				continue
			}
			at += n
		}
	}
	return run
}

var particulars = regexp.MustCompile(`[0-9][0-9hms.]*|sara|jack|mila`)

// alike reports whether two texts tell of the same invariant.
func alike(a, b string) bool {
	const enough = 60 // what follows are texts of errors
	a, b = particulars.ReplaceAllString(a, ""), particulars.ReplaceAllString(b, "")
	return a[:min(enough, len(a))] == b[:min(enough, len(b))]
}
