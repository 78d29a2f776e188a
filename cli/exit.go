package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// The exit codes. They are a contract with scripts (README, --help and the man
// page list them), and a script test holds each of them.
const (
	exitOK          = 0
	exitFailed      = 1   // the check failed, or the session ended in failure
	exitUsage       = 2   // usage or configuration error
	exitUnreachable = 3   // DNS, TCP, TLS, upgrade refused
	exitSLO         = 4   // a limit given with --slo was broken
	exitToken       = 5   // authentication or token error
	exitTimeout     = 6   // time ran out waiting
	exitDiverged    = 7   // a replay or scenario diverged from what was expected
	exitInternal    = 70  // a bug; the path of the crash report is printed
	exitInterrupted = 130 // SIGINT; 143 is SIGTERM
)

// exitTable documents the codes, in order.
var exitTable = []struct {
	code string
	text string
}{
	{"0", "ok"},
	{"1", "the check failed, or the session ended in failure"},
	{"2", "usage or configuration error"},
	{"3", "could not reach the coordinator (DNS, TCP, TLS, upgrade refused)"},
	{"4", "a limit given with --slo was broken"},
	{"5", "authentication or token error"},
	{"6", "time ran out waiting"},
	{"7", "a replay or scenario diverged from what was expected"},
	{"70", "internal error; the path of the crash report is printed"},
	{"130, 143", "interrupted, terminated"},
}

// problem is how a command fails: what went wrong in one line, what to do about
// it in another, and the exit code. Neither line may hold a token or secret.
type problem struct {
	code int
	what string
	hint string
}

// Error returns the line that says what went wrong.
func (p *problem) Error() string { return p.what }

// usage is a problem of the command line or the configuration.
func usage(hint, format string, args ...any) error {
	return &problem{code: exitUsage, what: fmt.Sprintf(format, args...), hint: hint}
}

// silent is an exit code whose words are already on the screen.
type silent int

// Error implements error.
func (s silent) Error() string { return fmt.Sprintf("exit code %d", int(s)) }

// stopped is the cause of a context that a signal ended.
type stopped struct{ signal os.Signal }

// Error names the signal.
func (s stopped) Error() string { return s.signal.String() }

// code returns the exit code by convention: 128 and the number of the signal.
func (s stopped) code() int {
	if n, ok := s.signal.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return exitInterrupted
}

// conclude prints what err has to say and returns the exit code.
func conclude(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	if s, ok := errors.AsType[silent](err); ok {
		return int(s)
	}
	if s, ok := errors.AsType[stopped](err); ok {
		return s.code()
	}
	if c, ok := isConfig(err); ok {
		reportConfig(c, func(what, hint string) { printProblem(w, what, hint) })
		return exitUsage
	}
	if p, ok := errors.AsType[*problem](err); ok {
		printProblem(w, p.what, p.hint)
		return p.code
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitOK // the reader of our output went away, as head does
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok && path.Op == "write" {
		printProblem(w, "the output cannot be written: "+hide(pathProblem(err)), "make room, or send it somewhere else")
		return exitFailed
	}
	printProblem(w, hide(err.Error()), "this was not expected; streamscope version and this message make a good report")
	return exitFailed
}

// printProblem writes the one form that every error of the program has: the
// name, what is wrong, and under it what to do.
func printProblem(w io.Writer, what, hint string) {
	fmt.Fprintf(w, "streamscope: %s\n", strings.ReplaceAll(what, "\n", "\n  "))
	if hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", strings.ReplaceAll(hint, "\n", "\n        "))
	}
}
