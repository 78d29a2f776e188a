package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"streamscope/timeline"
)

// maxSeen bounds what a watch keeps between two steps that do something; a
// flood beyond it only loses the oldest.
const maxSeen = 100_000

// watch reads the timeline for one run. It is owned by the runner's goroutine.
type watch struct {
	cursor *timeline.Cursor
	buf    []timeline.Event
	state  timeline.State
	// seen are the events since the last step that did something.
	seen []timeline.Event
	// states are the states entered by each user since then, the one that held
	// at the time first; expectations use them up in their order.
	states map[string][]timeline.ConnState
	// marked is the last event before that step.
	marked uint64
}

func newWatch(s *timeline.Store) *watch {
	return &watch{cursor: s.Cursor(0), states: map[string][]timeline.ConnState{}}
}

func (w *watch) close() { w.cursor.Close() }

func (w *watch) last() uint64 { return w.state.Seq }

// mark starts a new span: what happened before is no longer expected.
func (w *watch) mark() {
	w.read()
	w.seen = w.seen[:0]
	w.marked = w.state.Seq
	for i := range w.state.Sessions {
		s := &w.state.Sessions[i]
		w.states[s.Name] = append(w.states[s.Name][:0], s.Conn)
	}
}

// read takes everything that is new.
func (w *watch) read() {
	w.buf = w.cursor.Next(w.buf[:0])
	if len(w.buf) == 0 {
		return
	}
	w.state = timeline.Fold(w.state, w.buf)
	for _, e := range w.buf {
		if change, ok := e.Payload.(timeline.StateChanged); ok {
			w.states[e.Session] = append(w.states[e.Session], change.To)
		}
		if len(w.seen) == maxSeen {
			w.seen = append(w.seen[:0], w.seen[maxSeen/2:]...)
		}
		w.seen = append(w.seen, e)
	}
}

// met reports whether the expectation holds by now.
func (w *watch) met(st Step) bool {
	switch st.Verb {
	case ExpectState:
		return w.stateMet(st)
	case ExpectTrap:
		return w.trapMet(st)
	}
	n := 0
	for i := range w.seen {
		if w.seen[i].Session == st.User && st.matches(w.seen[i]) {
			n++
		}
	}
	return n >= max(st.Count, 1)
}

// stateMet looks for the state among those not used up, and uses up what comes
// before it.
func (w *watch) stateMet(st Step) bool {
	entered := w.states[st.User]
	for i, state := range entered {
		if string(state) != st.Target {
			continue
		}
		if !st.Absent {
			w.states[st.User] = entered[i:]
		}
		return true
	}
	return false
}

// trapMet looks for a trap that an event has given away since then, or that
// nothing but the time does: a silent socket makes no events.
func (w *watch) trapMet(st Step) bool {
	s, _ := w.state.Session(st.User)
	for _, trap := range s.Traps {
		if trap.ID == st.Target && trap.Seq > w.marked {
			return true
		}
	}
	return slices.ContainsFunc(s.Overdue(time.Now()), func(t timeline.TrapSeen) bool { return t.ID == st.Target })
}

// matches reports whether an event is what `expect event` or `expect request`
// names.
func (st Step) matches(e timeline.Event) bool {
	if st.Verb == ExpectRequest {
		return st.matchesRequest(e)
	}
	switch p := e.Payload.(type) {
	case timeline.Frame:
		return p.Dir == timeline.In && p.Type == st.Target
	case timeline.AppEvent:
		return p.Type == st.Target || string(e.Kind()) == st.Target
	}
	return string(e.Kind()) == st.Target
}

func (st Step) matchesRequest(e timeline.Event) bool {
	method, path, _ := strings.Cut(st.Target, " ")
	switch p := e.Payload.(type) {
	case timeline.HTTPRequest:
		return st.Status == 0 && p.Method == method && endsIn(p.Path, path)
	case timeline.HTTPResponse:
		return st.Status != 0 && p.Status == st.Status && p.Method == method && endsIn(p.Path, path)
	}
	return false
}

// endsIn compares the last segments of a path with a pattern in which * stands
// for any one segment.
func endsIn(path, pattern string) bool {
	have, want := strings.Split(strings.Trim(path, "/"), "/"), strings.Split(strings.Trim(pattern, "/"), "/")
	if len(have) < len(want) {
		return false
	}
	have = have[len(have)-len(want):]
	for i := range want {
		if want[i] != "*" && want[i] != have[i] {
			return false
		}
	}
	return true
}

// instead says what was there in place of what was expected.
func (w *watch) instead(st Step) string {
	s, ok := w.state.Session(st.User)
	if !ok {
		return fmt.Sprintf("%s has no session", st.User)
	}
	switch st.Verb {
	case ExpectState:
		return fmt.Sprintf("it is %s (%s)", s.Conn, s.Reason)
	case ExpectTrap:
		var ids []string
		for _, t := range s.Traps {
			if t.Seq > w.marked {
				ids = append(ids, t.ID)
			}
		}
		return "traps seen: " + or(strings.Join(ids, ", "), "none")
	case ExpectRequest:
		return "requests seen: " + or(strings.Join(w.requests(st.User), ", "), "none")
	}
	return fmt.Sprintf("%d other events seen, the state is %s", len(w.seen), s.Conn)
}

func (w *watch) requests(user string) []string {
	var all []string
	for _, e := range w.seen {
		if p, ok := e.Payload.(timeline.HTTPRequest); ok && e.Session == user {
			all = append(all, p.Method+" "+p.Path)
		}
	}
	return all
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
