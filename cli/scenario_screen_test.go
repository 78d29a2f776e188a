package cli

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/fault"
	"streamscope/scenario"
	"streamscope/timeline"
)

func TestScenarioInTheScreen(t *testing.T) { synctest.Test(t, testScenarioInTheScreen) }

// testScenarioInTheScreen runs a scenario twice in a home where Sara is
// connected, and stops a third run.
func testScenarioInTheScreen(t *testing.T) {
	h := newHome(t)
	d := &director{rig: h.rig, net: network{dial: h.dial}}
	run := func(name string) {
		t.Helper()
		if err := d.RunScenario(name); err != nil {
			t.Fatalf("%s starts, got %v", name, err)
		}
	}
	for range 2 {
		run("answered-call")
		if err := d.RunScenario("server-deploy"); err == nil || !strings.Contains(err.Error(), "answered-call is still running") {
			t.Errorf("one scenario runs at a time, got %v", err)
		}
		time.Sleep(time.Minute)
		if note := h.lastNote(); !strings.Contains(note, "scenario answered-call passed") {
			t.Errorf("the timeline says that it passed, got %q", note)
		}
	}
	run("server-deploy")
	time.Sleep(3 * time.Second)
	if err := d.StopScenario(); err != nil {
		t.Error(err)
	}
	synctest.Wait()
	if note := h.lastNote(); !strings.Contains(note, "scenario server-deploy ends: stopped by you") {
		t.Errorf("the timeline says that it was stopped, got %q", note)
	}
	if err := d.StopScenario(); err == nil {
		t.Error("nothing is left to stop")
	}
	time.Sleep(time.Minute)
	if s := h.state(); s.Conn != timeline.StateConnected {
		t.Errorf("without its faults the session comes back, got %s", s.Conn)
	}
	h.end()
}

func (h *home) lastNote() string {
	var last string
	for e := range h.rig.events.All() {
		if n, ok := e.Payload.(timeline.Note); ok && strings.HasPrefix(n.Text, "scenario ") {
			last = n.Text
		}
	}
	return last
}

func TestScenariosNeedTheLocalCoordinator(t *testing.T) {
	d := &director{rig: new(rig)}
	if err := d.RunScenario("server-deploy"); err == nil || !strings.Contains(err.Error(), "without an API key") {
		t.Errorf("the error says what to do, got %v", err)
	}
	if all := d.Scenarios(); len(all) < 30 || all[0].Detail == "" {
		t.Errorf("the library is the choice, got %d entries", len(all))
	}
}

func TestFreshCalls(t *testing.T) {
	drop, err := fault.Parse("drop")
	if err != nil {
		t.Fatal(err)
	}
	s := scenario.Scenario{Steps: []scenario.Step{
		{Verb: scenario.RingUsers, Ring: scenario.Ring{From: "jack", CID: "default:hello"}},
		{Verb: scenario.Accept, Target: "default:hello"},
		{Verb: scenario.ExpectRequest, Target: "POST /call/default/hello"},
		{Verb: scenario.ExpectRequest, Target: "POST /call/default/hello/accept"},
		{Verb: scenario.ExpectRequest, Target: "POST /call/default/hello-again/accept"},
		{Verb: scenario.RingUsers, Ring: scenario.Ring{From: "jack", CID: "default:other"}},
		{Verb: scenario.ArmFault, Fault: drop},
	}}
	taken := []string{"default:hello", "default:hello-2"}
	fresh := withFreshCalls(s, func(cid string) bool { return slices.Contains(taken, cid) })
	want := []string{
		"default:hello-3", "default:hello-3", "POST /call/default/hello-3", "POST /call/default/hello-3/accept",
		"POST /call/default/hello-again/accept", "default:other", "",
	}
	for i, st := range fresh.Steps {
		if got := st.Target + st.Ring.CID; got != want[i] {
			t.Errorf("step %d names %q, want %q", i, got, want[i])
		}
	}
	if s.Steps[0].Ring.CID != "default:hello" {
		t.Error("the scenario itself is left alone")
	}
}
