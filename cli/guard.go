package cli

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
)

// crew runs the goroutines of one command. A panic in any of them becomes an
// error, and the first error ends the context of them all, so that the terminal
// is restored before anything is printed.
type crew struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	failures []error // guarded by mu
}

// newCrew returns a crew whose context ends with the parent's.
func newCrew(parent context.Context) *crew {
	ctx, cancel := context.WithCancelCause(parent)
	return &crew{ctx: ctx, cancel: cancel}
}

// start runs f in a goroutine of the crew. Being cancelled is no error.
func (c *crew) start(f func() error) {
	c.wg.Go(func() {
		err := guarded(f)
		if err == nil || c.ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return
		}
		c.keep(err)
		c.cancel(err)
	})
}

// keep adds a failure that ends nothing to those that stop returns.
func (c *crew) keep(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures = append(c.failures, err)
}

// stop ends the crew's context, waits until its goroutines have returned, and
// returns what they failed with.
func (c *crew) stop(why error) error {
	c.cancel(why)
	return c.wait()
}

// wait is stop without the telling: the goroutines end by themselves.
func (c *crew) wait() error {
	c.wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.failures...)
}

// guarded calls f and makes an error of a panic.
func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked{value: r, stack: debug.Stack()}
		}
	}()
	return f()
}
