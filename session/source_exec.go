package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"streamscope/internal/wire"
)

const (
	// DefaultTokenTimeout bounds one load of an [ExecSource] or [HTTPSource].
	DefaultTokenTimeout = 10 * time.Second

	stderrShown = 2 << 10         // bytes of what a failed command said
	killGrace   = 2 * time.Second // from the kill to giving up on its pipes
)

// ExecSource runs a shell command for each load and takes what it prints: the
// bare token, a JSON string, or {"token": …}.
type ExecSource struct {
	// Command is a line for sh -c (cmd /C on Windows).
	Command string
	// UserID is in the command's environment as STREAMSCOPE_USER_ID.
	UserID string
	// Timeout bounds a load. Zero means [DefaultTokenTimeout].
	Timeout time.Duration
}

var _ TokenSource = ExecSource{}

// Token implements [TokenSource]. When the time is over the command and what it
// started are killed.
func (s ExecSource) Token(ctx context.Context) (string, error) {
	limit := cmp.Or(s.Timeout, DefaultTokenTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the command did not end within %v", limit))
	defer cancel()
	cmd := shell(ctx, s.Command)
	out, errs := &boundedText{limit: maxTokenText}, &boundedText{limit: stderrShown}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.Env = append(os.Environ(), "STREAMSCOPE_USER_ID="+s.UserID)
	cmd.WaitDelay = killGrace
	if err := cmd.Run(); err != nil {
		return "", s.failure(ctx, err, errs)
	}
	if strings.TrimSpace(string(out.kept)) == "" {
		return "", &Error{Op: "token", Reason: errs.words(), Err: errors.New("the command printed nothing on standard output")}
	}
	raw, err := tokenIn(out.kept, "")
	if err != nil {
		return "", &Error{Op: "token", Err: fmt.Errorf("the command's output: %w", err)}
	}
	return raw, nil
}

func (s ExecSource) failure(ctx context.Context, err error, errs *boundedText) *Error {
	e := &Error{Op: "token", Reason: errs.words(), Err: err}
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		e.Err = context.Cause(ctx)
	case exited && exit.ExitCode() >= 0:
		e.Err = fmt.Errorf("the command ended with exit status %d", exit.ExitCode())
	case exited:
		e.Err = fmt.Errorf("the command was ended: %s", exit.String())
	}
	return e
}

// Kind implements [TokenSource].
func (ExecSource) Kind() string { return "exec" }

// Refreshable implements [TokenSource].
func (ExecSource) Refreshable() bool { return true }

// boundedText keeps the beginning of a stream and counts the rest.
type boundedText struct {
	limit, lost int
	kept        []byte
}

// Write implements io.Writer and never fails.
func (h *boundedText) Write(p []byte) (int, error) {
	n := min(len(p), h.limit-len(h.kept))
	h.kept = append(h.kept, p[:n]...)
	h.lost += len(p) - n
	return len(p), nil
}

// words is the text for an error: one line, without control characters, without
// anything that looks like a token.
func (h *boundedText) words() string {
	text := wire.Clean(maskTokens(strings.Join(strings.Fields(string(h.kept)), " ")))
	if h.lost > 0 {
		text += fmt.Sprintf(" … and %d bytes more", h.lost)
	}
	return text
}
