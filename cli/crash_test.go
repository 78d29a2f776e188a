package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
)

// panicking is a standard input whose reader hits a bug, with a token at hand.
type panicking struct{}

const leaky = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.c2lnbmF0dXJlb2Zz"

func (panicking) Read([]byte) (int, error) { panic("no such luck with " + leaky + "\x1b[31m") }

func TestPanicBecomesCrashReport(t *testing.T) {
	home := stateHome(t)
	var out, words bytes.Buffer
	code := Main([]string{"token", "-"}, panicking{}, &out, &words)
	if code != exitInternal {
		t.Errorf("a panic ends the program with exit code %d, got %d", exitInternal, code)
	}
	reports, err := filepath.Glob(filepath.Join(home, "streamscope", "crash-*.txt"))
	if err != nil || len(reports) != 1 {
		t.Fatalf("one crash report is written, got %v, %v", reports, err)
	}
	if !strings.Contains(words.String(), reports[0]) {
		t.Errorf("the path of the crash report is printed, got %s", words.String())
	}
	info, err := os.Stat(reports[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the crash report is for the user's eyes only, got %v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(reports[0])
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "panicking.Read") {
		t.Errorf("the crash report says where it happened:\n%s", text)
	}
	for what, shown := range map[string]string{"the crash report": string(text), "the message": words.String()} {
		if strings.Contains(shown, leaky) || strings.Contains(shown, "eyJ1c2VyX2lkIjoic2FyYSJ9") {
			t.Errorf("%s holds no token:\n%s", what, shown)
		}
		if strings.Contains(shown, "\x1b") {
			t.Errorf("%s holds no control characters: %q", what, shown)
		}
	}
}

// stateHome gives the test a state directory of its own.
func stateHome(t *testing.T) string {
	home := t.TempDir()
	t.Setenv("XDG_STATE_HOME", home)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	return home
}

func TestCrewEndsTogether(t *testing.T) {
	c := newCrew(t.Context())
	c.start(func() error { <-c.ctx.Done(); return c.ctx.Err() })
	c.start(func() error { panic("in a goroutine") })
	err := c.wait()
	bug, ok := errors.AsType[panicked](err)
	if !ok || !strings.Contains(bug.Error(), "in a goroutine") {
		t.Errorf("a panic in one goroutine ends the others and is what the crew failed with, got %v", err)
	}
	if !strings.Contains(string(bug.stack), "TestCrewEndsTogether") {
		t.Errorf("the stack is that of the panic:\n%s", bug.stack)
	}
}

func TestConclude(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code int
		says string
	}{
		"nothing":           {nil, 0, ""},
		"said already":      {silent(5), 5, ""},
		"interrupted":       {stopped{os.Interrupt}, 130, ""},
		"usage, with hint":  {usage("try this", "that is %s", "wrong"), 2, "streamscope: that is wrong\n  hint: try this\n"},
		"anything else":     {io.ErrUnexpectedEOF, 1, "streamscope: unexpected EOF\n  hint: this was not expected; streamscope version and this message make a good report\n"},
		"joined with usage": {errors.Join(io.EOF, usage("", "a mistake")), 2, "streamscope: a mistake\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var words bytes.Buffer
			if got := conclude(&words, c.err); got != c.code {
				t.Errorf("exit code %d, got %d", c.code, got)
			}
			if got := words.String(); got != c.says {
				t.Errorf("it says %q, got %q", c.says, got)
			}
		})
	}
}
