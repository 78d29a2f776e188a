//go:build unix

package ui

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

const canWatchSize = true

// watchSize calls changed whenever the terminal's size has changed, until ctx
// ends.
func watchSize(ctx context.Context, changed func()) {
	sizes := make(chan os.Signal, 1)
	signal.Notify(sizes, syscall.SIGWINCH)
	defer signal.Stop(sizes)
	for {
		select {
		case <-ctx.Done():
			return
		case <-sizes:
			changed()
		}
	}
}
