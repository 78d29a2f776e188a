package replay

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/aymanbagabas/go-udiff/lcs"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// Comparison is how the steps of two recordings go together.
type Comparison struct {
	// Same are the numbers of events that are the same step in both.
	Same [][2]uint64
	// Partings are where the recordings are not the same, in the order of time.
	Partings []Parting
}

// Parting is a run of steps of one lane that are not the same in two recordings.
type Parting struct {
	// Sessions are the names of the session in each; empty for the faults.
	Sessions [2]string
	// Lane names what the steps belong to, as in [Difference].
	Lane string
	// Step numbers the first of them within the lane, from 1.
	Step int
	// Events are the numbers of the events in each recording; one of the two may
	// have none.
	Events [2][]uint64
	// At is where it is in each recording: the first of its events, or the last
	// step before it; 0 for the beginning.
	At [2]uint64

	when time.Duration
}

// String says in words where it is.
func (p Parting) String() string {
	where := fmt.Sprintf("step %d of the %s", p.Step, p.Lane)
	if name := cmp.Or(p.Sessions[0], p.Sessions[1]); name != "" {
		where += " of " + wire.Clean(name)
	}
	return where
}

// Compare finds all that is not the same in two recordings, by the rules of
// [Diff]; its first parting is the difference that Diff finds. What is the same
// in lanes with very many differences is found approximately.
func Compare(a, b iter.Seq[timeline.Event]) Comparison {
	var c Comparison
	for _, p := range match(split(a), split(b)) {
		c.add(p)
	}
	slices.SortStableFunc(c.Partings, func(p, q Parting) int { return cmp.Compare(p.when, q.when) })
	return c
}

// add compares the steps of one lane.
func (c *Comparison) add(p pair) {
	a, b := p.a.steps, p.b.steps
	i, j := 0, 0
	same := func(to int) {
		for ; i < to; i, j = i+1, j+1 {
			c.Same = append(c.Same, [2]uint64{a[i].event.Seq, b[j].event.Seq})
		}
	}
	for _, d := range lcs.DiffLines(keys(a), keys(b)) {
		same(d.Start)
		c.Partings = append(c.Partings, p.parting(d))
		i, j = d.End, d.ReplEnd
	}
	same(len(a))
}

func keys(steps []step) []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = s.key
	}
	return out
}

// parting is where a lane is not the same.
func (p pair) parting(d lcs.Diff) Parting {
	a, b := p.a.steps[d.Start:d.End], p.b.steps[d.ReplStart:d.ReplEnd]
	out := Parting{
		Sessions: [2]string{p.a.session, p.b.session}, Lane: p.a.name, Step: d.Start + 1,
		Events: [2][]uint64{numbers(a), numbers(b)},
		At:     [2]uint64{place(p.a.steps, d.Start, d.End), place(p.b.steps, d.ReplStart, d.ReplEnd)},
	}
	switch {
	case len(a) == 0:
		out.when = b[0].event.Offset
	case len(b) == 0:
		out.when = a[0].event.Offset
	default:
		out.when = min(a[0].event.Offset, b[0].event.Offset)
	}
	return out
}

func numbers(steps []step) []uint64 {
	var out []uint64
	for _, s := range steps {
		out = append(out, s.event.Seq)
	}
	return out
}

// place is the first of the steps from one to another, or the one before them.
func place(steps []step, from, to int) uint64 {
	switch {
	case from < to:
		return steps[from].event.Seq
	case from > 0:
		return steps[from-1].event.Seq
	}
	return 0
}
