package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// withSignals returns a context that SIGINT, SIGTERM or SIGHUP (the terminal was
// closed) ends, with [stopped] as the cause. Only the first signal is caught: a second one ends the process at
// once, so that a shutdown that hangs can be left.
//
// The standard library's NotifyContext is not enough: it keeps the text of the
// signal but not the signal, and the exit code depends on which one it was.
func withSignals(parent context.Context) (ctx context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(parent)
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case s := <-caught:
			signal.Stop(caught)
			cancel(stopped{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(caught)
		cancel(nil)
		<-done
	}
}
