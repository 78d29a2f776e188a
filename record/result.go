package record

import (
	"cmp"
	"fmt"
	"strings"
)

// keptLines is how many numbers of bad lines a report keeps.
const keptLines = 8

// Report says what a load has met.
type Report struct {
	Lines        int
	Events, Logs int
	// Unknown counts events of kinds that this version does not know; they are
	// kept.
	Unknown int
	// Bad counts lines that were skipped because they cannot be read; BadLines are
	// the numbers of the first of them. TooLong is how many of them were too long.
	Bad      int
	BadLines []int
	TooLong  int
	// Torn says that the input ends within a line, or within a compressed frame:
	// whoever wrote it was killed, or is still writing. TornLine is the number of
	// the line, 0 if it was cut in compression.
	Torn     bool
	TornLine int
	// Disordered counts the places where an event is older than the one before it.
	Disordered int
	// Damaged says what is wrong with compressed data from some place on; empty if
	// nothing is.
	Damaged string
	// Masked counts lines with secrets that whoever wrote them did not mask.
	Masked int
	// Headers counts further headers: files that were put together.
	Headers int
	// Lost counts events and lines that the recording itself says are missing.
	Lost uint64
}

func (r *Report) add(o Report) {
	r.Lines += o.Lines
	r.Events += o.Events
	r.Logs += o.Logs
	r.Unknown += o.Unknown
	r.Bad += o.Bad
	r.BadLines = append(r.BadLines, o.BadLines[:min(len(o.BadLines), keptLines-len(r.BadLines))]...)
	r.TooLong += o.TooLong
	r.Torn = r.Torn || o.Torn
	r.TornLine = max(r.TornLine, o.TornLine)
	r.Disordered += o.Disordered
	r.Damaged = cmp.Or(r.Damaged, o.Damaged)
	r.Masked += o.Masked
	r.Headers += o.Headers
	r.Lost += o.Lost
}

// Problems tells in sentences what was not as it should be; nil if nothing was.
func (r Report) Problems() []string {
	var out []string
	if r.Bad > 0 {
		out = append(out, fmt.Sprintf("%s could not be read and %s skipped: %s", count(r.Bad, "line"), was(r.Bad), r.badLines()))
	}
	if r.Disordered > 0 {
		out = append(out, fmt.Sprintf("events are out of order in %s: the file was put together or changed, and what is said of states may be wrong", count(r.Disordered, "place")))
	}
	if r.Damaged != "" {
		out = append(out, "the compressed data is damaged ("+r.Damaged+"): what came before that place was read")
	}
	switch {
	case r.Torn && r.TornLine > 0:
		out = append(out, fmt.Sprintf("the last line (%d) is torn and was skipped: the writer was killed, or is still at work", r.TornLine))
	case r.Torn:
		out = append(out, "the compressed data ends early: the writer was killed, or is still at work; everything before that was read")
	}
	if r.Unknown > 0 {
		out = append(out, fmt.Sprintf("%s of a kind that this version does not know; update streamscope to see what they say", count(r.Unknown, "event")))
	}
	if r.Lost > 0 {
		out = append(out, fmt.Sprintf("%d events or lines are missing: the recording says that they were lost", r.Lost))
	}
	if r.Masked > 0 {
		out = append(out, fmt.Sprintf("secrets in %s were masked here, because whoever wrote the file did not: do not pass the file on as it is", count(r.Masked, "line")))
	}
	return out
}

func (r Report) badLines() string {
	var b strings.Builder
	b.WriteString("line ")
	for i, n := range r.BadLines {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	if r.Bad > len(r.BadLines) {
		b.WriteString(" …")
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
