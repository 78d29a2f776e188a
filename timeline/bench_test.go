package timeline_test

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"streamscope/timeline"
)

// run returns n events of a session, mostly frames.
func run(n int) []timeline.Event {
	store := busySession(n, timeline.Options{MaxBytes: -1, MaxEvents: -1})
	events := make([]timeline.Event, 0, n)
	for e := range store.All() {
		events = append(events, e)
	}
	return events
}

// Budget: 150 ns and 0 allocations.
func BenchmarkStoreAppend(b *testing.B) {
	store := timeline.NewStore(timeline.Options{MaxEvents: 1 << 16})
	c := store.Cursor(0)
	defer c.Close()
	e := timeline.Event{Time: time.Now(), Session: "sara", Attempt: 1, Payload: in("user.updated")}
	for range 1 << 17 {
		store.Append(e)
	}
	b.ReportAllocs()
	for b.Loop() {
		store.Append(e)
	}
}

// Budget: 0.1 ms for 10,000 events, 2 allocations, both the cursor's.
func BenchmarkCursorNext(b *testing.B) {
	store := busySession(10_000, timeline.Options{})
	buf := make([]timeline.Event, 0, 10_001)
	b.ReportAllocs()
	for b.Loop() {
		c := store.Cursor(0)
		buf = c.Next(buf[:0])
		c.Close()
	}
	if len(buf) != 10_000 {
		b.Fatalf("read %d events", len(buf))
	}
}

// Budget: 6 µs and 6 allocations an event, the price of a state that can be kept.
func BenchmarkApply(b *testing.B) {
	events := run(1000)
	state := timeline.Fold(timeline.State{}, events)
	e := timeline.Event{Seq: 1001, Time: at(time.Hour), Offset: time.Hour, Session: "sara", Attempt: state.Sessions[0].Attempt.N, Payload: in("user.updated")}
	b.ReportAllocs()
	for b.Loop() {
		timeline.Apply(state, e)
	}
}

// Budget: 0.8 s for a million events, and less than one allocation in ten events.
func BenchmarkFold(b *testing.B) {
	events := run(1_000_000)
	b.Run("events=1M", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			timeline.Fold(timeline.State{}, events)
		}
	})
}

// Budget: 50 ms for any place in 1,000,000 events.
func BenchmarkHistoryStateAt(b *testing.B) {
	store := busySession(1_000_000, timeline.Options{MaxBytes: -1})
	h := timeline.NewHistory(store)
	defer h.Close()
	h.Advance()
	seq := uint64(1)
	b.Run("events=1M", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := h.StateAt(seq); !ok {
				b.Fatalf("the state at %d cannot be told", seq)
			}
			seq = seq*7919%999_999 + 1
		}
	})
}

// Budget: 600 ns and 8 allocations a row.
func BenchmarkDescribe(b *testing.B) {
	f := in("call.ring")
	f.CID, f.By = "default:lunch", "jack"
	for name, p := range map[string]timeline.Payload{
		"frame": f, "health": in("health.check"),
		"response": timeline.HTTPResponse{Method: "POST", Path: "/video/call/default/lunch/reject", Status: 201, Took: 18 * time.Millisecond},
	} {
		b.Run(name, func(b *testing.B) {
			e := timeline.Event{Payload: p}
			b.ReportAllocs()
			for b.Loop() {
				timeline.Describe(e)
			}
		})
	}
}

// Budget: 5 µs for a 200-byte event, 60 µs for a ring of 3 kB.
func BenchmarkDecode(b *testing.B) {
	custom := []byte(`{"type":"user.updated","created_at":"2026-01-02T03:04:05.678Z","user":{"id":"sara","name":"Sara","role":"user","teams":[],"custom":{},"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}}`)
	for name, body := range map[string][]byte{"event": custom, "ring": wireFile(b, "server_call.ring.json"), "health": []byte(`{"type":"health.check","connection_id":"c","created_at":"2026-01-02T03:04:05Z","custom":{}}`)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				timeline.DecodeFrame(timeline.In, "text", body, 0)
			}
		})
	}
}

// Budget: 4 µs to write an event with a 200-byte body.
func BenchmarkWriteEvent(b *testing.B) {
	w, err := timeline.NewWriter(io.Discard, timeline.Header{Start: start})
	if err != nil {
		b.Fatal(err)
	}
	f := in("user.updated")
	f.Body, err = json.Marshal(map[string]string{"type": "user.updated", "text": string(make([]byte, 0, 200))})
	if err != nil {
		b.Fatal(err)
	}
	e := timeline.Event{Seq: 1, Time: start, Offset: time.Second, Session: "sara", Attempt: 1, Payload: f}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.WriteEvent(e); err != nil {
			b.Fatal(err)
		}
	}
}
