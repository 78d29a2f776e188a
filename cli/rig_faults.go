package cli

import (
	"errors"
	"fmt"

	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/timeline"
)

// ends are what can be made to misbehave for one session, beside the local
// coordinator: its token source, its dialer, its device, and in a direct session
// REST.
type ends struct {
	source *session.FaultSource // nil for users without a token
	faults *session.Faults      // of all of them
	away   bool                 // it is opened beside a local session and connects elsewhere
}

// wrap puts the misbehaving ends around the ones of a session's configuration.
func (r *rig) wrap(cfg *session.Config, name string, away bool) ends {
	tell := func(p timeline.Payload) { r.events.Append(timeline.Event{Session: name, Payload: p}) }
	e := ends{away: away, faults: session.NewFaults(session.FaultEvents{
		Struck: func(id string, f fault.Fault) { tell(timeline.FaultHit{ID: id, Fault: string(f.Kind)}) },
		Over: func(id string, _ fault.Fault, hits int) {
			tell(timeline.FaultCleared{ID: id, Why: "it is over", Hits: hits})
		},
	})}
	if cfg.Token != nil {
		e.source = e.faults.Source(cfg.Token)
		cfg.Token = e.source
	}
	if cfg.Dialer == nil {
		cfg.Dialer = new(session.WebSocketDialer)
	}
	cfg.Dialer = session.FaultDialer{Dialer: cfg.Dialer, Faults: e.faults}
	if cfg.REST == nil {
		cfg.REST = new(session.HTTPDoer)
	}
	cfg.REST = session.FaultREST{REST: cfg.REST, Faults: e.faults}
	return e
}

// site is the place that causes a fault for a session, the best first, and false
// when nothing there can.
func (r *rig) site(e ends, f fault.Fault) (fault.Site, bool) {
	info, _ := f.Kind.Info()
	for _, site := range info.Sites {
		switch {
		case site == fault.Coordinator && r.local != nil && !e.away:
			return site, true
		case (site == fault.Dialer || site == fault.TokenSource) && e.faults != nil && e.faults.CanCause(f.Kind):
			return site, true
		}
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
	if s := r.manager.Get(name); s != nil && f.User != "" && f.User != s.Status().User.ID {
		return fmt.Errorf("%s happens at the end of %s, not of %s", f.Kind, name, f.User)
	}
	r.mu.Lock()
	r.lastFault++
	id := fmt.Sprintf("%s-%d", site, r.lastFault)
	r.mu.Unlock()
	r.events.Append(timeline.Event{Session: name, Payload: timeline.FaultArmed{Fault: shownFault(id, f, site), After: f.After, For: f.For}})
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
	if e.faults == nil {
		return
	}
	for id, n := range e.faults.Clear() {
		r.events.Append(timeline.Event{Session: name, Payload: timeline.FaultCleared{ID: id, Why: "cleared by you", Hits: n}})
	}
}

// clearFault switches one fault of a session off.
func (r *rig) clearFault(name, id string) error {
	e := r.endsOf(name)
	if r.local != nil && !e.away && r.local.server.Disarm(id) {
		return nil
	}
	if e.faults != nil {
		if hits, ok := e.faults.Disarm(id); ok {
			r.events.Append(timeline.Event{Session: name, Payload: timeline.FaultCleared{ID: id, Why: "cleared by you", Hits: hits}})
			return nil
		}
	}
	return errors.New("the fault is over already")
}

// endsOf returns what can misbehave for a session.
func (r *rig) endsOf(name string) ends {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends[name]
}

// isLocal reports whether a session connects to the local coordinator.
func (r *rig) isLocal(name string) bool { return r.local != nil && !r.endsOf(name).away }
