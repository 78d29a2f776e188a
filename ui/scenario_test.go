package ui

import (
	"testing"
	"time"

	"streamscope/timeline"
)

// directing is a controller that runs scenarios.
type directing struct{ *fakeController }

func (c directing) Scenarios() []Choice {
	return []Choice{{"train-tunnel", "the network goes for 40 s"}, {"clean-close", "the server closes with 1000"}}
}

func (c directing) RunScenario(name string) error { return c.note("scenario " + name) }

func (c directing) StopScenario() error { return c.note("stop scenario") }

func TestScenariosAreRunFromThePalette(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.m.o.Controller = directing{x.ctl}
	x.connectedStory()
	x.Press(":")
	x.Type("scenario")
	x.Press("enter")
	x.WantScreen("they are listed with what they are", "train-tunnel", "the network goes for 40 s")
	x.Type("clean")
	x.Press("enter")
	x.wantAsked("enter runs the one that was found", "scenario clean-close")
	x.Press(":")
	x.Type("scenario my/own.yaml")
	x.Press("enter")
	x.wantAsked("a file can be named at once", "scenario clean-close", "scenario my/own.yaml")
}

func TestScreenWithoutScenariosSaysWhoRunsThem(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.Press(":")
	x.Type("scenario")
	x.Press("enter")
	x.WantScreen("it names the command", "streamscope scenario FILE")
}

func TestScoresAreInTheHeaderForAWhile(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	fault := timeline.Fault{ID: "1", Kind: "drop", Title: "Drop the line"}
	x.event(0, timeline.FaultArmed{Fault: fault}, timeline.FaultHit{ID: "1", Fault: "drop"}, timeline.FaultCleared{ID: "1", Hits: 1})
	x.advance(800 * time.Millisecond)
	x.event(0, timeline.FaultScored{ID: "1", Fault: "drop", Score: "late", After: 800 * time.Millisecond, Detail: "reconnected"})
	x.WantScreen("the score is where the fault was", "! drop late after 800 ms")
	x.advance(time.Minute)
	x.WantNotOnScreen("and goes", "drop late after 800 ms  ")
}
