package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Sequences that a terminal obeys: where a full screen begins and ends.
const (
	enterScreen = "\x1b[?1049h"
	leaveScreen = "\x1b[?1049l"
)

func TestScreenInATerminal(t *testing.T) {
	s := openScreen(t, 120, 36)
	s.want("the screen takes the terminal", enterScreen)
	s.want("the panes are drawn", "Connection", "Token", "Calls", "Timeline", "Logs")
	s.press("q")
	s.want("quitting gives the terminal back", leaveScreen)
	s.wantExit("quitting is a normal end", 0)
}

func TestScreenIsTerminated(t *testing.T) {
	for signal, code := range map[os.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130} {
		t.Run(fmt.Sprint(signal), func(t *testing.T) {
			s := openScreen(t, 80, 24)
			s.want("the screen takes the terminal", enterScreen)
			if err := s.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			s.want("a signal gives the terminal back", leaveScreen)
			s.wantExit("a signal has its own exit code", code)
		})
	}
}

func TestScreenTooSmall(t *testing.T) {
	s := openScreen(t, 40, 10)
	s.want("a terminal that is too small says what is needed", "60", "16")
	s.press("q")
	s.want("it can be left all the same", leaveScreen)
	s.wantExit("quitting is a normal end", 0)
}

// TestTwoRecordingsInATerminal compares two recordings of one story, of which one
// ends earlier.
func TestTwoRecordingsInATerminal(t *testing.T) {
	const head = `{"streamscope_recording":1,"tool":"1.0.0","start":"2026-11-23T10:00:00Z","user":"sara","redacted":[]}` + "\n"
	event := func(seq int, kind, data string) string {
		return fmt.Sprintf(`{"seq":%d,"t":"2026-11-23T10:00:00Z","off_ns":%d,"session":"sara","attempt":1,"kind":%q,"data":%s}`+"\n", seq, seq, kind, data)
	}
	story := head + event(1, "frame", `{"dir":"in","op":"text","size":80,"type":"connection.ok","connection_id":"c-1","by":"sara","body":"{}"}`)
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "well.ndjson"), filepath.Join(dir, "lost.ndjson")}
	for i, text := range []string{story, story + event(2, "close", `{"dir":"in","code":1006}`)} {
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := openScreen(t, 120, 36, append([]string{"replay"}, files...)...)
	s.want("they stand side by side", "well.ndjson", "lost.ndjson", "difference 1 of 1", "close 1006")
	s.press("q")
	s.want("quitting gives the terminal back", leaveScreen)
	s.wantExit("recordings that differ have their exit code", 7)
	same := openScreen(t, 120, 36, "replay", files[0], files[0])
	same.want("what is the same is said to be", "no difference")
	same.press("q")
	same.wantExit("which is no failure", 0)
}

// screen is the program in a terminal of its own.
type screen struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File // the end that the person has
	seen strings.Builder
}

// openScreen runs the program in a pseudo-terminal of that size.
func openScreen(t *testing.T, width, height uint16, args ...string) *screen {
	t.Helper()
	tty, program := openPTY(t, width, height)
	home := t.TempDir()
	cmd := exec.Command("streamscope", args...)
	cmd.Env = []string{
		"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home,
		"TERM=xterm-256color", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH"),
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	t.Cleanup(func() { cmd.Process.Kill() })
	return &screen{t: t, cmd: cmd, tty: tty}
}

// openPTY returns the two ends of a pseudo-terminal.
func openPTY(t *testing.T, width, height uint16) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("this machine has no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: width, Row: height}); err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return person, program
}

// press types keys.
func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := s.tty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// patience bounds a test that fails; one that passes reads what has been written.
const patience = 20 * time.Second

// want reads until every text was drawn since the last want.
func (s *screen) want(expectation string, texts ...string) {
	s.t.Helper()
	if err := s.tty.SetReadDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	buf := make([]byte, 4096)
	for !containsAll(s.seen.String(), texts) {
		n, err := s.tty.Read(buf)
		s.seen.Write(buf[:n])
		if err != nil && !containsAll(s.seen.String(), texts) {
			s.t.Fatalf("%s: no %q: %v; drawn:\n%q", expectation, texts, err, s.seen.String())
		}
	}
	s.seen.Reset()
}

func containsAll(drawn string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(drawn, text) {
			return false
		}
	}
	return true
}

// wantExit waits for the end of the program and holds it to an exit code.
func (s *screen) wantExit(expectation string, code int) {
	s.t.Helper()
	err := s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("%s: exit code %d, got %d (%v); drawn last:\n%q", expectation, code, got, err, s.seen.String())
	}
}
