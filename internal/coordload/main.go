//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"
)

// Limits of what may be asked for.
const (
	maxConns  = 19_000 // the coordinator takes 20,000
	maxFanOut = 5_000
	maxRuns   = 20
)

// The budgets, for two cores that client and server share.
const (
	budgetMemory  = 400.0  // MB with 10,000 idle connections
	budgetConnect = 1000.0 // connects a second at least
	budgetFanOut  = 50.0   // ms until 99 of 100 of 1,000 sockets have an event
)

// options are the flags.
type options struct {
	bin      string
	conns    int
	workers  int
	fanOut   int
	events   int
	runs     int
	pause    time.Duration
	deadline time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "", "the streamscope binary; built from the source when empty")
	flag.IntVar(&o.conns, "conns", 10_000, "idle connections")
	flag.IntVar(&o.workers, "workers", 16, "clients that connect at the same time")
	flag.IntVar(&o.fanOut, "fanout", 1000, "sockets that receive each event")
	flag.IntVar(&o.events, "events", 100, "events of the fan-out")
	flag.IntVar(&o.runs, "runs", 3, "how often to measure; the median counts")
	flag.DurationVar(&o.pause, "pause", 2*time.Second, "how long the connections idle before the memory is read")
	flag.DurationVar(&o.deadline, "deadline", 5*time.Minute, "give up after this long")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.deadline)
	defer cancel()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "coordload:", err)
		os.Exit(1)
	}
}

func (o options) check() error {
	switch {
	case o.conns < 1 || o.conns > maxConns:
		return fmt.Errorf("-conns must be from 1 to %d", maxConns)
	case o.fanOut < 1 || o.fanOut > maxFanOut:
		return fmt.Errorf("-fanout must be from 1 to %d", maxFanOut)
	case o.runs < 1 || o.runs > maxRuns:
		return fmt.Errorf("-runs must be from 1 to %d", maxRuns)
	case o.workers < 1 || o.events < 1:
		return errors.New("-workers and -events must be at least 1")
	}
	return nil
}

func (o options) run(ctx context.Context) error {
	if err := errors.Join(o.check(), raiseFiles(uint64(max(o.conns, o.fanOut)+200))); err != nil {
		return err
	}
	if o.bin == "" {
		dir, bin, err := build(ctx)
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.bin = bin
	}
	fmt.Printf("%-6s %10s %6s %10s %8s %8s %14s %8s\n", "run", "connects/s", "idle", "MB at rest", "MB idle", "kB each", "fan-out p50 ms", "p99 ms")
	var all []measured
	for i := range o.runs {
		m, err := o.measure(ctx)
		if err != nil {
			return err
		}
		all = append(all, m)
		m.print(fmt.Sprint(i+1), o.conns)
	}
	median(all).print("median", o.conns)
	fmt.Printf("%-6s %10.0f %6d %10s %8.0f %8s %14s %8.0f\n", "budget", budgetConnect, 10_000, "", budgetMemory, "", "", budgetFanOut)
	return nil
}

// measured is one run.
type measured struct {
	connects, rest, idle float64
	p50, p99             float64
}

func (m measured) print(name string, conns int) {
	fmt.Printf("%-6s %10.0f %6d %10.0f %8.0f %8.1f %14.1f %8.1f\n",
		name, m.connects, conns, m.rest, m.idle, (m.idle-m.rest)*1000/float64(conns), m.p50, m.p99)
}

// median takes the middle of each column by itself.
func median(all []measured) measured {
	middle := func(of func(measured) float64) float64 {
		var column []float64
		for _, m := range all {
			column = append(column, of(m))
		}
		slices.Sort(column)
		return column[len(column)/2]
	}
	return measured{
		connects: middle(func(m measured) float64 { return m.connects }),
		rest:     middle(func(m measured) float64 { return m.rest }),
		idle:     middle(func(m measured) float64 { return m.idle }),
		p50:      middle(func(m measured) float64 { return m.p50 }),
		p99:      middle(func(m measured) float64 { return m.p99 }),
	}
}
