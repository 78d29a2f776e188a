package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// Run draws the screen until the user quits or ctx ends, and restores the
// terminal in every case, a panic included. It returns nil when the user quit
// or ctx ended; what was connected is still connected, and ends with whoever
// owns it.
func Run(ctx context.Context, o Options) error {
	if o.Timeline == nil || o.Logs == nil {
		return errors.New("ui: the timeline and the log store are required")
	}
	if err := CheckKeys(o.Keys); err != nil {
		return fmt.Errorf("ui: %w", err)
	}
	var user *userTheme
	if o.ThemeFile != "" {
		var err error
		if user, err = readTheme(o.ThemeFile); err != nil {
			return fmt.Errorf("ui: %w", err)
		}
	}
	t, onDemand := openTTY(o)
	o = o.withDefaults()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &runner{o: o, cancel: cancel, model: New(o)}
	r.model.user = user
	r.model.restyle()
	var err error
	if onDemand {
		defer t.close()
		err = r.paintOnDemand(ctx, t)
	} else {
		err = r.paintOnTicker(ctx)
	}
	var crash *crashError
	switch {
	case errors.As(context.Cause(ctx), &crash):
		return fmt.Errorf("ui: %w", crash)
	case err == nil, ctx.Err() != nil, errors.Is(err, tea.ErrInterrupted):
		return nil
	}
	return fmt.Errorf("ui: %w", err)
}

// crashError is a panic of the screen. It is an error so that it can be told
// after the terminal has been restored.
type crashError struct {
	value any
	stack []byte
}

// Error implements error. The stack is left out: it belongs into a report, not
// on the terminal.
func (e *crashError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// Panic returns the value of the panic and its stack.
func (e *crashError) Panic() (value any, stack []byte) { return e.value, e.stack }

// runner is one run of the screen. It owns every goroutine that it starts, and
// ends them before it returns.
type runner struct {
	o      Options
	cancel context.CancelCauseFunc
	model  *Model
	wg     sync.WaitGroup
}

// start runs f in a goroutine of the runner's; a panic ends the run.
func (r *runner) start(f func()) {
	r.wg.Go(func() {
		defer r.catch()
		f()
	})
}

// catch turns a panic into the end of the run.
func (r *runner) catch() {
	if v := recover(); v != nil {
		r.cancel(&crashError{v, debug.Stack()})
	}
}

// guard makes a command whose panic ends the run, not the process.
func (r *runner) guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer r.catch()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = r.guard(batch[i])
			}
		}
		return msg
	}
}

// run carries the program out with a feed beside it.
func (r *runner) run(ctx context.Context, program *tea.Program) (err error) {
	f := newFeed(r.o)
	defer f.close()
	defer r.model.close()
	defer r.wg.Wait()
	defer r.cancel(nil)
	defer r.catch()
	r.start(func() { f.run(ctx, program.Send) })
	if r.o.ThemeFile != "" || r.o.Looks != nil {
		r.start(func() { watchLook(ctx, r.o.Look, r.o.Looks, program.Send) })
	}
	_, err = program.Run()
	return err
}

// know learns from the environment what the terminal can do.
func (r *runner) know(getenv func(string) string) {
	r.model.clipboard = nativeClipboard(getenv)
	r.model.mux = multiplexerOf(getenv)
	r.model.progressive = showsProgress(getenv)
}

// paintOnTicker leaves the terminal to Bubble Tea: in tests, and where the
// terminal is not one that we can take ourselves.
func (r *runner) paintOnTicker(ctx context.Context) error {
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(r.o.FPS), tea.WithoutSignalHandler()}
	if r.o.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	if r.o.Input != nil {
		opts = append(opts, tea.WithInput(r.o.Input))
	}
	if r.o.Output != nil {
		opts = append(opts, tea.WithOutput(r.o.Output))
	}
	if r.o.Environ != nil {
		opts = append(opts, tea.WithEnvironment(r.o.Environ))
	}
	if r.o.Width > 0 && r.o.Height > 0 {
		opts = append(opts, tea.WithWindowSize(r.o.Width, r.o.Height))
	}
	return r.run(ctx, tea.NewProgram(guarded{r.model, r}, opts...))
}

// paintOnDemand takes the terminal and paints when there is something new.
// Bubble Tea reads the keys and runs the loop; its renderer is off, and its
// ticker as slow as it can be.
func (r *runner) paintOnDemand(ctx context.Context, t *tty) error {
	env := r.o.Environ
	if env == nil {
		env = os.Environ()
	}
	profile := colorprofile.Detect(t.out, env)
	if r.o.NoColor {
		profile = colorprofile.ASCII
	}
	p := newPainter(t.out, env, profile)
	if r.o.ReducedMotion {
		p.pause = calmPause
	}
	r.know(getenvOf(env))
	if r.model.progressive {
		t.atEnd = ansi.ResetProgressBar
	}
	r.model.term = onDemand(p, t, r.model.mux)
	if size, ok := t.size().(tea.WindowSizeMsg); ok {
		r.model.w, r.model.h = size.Width, size.Height
		r.model.rearrange()
	}
	if err := t.enter(); err != nil {
		return err
	}
	defer t.leave()
	paint, stop := context.WithCancel(ctx)
	defer stop()
	r.start(func() {
		if err := p.run(paint); err != nil {
			r.cancel(err)
		}
	})
	p.show(r.model.picture())
	program := tea.NewProgram(painted{guarded{r.model, r}, p},
		tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithoutRenderer(), tea.WithoutCatchPanics(), tea.WithFPS(1),
		tea.WithInput(t.keys), tea.WithOutput(t.out), tea.WithColorProfile(profile), tea.WithWindowSize(r.model.w, r.model.h))
	r.start(func() { t.watch(paint, program.Send) })
	r.start(func() {
		watchQuit(paint, func() {
			p.hold(true)
			t.leave()
		})
	})
	return r.run(ctx, program)
}

// guarded is the model with a net under it: a panic in it or in one of its
// commands ends the run, and the terminal is restored on the usual way.
type guarded struct {
	*Model
	r *runner
}

// Init implements [tea.Model].
func (g guarded) Init() tea.Cmd { return g.r.guard(g.Model.Init()) }

// Update implements [tea.Model].
func (g guarded) Update(msg tea.Msg) (model tea.Model, cmd tea.Cmd) {
	model = g
	defer g.r.catch()
	_, cmd = g.Model.Update(msg)
	return g, g.r.guard(cmd)
}

// View implements [tea.Model].
func (g guarded) View() tea.View {
	defer g.r.catch()
	return g.Model.View()
}

// painted is the model whose frames go to the painter.
type painted struct {
	guarded
	p *painter
}

// Update implements [tea.Model].
func (x painted) Update(msg tea.Msg) (model tea.Model, cmd tea.Cmd) {
	model = x
	defer x.r.catch()
	_, cmd = x.guarded.Update(msg)
	if !x.dirty {
		return x, cmd
	}
	switch msg.(type) {
	case tea.KeyPressMsg, tea.MouseClickMsg, tea.PasteMsg:
		x.p.hurry(x.picture())
	default:
		x.p.show(x.picture())
	}
	return x, cmd
}

// View implements [tea.Model]. The frame has gone another way.
func (painted) View() tea.View { return tea.View{} }
