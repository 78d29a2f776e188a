package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
	"streamscope/timeline"
)

// output is a terminal that remembers what was written to it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// program is a run of the whole screen in a bubble.
type program struct {
	keys   *io.PipeWriter
	out    *output
	store  *timeline.Store
	logs   *logsink.Store
	cancel context.CancelFunc
	done   chan error
}

func startProgram(t *testing.T, ctl Controller) *program {
	in, keys := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	x := &program{
		keys: keys, out: &output{}, cancel: cancel, done: make(chan error, 1),
		store: timeline.NewStore(timeline.Options{}), logs: logsink.NewStore(logsink.StoreConfig{}),
	}
	o := Options{
		Timeline: x.store, Logs: x.logs, Controller: ctl, Look: Look{Theme: "dark"},
		Input: in, Output: x.out, Environ: []string{"TERM=xterm-256color", "SSH_TTY=1"}, Width: 100, Height: 30,
	}
	go func() { x.done <- Run(ctx, o) }()
	time.Sleep(time.Second)
	return x
}

// end waits for the run to be over and lets go of everything.
func (x *program) end() error {
	err := <-x.done
	x.keys.Close()
	x.cancel()
	time.Sleep(2 * time.Second)
	return err
}

func TestRunEndsWhenTheUserQuits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := startProgram(t, &fakeController{})
		x.store.Append(timeline.Event{Session: "sara", Payload: opened()})
		time.Sleep(time.Second)
		if !strings.Contains(x.out.String(), "sara") {
			t.Error("what happens is on the screen")
		}
		io.WriteString(x.keys, "q")
		if err := x.end(); err != nil {
			t.Errorf("quitting is no error: %v", err)
		}
		if !strings.Contains(x.out.String(), "\x1b[?1049l") {
			t.Error("the terminal is given back")
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := startProgram(t, nil)
		x.cancel()
		if err := x.end(); err != nil {
			t.Errorf("the end of the context is no error: %v", err)
		}
	})
}

// panicking is a controller that fails in the worst way.
type panicking struct{ *fakeController }

func (panicking) Connect(string) error { panic("the controller is broken") }

func TestPanicEndsTheRunWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := startProgram(t, panicking{&fakeController{}})
		io.WriteString(x.keys, "c")
		err := x.end()
		if err == nil || !strings.Contains(err.Error(), "the controller is broken") {
			t.Errorf("the panic is told as an error: %v", err)
		}
		var crash interface{ Panic() (any, []byte) }
		if !errors.As(err, &crash) {
			t.Fatal("the error says that it is a panic")
		}
		if _, stack := crash.Panic(); !strings.Contains(string(stack), "Connect") {
			t.Errorf("the stack is kept: %s", stack)
		}
		if !strings.Contains(x.out.String(), "\x1b[?1049l") {
			t.Error("the terminal is given back")
		}
	})
}

func TestPanicInTheModelEndsTheRun(t *testing.T) {
	for name, fail := range map[string]func(guarded){
		"while drawing":  func(g guarded) { g.View() },
		"while updating": func(g guarded) { g.Update(tickMsg{}) },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		fail(guarded{nil, &runner{cancel: cancel}}) // without a model everything panics
		var crash *crashError
		if !errors.As(context.Cause(ctx), &crash) {
			t.Errorf("a panic %s ends the run, not with %v", name, context.Cause(ctx))
		}
	}
}

func TestRunRefusesWhatItCannotUse(t *testing.T) {
	if err := Run(t.Context(), Options{}); err == nil {
		t.Error("stores are required")
	}
	err := Run(t.Context(), Options{
		Timeline: timeline.NewStore(timeline.Options{}), Logs: logsink.NewStore(logsink.StoreConfig{}),
		Look: Look{Keys: map[string][]string{"connect": {"x"}}},
	})
	if err == nil || !strings.Contains(err.Error(), "connect") {
		t.Errorf("keys that clash are refused: %v", err)
	}
}

// The feed tells of everything that came since it told last, at most once a
// frame, however many wakes there were.
func TestFeedCoalesces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, logs := timeline.NewStore(timeline.Options{}), logsink.NewStore(logsink.StoreConfig{})
		f := newFeed(Options{Timeline: store, Logs: logs, Now: time.Now})
		defer f.close()
		ctx, cancel := context.WithCancel(t.Context())
		var batches []batchMsg
		done := make(chan struct{})
		go func() {
			defer close(done)
			f.run(ctx, func(msg tea.Msg) { batches = append(batches, msg.(batchMsg)) })
		}()
		for range 1000 {
			store.Append(timeline.Event{Session: "sara", Payload: timeline.Note{Text: "n"}})
			logs.Append(logsink.Record{Message: "m"})
			time.Sleep(100 * time.Microsecond)
		}
		time.Sleep(time.Second)
		cancel()
		<-done
		if n := len(batches); n < 3 || n > 5 {
			t.Errorf("100 ms of events make 3 or 4 batches, not %d", n)
		}
		if last := batches[len(batches)-1]; last.next != 1001 || last.state.Seq != 1000 {
			t.Errorf("nothing is left out: the last batch ends at %d, its state at %d", last.next, last.state.Seq)
		}
	})
}

func TestFeedEndsWithItsStores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, logs := timeline.NewStore(timeline.Options{}), logsink.NewStore(logsink.StoreConfig{})
		f := newFeed(Options{Timeline: store, Logs: logs, Now: time.Now})
		defer f.close()
		store.Close()
		logs.Close()
		f.run(t.Context(), func(tea.Msg) {})
	})
}
