package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"streamscope/internal/wire"
	"streamscope/scenario"
	"streamscope/timeline"
	"streamscope/ui"
)

// director runs scenarios in the screen's own sessions, one at a time. Its
// methods may be called from any goroutine.
type director struct {
	rig *rig
	net network // zero is that of the machine

	// guarded by mu
	mu      sync.Mutex
	running string // name of the scenario; empty when there is none
	stop    context.CancelCauseFunc
}

// errStopped is why a scenario ends that the user has stopped.
var errStopped = errors.New("stopped by you")

// Scenarios are the choices of the palette: those that come with the program.
func (d *director) Scenarios() []ui.Choice {
	var choices []ui.Choice
	for _, s := range library() {
		choices = append(choices, ui.Choice{Name: s.Name, Detail: s.Title})
	}
	return choices
}

// RunScenario starts a scenario, by its name in the library or the path of a file.
// The sessions of its users are closed and opened again as it wants them, and
// stay open when it is over. What becomes of it is told as notes on the timeline.
func (d *director) RunScenario(what string) error {
	if d.rig.local == nil {
		return errors.New("a scenario needs the local coordinator: start streamscope without an API key, or use streamscope scenario")
	}
	all, err := loadScenarios(what)
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return fmt.Errorf("there are %d scenarios in %s: give one file", len(all), hide(what))
	}
	s := all[0]
	if s.Seed == 0 {
		s.Seed = rand.Uint64N(1 << 53)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running != "" {
		return fmt.Errorf("%s is still running: stop it first", d.running)
	}
	ctx, stop := context.WithCancelCause(d.rig.sessions.ctx)
	d.running, d.stop = s.Name, stop
	d.rig.sessions.start(func() error {
		defer d.over()
		d.play(ctx, s)
		return nil
	})
	return nil
}

// StopScenario ends the scenario that is running.
func (d *director) StopScenario() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.running == "" {
		return errors.New("no scenario is running: start one with :scenario NAME")
	}
	d.stop(errStopped)
	return nil
}

// over makes room for the next.
func (d *director) over() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stop(nil)
	d.running = ""
}

// play runs the scenario with fresh sessions.
func (d *director) play(ctx context.Context, s scenario.Scenario) {
	tell := func(format string, args ...any) {
		d.rig.events.Append(timeline.Event{Payload: timeline.Note{Text: "scenario " + s.Name + fmt.Sprintf(format, args...)}})
	}
	d.rig.local.server.ClearFaults()
	s = withFreshCalls(s, d.rig.local.hasCall)
	for _, u := range s.Users {
		d.rig.closeSession(u.ID)
	}
	driver := newScenarioDriver(d.rig, d.net, s.Seed)
	tell(" begins: %s (seed %d)", s.Title, s.Seed)
	runner := scenario.Runner{Driver: driver, Timeline: d.rig.events, OnStep: func(_ scenario.Result, done scenario.StepResult) {
		what := stepText(done.Step, len(s.Users) > 1)
		if done.Err == nil {
			tell(" %d/%d: %s", done.Index+1, len(s.Steps), what)
		}
	}}
	res, err := runner.Run(ctx, s)
	_ = driver.Clear() // sessions that are over have nothing armed
	switch failed, diverged := res.Failed(); {
	case ctx.Err() != nil:
		tell(" ends: %s", context.Cause(ctx))
	case err != nil:
		tell(" could not be run: %s", err)
	case diverged:
		tell(" DIVERGED at step %d (%s): %s", failed.Index+1, stepText(failed.Step, true), failed.Err)
	default:
		tell(" passed: %d steps in %s", len(res.Steps), shortTime(res.Took))
	}
}

// hasCall reports whether the coordinator knows a call of that name.
func (l *local) hasCall(cid string) bool {
	return slices.ContainsFunc(l.server.Calls(), func(c wire.Call) bool { return c.CID == cid })
}

// withFreshCalls gives the calls of a scenario other names where there are such
// calls already: the official service rings once for each, so a scenario that was
// run before would wait for a ring in vain.
func withFreshCalls(s scenario.Scenario, taken func(cid string) bool) scenario.Scenario {
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		old := s.Steps[i].Ring.CID
		if old == "" || !taken(old) {
			continue
		}
		fresh := old
		for n := 2; taken(fresh); n++ {
			fresh = fmt.Sprintf("%s-%d", old, n)
		}
		for j := range s.Steps {
			s.Steps[j] = renameCall(s.Steps[j], old, fresh)
		}
	}
	return s
}

// renameCall gives a call another name where a step names it.
func renameCall(st scenario.Step, old, fresh string) scenario.Step {
	if st.Ring.CID == old {
		st.Ring.CID = fresh
	}
	if st.Target == old {
		st.Target = fresh
	}
	if st.Verb == scenario.ExpectRequest {
		path := func(cid string) string { return "/call/" + strings.Replace(cid, ":", "/", 1) + "/" }
		st.Target = strings.TrimSuffix(strings.Replace(st.Target+"/", path(old), path(fresh), 1), "/")
	}
	return st
}
