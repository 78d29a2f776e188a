package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"streamscope/internal/redact"
	"streamscope/internal/wire"
)

// panicked is a panic on its way to the crash report: what was thrown and where.
type panicked struct {
	value any
	stack []byte
}

// Error implements error.
func (p panicked) Error() string { return "panic: " + hide(fmt.Sprint(p.value)) }

// crashed writes the crash report and returns the problem that names its path.
// The terminal is restored by the time it runs.
func crashed(p panicked) error {
	path, err := writeCrash(p)
	if err != nil {
		return &problem{code: exitInternal, what: "internal error: " + p.Error(),
			hint: "the crash report could not be written: " + err.Error()}
	}
	return &problem{code: exitInternal, what: "internal error: " + p.Error(),
		hint: "please report it, with the crash report: " + path}
}

// writeCrash writes the report to a file that only the user can read, under the
// XDG state directory.
func writeCrash(p panicked) (string, error) {
	dir := filepath.Join(xdg.StateHome, "streamscope")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "crash-"+time.Now().UTC().Format("20060102T150405")+"-*.txt")
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("streamscope %s\n%s\n\n%s\n\n%s\n",
		versionText(), time.Now().UTC().Format(time.RFC3339), p.Error(), hideLines(string(p.stack)))
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return "", err
	}
	return f.Name(), f.Close()
}

// hide masks tokens and secrets in text of unknown origin and strips control
// characters.
func hide(s string) string { return wire.Clean(redact.Text(s)) }

// hideLines is [hide] for text of several lines; tabs become blanks.
func hideLines(s string) string {
	lines := strings.Split(redact.Text(s), "\n")
	for i, line := range lines {
		lines[i] = wire.Clean(strings.ReplaceAll(line, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}
