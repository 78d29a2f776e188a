//go:build unix

package ui

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// watchQuit waits for SIGQUIT until ctx ends. The Go runtime answers it with the
// stacks of all goroutines, which nobody could read on the alternate screen: the
// terminal is given back before.
func watchQuit(ctx context.Context, restore func()) {
	quits := make(chan os.Signal, 1)
	signal.Notify(quits, syscall.SIGQUIT)
	defer signal.Stop(quits)
	onQuit(ctx, quits, restore, func() {
		// From here on the runtime has the signal again.
		signal.Reset(syscall.SIGQUIT)
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGQUIT)
	})
}

// onQuit restores and then dumps, at the first signal.
func onQuit(ctx context.Context, quits <-chan os.Signal, restore, dump func()) {
	select {
	case <-ctx.Done():
	case <-quits:
		restore()
		dump()
	}
}
