package ui

import (
	"context"
	"errors"
	"fmt"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Run draws the screen until the user quits or ctx ends, and restores the
// terminal in every case. It returns nil when the user quit or ctx ended; what
// was connected is still connected, and ends with whoever owns it.
func Run(ctx context.Context, o Options) error {
	if o.Timeline == nil || o.Logs == nil {
		return errors.New("ui: the timeline and the log store are required")
	}
	if err := CheckKeys(o.Keys); err != nil {
		return fmt.Errorf("ui: %w", err)
	}
	o = o.withDefaults()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	program := tea.NewProgram(New(o), programOptions(ctx, o)...)
	f := newFeed(o)
	var wg sync.WaitGroup
	wg.Go(func() { f.run(ctx, program.Send) })
	_, err := program.Run()
	cancel()
	wg.Wait()
	f.close()
	if errors.Is(err, context.Canceled) || errors.Is(err, tea.ErrInterrupted) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ui: %w", err)
	}
	return nil
}

func programOptions(ctx context.Context, o Options) []tea.ProgramOption {
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(o.FPS), tea.WithoutSignalHandler()}
	if o.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	if o.Input != nil {
		opts = append(opts, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		opts = append(opts, tea.WithOutput(o.Output))
	}
	if o.Environ != nil {
		opts = append(opts, tea.WithEnvironment(o.Environ))
	}
	if o.Width > 0 && o.Height > 0 {
		opts = append(opts, tea.WithWindowSize(o.Width, o.Height))
	}
	return opts
}
