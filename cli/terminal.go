package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Widths of plain text output: what fits a line of prose.
const (
	defaultWidth = 80
	maxWidth     = 100
)

// width returns the width for prose on standard output.
func (p *program) width() int {
	if f, ok := p.out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return min(w, maxWidth)
		}
	}
	return defaultWidth
}

// terminal reports whether w is a terminal that can be drawn on.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// maxText bounds what is read from standard input or a file that should hold a
// token or a few lines of log.
const maxText = 1 << 20

// readText reads all of r, up to a limit, and refuses nothing.
func readText(r io.Reader, from string) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	switch {
	case err != nil:
		return "", usage("give it again as an argument or a file", "%s: %s", from, rootCause(err))
	case len(text) > maxText:
		return "", usage("cut it down to what matters", "%s: more than 1 MiB of text", from)
	case strings.TrimSpace(string(text)) == "":
		return "", usage("pipe something into it", "%s: it is empty", from)
	}
	return string(text), nil
}

// words writes a line for people to standard error.
func (p *program) words(format string, args ...any) {
	fmt.Fprintf(p.err, format+"\n", args...)
}
