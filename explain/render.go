package explain

import (
	"strconv"
	"strings"

	"streamscope/internal/wrap"
)

const (
	labelWidth = 9  // the column of the labels
	narrow     = 40 // below it, labels stand on their own line
)

// Text renders the entry for a terminal of that width: a heading, then what it
// means, why, what to do and what the app sees. It is plain text without
// colours, and no line is wider than width unless a single word is.
func (e Entry) Text(width int) string {
	width = max(width, 1)
	heading := e.Title()
	if e.Kind == KindCode && e.Status != 0 {
		heading += " (HTTP " + strconv.Itoa(e.Status) + ")"
	}
	lines := []string{wrapped(heading+": "+e.Class.Label(), width)}
	for _, row := range []struct{ label, text string }{
		{"means", e.Means}, {"why", e.Cause}, {"fix", e.Fix}, {"app sees", e.SDK},
		{"see", strings.Join(e.seeTitles(), "; ")},
	} {
		if row.text != "" {
			lines = append(lines, labelled(row.label, row.text, width))
		}
	}
	return strings.Join(lines, "\n")
}

func (e Entry) seeTitles() []string {
	var titles []string
	for _, id := range e.See {
		if other, ok := ByID(id); ok {
			titles = append(titles, other.Title())
		}
	}
	return titles
}

// labelled wraps text with its label in front and a hanging indent.
func labelled(label, text string, width int) string {
	if width < narrow {
		return wrapped(label+": "+text, width)
	}
	indent := strings.Repeat(" ", labelWidth)
	body := wrapped(text, width-labelWidth)
	return label + indent[len(label):] + strings.ReplaceAll(body, "\n", "\n"+indent)
}

// wrapped breaks text at blanks, and words that are wider than width.
func wrapped(text string, width int) string { return strings.Join(wrap.Lines(text, width), "\n") }
