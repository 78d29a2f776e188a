//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// raiseFiles lets this process have as many sockets open as it needs. The server
// does the same for itself: Go raises the limit as far as it may.
func raiseFiles(need uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if limit.Cur >= need {
		return nil
	}
	limit.Cur, limit.Max = need, max(limit.Max, need)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("%d open files are needed: raise the limit (ulimit -Hn): %w", need, err)
	}
	return nil
}

// build makes the binary as it would be released, in a folder of its own.
func build(ctx context.Context) (dir, bin string, err error) {
	if dir, err = os.MkdirTemp("", "coordload"); err != nil {
		return "", "", err
	}
	bin = filepath.Join(dir, "streamscope")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "streamscope")
	if out, err := cmd.CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return "", "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return dir, bin, nil
}

// server is a coordinator in a process of its own.
type server struct {
	cmd     *exec.Cmd
	words   bytes.Buffer // what it says besides; read only when it has ended
	BaseURL string       `json:"base_url"`
	APIKey  string       `json:"api_key"`
	Secret  string       `json:"secret"`
}

func start(ctx context.Context, bin string) (*server, error) {
	s := &server{cmd: exec.CommandContext(ctx, bin, "serve", "--json", "--listen", "127.0.0.1:0", "--log", "error")}
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(syscall.SIGTERM) }
	s.cmd.WaitDelay = 5 * time.Second
	s.cmd.Stderr = &s.words
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, s)
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("%s serve: %w\n%s", bin, err, s.words.Bytes())
	}
	return s, nil
}

func (s *server) stop() {
	// It may have ended by itself, which the requests have reported.
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd.Wait()
}

// memory is the resident memory in MB.
func (s *server) memory() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			return kb / 1000, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in %s", status)
}
