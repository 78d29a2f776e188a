package sim

import (
	"fmt"
	"maps"
	"slices"

	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/timeline"
)

// endFaults are the faults of the users' own ends: their way to the coordinator,
// their token sources, their devices. The methods belong to the goroutine of the
// driver's.
type endFaults struct {
	events *timeline.Store
	last   int
	users  map[string]*session.Faults
	armed  map[string]fault.Fault // by id
}

func newEndFaults(events *timeline.Store) *endFaults {
	return &endFaults{events: events, users: make(map[string]*session.Faults), armed: make(map[string]fault.Fault)}
}

// of makes the faults of a user's end.
func (e *endFaults) of(user string) *session.Faults {
	e.users[user] = session.NewFaults(session.FaultEvents{Struck: func(id string, f fault.Fault) {
		e.events.Append(timeline.Event{Session: user, Payload: timeline.FaultHit{ID: id, Fault: string(f.Kind)}})
	}})
	return e.users[user]
}

func (e *endFaults) arm(f fault.Fault, site fault.Site) error {
	e.last++
	id := fmt.Sprintf("%s-%d", site, e.last)
	e.armed[id] = f
	publish(e.events, f, timeline.FaultArmed{Fault: shown(id, f, site), After: f.After, For: f.For})
	for _, user := range slices.Sorted(maps.Keys(e.users)) {
		if f.User != "" && f.User != user || !e.users[user].CanCause(f.Kind) {
			continue
		}
		if err := e.users[user].Arm(id, f); err != nil {
			return err
		}
	}
	return nil
}

func (e *endFaults) clear() {
	hits := make(map[string]int)
	for _, user := range slices.Sorted(maps.Keys(e.users)) {
		for id, n := range e.users[user].Clear() {
			hits[id] += n
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.armed)) {
		publish(e.events, e.armed[id], timeline.FaultCleared{ID: id, Hits: hits[id]})
	}
	clear(e.armed)
}
