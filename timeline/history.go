package timeline

import (
	"slices"
	"sort"
)

// checkpointEvery is the number of events between two checkpoints: what folding
// to any place costs at most, about 10 ms.
const checkpointEvery = 8192

// History folds a store as it grows and remembers a state every few thousand
// events, so that the state at any event still kept is soon found again. It
// belongs to one goroutine. Its memory is bounded with the store's: checkpoints
// go when the events after them are overwritten, and checkpoints share what did
// not change between them.
type History struct {
	store  *Store
	cursor *Cursor
	buf    []Event // of Advance
	past   []Event // of StateAt
	state  State
	points []State // ascending in Seq
}

// NewHistory returns a history of the whole store; what was overwritten before it
// began is its first event, a [Dropped]. Close it
// when done.
func NewHistory(store *Store) *History {
	return &History{store: store, cursor: store.Cursor(1)}
}

// Close takes the history off the store. It can still be asked.
func (h *History) Close() { h.cursor.Close() }

// Wake returns the channel that tells that there is something to advance over.
func (h *History) Wake() <-chan struct{} { return h.cursor.Wake() }

// Advance folds what the store has got since the last call and returns the
// events, [Dropped] ones included, which are valid until the next call, with the
// state after them.
func (h *History) Advance() ([]Event, State) {
	h.buf = h.cursor.Next(h.buf[:0])
	rest := h.buf
	if len(rest) > 0 && rest[0].Kind() == KindDropped {
		h.state = Fold(h.state, rest[:1])
		h.checkpoint() // nothing before the loss can be folded again
		rest = rest[1:]
	}
	for len(rest) > 0 {
		n := min(len(rest), int(checkpointEvery-h.state.Seq%checkpointEvery))
		h.state = Fold(h.state, rest[:n])
		rest = rest[n:]
		if h.state.Seq%checkpointEvery == 0 {
			h.checkpoint()
		}
	}
	h.forget()
	return h.buf, h.state
}

// State returns the state after the last Advance.
func (h *History) State() State { return h.state }

func (h *History) checkpoint() { h.points = append(h.points, h.state) }

// forget drops the checkpoints from which the next event is no longer kept.
func (h *History) forget() {
	first, _ := h.store.Bounds()
	n := sort.Search(len(h.points), func(i int) bool { return h.points[i].Seq+1 >= first })
	h.points = slices.Delete(h.points, 0, n)
}

// StateAt returns the state after the event with that number, and whether it can
// be told: the number has been folded, and so have been kept the events from the
// checkpoint before it. In a store that has overwritten events the oldest few
// thousand that are left cannot be told.
func (h *History) StateAt(seq uint64) (State, bool) {
	if seq >= h.state.Seq {
		return h.state, seq == h.state.Seq
	}
	var from State
	if n := sort.Search(len(h.points), func(i int) bool { return h.points[i].Seq > seq }); n > 0 {
		from = h.points[n-1]
	}
	if from.Seq == seq {
		return from, seq > 0
	}
	cursor := h.store.Cursor(from.Seq + 1)
	defer cursor.Close()
	h.past = cursor.NextN(h.past[:0], int(seq-from.Seq))
	if len(h.past) == 0 || h.past[0].Seq != from.Seq+1 || h.past[0].Kind() == KindDropped {
		return State{}, false
	}
	state := Fold(from, h.past)
	return state, state.Seq == seq
}
