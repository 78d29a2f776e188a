package sim

import (
	"context"
	"fmt"
	"sync"

	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/timeline"
)

// deviceFaults are the networks of the devices: what a browser would tell the
// client about them.
type deviceFaults struct {
	ctx    context.Context // the life of the sessions
	events *timeline.Store
	wg     *sync.WaitGroup // of the driver

	// Owned by the goroutine of the driver's methods.
	last  int
	armed []*deviceFault
}

type deviceFault struct {
	over context.CancelFunc
	done chan struct{}
}

func newDeviceFaults(ctx context.Context, events *timeline.Store, wg *sync.WaitGroup) *deviceFaults {
	return &deviceFaults{ctx: ctx, events: events, wg: wg}
}

// arm takes the devices of the sessions off the network, from the time and for
// the time that the fault says.
func (d *deviceFaults) arm(f fault.Fault, of []*session.Session) {
	d.last++
	id := fmt.Sprintf("device-%d", d.last)
	ctx, over := context.WithCancel(d.ctx)
	armed := &deviceFault{over: over, done: make(chan struct{})}
	d.armed = append(d.armed, armed)
	publish(d.events, f, timeline.FaultArmed{Fault: shown(id, f, fault.Dialer), For: f.For})
	set := func(online bool) {
		for _, s := range of {
			_ = s.SetOnline(online, timeline.ByFault) // a session that is over has no network
		}
	}
	d.wg.Go(func() {
		defer close(armed.done)
		hits := 0
		if pause(ctx, f.After) == nil {
			hits = 1
			publish(d.events, f, timeline.FaultHit{ID: id, Fault: string(f.Kind)})
			set(false)
			if f.For > 0 {
				_ = pause(ctx, f.For) // or until it is cleared
			} else {
				<-ctx.Done()
			}
			set(true)
		}
		publish(d.events, f, timeline.FaultCleared{ID: id, Hits: hits})
	})
}

func (d *deviceFaults) clear() {
	for _, f := range d.armed {
		f.over()
		<-f.done
	}
	d.armed = nil
}
