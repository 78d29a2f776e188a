package cli

import (
	"context"
	"fmt"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

// deviceFaults take devices off their network, as `offline` does: what a browser
// would tell the client about it. Its methods are called from one goroutine.
type deviceFaults struct {
	rig   *rig
	last  int
	armed []deviceFault
}

// deviceFault is one that is armed or over.
type deviceFault struct {
	over context.CancelFunc
	done chan struct{}
}

// arm takes the device of a session off the network, from the time and for the
// time that the fault says.
func (d *deviceFaults) arm(name, spec string) error {
	f, err := fault.Parse(spec)
	if err != nil {
		return err
	}
	s := d.rig.manager.Get(name)
	if s == nil {
		return fmt.Errorf("%s has no session", name)
	}
	d.last++
	id := fmt.Sprintf("device-%d", d.last)
	ctx, over := context.WithCancel(d.rig.sessions.ctx)
	armed := deviceFault{over: over, done: make(chan struct{})}
	d.armed = append(d.armed, armed)
	tell := func(p timeline.Payload) { d.rig.events.Append(timeline.Event{Session: name, Payload: p}) }
	tell(timeline.FaultArmed{Fault: shownFault(id, f, fault.Dialer), For: f.For})
	d.rig.sessions.start(func() error {
		defer close(armed.done)
		defer over()
		hits := 0
		if f.After <= 0 || pause(ctx, f.After) == nil {
			hits = 1
			tell(timeline.FaultHit{ID: id, Fault: string(f.Kind)})
			_ = s.SetOnline(false, timeline.ByFault) // a session that is over has no network
			if f.For > 0 {
				_ = pause(ctx, f.For) // or until it is cleared
			} else {
				<-ctx.Done()
			}
			_ = s.SetOnline(true, timeline.ByFault)
		}
		tell(timeline.FaultCleared{ID: id, Why: "its time is over", Hits: hits})
		return nil
	})
	return nil
}

// clear ends them all, and returns when the devices are back on their networks.
func (d *deviceFaults) clear() {
	for _, f := range d.armed {
		f.over()
		<-f.done
	}
	d.armed = nil
}
