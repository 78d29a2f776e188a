package replay

import (
	"iter"
	"slices"
	"time"

	"streamscope/timeline"
)

// Difference is where two recordings part: the first step of a lane that is not
// the same in both.
type Difference struct {
	// Session is the name in the first recording (in the second, where the first
	// has no such session), empty for the faults.
	Session string
	// Lane names what the step belongs to: connection, requests, answers, calls or
	// faults.
	Lane string
	// Step numbers it within the lane, from 1.
	Step int
	// A and B are the two events; one of them has no payload when its recording
	// has nothing more in this lane.
	A, B timeline.Event
	// BeforeA and BeforeB are the last steps that are the same, oldest first, and
	// AfterA and AfterB what follows, in the same lane.
	BeforeA, BeforeB, AfterA, AfterB []timeline.Event

	keyA, keyB string // what was compared
}

// around is how many steps are shown before and after a difference.
const around = 4

// Diff returns the first difference that matters between two recordings, and
// false when there is none. What matters are the kinds of events, stages, types
// of frames, codes, requests, calls and decisions. Ids, times, sizes, bodies,
// keep-alives and telemetry do not: two runs of one story differ in those. Faults
// are compared when both recordings have some. Users,
// calls and sessions may have other names, as long as each keeps its own.
func Diff(a, b iter.Seq[timeline.Event]) (Difference, bool) {
	left, right := split(a), split(b)
	var first Difference
	found := false
	for _, pair := range match(left, right) {
		d, differ := pair.compare()
		if differ && (!found || d.when() < first.when()) {
			first, found = d, true
		}
	}
	return first, found
}

// when is how far into the recordings the difference is: what comes first is
// nearest to the cause.
func (d Difference) when() time.Duration {
	switch {
	case d.A.Payload == nil:
		return d.B.Offset
	case d.B.Payload == nil:
		return d.A.Offset
	}
	return min(d.A.Offset, d.B.Offset)
}

// lane is one thread of a recording, in which the order has a meaning.
type lane struct {
	session, name string
	names         names
	steps         []step
}

// step is an event with what of it matters, as text.
type step struct {
	key   string
	event timeline.Event
}

// lanes are those of one recording.
type lanes struct {
	sessions []string // in the order in which they appear
	all      map[laneKey]*lane
	asked    map[laneKey]int // index of the answer to a request, by session and request id
}

type laneKey struct{ session, name string }

// The lanes, in the order in which they are compared.
var laneNames = [...]string{"connection", "requests", "answers", "calls", "faults"}

func split(events iter.Seq[timeline.Event]) *lanes {
	l := &lanes{all: make(map[laneKey]*lane), asked: make(map[laneKey]int)}
	for e := range events {
		l.add(e)
	}
	return l
}

func (l *lanes) add(e timeline.Event) {
	session := e.Session
	if session != "" && !slices.Contains(l.sessions, session) {
		l.sessions = append(l.sessions, session)
	}
	switch p := e.Payload.(type) {
	case timeline.HTTPRequest:
		l.request(e, p)
		return
	case timeline.HTTPResponse:
		l.response(e, p)
		return
	}
	name := laneOf(e.Payload)
	if name == "" {
		return
	}
	if name == "faults" {
		session = "" // who was struck stands in the event
	}
	to := l.lane(session, name)
	to.steps = append(to.steps, step{to.names.key(e.Payload), e})
}

func (l *lanes) lane(session, name string) *lane {
	key := laneKey{session, name}
	if l.all[key] == nil {
		l.all[key] = &lane{session: session, name: name}
	}
	return l.all[key]
}

// request keeps a place for the answer: answers are compared in the order of
// their requests, because which of two comes first is chance.
func (l *lanes) request(e timeline.Event, p timeline.HTTPRequest) {
	to := l.lane(e.Session, "requests")
	key := to.names.key(p)
	if key == "" {
		return
	}
	to.steps = append(to.steps, step{key, e})
	answers := l.lane(e.Session, "answers")
	l.asked[laneKey{e.Session, p.ID}] = len(answers.steps)
	answers.steps = append(answers.steps, step{"no answer to " + key, e})
}

func (l *lanes) response(e timeline.Event, p timeline.HTTPResponse) {
	to := l.lane(e.Session, "answers")
	key := l.lane(e.Session, "requests").names.key(p)
	at, asked := l.asked[laneKey{e.Session, p.ID}]
	switch {
	case key == "":
	case asked:
		to.steps[at] = step{key, e}
		delete(l.asked, laneKey{e.Session, p.ID})
	default:
		to.steps = append(to.steps, step{key, e})
	}
}

// laneOf names the lane of a payload, and nothing for what does not matter.
func laneOf(p timeline.Payload) string {
	switch p := p.(type) {
	case timeline.CallChanged, timeline.RingDecision, timeline.BusyTone:
		return "calls"
	case timeline.FaultArmed, timeline.FaultHit, timeline.FaultCleared, timeline.FaultScored:
		return "faults"
	case timeline.Note, timeline.Mark, timeline.Dropped, timeline.Clock, timeline.TokenLoading, timeline.CallEvent, nil:
		return ""
	case timeline.Frame:
		if keepAlive(p) {
			return ""
		}
	case timeline.StageChanged:
		if !tells(p) {
			return ""
		}
	}
	return "connection"
}

// pair is the same lane of two recordings; one may be empty.
type pair struct{ a, b *lane }

// match puts the lanes of two recordings together: sessions of one name, then
// the others in the order in which they appear.
func match(left, right *lanes) []pair {
	var pairs []pair
	add := func(a, b string) {
		for _, name := range laneNames {
			if name != "faults" {
				pairs = append(pairs, pair{left.lane(a, name), right.lane(b, name)})
			}
		}
	}
	var restLeft, restRight []string
	for _, s := range left.sessions {
		if slices.Contains(right.sessions, s) {
			add(s, s)
		} else {
			restLeft = append(restLeft, s)
		}
	}
	for _, s := range right.sessions {
		if !slices.Contains(left.sessions, s) {
			restRight = append(restRight, s)
		}
	}
	for i := range max(len(restLeft), len(restRight)) {
		switch {
		case i >= len(restLeft):
			add("", restRight[i]) // the program itself has no such lanes: all of it is new
		case i >= len(restRight):
			add(restLeft[i], "")
		default:
			add(restLeft[i], restRight[i])
		}
	}
	// Faults are the cause and not the story: a run without any, such as one
	// against a replayed recording, can be the same.
	if a, b := left.lane("", "faults"), right.lane("", "faults"); len(a.steps) > 0 && len(b.steps) > 0 {
		pairs = append(pairs, pair{a, b})
	}
	return pairs
}

// compare returns the first step that is not the same.
func (p pair) compare() (Difference, bool) {
	a, b := p.a.steps, p.b.steps
	n := 0
	for n < len(a) && n < len(b) && a[n].key == b[n].key {
		n++
	}
	if n == len(a) && n == len(b) {
		return Difference{}, false
	}
	d := Difference{Session: p.a.session, Lane: p.a.name, Step: n + 1}
	if d.Session == "" {
		d.Session = p.b.session
	}
	d.BeforeA, d.A, d.AfterA = window(a, n)
	d.BeforeB, d.B, d.AfterB = window(b, n)
	if n < len(a) && n < len(b) {
		d.keyA, d.keyB = a[n].key, b[n].key
	}
	return d, true
}

// window returns the step with what is around it.
func window(steps []step, at int) (before []timeline.Event, here timeline.Event, after []timeline.Event) {
	for _, s := range steps[max(0, at-around):min(at, len(steps))] {
		before = append(before, s.event)
	}
	if at < len(steps) {
		here = steps[at].event
		for _, s := range steps[at+1 : min(at+1+around, len(steps))] {
			after = append(after, s.event)
		}
	}
	return before, here, after
}
