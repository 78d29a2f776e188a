package cli

import (
	"context"
	"errors"
	"os"
	"sync/atomic"

	"streamscope/logsink"
	replays "streamscope/replay"
	"streamscope/timeline"
	"streamscope/ui"
)

// compared is two recordings on their way into a screen.
type compared struct {
	files []string
	// read is how much of each has been read, in thousandths.
	read     [2]atomic.Int64
	problems [2][]string // valid when the reading has ended
	result   chan ui.Comparison
	differ   atomic.Bool
}

// compareScreen shows two recordings side by side, at their first difference.
func (p *program) compareScreen(ctx context.Context, files []string, flags *sharedFlags) error {
	cfg, _, err := flags.load(p, "")
	if err == nil {
		err = checkTheme(cfg.UI.ThemeFile)
	}
	if err != nil {
		return err
	}
	for _, name := range files { // before the screen, which would come and go
		if _, err := os.Stat(name); name != "-" && err != nil {
			return replayProblem(err)
		}
	}
	keys, err := p.keysFrom()
	if err != nil {
		return err
	}
	c := &compared{files: files, result: make(chan ui.Comparison, 1)}
	reading := newCrew(ctx)
	reading.start(func() error {
		defer close(c.result)
		return c.load(reading.ctx, p)
	})
	none := &rig{events: timeline.NewStore(timeline.Options{}), logs: logsink.NewStore(logsink.StoreConfig{})}
	o := (settings{config: cfg, levels: levelsOf(cfg.Logs)}).screen(none, nil)
	o.Title, o.Recording, o.Replay = "replay", "", true
	o.CompareNames, o.Reading, o.Compare = shortNames(files), c.reading, c.wait
	if keys != nil {
		defer keys.Close()
		o.Input = keys
	}
	err = crashOf(ui.Run(reading.ctx, o))
	left := context.Cause(ctx)
	failed := reading.stop(errQuit)
	for i, name := range files {
		p.warn(name, c.problems[i])
	}
	switch {
	case err != nil:
		return err
	case failed != nil && !errors.Is(failed, errQuit):
		return failed
	case left == nil && c.differ.Load():
		return silent(exitDiverged)
	}
	return left
}

// load reads both, and compares them.
func (c *compared) load(ctx context.Context, p *program) error {
	var given ui.Comparison
	for i, name := range c.files {
		events, problems, err := p.loadEvents(ctx, name, func(done, total int64) {
			c.read[i].Store(done * 1000 / max(total, done, 1))
		})
		if err != nil {
			return err
		}
		given.Stores[i], c.problems[i] = events, problems
	}
	found := replays.Compare(given.Stores[0].All(), given.Stores[1].All())
	given.Same = found.Same
	for _, d := range found.Partings {
		given.Partings = append(given.Partings, ui.Parting{Where: d.String(), Sessions: d.Sessions, Events: d.Events, At: d.At})
	}
	c.differ.Store(len(found.Partings) > 0)
	c.result <- given
	return nil
}

// reading says how much of both has been read.
func (c *compared) reading() (share float64, more bool) {
	return float64(c.read[0].Load()+c.read[1].Load()) / 2000, true
}

// wait returns what was compared; false when it came to nothing.
func (c *compared) wait() (ui.Comparison, bool) {
	given, ok := <-c.result
	return given, ok
}
