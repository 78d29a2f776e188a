package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"streamscope/internal/token"
)

// Secret is a value that is shown only masked: the text itself, or a reference
// that says where it is: env:NAME, file:PATH, cmd:COMMAND.
type Secret string

// commandLimit bounds a cmd: reference.
const commandLimit = 10 * time.Second

// Reference returns the scheme and the rest, and false for a value in clear.
func (s Secret) Reference() (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(string(s), ":")
	switch scheme {
	case "env", "file", "cmd":
		return scheme, rest, ok
	}
	return "", "", false
}

// Clear reports whether the value itself is written down.
func (s Secret) Clear() bool {
	_, _, reference := s.Reference()
	return s != "" && !reference
}

// Resolve returns the value: it reads the variable or file, or runs the command.
// Line breaks at the end of what a file or command gives are removed. No error
// contains the value.
func (s Secret) Resolve(ctx context.Context) (token.Raw, error) {
	scheme, rest, ok := s.Reference()
	if !ok {
		return token.Raw(s), nil
	}
	var value string
	var err error
	switch scheme {
	case "env":
		if value = os.Getenv(rest); value == "" {
			err = fmt.Errorf("the environment variable %s is not set", rest)
		}
	case "file":
		var text []byte
		text, err = os.ReadFile(homePath(rest))
		value = strings.TrimRight(string(text), "\r\n")
	case "cmd":
		value, err = output(ctx, rest)
	}
	if err == nil && value == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("secret %s: %w", scheme, err)
	}
	return token.Raw(value), nil
}

func output(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.WaitDelay = time.Second
	text, err := cmd.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("the command did not end within %v", commandLimit)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("the command ended with %s", exit.String())
	}
	return strings.TrimRight(string(text), "\r\n"), err
}

// String returns the reference, or the mask of a value in clear.
func (s Secret) String() string {
	if s.Clear() {
		return token.Mask(string(s))
	}
	return string(s)
}

// GoString keeps %#v from revealing the value.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret(%q)", s.String()) }

// Format writes the mask for every verb.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'q' || f.Flag('#') {
		fmt.Fprintf(f, "%q", s.String())
		return
	}
	fmt.Fprint(f, s.String())
}

// MarshalText returns what String does, for JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
