package config

import (
	"fmt"
	"regexp"
	"strings"

	"streamscope/internal/token"
	"streamscope/internal/wire"
)

var (
	tokenShape = regexp.MustCompile(`[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{8,}`)
	secretLine = regexp.MustCompile(`(?i)^(\s*["']?(?:static|authorization|[\w-]*(?:token|secret|key|cookie)[\w-]*)["']?\s*:\s*)(\S.*)$`)
	reference  = regexp.MustCompile(`^["']?(?:env|file|cmd):`)
)

// excerptShown is how many characters of a line are shown.
const excerptShown = 100

// excerpt shows a line and marks a column in it. What may be a secret is hidden.
func (d *document) excerpt(line, column int) string {
	if line < 1 || line > len(d.lines) {
		return ""
	}
	text := strings.TrimRight(d.lines[line-1], "\r")
	if m := secretLine.FindStringSubmatch(text); m != nil && !reference.MatchString(m[2]) {
		text = m[1] + "…"
	}
	runes := []rune(wire.Clean(strings.ReplaceAll(tokenShape.ReplaceAllStringFunc(text, token.Mask), "\t", " ")))
	if len(runes) > excerptShown {
		runes = append(runes[:excerptShown], '…')
	}
	mark := strings.Repeat(" ", min(max(column-1, 0), len(runes))) + "^"
	return fmt.Sprintf("%6d | %s\n       | %s", line, string(runes), mark)
}
