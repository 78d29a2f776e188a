package cli

import (
	"bytes"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"streamscope/internal/fault"
	"streamscope/scenario"
)

// TestTheLibraryPassesInVirtualTime is what holds virtual time to its word: the
// command, as the user runs it, with every scenario that ships.
func TestTheLibraryPassesInVirtualTime(t *testing.T) {
	var out, words bytes.Buffer
	p := &program{out: &out, err: &words}
	if err := p.scenario(t.Context(), "../scenarios", scenarioFlags{virtual: true}); err != nil {
		t.Errorf("the library passes, got %v\n%s", err, failures(out.String()))
	}
	if words.Len() > 0 {
		t.Errorf("nothing is said on standard error, got %s", &words)
	}
}

// failures are the scenarios of a report that failed, as they were told.
func failures(report string) string {
	var failed []string
	for one := range strings.SplitSeq(report, "\n\n") {
		if strings.Contains(one, "FAIL") {
			failed = append(failed, one)
		}
	}
	return strings.Join(failed, "\n\n")
}

func TestTheLibraryIsInTheProgram(t *testing.T) {
	files, err := fs.Glob(os.DirFS("../scenarios"), "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if all := library(); len(all) != len(files) || len(all) == 0 {
		t.Errorf("%d scenarios are in the program, %d in the folder", len(all), len(files))
	}
}

func TestStepText(t *testing.T) {
	drop, err := fault.Parse("drop:after=2s")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		step   scenario.Step
		naming bool
		want   string
	}{
		{"a user once", scenario.Step{Verb: scenario.Connect, User: "sara"}, true, "connect sara"},
		{"a fault for all", scenario.Step{Verb: scenario.ArmFault, Fault: drop}, true, "fault drop:after=2s"},
		{"a fault for one", scenario.Step{Verb: scenario.ArmFault, Fault: drop, User: "sara"}, true, "fault drop:after=2s (sara)"},
		{"a wait", scenario.Step{Verb: scenario.Wait, Wait: 90 * time.Second, User: "sara"}, true, "wait 1m30s"},
		{
			"a ring", scenario.Step{Verb: scenario.RingUsers, Ring: scenario.Ring{From: "jack", To: []string{"sara", "nina"}}}, true,
			"ring from jack to sara, nina",
		},
		{
			"an absent event", scenario.Step{Verb: scenario.ExpectEvent, Target: "call.ring", Absent: true, Count: 2, User: "sara"}, false,
			"expect no event call.ring 2 times",
		},
		{
			"a request", scenario.Step{Verb: scenario.ExpectRequest, Target: "POST /calls", Status: 201, User: "sara"}, true,
			"expect request POST /calls answered with 201 (sara)",
		},
		{"control characters", scenario.Step{Verb: scenario.ExpectEvent, Target: "a\x1b[2Jb"}, false, `expect event a\x1b[2Jb`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := stepText(c.step, c.naming); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
