package main

import (
	"os"
	"slices"
	"time"
)

// starts measures how long a local session takes to be there.
func (b *bench) starts() ([]row, error) {
	first := row{what: "start to first screen, local session", unit: "ms", judged: 0.5, budget: 60, peers: "lnav 137–290 ms, gonzo 75, bare 59, less 3"}
	connected := row{what: "start to `connection.ok` on screen", unit: "ms", judged: 0.5, budget: 150}
	for range manyStarts * b.runs {
		p, err := start(b.w, b.h, nil, b.bin)
		if err != nil {
			return []row{first, connected}, err
		}
		shown, err := p.await("the first screen", firstScreen, nil)
		if err == nil {
			first.values = append(first.values, ms(shown))
			shown, err = p.await("connection.ok", isConnected, nil)
		}
		p.close()
		if err != nil {
			return []row{first, connected}, err
		}
		connected.values = append(connected.values, ms(shown))
	}
	return []row{first, connected}, nil
}

func firstScreen(s *screen) bool {
	_, ok := s.pane("Logs")
	return ok && s.has("help")
}

func isConnected(s *screen) bool { return s.has("CONNECTED") && s.has("connection.ok") }

// session opens the program with its local session and waits until it is quiet.
func (b *bench) session() (*program, error) {
	p, err := start(b.w, b.h, nil, b.bin)
	if err != nil {
		return nil, err
	}
	if _, err := p.await("connection.ok", isConnected, nil); err != nil {
		p.close()
		return nil, err
	}
	time.Sleep(time.Second)
	return p, nil
}

const helpTitle = "type to find a key"

// keys measures how long a key takes to show in a session that does nothing
// else.
func (b *bench) keys() ([]row, error) {
	var scroll, opens, closes timed
	e, err := b.openEcho()
	if err != nil {
		return nil, err
	}
	defer e.close()
	p, err := b.session()
	if err != nil {
		return nil, err
	}
	defer p.close()
	err = p.scroll("Timeline", manyKeys, e, &scroll)
	if err == nil {
		err = p.overlay(manyKeys, e, &opens, &closes)
	}
	median := row{what: "key to paint, idle: p50 of `j`, `k`, `?`", unit: "ms", judged: 0.5, budget: 8}
	both := timed{slices.Concat(scroll.all, opens.all), slices.Concat(scroll.calm, opens.calm)}
	both.into(&median)
	median.note = "stretch ≤ 2.7; " + median.note
	moved := row{what: "key to paint, idle: `j`, `k` in the timeline", unit: "ms", judged: 0.99, budget: 20, peers: "lnav 2.8 and 21–88, bare 12 and 20, gonzo 20 and missed keys"}
	scroll.into(&moved)
	opened := row{what: "key to paint, idle: `?` opens the help", unit: "ms", judged: 0.99, budget: 20}
	opens.into(&opened)
	closed := row{what: "key to paint, idle: `esc` closes it", unit: "ms", judged: 0.99, budget: 20}
	closes.into(&closed)
	return []row{median, moved, opened, closed, e.row("idle")}, err
}

// scroll moves the cursor of a list up and down.
func (p *program) scroll(title string, n int, e *echo, into *timed) error {
	for i := range n {
		key := "k"
		if i%2 == 1 {
			key = "j"
		}
		err := into.key(e, func() (time.Duration, error) {
			return p.key(key, "the cursor to move in "+title, p.changed(title))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// overlay opens the help and closes it, with the escape key as terminals send
// it: one byte that may be the beginning of any other key.
func (p *program) overlay(n int, e *echo, opens, closes *timed) error {
	for range n / 2 {
		err := opens.key(e, func() (time.Duration, error) { return p.key("?", "the help", has(helpTitle)) })
		if err == nil {
			err = closes.key(e, func() (time.Duration, error) { return p.key("\x1b", "the end of the help", hasNot(helpTitle)) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// quiet is how long the idle program is looked at.
const quiet = 20 * time.Second

// idle measures what a connected session costs while only its clocks count.
func (b *bench) idle() ([]row, error) {
	cpu := row{what: "idle with a ticking countdown: CPU", unit: "%", judged: 0.5, budget: 0.7, peers: "lnav 0.7–0.8%; bare 2.3%, gonzo 3.8%"}
	out := row{what: "idle: bytes to the terminal", unit: "B/s", judged: 0.5, budget: 100, peers: "lnav 15–35 B/s; gonzo 5 kB/s"}
	peak := row{what: "idle: peak memory", unit: "MiB", judged: 0.5}
	rows := func() []row { return []row{cpu, out, peak} }
	p, err := b.session()
	if err != nil {
		return rows(), err
	}
	defer p.close()
	for range b.runs {
		before, from := p.written(), time.Now()
		used, err := p.busy(func() { time.Sleep(quiet) })
		if err != nil {
			return rows(), err
		}
		lasted := time.Since(from)
		cpu.values = append(cpu.values, share(used, lasted))
		out.values = append(out.values, float64(p.written()-before)/lasted.Seconds())
	}
	memory, err := peakMemory(p.cmd.Process.Pid)
	peak.values = []float64{memory}
	return rows(), err
}

// busy is the processor time that the program uses while something goes on.
func (p *program) busy(meanwhile func()) (time.Duration, error) {
	before, err := cpuTime(p.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	meanwhile()
	after, err := cpuTime(p.cmd.Process.Pid)
	return after - before, err
}

// binary weighs the file.
func (b *bench) binary() ([]row, error) {
	r := row{what: "binary", unit: "MiB", judged: 1, budget: 25}
	info, err := os.Stat(b.bin)
	if err == nil {
		r.values = []float64{float64(info.Size()) / (1 << 20)}
	}
	return []row{r}, err
}
