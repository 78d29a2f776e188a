package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Keys that go to the log pane and make it the only one.
const (
	keyLogs = "\x1b5"
	keyZoom = "z"
)

// noReplay is the note of rows that need lines on standard input.
const noReplay = "no `replay -`"

// canReplay reports whether the binary knows the command.
func (b *bench) canReplay() bool { return exec.Command(b.bin, "replay", "--help").Run() == nil }

// fed is the program with a pipe for its log.
type fed struct {
	*program
	pipe *os.File
}

// replay opens the program on a log that is still being written.
func (b *bench) replay() (*fed, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p, err := start(b.w, b.h, r, b.bin, "replay", "-")
	if err != nil {
		w.Close()
		return nil, err
	}
	return &fed{p, w}, nil
}

func (f *fed) close() {
	f.pipe.Close()
	f.program.close()
}

var loads = []struct {
	rate     int
	age, cpu float64
	ages     string
	cpus     string
}{
	{1_000, 50, 10, "lnav 370; less 3", "lnav 8–31; bare 77"},
	{10_000, 50, 25, "lnav 370; less 4", "lnav 39–51; bare 105"},
	{100_000, 100, 60, "lnav 410–2300; less 470", "lnav 95–107; bare 104"},
}

// load measures the screen while lines come in at rates.
func (b *bench) load() ([]row, error) {
	var rows []row
	replay := b.canReplay()
	for _, l := range loads {
		name := grouped(float64(l.rate)) + " lines/s"
		age := row{what: "age of the newest line at " + name, unit: "ms", judged: 0.99, budget: l.age, peers: l.ages}
		cpu := row{what: "CPU at " + name, unit: "%", judged: 0.5, budget: l.cpu, peers: l.cpus}
		var err error
		if replay {
			err = b.atRate(l.rate, &age, &cpu)
		} else {
			age.note, cpu.note = noReplay, noReplay
		}
		rows = append(rows, age, cpu)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// keysUnderLoad measures how long a key takes to show while lines pour in.
func (b *bench) keysUnderLoad() ([]row, error) {
	scroll := row{what: "key to paint at 100,000 lines/s: scroll", unit: "ms", judged: 0.99, budget: 16, peers: "lnav 5; bare: keys lost"}
	overlay := row{what: "key to paint at 100,000 lines/s: overlay", unit: "ms", judged: 0.99, budget: 33, peers: "lnav 160–380"}
	if !b.canReplay() {
		scroll.note, overlay.note = noReplay, noReplay
		return []row{scroll, overlay}, nil
	}
	e, err := b.openEcho()
	if err != nil {
		return nil, err
	}
	defer e.close()
	var scrolls, opens timed
	for n := 0; n < b.runs && err == nil; n++ {
		err = b.keysAtRate(100_000, e, &scrolls, &opens)
	}
	scrolls.into(&scroll)
	opens.into(&overlay)
	return []row{scroll, overlay, e.row("100,000 lines/s")}, err
}

// atRate measures age and processor time at a rate.
func (b *bench) atRate(rate int, age, cpu *row) error {
	const warm, lasting = time.Second, 5 * time.Second
	for range b.runs {
		p, err := b.replay()
		if err != nil {
			return err
		}
		f := &feeder{w: p.pipe, rate: rate}
		err = p.feed(f, warm)
		if err == nil {
			_, err = p.await("a line in the logs", newestSeen, nil)
		}
		var sights []sight
		p.watch(func(at time.Time, s *screen) {
			if n, ok := newest(s); ok && (len(sights) == 0 || n > sights[len(sights)-1].line) {
				sights = append(sights, sight{n, at})
			}
		})
		var used time.Duration
		from := time.Now()
		if err == nil {
			used, err = p.busy(func() { err = p.feed(f, lasting) })
		}
		to := time.Now()
		p.watch(nil)
		p.close()
		if err != nil {
			return err
		}
		age.values = append(age.values, ages(f.log, sights, from.Add(100*time.Millisecond), to)...)
		cpu.values = append(cpu.values, share(used, to.Sub(from)))
		age.note = fmt.Sprintf("writer waited %.1f%% of the time, wrote %.0f%% of the lines", share(f.held, to.Sub(from)),
			100*float64(f.next)/(float64(rate)*(warm+lasting).Seconds()))
	}
	return nil
}

// feed pours for a while.
func (p *fed) feed(f *feeder, lasting time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), lasting)
	defer cancel()
	return f.pour(ctx)
}

func newestSeen(s *screen) bool {
	_, ok := newest(s)
	return ok
}

// newest is the number of the lowest line in the log pane.
func newest(s *screen) (int, bool) {
	in, ok := s.pane("Logs")
	if !ok || s.held {
		return 0, false
	}
	for y := in.end - 1; y >= in.y; y-- {
		if n, ok := parseID(s.text(y, in.x, in.right)); ok {
			return n, true
		}
	}
	return 0, false
}

// keysAtRate types while lines pour in: first over the pane that follows, then
// in the pane, which has stopped.
func (b *bench) keysAtRate(rate int, e *echo, scrolls, opens *timed) error {
	p, err := b.replay()
	if err != nil {
		return err
	}
	defer p.close()
	return p.whilePouring(rate, func() error {
		if _, err := p.await("a line in the logs", newestSeen, nil); err != nil {
			return err
		}
		var closes timed
		if err := p.overlay(manyKeys/2, e, opens, &closes); err != nil {
			return err
		}
		if _, err := p.key(keyLogs+"kkk", "the pane to stop", has("PAUSED")); err != nil {
			return err
		}
		return p.scroll("Logs", manyKeys/2, e, scrolls)
	})
}

// whilePouring does something while lines come in.
func (p *fed) whilePouring(rate int, do func() error) error {
	ctx, cancel := context.WithCancel(context.Background())
	poured := make(chan error, 1)
	go func() { poured <- (&feeder{w: p.pipe, rate: rate}).pour(ctx) }()
	err := do()
	cancel()
	// Whoever is held back by a full pipe does not see the end of the context.
	p.pipe.Close()
	if more := <-poured; !errors.Is(more, os.ErrClosed) {
		err = errors.Join(err, more)
	}
	return err
}

// pipe measures how many lines a second go through a pipe to the screen.
func (b *bench) pipe() ([]row, error) {
	taken := row{what: "lines through a pipe: taken", unit: "lines/s", judged: 0.5, budget: 1e6, atLeast: true, peers: "lnav 250–540k, less 47k, bare 28k"}
	shown := row{what: "lines through a pipe: the last one on screen", unit: "lines/s", judged: 0.5, budget: 1e6, atLeast: true}
	rows := func() []row { return []row{taken, shown} }
	if !b.canReplay() {
		taken.note, shown.note = noReplay, noReplay
		return rows(), nil
	}
	file, err := millionFile()
	if err != nil {
		return rows(), err
	}
	defer os.Remove(file)
	for range b.runs {
		a, z, err := b.through(file)
		if err != nil {
			return rows(), err
		}
		taken.values = append(taken.values, million/a.Seconds())
		shown.values = append(shown.values, million/z.Seconds())
	}
	return rows(), nil
}

// through sends a file through the pipe and returns how long the writer and the
// screen took.
func (b *bench) through(file string) (taken, shown time.Duration, err error) {
	p, err := b.replay()
	if err != nil {
		return 0, 0, err
	}
	defer p.close()
	in, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer in.Close()
	if _, err := p.await("the screen", func(s *screen) bool { _, ok := s.pane("Logs"); return ok }, nil); err != nil {
		return 0, 0, err
	}
	buf := make([]byte, 64<<10) // what a pipe holds
	shown, err = p.await("the last line", has(lineID(million-1)), func() time.Time {
		from := time.Now()
		_, err = io.CopyBuffer(struct{ io.Writer }{p.pipe}, struct{ io.Reader }{in}, buf)
		taken = time.Since(from)
		return from
	})
	return taken, shown, err
}
