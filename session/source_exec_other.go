//go:build !unix

package session

import (
	"context"
	"os/exec"
)

// shell runs the line in the system's command interpreter.
func shell(ctx context.Context, line string) *exec.Cmd {
	return exec.CommandContext(ctx, "cmd", "/C", line)
}
