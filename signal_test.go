package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestSignals interrupts and terminates what runs until it is told to end.
func TestSignals(t *testing.T) {
	for _, args := range [][]string{
		{"watch"},
		{"--plain"},
		{"serve", "--listen", "127.0.0.1:0"},
	} {
		for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
			t.Run(fmt.Sprint(args[0], " ", signal), func(t *testing.T) {
				home := t.TempDir()
				cmd := exec.Command("streamscope", args...)
				cmd.Env = []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home}
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				lines := bufio.NewReader(out)
				if _, err := lines.ReadString('\n'); err != nil {
					t.Fatalf("it runs: %v", err)
				}
				if err := cmd.Process.Signal(os.Signal(signal)); err != nil {
					t.Fatal(err)
				}
				rest, err := io.ReadAll(lines)
				if err != nil {
					t.Fatal(err)
				}
				err = cmd.Wait()
				if got := cmd.ProcessState.ExitCode(); got != code {
					t.Errorf("%v ends it with exit code %d, got %d, %v", signal, code, got, err)
				}
				if args[0] != "serve" && !strings.Contains(string(rest), "session closed ("+signal.String()+")") {
					t.Errorf("the session is closed properly and says why:\n%s", rest)
				}
			})
		}
	}
}
