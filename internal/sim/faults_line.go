package sim

import (
	"fmt"
	"maps"
	"slices"

	"streamscope/internal/fault"
	"streamscope/session"
	"streamscope/timeline"
)

// lineFaults are the faults that happen on the way to the coordinator, where
// there is none of it yet: names that do not resolve, certificates that nobody
// trusts. The methods belong to the goroutine of the driver's.
type lineFaults struct {
	events *timeline.Store
	last   int
	users  map[string]*session.Faults
	armed  map[string]fault.Fault // by id
}

func newLineFaults(events *timeline.Store) *lineFaults {
	return &lineFaults{events: events, users: make(map[string]*session.Faults), armed: make(map[string]fault.Fault)}
}

// of makes the faults of a user's line.
func (l *lineFaults) of(user string) *session.Faults {
	l.users[user] = session.NewFaults(func(id string, f fault.Fault) {
		l.events.Append(timeline.Event{Session: user, Payload: timeline.FaultHit{ID: id, Fault: string(f.Kind)}})
	})
	return l.users[user]
}

func (l *lineFaults) arm(f fault.Fault) error {
	l.last++
	id := fmt.Sprintf("line-%d", l.last)
	for user, faults := range l.users {
		if f.User != "" && f.User != user {
			continue
		}
		if err := faults.Arm(id, f); err != nil {
			return err
		}
	}
	l.armed[id] = f
	publish(l.events, f, timeline.FaultArmed{Fault: shown(id, f, fault.Dialer), For: f.For})
	return nil
}

func (l *lineFaults) clear() {
	hits := make(map[string]int)
	for _, faults := range l.users {
		for id, n := range faults.Clear() {
			hits[id] += n
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.armed)) {
		publish(l.events, l.armed[id], timeline.FaultCleared{ID: id, Hits: hits[id]})
	}
	clear(l.armed)
}
