package logsink

import "slices"

// use is a pattern and the slot that results for it are kept in.
type use struct {
	scanner
	slot  int
	last  uint64 // when it was last taken, by patterns.rev
	wider []*use // uses of patterns that this one narrows, the narrowest first
}

// patterns are what a view looks for, and what it has looked for before.
type patterns struct {
	names   *names
	slots   [keptPatterns]*use
	filters []*use
	search  *use
	rev     uint64 // grows whenever filters or search change
	dirty   []int  // slots that were given to another pattern and not yet cleared
}

func (ps *patterns) setFilters(list []*Pattern) {
	ps.rev++
	ps.filters = ps.filters[:0]
	for _, p := range list {
		ps.filters = append(ps.filters, ps.take(p))
	}
}

func (ps *patterns) setSearch(p *Pattern) {
	ps.rev++
	ps.search = nil
	if p != nil {
		ps.search = ps.take(p)
	}
}

// take finds the slot of a pattern, or gives it the one that has been out of use for
// longest.
func (ps *patterns) take(p *Pattern) *use {
	oldest := -1
	for i, u := range ps.slots {
		switch {
		case u == nil:
			if oldest < 0 || ps.slots[oldest] != nil {
				oldest = i
			}
		case u.pattern.expr == p.expr:
			u.last = ps.rev
			return u
		case ps.inUse(u):
		case oldest < 0 || ps.slots[oldest] != nil && u.last < ps.slots[oldest].last:
			oldest = i
		}
	}
	wider := ps.wider(p)
	u := &use{scanner: scanner{pattern: p, names: ps.names}, slot: oldest, last: ps.rev, wider: wider}
	if ps.slots[oldest] != nil {
		ps.dirty = append(ps.dirty, oldest)
	}
	ps.slots[oldest] = u
	return u
}

// wider returns the uses of the patterns that p narrows.
func (ps *patterns) wider(p *Pattern) (out []*use) {
	for _, u := range ps.slots {
		if u != nil && narrows(p, u.pattern) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b *use) int { return len(b.pattern.finder.text) - len(a.pattern.finder.text) })
	return out
}

func (ps *patterns) inUse(u *use) bool {
	return u == ps.search || slices.Contains(ps.filters, u)
}

// active returns every pattern that is in use, once.
func (ps *patterns) active() []*use {
	out := slices.Clone(ps.filters)
	if ps.search != nil {
		out = append(out, ps.search)
	}
	slices.SortFunc(out, func(a, b *use) int { return a.slot - b.slot })
	return slices.Compact(out)
}
