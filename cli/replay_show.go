package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"streamscope/config"
	"streamscope/record"
	"streamscope/timeline"
	"streamscope/ui"
)

// replayLines prints a recording as lines, while it is read.
func (p *program) replayLines(ctx context.Context, r *replay, f replayFlags) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	printed := &printer{events: r.events.Cursor(1), logs: r.logs.Cursor(1)}
	defer printed.events.Close()
	defer printed.logs.Close()
	flush := func() error {
		if printed.to == nil {
			to, err := f.lines(p, r)
			if err != nil {
				return err
			}
			printed.to = &pacer{to: to, ctx: ctx, speed: f.speed}
		}
		return printed.flush()
	}
	var failed error
	err := r.load(ctx, func() {
		if failed == nil {
			if failed = flush(); failed != nil {
				cancel(failed)
			}
		}
	})
	switch {
	case failed != nil:
		return failed
	case err != nil && context.Cause(ctx) != nil:
		return context.Cause(ctx)
	case err != nil:
		return replayProblem(err)
	}
	return flush()
}

// lines is how a recording is printed. The header is known by the first piece.
func (f replayFlags) lines(p *program, r *replay) (lines, error) {
	if !f.json {
		return textLines{p.out}, nil
	}
	to, err := timeline.NewWriter(p.out, r.header())
	return recordingLines{to}, err
}

// replayScreen shows a recording in the screen, which begins while it is read.
func (p *program) replayScreen(ctx context.Context, r *replay, f replayFlags, cfg config.Config) error {
	if os.Getenv("TERM") == "dumb" {
		return p.canDraw()
	}
	keys, err := p.keysFrom()
	if err != nil {
		return err
	}
	reading := newCrew(ctx)
	reading.start(func() error { return r.load(reading.ctx, func() {}) })
	o := replayOptions(r, f, cfg)
	if keys != nil {
		defer keys.Close()
		o.Input = keys
	}
	err = crashOf(ui.Run(reading.ctx, o))
	left := context.Cause(ctx)
	loaded := reading.stop(errQuit)
	switch {
	case err != nil:
		return err
	case loaded != nil && !errors.Is(loaded, errQuit):
		return replayProblem(loaded)
	}
	return left
}

// replayOptions is how the screen of a recording looks.
func replayOptions(r *replay, f replayFlags, cfg config.Config) ui.Options {
	set := settings{config: cfg, levels: levelsOf(cfg.Logs)}
	o := set.screen(&rig{events: r.events, logs: r.logs}, nil)
	o.Title, o.Recording = "replay "+hide(filepath.Base(r.name)), ""
	o.Saver = archive{stores: record.Stores{Timeline: r.events, Logs: r.logs}, header: r.header}
	o.Replay, o.Speed = !f.follow, f.speed
	o.Reading = r.reading
	return o
}
