package cli

import (
	"fmt"

	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/timeline"
)

// ends are what can be made to misbehave for one session, beside the local
// coordinator: its token source, its dialer, and in a direct session REST.
type ends struct {
	source *provider // nil for users without a token
	faults *session.Faults
	away   bool // it is opened beside a local session and connects elsewhere
}

// wrap puts the misbehaving ends around the ones of a session's configuration.
func (r *rig) wrap(cfg *session.Config, name string, away bool) ends {
	e := ends{away: away}
	struck := func(id string, f fault.Fault) { r.struck(name, id, f) }
	if cfg.Token != nil {
		e.source = newProvider(cfg.Token, struck)
		cfg.Token = e.source
	}
	if cfg.Dialer == nil {
		cfg.Dialer = new(session.WebSocketDialer)
	}
	e.faults = session.NewFaults(struck)
	cfg.Dialer = session.FaultDialer{Dialer: cfg.Dialer, Faults: e.faults}
	if cfg.Source != timeline.SourceLocal { // the local coordinator has faults of requests itself
		if cfg.REST == nil {
			cfg.REST = new(session.HTTPDoer)
		}
		cfg.REST = session.FaultREST{REST: cfg.REST, Faults: e.faults}
	}
	return e
}

// struck tells a stroke of a fault, and its end when it strikes no more.
func (r *rig) struck(name, id string, f fault.Fault) {
	r.events.Append(timeline.Event{Session: name, Payload: timeline.FaultHit{ID: id, Fault: string(f.Kind)}})
	if f.Strikes() == 1 {
		r.events.Append(timeline.Event{Session: name, Payload: timeline.FaultCleared{ID: id, Why: "used up", Hits: 1}})
	}
}

// site is the place that causes a fault for a session, and false when nothing
// there can.
func (r *rig) site(e ends, f fault.Fault) (fault.Site, bool) {
	info, _ := f.Kind.Info()
	switch {
	case r.local != nil && !e.away && info.CausedBy(fault.Coordinator):
		return fault.Coordinator, true
	case e.faults != nil && session.CanCause(f.Kind):
		return fault.Dialer, true
	case e.source != nil && info.CausedBy(fault.TokenSource):
		return fault.TokenSource, true
	}
	return "", false
}

// offers is the fault menu of a session.
func (r *rig) offers(name string) []timeline.Fault {
	e := r.endsOf(name)
	var menu []timeline.Fault
	for _, f := range offered() {
		if site, ok := r.site(e, f); ok {
			menu = append(menu, shownFault("", f, site))
		}
	}
	return menu
}

// arm switches a fault on, given in its text form. At the local coordinator it
// strikes the session's own user, unless it says otherwise.
func (r *rig) arm(name, spec string) error {
	f, err := fault.Parse(spec)
	if err != nil {
		return err
	}
	e := r.endsOf(name)
	site, ok := r.site(e, f)
	if !ok {
		return fmt.Errorf("nothing in this session can cause %s", f.Kind)
	}
	if site == fault.Coordinator {
		return r.local.arm(r.limited(name, f))
	}
	r.mu.Lock()
	r.lastFault++
	id := fmt.Sprintf("%s-%d", site, r.lastFault)
	r.mu.Unlock()
	r.events.Append(timeline.Event{Session: name, Payload: timeline.FaultArmed{Fault: shownFault(id, f, site), For: f.For}})
	if site == fault.TokenSource {
		e.source.arm(id, f)
		return nil
	}
	return e.faults.Arm(id, f)
}

// limited is the fault for the session's user only, where its kind can be
// limited to one.
func (r *rig) limited(name string, f fault.Fault) fault.Fault {
	s := r.manager.Get(name)
	if s == nil || f.User != "" {
		return f
	}
	narrow := f
	narrow.User = s.Status().User.ID
	if narrow.Validate() != nil {
		return f
	}
	return narrow
}

// clearFaults switches every fault of a session off.
func (r *rig) clearFaults(name string) {
	e := r.endsOf(name)
	if r.local != nil && !e.away {
		r.local.server.ClearFaults()
	}
	cleared := func(hits map[string]int) {
		for id, n := range hits {
			r.events.Append(timeline.Event{Session: name, Payload: timeline.FaultCleared{ID: id, Why: "cleared by you", Hits: n}})
		}
	}
	if e.source != nil {
		cleared(e.source.clear())
	}
	if e.faults != nil {
		cleared(e.faults.Clear())
	}
}

// endsOf returns what can misbehave for a session.
func (r *rig) endsOf(name string) ends {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends[name]
}

// isLocal reports whether a session connects to the local coordinator.
func (r *rig) isLocal(name string) bool { return r.local != nil && !r.endsOf(name).away }
