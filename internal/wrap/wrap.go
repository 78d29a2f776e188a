// Package wrap breaks text into lines for people to read, and to copy from.
package wrap

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// hyphen is one that no line is broken at. It stands in for the others meanwhile.
const hyphen = "\u2011"

// Lines breaks text at blanks into lines of at most width cells. What is longer than
// a line is broken where the line ends; never at a hyphen, because addresses, paths
// and flags would be copied with a break in them.
func Lines(text string, width int) []string {
	whole := strings.ReplaceAll(text, "-", hyphen)
	lines := strings.Split(ansi.Wrap(whole, width, ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(strings.ReplaceAll(lines[i], hyphen, "-"), " ")
	}
	return lines
}
