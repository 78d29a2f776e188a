package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Numbers of repetitions.
const (
	manyKeys   = 200
	manyStarts = 7 // times runs
)

// ms is a duration as the table shows it.
func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// rest is the pause before the next key: no two the same, so that keys do not
// fall into step with anything that ticks.
func rest() { time.Sleep(25*time.Millisecond + rand.N(30*time.Millisecond)) }

// baseline measures what the terminal and the machine cost by themselves, and
// what less needs for the same.
func (b *bench) baseline() ([]row, error) {
	echo, err := b.echoKeys()
	rows := []row{{what: "*a bare echo: key to paint*", unit: "ms", values: echo, judged: 0.5}}
	if err != nil {
		return rows, err
	}
	less, err := exec.LookPath("less")
	if err != nil {
		rows[0].note = "no less here to compare with"
		return rows, nil
	}
	begin, keys, err := b.lessKeys(less)
	return append(rows,
		row{what: "*less: start to first screen*", unit: "ms", values: begin, judged: 0.5},
		row{what: "*less: key to paint*", unit: "ms", values: keys, judged: 0.5}), err
}

func (b *bench) echoKeys() ([]float64, error) {
	e, err := b.openEcho()
	if err != nil {
		return nil, err
	}
	defer e.close()
	for range manyKeys {
		rest()
		if err := e.key(); err != nil {
			return e.took, err
		}
	}
	return e.took, nil
}

// echo is a bare echo on a terminal of its own. Asked in turn with the program,
// it says what the machine was like at that moment.
type echo struct {
	p    *program
	took []float64
}

func (b *bench) openEcho() (*echo, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := start(b.w, b.h, nil, self, "-echo")
	if err != nil {
		return nil, err
	}
	if _, err := p.await("the echo", has("ready"), nil); err != nil {
		p.close()
		return nil, err
	}
	return &echo{p: p}, nil
}

func (e *echo) close() { e.p.close() }

// key types one key and waits for it to come back.
func (e *echo) key() error {
	took, err := e.p.key("x", "the echo of a key", has(fmt.Sprintf("key %d.", len(e.took)+1)))
	if err == nil {
		e.took = append(e.took, ms(took))
	}
	return err
}

// calm is how long an echo takes at most when the machine is not busy with
// something else.
const calm = 1 // ms

// timed are the times that keys took: all of them, and those of calm moments, in
// which an echo just before and one just after were quick. On a machine that is
// shared the tail of all is the tail of the machine.
type timed struct{ all, calm []float64 }

// key measures one key between two echoes.
func (t *timed) key(e *echo, press func() (time.Duration, error)) error {
	rest()
	if err := e.key(); err != nil {
		return err
	}
	took, err := press()
	if err != nil {
		return err
	}
	if err := e.key(); err != nil {
		return err
	}
	t.all = append(t.all, ms(took))
	if n := len(e.took); e.took[n-2] < calm && e.took[n-1] < calm {
		t.calm = append(t.calm, ms(took))
	}
	return nil
}

// into puts the times into a row.
func (t *timed) into(r *row) {
	r.values = t.all
	r.note = fmt.Sprintf("%d in calm moments: %s / %s / %s ms (p50, p99, max)", len(t.calm),
		number(quantile(t.calm, 0.5)), number(quantile(t.calm, 0.99)), number(quantile(t.calm, 1)))
}

// row is what the echo took meanwhile.
func (e *echo) row(meanwhile string) row {
	return row{what: "*a bare echo meanwhile (" + meanwhile + ")*", unit: "ms", values: e.took, judged: 0.5}
}

func (b *bench) lessKeys(less string) (begin, keys []float64, err error) {
	dir, err := os.MkdirTemp("", "ptybench")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "lines")
	if err := writeLines(path, 2000); err != nil {
		return nil, nil, err
	}
	for range manyStarts {
		p, err := start(b.w, b.h, nil, less, "-S", path)
		if err != nil {
			return begin, keys, err
		}
		took, err := p.await("the first line", has(lineID(0)), nil)
		if err == nil {
			begin = append(begin, ms(took))
		}
		for n := 0; err == nil && n < manyKeys/manyStarts; n++ {
			rest()
			took, err = p.key("j", "the next line", has(lineID(b.h-1+n)))
			keys = append(keys, ms(took))
		}
		p.close()
		if err != nil {
			return begin, keys, err
		}
	}
	return begin, keys, nil
}
