package timeline

import "slices"

// Apply returns the state after one more event. It is pure: s stays as it was,
// and what the two states have in common is shared. Applying an event at a time
// gives the same as [Fold], at a higher price.
func Apply(s State, e Event) State {
	f := folder{state: s}
	f.apply(&e)
	return f.state
}

// Fold returns the state after more events. It is pure, like [Apply], and makes
// at most one copy of each part of s that the events touch.
func Fold(s State, events []Event) State {
	f := folder{state: s}
	for i := range events {
		f.apply(&events[i])
	}
	return f.state
}

// folder is a fold under way. Its state may share slices with the state it began
// with; the owned marks say which of them were copied and may be written. The
// marks end with the folder: the state it leaves behind is shared again.
type folder struct {
	state       State
	ownSessions bool
	ownFaults   bool
	owned       []owned // parallel to state.Sessions, once those are owned
	recent      int     // index of the session of the last event

	// Of the event being applied: e is it, s its session, own the marks of s.
	e   *Event
	s   *Session
	own *owned
	in  Frame // the payload, if it is a frame
	see sighting
}

// owned says which slices of a session this fold has copied.
type owned struct {
	name                                               string // of the session: searched here, because sessions are large
	backoffs, attempts, rtts, history, loads, switches bool
	calls, decisions, traps, warnings, pending         bool
}

// writable makes sure that a slice may be written by this fold.
func writable[T any](s *[]T, owned *bool) []T {
	if !*owned {
		*s = append(make([]T, 0, len(*s)+4), *s...)
		*owned = true
	}
	return *s
}

// push appends to a slice of the state and lets the oldest go at the limit.
func push[T any](s *[]T, owned *bool, limit int, v T) {
	w := writable(s, owned)
	if len(w) >= limit {
		w = slices.Delete(w, 0, len(w)-limit+1)
	}
	*s = append(w, v)
}

func (f *folder) apply(e *Event) {
	f.state.Seq = e.Seq
	if !e.Time.IsZero() {
		f.state.Time, f.state.Offset = e.Time, e.Offset
	}
	f.e = e
	switch p := e.Payload.(type) {
	case nil:
		return
	case Dropped:
		f.state.Dropped += p.Count
		return
	case Mark:
		f.state.Marks++
		return
	case FaultArmed:
		f.faultArmed(p)
		return
	case FaultHit:
		f.faultHit(p)
		return
	case FaultCleared:
		f.faultCleared(p)
		return
	case FaultScored:
		f.faultScored(p)
		return
	}
	if e.Session == "" {
		return
	}
	f.enter(e.Session)
	before := f.facts()
	f.dispatch(e.Payload)
	f.recognise(&before)
}

// dispatch applies a payload that belongs to a session.
func (f *folder) dispatch(payload Payload) {
	switch p := payload.(type) {
	case SessionOpened:
		f.sessionOpened(p)
	case SessionClosed:
		f.sessionClosed(p)
	case StateChanged:
		f.stateChanged(p)
	case Switched:
		f.switched(p)
	case Network:
		f.network(p)
	case Warning:
		push(&f.s.Warnings, &f.own.warnings, maxWarnings, p)
	case ConnectFailed:
		f.connectFailed(p)
	case AppEvent:
		f.appEvent(p)
	case AttemptStarted:
		f.attemptStarted(p)
	case StageChanged:
		f.stageChanged(p)
	case AttemptEnded:
		f.attemptEnded(p)
	case Backoff:
		f.backoff(p)
	case TokenLoading:
		f.tokenLoading(p)
	case TokenLoaded:
		f.tokenLoaded(p)
	case TokenFailed:
		f.tokenFailed(p)
	case TokenSent:
		f.tokenSent(p)
	case Clock:
		f.s.Clock = p
	case Frame:
		f.in = p
		f.frame(&f.in)
	case Close:
		f.closed(p)
	case HTTPRequest:
		f.request(&p)
	case HTTPResponse:
		f.response(&p)
	case CallEvent:
		f.callEvent(&p)
	case CallChanged:
		f.callChanged(p)
	case RingDecision:
		f.ringDecision(p)
	case BusyTone:
		f.busyTone(p)
	}
}

// enter makes f.s the session of that name, new if it is not known: a recording
// may begin in the middle of a session's life.
func (f *folder) enter(name string) {
	if !f.ownSessions {
		f.state.Sessions = slices.Clone(f.state.Sessions)
		f.ownSessions = true
		f.owned = make([]owned, len(f.state.Sessions))
		for i := range f.owned {
			f.owned[i].name = f.state.Sessions[i].Name
		}
	}
	i := f.recent
	if i >= len(f.owned) || f.owned[i].name != name {
		i = slices.IndexFunc(f.owned, func(o owned) bool { return o.name == name })
	}
	if i < 0 {
		i = f.addSession(name)
	}
	f.recent = i
	f.s, f.own = &f.state.Sessions[i], &f.owned[i]
}

// addSession returns the index of a new session. At the limit the oldest closed
// session makes room, or the oldest of all.
func (f *folder) addSession(name string) int {
	if len(f.state.Sessions) >= maxSessions {
		i := slices.IndexFunc(f.state.Sessions, func(s Session) bool { return s.Closed != "" })
		i = max(i, 0)
		f.state.Sessions = slices.Delete(f.state.Sessions, i, i+1)
		f.owned = slices.Delete(f.owned, i, i+1)
	}
	f.state.Sessions = append(f.state.Sessions, newSession(name, f.e.Time))
	f.owned = append(f.owned, owned{name: name})
	return len(f.state.Sessions) - 1
}
