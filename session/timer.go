package session

import (
	"slices"
	"time"
)

// timers is the machine's list of deadlines. The official client has many at a
// time (parallel reconnects, the ping, the staleness check, the handshake, the
// debounce, rings), so the machine keeps all of them and names the earliest.
// Timers of one instant go off in the order in which they were set.
type timers struct {
	list []*timer
	next int
}

// timer is one deadline. It goes off once.
type timer struct {
	at   time.Time
	what string // for people who debug the machine
	fire func()
	seq  int
	gone bool
}

func (t *timers) set(at time.Time, what string, fire func()) *timer {
	t.next++
	n := &timer{at: at, what: what, fire: fire, seq: t.next}
	t.list = append(t.list, n)
	return n
}

// stop takes the timer back. A nil timer and one that went off are fine.
func (t *timer) stop() {
	if t != nil {
		t.gone = true
	}
}

// pending reports whether the timer has yet to go off.
func (t *timer) pending() bool { return t != nil && !t.gone }

// earliest returns the next deadline, if there is one.
func (t *timers) earliest() (time.Time, bool) {
	n := t.first()
	if n == nil {
		return time.Time{}, false
	}
	return n.at, true
}

// due takes out the first timer that is due, or returns nil.
func (t *timers) due(now time.Time) *timer {
	n := t.first()
	if n == nil || n.at.After(now) {
		return nil
	}
	n.gone = true
	return n
}

func (t *timers) first() *timer {
	t.list = slices.DeleteFunc(t.list, func(n *timer) bool { return n.gone })
	var first *timer
	for _, n := range t.list {
		if first == nil || n.at.Before(first.at) || n.at.Equal(first.at) && n.seq < first.seq {
			first = n
		}
	}
	return first
}
