package ui

import (
	"strings"
	"time"

	"streamscope/logsink"
)

// The histogram over the logs: how many lines were shown in each stretch of the
// last minutes, and how bad the worst of them was.
const (
	histogramCells = 60
	// histogramRoom is how many rows the pane must have to give one of them.
	histogramRoom = 8
	histogramEdge = 7  // cells for the time at the left
	histogramTail = 11 // and for the length of a bar at the right
)

// manyRows is from where on the rows are counted once a second at most.
const manyRows = 10_000

// stretches are how long a cell of the histogram can be.
var stretches = []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 24 * time.Hour}

// histogram is one row of bars. It is made anew when the rows or the stretch of
// time that it is about have changed.
type histogram struct {
	from, end time.Time
	step      time.Duration
	revision  uint64
	taken     time.Time
	cells     []bucket
}

type bucket struct {
	lines int
	worst logsink.Level
}

// refresh counts the lines that are shown, up to a time.
func (g *histogram) refresh(v *logsink.View, now time.Time, w int) {
	n := v.Len()
	cells := min(w-histogramEdge-histogramTail, histogramCells)
	if n == 0 || cells < 10 {
		g.cells = nil
		return
	}
	age := now.Sub(v.Row(0).Time())
	step := stretches[len(stretches)-1]
	for _, s := range stretches {
		if time.Duration(cells)*s >= min(age, 10*time.Minute) {
			step = s
			break
		}
	}
	end := now.Truncate(step).Add(step)
	same := g.end.Equal(end) && g.step == step && len(g.cells) == cells
	if same && (g.revision == v.Revision() || n > manyRows && now.Sub(g.taken).Abs() < time.Second) {
		return
	}
	g.end, g.step, g.revision, g.taken = end, step, v.Revision(), now
	g.from = end.Add(-time.Duration(cells) * step)
	g.cells = make([]bucket, cells)
	errors, warnings := seekLevel(v, logsink.Error), seekLevel(v, logsink.Warn)
	at := rowAt(v, g.from, 0)
	for i := range g.cells {
		next := rowAt(v, g.from.Add(time.Duration(i+1)*step), at)
		b := bucket{lines: next - at}
		if b.lines > 0 {
			first, last := v.Row(at).Seq(), v.Row(next-1).Seq()
			switch {
			case errors.inside(first, last):
				b.worst = logsink.Error
			case warnings.inside(first, last):
				b.worst = logsink.Warn
			}
		}
		g.cells[i] = b
		at = next
	}
}

// rowAt is the first row at or after a time, not before row lo.
func rowAt(v *logsink.View, t time.Time, lo int) int {
	hi := v.Len()
	for lo < hi {
		mid := (lo + hi) / 2
		if v.Row(mid).Time().Before(t) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// seeker answers for one stretch of rows after the other whether something is
// in it, and looks at no row twice.
type seeker struct {
	next  func(after uint64) (seq uint64, ok bool)
	found uint64
	ok    bool
	asked bool
}

// inside reports whether what is sought is among the rows with the numbers
// first to last.
func (s *seeker) inside(first, last uint64) bool {
	if !s.asked || s.ok && s.found < first {
		s.found, s.ok = s.next(first - 1)
		s.asked = true
	}
	return s.ok && s.found <= last
}

// seekLevel seeks lines of a level or worse.
func seekLevel(v *logsink.View, level logsink.Level) *seeker {
	return &seeker{next: func(after uint64) (uint64, bool) { return v.NextLevel(after, level) }}
}

// line draws the bars, each as high as its share of the highest.
func (g *histogram) line(t *glyphs) line {
	top := 1
	for _, b := range g.cells {
		top = max(top, b.lines)
	}
	l := line{{styleMuted, " " + g.from.Format("15:04") + " "}}
	var run strings.Builder
	sty := styleMuted
	flush := func() {
		if run.Len() > 0 {
			l = l.add(sty, run.String())
			run.Reset()
		}
	}
	for _, b := range g.cells {
		glyph, s := " ", sty
		if b.lines > 0 {
			glyph = t.sparks[(b.lines*len(t.sparks)-1)/top]
			s = bucketStyle(b.worst)
		}
		if s != sty {
			flush()
			sty = s
		}
		run.WriteString(glyph)
	}
	flush()
	return l.add(styleMuted, " "+shortStep(g.step))
}

func bucketStyle(worst logsink.Level) style {
	switch worst {
	case logsink.Error:
		return styleBadStrong
	case logsink.Warn:
		return styleWarnStrong
	}
	return styleBar
}

func shortStep(d time.Duration) string {
	text := d.String()
	if d >= time.Minute {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "0s"), "0m")
	}
	return text + " a bar"
}

// at is the time that a column of the line stands for.
func (g *histogram) at(x int) (time.Time, bool) {
	i := x - histogramEdge
	if i < 0 || i >= len(g.cells) {
		return time.Time{}, false
	}
	return g.from.Add(time.Duration(i) * g.step), true
}
