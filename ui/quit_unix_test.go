//go:build unix

package ui

import (
	"context"
	"os"
	"slices"
	"syscall"
	"testing"
)

func TestTheTerminalIsGivenBackBeforeTheDump(t *testing.T) {
	var did []string
	note := func(what string) func() { return func() { did = append(did, what) } }
	quits := make(chan os.Signal, 1)
	quits <- syscall.SIGQUIT
	onQuit(t.Context(), quits, note("restore"), note("dump"))
	if want := []string{"restore", "dump"}; !slices.Equal(did, want) {
		t.Errorf("SIGQUIT does %q, not %q", did, want)
	}
	did = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	onQuit(ctx, nil, note("restore"), note("dump"))
	if len(did) > 0 {
		t.Errorf("without a signal it does %q", did)
	}
}
