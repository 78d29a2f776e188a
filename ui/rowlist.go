package ui

// rowSource is what a list shows: rows in the order of their numbers, of which
// any can come and go at either end, and in the middle when a filter changes.
type rowSource interface {
	Len() int
	// SeqAt returns the number of the row at an index.
	SeqAt(i int) uint64
	// IndexOf returns where the row with a number is, or where it would be.
	IndexOf(seq uint64) int
}

// rowlist is the cursor and the window of a list. It remembers rows by their
// numbers, so that nothing moves under the cursor when rows come or go, and it
// pauses following as soon as the user scrolls up.
type rowlist struct {
	src    rowSource
	follow bool
	selSeq uint64 // the row under the cursor
	topSeq uint64 // the first row on the screen
	height int    // rows that fit, from the last layout
	anchor uint64 // the other end of the range that is being chosen; 0 for none
}

func newRowlist(src rowSource) rowlist { return rowlist{src: src, follow: true} }

// selected returns the index of the row under the cursor; false when the list
// is empty.
func (l *rowlist) selected() (int, bool) {
	n := l.src.Len()
	if n == 0 {
		return 0, false
	}
	if l.follow {
		return n - 1, true
	}
	return min(l.src.IndexOf(l.selSeq), n-1), true
}

// window returns the indexes of the rows to draw, [from, to).
func (l *rowlist) window(height int) (from, to int) {
	l.height = height
	n := l.src.Len()
	if l.follow {
		return max(n-height, 0), n
	}
	sel, _ := l.selected()
	top := l.src.IndexOf(l.topSeq)
	top = min(top, max(n-height, 0), sel)
	if sel >= top+height {
		top = sel - height + 1
	}
	top = max(top, 0)
	if n > 0 {
		l.topSeq = l.src.SeqAt(min(top, n-1))
	}
	return top, min(top+height, n)
}

// move puts the cursor n rows further down, or up for a negative n.
func (l *rowlist) move(n int) {
	sel, ok := l.selected()
	if !ok {
		return
	}
	if l.follow && n > 0 {
		return
	}
	l.selectIndex(sel + n)
}

// scroll moves the window and takes the cursor with it only where it must.
func (l *rowlist) scroll(n int) {
	if l.src.Len() == 0 || l.follow && n > 0 {
		return
	}
	from, _ := l.window(l.height)
	sel, _ := l.selected()
	l.hold(from)
	last := max(l.src.Len()-l.height, 0)
	from = min(max(from+n, 0), last)
	l.topSeq = l.src.SeqAt(from)
	to := min(from+l.height, l.src.Len())
	l.selSeq = l.src.SeqAt(min(max(sel, from), max(to-1, 0)))
	if n > 0 && from == last {
		l.end()
	}
}

// hold ends following, with the window where it is.
func (l *rowlist) hold(from int) {
	if !l.follow {
		return
	}
	l.follow = false
	n := l.src.Len()
	l.topSeq = l.src.SeqAt(min(from, n-1))
	l.selSeq = l.src.SeqAt(n - 1)
}

// selectIndex puts the cursor on a row and ends following.
func (l *rowlist) selectIndex(i int) {
	n := l.src.Len()
	if n == 0 {
		return
	}
	from, _ := l.window(max(l.height, 1))
	l.hold(from)
	l.selSeq = l.src.SeqAt(min(max(i, 0), n-1))
}

// selectSeq puts the cursor on the row with a number, or the nearest after it,
// in the middle of the window when it is not on it.
func (l *rowlist) selectSeq(seq uint64) {
	n := l.src.Len()
	if n == 0 {
		return
	}
	from, to := l.window(max(l.height, 1))
	l.hold(from)
	i := min(l.src.IndexOf(seq), n-1)
	l.selSeq = l.src.SeqAt(i)
	if i < from || i >= to {
		l.topSeq = l.src.SeqAt(max(i-l.height/2, 0))
	}
}

// home goes to the first row, end to the last; end resumes following.
func (l *rowlist) home() { l.selectIndex(0) }
func (l *rowlist) end()  { l.follow = l.anchor == 0 || !l.toLast() }

// toLast puts the cursor on the last row without following, while a range is
// being chosen.
func (l *rowlist) toLast() bool {
	l.selectIndex(l.src.Len() - 1)
	return true
}

// toggleFollow stops or resumes following.
func (l *rowlist) toggleFollow() {
	if !l.follow {
		l.follow = true
		return
	}
	if sel, ok := l.selected(); ok {
		l.selectIndex(sel)
	}
}

// page moves by a share of the window: 2 is a half.
func (l *rowlist) page(dir, share int) { l.move(dir * max(l.height/share, 1)) }

// click selects the row at line y of the window.
func (l *rowlist) click(y int) {
	from, to := l.window(l.height)
	if from+y < to {
		l.selectIndex(from + y)
	}
}

// rowKey identifies a rendered row. What else it depends on (width, theme,
// search) empties the cache when it changes.
type rowKey struct {
	seq   uint64
	count int // events in a folded row
	under bool
	here  bool // the cursor in time, while another pane has the focus
}

// rowCacheLimit is how many rendered rows are kept: several screens of them.
const rowCacheLimit = 2048

// rowCache keeps rendered rows, because nearly all of them are on the next
// frame again.
type rowCache struct {
	rows map[rowKey]string
	// epoch is a summary of what all rows depend on.
	epoch rowEpoch
}

type rowEpoch struct {
	width    int
	theme    *theme
	revision uint64
	timeless bool // the rows say no times
}

// prepare empties the cache when something that every row depends on changed.
func (c *rowCache) prepare(e rowEpoch) {
	if c.rows == nil || c.epoch != e || len(c.rows) > rowCacheLimit {
		c.rows = make(map[rowKey]string, 256)
		c.epoch = e
	}
}

// get returns the rendered row, rendering it if it is new.
func (c *rowCache) get(k rowKey, render func() string) string {
	if s, ok := c.rows[k]; ok {
		return s
	}
	s := render()
	c.rows[k] = s
	return s
}
