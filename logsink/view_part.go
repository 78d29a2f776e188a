package logsink

import "slices"

// part is what a view knows about one chunk.
type part struct {
	chunk *chunk
	text  []byte // the slab as it was when known was
	known int    // number of lines that the view has taken notice of
	lines int    // number of lines that the rule has been asked about
	stale bool   // whether something changed since the part was combined

	pass   bitmap // lines that the rule lets through
	hidden causes
	found  [keptPatterns]*found // by slot of the pattern

	visible       bitmap // lines that are shown
	shown         int
	before        int // rows in the parts before this one
	filtered      int // lines hidden by filters
	pending       int
	matches       int
	searchPending int
}

// pull takes new and dropped chunks over from the store. It reports whether there
// were any.
func (v *View) pull() bool {
	s := v.store
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := false
	if gone := min(s.base-v.base, len(v.parts)); gone > 0 {
		v.parts = slices.Delete(v.parts, 0, gone)
		changed = true
	}
	v.base = s.base
	v.counts.Dropped = s.first - 1
	if n := len(v.parts); n > 0 {
		changed = v.parts[n-1].pull(s.chunks[n-1]) || changed
	}
	for _, c := range s.chunks[len(v.parts):] {
		p := &part{chunk: c}
		p.pull(c)
		v.parts = append(v.parts, p)
		changed = true
	}
	return changed
}

// pull takes over how far a chunk has come; the store's mu is held.
func (p *part) pull(c *chunk) bool {
	changed := p.known != c.lines
	p.known, p.text = c.lines, c.text
	p.stale = p.stale || changed
	return changed
}

// combine finds out which lines of the part are shown.
func (p *part) combine(v *View) {
	p.stale = false
	p.visible = p.pass
	asked := p.known
	for _, u := range v.patterns.filters {
		f := p.found[u.slot]
		if f == nil {
			asked = 0
			break
		}
		asked = min(asked, f.lines)
		if u.pattern.inverse {
			p.visible.andNot(&f.bits)
		} else {
			p.visible.and(&f.bits)
		}
	}
	p.pending, p.filtered = 0, 0
	if len(v.patterns.filters) > 0 {
		sure := below(asked)
		p.visible.and(&sure)
		passed := p.pass
		passed.and(&sure)
		p.shown = p.visible.count()
		p.filtered = passed.count() - p.shown
		p.pending = p.pass.count() - p.shown - p.filtered
	} else {
		p.shown = p.known - p.hidden.session - p.hidden.mute - p.hidden.levels - p.hidden.repeats
	}
	p.matches, p.searchPending = 0, 0
	if u := v.patterns.search; u != nil {
		matches, asked := p.matching(u)
		p.matches, p.searchPending = matches.count(), p.known-asked
	}
}

// matching returns the shown lines that a search finds, and how many lines it has
// been asked about.
func (p *part) matching(u *use) (bitmap, int) {
	f := p.found[u.slot]
	if f == nil {
		return bitmap{}, 0
	}
	out := p.visible
	if u.pattern.inverse {
		out.andNot(&f.bits)
		sure := below(f.lines)
		out.and(&sure)
	} else {
		out.and(&f.bits)
	}
	return out, f.lines
}

// add sums up what the parts know.
func (v *View) add() {
	c := Counts{Dropped: v.counts.Dropped}
	for _, p := range v.parts {
		p.before = c.Shown
		c.Total += p.known
		c.Shown += p.shown
		c.BySession += p.hidden.session
		c.ByMute += p.hidden.mute
		c.ByLevels += p.hidden.levels
		c.ByRepeats += p.hidden.repeats
		c.ByFilters += p.filtered
		c.Pending += p.pending
		c.Matches += p.matches
		c.SearchPending += p.searchPending
	}
	v.counts = c
}
