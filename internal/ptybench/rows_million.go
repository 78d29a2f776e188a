package main

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const million = 1_000_000

// needle is a text that is in one of 97 lines, another one each time: a program
// may remember what it has looked for.
func needle(n int) string { return fmt.Sprintf("after %d ms", n) }

// millionFile writes the lines that everything large is measured with.
func millionFile() (string, error) {
	f, err := os.CreateTemp("", "ptybench*.log")
	if err != nil {
		return "", err
	}
	f.Close()
	return f.Name(), writeLines(f.Name(), million)
}

// largeRows are the rows of a log of a million lines.
type largeRows struct {
	load, memory, jump, level, levelExact, filter, filterExact row
}

func newLargeRows() *largeRows {
	return &largeRows{
		load:        row{what: "1,000,000 lines: load, last line on screen", unit: "ms", judged: 0.5, budget: 800, peers: "lnav 790–1100 ms"},
		memory:      row{what: "1,000,000 lines: peak memory a line, text of " + strconv.Itoa(lineLength) + " included", unit: "bytes", judged: 0.5, budget: lineLength + 48, peers: "lnav 50 beside the file"},
		jump:        row{what: "1,000,000 lines: jump to either end", unit: "ms", judged: 0.99, budget: 16, peers: "lnav 5 ms"},
		level:       row{what: "level toggle at 1,000,000 lines: first screen", unit: "ms", judged: 0.5, budget: 20, peers: "lnav 20–24 ms"},
		levelExact:  row{what: "level toggle: exact counts", unit: "ms", judged: 0.5, budget: 250},
		filter:      row{what: "text filter at 1,000,000 lines: first screen", unit: "ms", judged: 0.5, budget: 33, peers: "lnav 560–770 ms"},
		filterExact: row{what: "text filter: exact", unit: "ms", judged: 0.5, budget: 150, peers: "a bare scan of the bytes 45 ms"},
	}
}

func (l *largeRows) rows() []row {
	return []row{l.load, l.memory, l.jump, l.level, l.levelExact, l.filter, l.filterExact}
}

// million measures a log of a million lines.
func (b *bench) million() ([]row, error) {
	l := newLargeRows()
	if !b.canReplay() {
		rows := l.rows()
		for i := range rows {
			rows[i].note = noReplay
		}
		return rows, nil
	}
	file, err := millionFile()
	if err != nil {
		return l.rows(), err
	}
	defer os.Remove(file)
	for range b.runs {
		if err = b.large(file, l); err != nil {
			break
		}
	}
	return l.rows(), err
}

// large goes once through all that is done with many lines.
func (b *bench) large(file string, l *largeRows) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	p, err := start(b.w, b.h, in, b.bin, "replay", "-")
	if err != nil {
		return err
	}
	defer p.close()
	took, err := p.await("the last line", has(lineID(million-1)), nil)
	if err != nil {
		return err
	}
	l.load.values = append(l.load.values, ms(took))
	peak, err := peakMemory(p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	l.memory.values = append(l.memory.values, peak*(1<<20)/million)
	if _, err := p.key(keyLogs+keyZoom, "the logs alone", alone); err != nil {
		return err
	}
	if err := p.jumps(&l.jump); err != nil {
		return err
	}
	if err := p.levels(&l.level, &l.levelExact); err != nil {
		return err
	}
	return p.filters(&l.filter, &l.filterExact)
}

// alone says that the log pane has the whole screen.
func alone(s *screen) bool {
	in, ok := s.pane("Logs")
	return ok && in.y <= 4 && in.end-in.y > s.h/2
}

func (p *program) jumps(r *row) error {
	for range 20 {
		for _, end := range []struct{ key, line string }{{"g", lineID(0)}, {"G", lineID(million - 1)}} {
			rest()
			took, err := p.key(end.key, end.line, has(end.line))
			if err != nil {
				return err
			}
			r.values = append(r.values, ms(took))
		}
	}
	return nil
}

// levels shows errors only, and everything from info again.
func (p *program) levels(first, exact *row) error {
	for range 5 {
		for _, level := range []struct {
			key   string
			want  func(line string) bool
			shown int
		}{
			{"4", contains(" ERROR "), count(func(n int) bool { return levelOf(n) == "ERROR" })},
			{"2", func(string) bool { return true }, count(func(n int) bool { return levelOf(n) != "DEBUG" })},
		} {
			rest()
			before := p.changed("Logs")
			all := func(s *screen) bool { return before(s) && upper(s, level.want) }
			if err := p.twice(level.key, all, level.shown, first, exact); err != nil {
				return err
			}
		}
	}
	return nil
}

// filters hides what has no needle, and shows it again.
func (p *program) filters(first, exact *row) error {
	for i := range 5 {
		needle := needle(42 + i)
		want := count(func(n int) bool { return levelOf(n) != "DEBUG" && n%97 == 42+i })
		if _, err := p.key("&", "the filters", has("Filters")); err != nil {
			return err
		}
		rest()
		if _, err := p.key(needle, "the filter to be typed", has("show only "+needle)); err != nil {
			return err
		}
		rest()
		if err := p.twice("\r", func(s *screen) bool { return upper(s, contains(needle)) }, want, first, exact); err != nil {
			return err
		}
		rest()
		if _, err := p.key("&", "the list of filters", has("delete removes it")); err != nil {
			return err
		}
		rest()
		if _, err := p.key("\x1b[3~", "the filter to go", func(s *screen) bool { return shown(s) > 10*want }); err != nil {
			return err
		}
		rest()
		if _, err := p.key("\x1b", "the filters to close", hasNot("Filters")); err != nil {
			return err
		}
		rest()
	}
	return nil
}

// twice times one key: to the first screen that is right, and to counts that are.
func (p *program) twice(key string, can func(*screen) bool, shown int, first, exact *row) error {
	took, err := p.key(key, "lines after "+strconv.Quote(key), can)
	if err != nil {
		return err
	}
	first.values = append(first.values, ms(took))
	at := time.Now()
	if _, err := p.await("counts after "+strconv.Quote(key), func(s *screen) bool { return exactly(s, shown) }, nil); err != nil {
		return err
	}
	exact.values = append(exact.values, ms(took+time.Since(at)))
	return nil
}

// upper reports whether the lines in the upper part of the log pane, which no
// overlay covers, are all as they should be. Above them may be the histogram.
func upper(s *screen, want func(string) bool) bool {
	in, ok := s.pane("Logs")
	if !ok {
		return false
	}
	if strings.Contains(s.line(in.y), " a bar ") {
		in.y++
	}
	in.end = min(in.end, in.y+5)
	lines := s.lines(in)
	for _, line := range lines {
		if line != "" && !want(line) {
			return false
		}
	}
	return lines[0] != ""
}

func contains(text string) func(string) bool {
	return func(line string) bool { return strings.Contains(line, text) }
}

// count is how many of the million lines are of a kind.
func count(is func(int) bool) int {
	n := 0
	for i := range million {
		if is(i) {
			n++
		}
	}
	return n
}

var shownCount = regexp.MustCompile(`([\d,]+) shown`)

// shown is the number of lines that the log pane says it shows.
func shown(s *screen) int {
	in, ok := s.pane("Logs")
	if !ok {
		return -1
	}
	m := shownCount.FindStringSubmatch(s.line(in.y - 1))
	if m == nil {
		return -1
	}
	n, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
	if err != nil {
		return -1
	}
	return n
}

// exactly reports whether a count is right and final. The program may have
// logged a few lines of its own.
func exactly(s *screen, n int) bool {
	in, ok := s.pane("Logs")
	return ok && math.Abs(float64(shown(s)-n)) < 50 && !strings.Contains(s.line(in.y-1), "looking at")
}
