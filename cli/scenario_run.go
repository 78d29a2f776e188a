package cli

import (
	"context"
	"errors"

	"streamscope/config"
	"streamscope/logsink"
	"streamscope/scenario"
	"streamscope/timeline"
)

// errScenarioOver is why the sessions of a scenario end.
var errScenarioOver = errors.New("the scenario is over")

// runAll runs scenarios one after the other. The error says why it stopped
// before the last; what was found up to there is in the results.
func (f scenarioFlags) runAll(ctx context.Context, all []scenario.Scenario, text *scenarioText) ([]scenario.Result, error) {
	var results []scenario.Result
	for _, s := range all {
		if s.Seed == 0 {
			s.Seed = f.seed
		}
		var res scenario.Result
		run := func(ctx context.Context) (err error) {
			net := loopbackNetwork()
			if f.virtual {
				net = virtualNetwork()
			}
			res, err = runScenario(ctx, s, net, f.recording(s, len(all)), text)
			return err
		}
		begin := run
		if f.virtual {
			begin = func(ctx context.Context) error { return virtually(ctx, run) }
		}
		err := begin(ctx)
		if res.Scenario.Name != "" {
			results = append(results, res)
		}
		if err != nil {
			return results, err
		}
	}
	return results, nil
}

// runScenario runs one scenario with a rig of its own.
func runScenario(ctx context.Context, s scenario.Scenario, net network, recording string, text *scenarioText) (scenario.Result, error) {
	r := newRig(ctx, settings{config: config.Default(), levels: logsink.NewLevels(logsink.Info)})
	if recording != "" {
		header := timeline.Header{Tool: versionText(), Start: r.events.Start(), User: s.Users[0].ID, Source: timeline.SourceLocal}
		if err := r.record(recording, header); err != nil {
			return scenario.Result{}, errors.Join(err, r.close(err))
		}
	}
	r.sessions.start(func() error { scenario.KeepScore(r.sessions.ctx, r.events); return nil })
	driver := newScenarioDriver(r, net, s.Seed)
	runner := scenario.Runner{Driver: driver, Timeline: r.events, OnStep: text.step}
	text.begin(s)
	res, err := runner.Run(r.sessions.ctx, s)
	why := context.Cause(r.sessions.ctx)
	closed := errors.Join(r.close(errScenarioOver), errors.Join(r.lost...))
	text.end(res, r.events)
	switch {
	case closed != nil: // what went wrong inside is why anything else did
		return res, closed
	case why != nil:
		return res, why
	}
	return res, err
}
