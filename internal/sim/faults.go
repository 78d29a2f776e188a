package sim

import (
	"context"
	"fmt"
	"net"

	"streamscope/coordinator"
	"streamscope/internal/fault"
	"streamscope/internal/pause"
	"streamscope/timeline"
)

// Arm implements [scenario.Driver]: the fault goes to who can cause it best, the
// coordinator or the ends of the users.
func (d *Driver) Arm(f fault.Fault, user string) error {
	info, known := f.Kind.Info()
	if !known {
		return fmt.Errorf("no fault %q", f.Kind)
	}
	if f.User == "" && !info.ForAll {
		f.User = user
	}
	if f.Seed == 0 {
		f.Seed = uint64(d.random.UpTo(1<<32)) + 1
	}
	if err := f.Validate(); err != nil {
		return err
	}
	site := info.Sites[0]
	if site != fault.Coordinator {
		return d.ends.arm(f, site)
	}
	_, err := d.server.Arm(f)
	return err
}

// Clear implements [scenario.Driver].
func (d *Driver) Clear() error {
	d.server.ClearFaults()
	d.ends.clear()
	return nil
}

// observe puts what happens to the coordinator's faults on the timeline.
func (d *Driver) observe(e coordinator.Event) {
	if d.Observe != nil {
		d.Observe(e)
	}
	switch e.Kind {
	case coordinator.FaultArmed:
		if f, err := fault.Parse(e.Fault); err == nil {
			publish(d.events, f, timeline.FaultArmed{Fault: shown(e.FaultID, f, fault.Coordinator), After: f.After, For: f.For})
		}
	case coordinator.FaultStruck:
		if f, err := fault.Parse(e.Fault); err == nil {
			d.hits[e.FaultID]++
			publish(d.events, f, timeline.FaultHit{ID: e.FaultID, Fault: string(f.Kind)})
		}
	case coordinator.FaultOver:
		if f, err := fault.Parse(e.Fault); err == nil {
			publish(d.events, f, timeline.FaultCleared{ID: e.FaultID, Hits: d.hits[e.FaultID]})
		}
	}
}

// publish appends an event about a fault, in the session it is limited to.
func publish(events *timeline.Store, f fault.Fault, p timeline.Payload) {
	events.Append(timeline.Event{Session: f.User, Payload: p})
}

func shown(id string, f fault.Fault, site fault.Site) timeline.Fault {
	info, _ := f.Kind.Info()
	expect := f.Expect()
	return timeline.Fault{
		ID: id, Kind: string(f.Kind), Title: info.Title, Spec: f.String(), Where: string(site),
		Expect: expect.Text, Trap: expect.Trap, Seed: f.Seed,
	}
}

// dial makes a connection to the coordinator, which takes its time.
func (d *Driver) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := pause.For(ctx, d.DialTime); err != nil {
		return nil, err
	}
	return d.line.Dial(ctx, network, addr)
}
