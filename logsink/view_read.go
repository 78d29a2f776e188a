package logsink

import (
	"iter"
	"sort"
)

// Len returns the number of rows: the lines that are shown.
func (v *View) Len() int { return v.counts.Shown }

// Row returns row i, counted from 0 and from the oldest. It panics if there is no
// such row.
func (v *View) Row(i int) Row {
	p, line := v.locate(i)
	return v.store.row(p.chunk, p.text, line)
}

// Repeats returns how many lines that say the same as row i directly follow it: those
// that SetFoldRepeats hides. A run of repeats begins anew every 1,024 lines, so that
// the number is less than that.
func (v *View) Repeats(i int) (n int) {
	p, line := v.locate(i)
	for line++; line < p.known && p.chunk.level[line]&repeatFlag != 0; line++ {
		n++
	}
	return n
}

// locate returns the part that has row i, and the line there.
func (v *View) locate(i int) (*part, int) {
	if i < 0 || i >= v.counts.Shown {
		panic("logsink: row out of range")
	}
	p := v.parts[sort.Search(len(v.parts), func(k int) bool { return v.parts[k].before > i })-1]
	return p, p.visible.nth(i - p.before)
}

// Rows iterates over the rows from ≤ i < to with their indices, less those that do
// not exist.
func (v *View) Rows(from, to int) iter.Seq2[int, Row] {
	return func(yield func(int, Row) bool) {
		from, to := max(from, 0), min(to, v.counts.Shown)
		for i := from; i < to; i++ {
			if !yield(i, v.Row(i)) {
				return
			}
		}
	}
}

// Index returns the index of the first row whose sequence number is seq or greater,
// which is Len if there is none, and whether it is that very line.
func (v *View) Index(seq uint64) (i int, exact bool) {
	k := v.find(seq)
	if k < 0 {
		return 0, false
	}
	p := v.parts[k]
	at := seq - p.chunk.first
	if at >= uint64(p.known) {
		return p.before + p.shown, false
	}
	return p.before + p.visible.rank(int(at)), p.visible.has(int(at))
}

// find returns the index of the part that a line is in or would be in, -1 if it is
// before all of them.
func (v *View) find(seq uint64) int {
	return sort.Search(len(v.parts), func(i int) bool { return v.parts[i].chunk.first > seq }) - 1
}

// NextMatch returns the sequence number of the first row after seq that the search
// finds, and whether there is one. It knows what has been looked at so far.
func (v *View) NextMatch(seq uint64) (uint64, bool) { return v.next(seq, v.matches) }

// PrevMatch returns the last row before seq that the search finds.
func (v *View) PrevMatch(seq uint64) (uint64, bool) { return v.prev(seq, v.matches) }

// NextLevel returns the sequence number of the first row after seq whose level is at
// least level, and whether there is one.
func (v *View) NextLevel(seq uint64, level Level) (uint64, bool) {
	return v.next(seq, func(p *part) bitmap { return p.atLeast(level) })
}

// PrevLevel returns the last row before seq whose level is at least level.
func (v *View) PrevLevel(seq uint64, level Level) (uint64, bool) {
	return v.prev(seq, func(p *part) bitmap { return p.atLeast(level) })
}

func (v *View) matches(p *part) bitmap {
	if v.patterns.search == nil || p.matches == 0 {
		return bitmap{}
	}
	bits, _ := p.matching(v.patterns.search)
	return bits
}

// atLeast returns the shown lines of a level or above.
func (p *part) atLeast(level Level) (out bitmap) {
	for i := p.visible.next(0); i >= 0; i = p.visible.next(i + 1) {
		if Level(p.chunk.level[i]&levelMask) >= level {
			out.set(i)
		}
	}
	return out
}

func (v *View) next(seq uint64, bits func(*part) bitmap) (uint64, bool) {
	for k := max(v.find(seq), 0); k < len(v.parts); k++ {
		p := v.parts[k]
		from := 0
		if seq >= p.chunk.first {
			from = int(min(seq-p.chunk.first+1, chunkLines))
		}
		b := bits(p)
		if i := b.next(from); i >= 0 {
			return p.chunk.first + uint64(i), true
		}
	}
	return 0, false
}

func (v *View) prev(seq uint64, bits func(*part) bitmap) (uint64, bool) {
	for k := v.find(seq); k >= 0; k-- {
		p := v.parts[k]
		to := int(min(seq-p.chunk.first, chunkLines)) - 1
		b := bits(p)
		if i := b.prev(to); i >= 0 {
			return p.chunk.first + uint64(i), true
		}
	}
	return 0, false
}
