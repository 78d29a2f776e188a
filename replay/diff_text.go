package replay

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// minColumn is the narrowest column that still says something.
const minColumn = 24

// Text shows the difference with what is around it, the first recording on the
// left and the second on the right, in lines of the width. The names stand above
// the columns.
func (d Difference) Text(nameA, nameB string, width int) string {
	column := max((width-5)/2, minColumn)
	var b strings.Builder
	fmt.Fprintf(&b, "The recordings part at %s.\n\n", d.place())
	row := func(mark, left, right string) {
		fmt.Fprintln(&b, strings.TrimRight(mark+" "+fit(left, column)+" │ "+ansi.Truncate(right, column, "…"), " "))
	}
	row(" ", wire.Clean(nameA), wire.Clean(nameB))
	row(" ", strings.Repeat("─", column), strings.Repeat("─", column))
	for i, e := range d.BeforeA {
		row(" ", describe(e), describe(d.BeforeB[i]))
	}
	row(">", orNothing(d.A), orNothing(d.B))
	if d.keyA != d.keyB && timeline.Describe(d.A).String() == timeline.Describe(d.B).String() {
		row(">", "  "+words(d.keyA), "  "+words(d.keyB)) // the difference is in what a row leaves out
	}
	for i := range max(len(d.AfterA), len(d.AfterB)) {
		row(" ", at(d.AfterA, i), at(d.AfterB, i))
	}
	return b.String()
}

// place says in words where the difference is.
func (d Difference) place() string {
	return Parting{Sessions: [2]string{d.Session}, Lane: d.Lane, Step: d.Step}.String()
}

func orNothing(e timeline.Event) string {
	if e.Payload == nil {
		return "nothing more"
	}
	return describe(e)
}

func at(events []timeline.Event, i int) string {
	if i >= len(events) {
		return ""
	}
	return describe(events[i])
}

// describe is an event in one line, with its distance from the start of its
// recording.
func describe(e timeline.Event) string {
	text := timeline.Describe(e).String()
	if text == "" {
		text = string(e.Kind())
	}
	return clock(e.Offset) + " " + text
}

// words is what was compared, on one line.
func words(key string) string { return wire.Clean(strings.Join(strings.Fields(key), " ")) }

// clock is a distance as minutes, seconds and thousandths.
func clock(d time.Duration) string {
	d = max(d, 0).Round(time.Millisecond)
	return fmt.Sprintf("%d:%02d.%03d", int(d.Minutes()), int(d.Seconds())%60, d.Milliseconds()%1000)
}

// fit cuts or fills a text to a width.
func fit(s string, width int) string {
	s = ansi.Truncate(s, width, "…")
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}
