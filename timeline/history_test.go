package timeline_test

import (
	"testing"
	"time"

	"streamscope/timeline"
)

// busySession fills a store with n events of a session that drops now and then.
func busySession(n int, o timeline.Options) *timeline.Store {
	o.Start = start
	store := timeline.NewStore(o)
	s := opened(nil).connect()
	written := 0
	for written < n {
		s.beat()
		if len(s.events)%97 == 0 {
			s.lose().after(time.Second).dial(true).ok()
		}
		s.add(in("user.updated"))
		for ; written < n && written < len(s.events); written++ {
			store.Append(s.events[written])
		}
	}
	return store
}

func TestStateAtIsTheFoldFromTheBeginning(t *testing.T) {
	const events = 40_000
	store := busySession(events, timeline.Options{})
	h := timeline.NewHistory(store)
	defer h.Close()
	batch, now := h.Advance()
	if len(batch) != events || now.Seq != events {
		t.Fatalf("advanced over %d events to %d, want %d", len(batch), now.Seq, events)
	}
	all := append([]timeline.Event(nil), batch...)
	for _, seq := range []uint64{1, 2, 8191, 8192, 8193, 20_000, 39_999, 40_000} {
		got, ok := h.StateAt(seq)
		if !ok {
			t.Errorf("the state at %d cannot be told", seq)
			continue
		}
		if diff := difference(timeline.Fold(timeline.State{}, all[:seq]), got); diff != "" {
			t.Errorf("the state at %d (-fold +history):\n%s", seq, diff)
		}
	}
	for _, seq := range []uint64{0, events + 1} {
		if _, ok := h.StateAt(seq); ok {
			t.Errorf("the state at %d was told", seq)
		}
	}
}

func TestStateAtInAStoreThatOverwrites(t *testing.T) {
	store := busySession(30_000, timeline.Options{MaxEvents: 20_000})
	h := timeline.NewHistory(store)
	defer h.Close()
	batch, _ := h.Advance()
	if _, ok := batch[0].Payload.(timeline.Dropped); !ok {
		t.Fatalf("the first event is %v, want a loss", batch[0].Payload)
	}
	if got, ok := h.StateAt(10_001); !ok || got.Dropped != 10_000 {
		t.Errorf("the oldest kept state is %v with %d lost, want it told with 10000", ok, got.Dropped)
	}
	for range 9000 {
		store.Append(note(24*time.Hour, "more"))
	}
	h.Advance()
	if _, ok := h.StateAt(10_001); ok {
		t.Error("the state at an overwritten event was told")
	}
	if got, ok := h.StateAt(30_000); !ok || got.Seq != 30_000 {
		t.Errorf("the state at a kept event is %v, %v", got.Seq, ok)
	}
}
