package record

import (
	"cmp"
	"slices"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// contextOf returns the number of the first event that is not older than since,
// and those of the events before it that the state of that moment rests on.
func contextOf(store *timeline.Store, since time.Time) (from uint64, before []timeline.Event) {
	c := past{last: map[factKey]timeline.Event{}, attempts: map[attemptKey][]timeline.Event{}, ended: map[string]attemptKey{}}
	first, next := store.Bounds()
	for e := range store.Range(first, next) {
		if !e.Time.Before(since) {
			return e.Seq, c.events()
		}
		c.add(e)
	}
	return next, c.events()
}

// factKey names a fact of which only the latest word counts.
type factKey struct {
	kind    timeline.Kind
	session string
	name    string
}

type attemptKey struct {
	session string
	n       int
}

// past keeps the events that still say something about the present: the last
// of each fact, and the lanes of the attempts that are not over, with the one that
// ended last.
type past struct {
	last     map[factKey]timeline.Event
	attempts map[attemptKey][]timeline.Event
	ended    map[string]attemptKey // by session
}

func (c *past) add(e timeline.Event) {
	key := factKey{kind: e.Kind(), session: e.Session}
	switch p := e.Payload.(type) {
	case timeline.SessionOpened, timeline.SessionClosed, timeline.StateChanged, timeline.Network,
		timeline.TokenLoaded, timeline.TokenFailed, timeline.ConnectFailed, timeline.Backoff:
	case timeline.AppEvent:
		key.name = p.Type
	case timeline.Clock:
		key.name = p.Source
	case timeline.Switched:
		key.name = p.Name
	case timeline.CallChanged:
		key.name = p.CID
	case timeline.CallEvent:
		key.name = p.CID + "/" + p.Type
	case timeline.FaultArmed:
		key.name = p.Fault.ID
	case timeline.FaultCleared:
		delete(c.last, factKey{timeline.KindFaultArmed, e.Session, p.ID})
		return
	default:
		c.addToLane(e)
		return
	}
	c.last[key] = e
}

func (c *past) addToLane(e timeline.Event) {
	key := attemptKey{e.Session, e.Attempt}
	switch p := e.Payload.(type) {
	case timeline.AttemptStarted, timeline.StageChanged, timeline.TokenSent:
	case timeline.Frame:
		if p.Dir != timeline.In || p.Type != wire.TypeConnectionOK {
			return
		}
	case timeline.AttemptEnded:
		if old, ok := c.ended[e.Session]; ok && old != key {
			delete(c.attempts, old)
		}
		c.ended[e.Session] = key
	default:
		return
	}
	c.attempts[key] = append(c.attempts[key], e)
}

// events returns what was kept in its order.
func (c *past) events() []timeline.Event {
	var all []timeline.Event
	for _, e := range c.last {
		all = append(all, e)
	}
	for _, lane := range c.attempts {
		all = append(all, lane...)
	}
	slices.SortFunc(all, func(a, b timeline.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return all
}
