package cli

import (
	"fmt"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

// sites are the places that can misbehave for a session, the most telling
// first: the local coordinator speaks the protocol, a dialer can only cut and
// delay.
func (r *rig) sites() []fault.Site {
	if r.local != nil {
		return []fault.Site{fault.Coordinator, fault.TokenSource}
	}
	return []fault.Site{fault.Dialer, fault.TokenSource}
}

// offers is the fault menu of a session.
func (r *rig) offers(name string) []timeline.Fault {
	sites := r.sites()
	if r.provider(name) == nil {
		sites = sites[:1]
	}
	return offers(sites...)
}

// arm switches a fault on, given in its text form. At the coordinator it
// strikes the session's own user, unless it says otherwise.
func (r *rig) arm(name, spec string) error {
	f, err := fault.Parse(spec)
	if err != nil {
		return err
	}
	site, ok := causedBy(f, r.sites())
	if !ok {
		return fmt.Errorf("nothing here can cause %s: it takes %v", f.Kind, sitesOf(f))
	}
	switch site {
	case fault.Coordinator:
		if s := r.manager.Get(name); s != nil && f.User == "" {
			f.User = s.Status().User.ID
		}
		return r.local.arm(f)
	case fault.TokenSource:
		return r.armProvider(name, f)
	}
	return fmt.Errorf("the %s cannot be armed here", site)
}

func (r *rig) armProvider(name string, f fault.Fault) error {
	source := r.provider(name)
	if source == nil {
		return fmt.Errorf("session %s has no token source that could misbehave", name)
	}
	r.mu.Lock()
	r.lastFault++
	id := fmt.Sprintf("token-%d", r.lastFault)
	r.mu.Unlock()
	r.events.Append(timeline.Event{Payload: timeline.FaultArmed{
		Fault: shownFault(id, f, fault.TokenSource), For: f.For,
	}})
	source.arm(id, f)
	return nil
}

// clearFaults switches every fault of a session off.
func (r *rig) clearFaults(name string) {
	if r.local != nil {
		r.local.server.ClearFaults()
	}
	if source := r.provider(name); source != nil {
		for id, hits := range source.clear() {
			r.events.Append(timeline.Event{Payload: timeline.FaultCleared{ID: id, Why: "cleared by you", Hits: hits}})
		}
	}
}

func sitesOf(f fault.Fault) []fault.Site {
	info, _ := f.Kind.Info()
	return info.Sites
}
