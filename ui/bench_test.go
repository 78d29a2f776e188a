package ui

import (
	"fmt"
	"testing"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

// A screen with a busy story and many lines of log.
func benchHarness(b *testing.B, w, h, lines int) *harness {
	b.Helper()
	x := newHarness(b, w, h)
	x.busyStory()
	for i := range lines {
		x.logs.Append(logsink.Record{
			Time: x.now, Level: logsink.Info, Scope: "coordinator", Session: "sara",
			Message: fmt.Sprintf("client:get - Response - 200 for request number %d of many", i), Attrs: "took_ms=18 attempt=3",
		})
	}
	x.sync()
	x.m.focus = paneLogs
	x.m.rearrange()
	x.View()
	return x
}

// Budget: ≤ 0.05 ms for 152×57, two shared cores.
func BenchmarkViewUnchanged(b *testing.B) {
	x := benchHarness(b, 152, 57, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		x.m.View()
	}
}

// The state panes are drawn anew, as for each tick; the rows of the lists are
// kept.
func BenchmarkViewTick(b *testing.B) {
	x := benchHarness(b, 152, 57, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		x.m.touch()
		x.m.View()
	}
}

// Budget: ≤ 2 ms for 152×57 with every row drawn anew.
func BenchmarkViewAllChanged(b *testing.B) {
	for _, size := range []struct{ w, h int }{{80, 24}, {152, 57}, {200, 60}} {
		b.Run(fmt.Sprintf("size=%dx%d", size.w, size.h), func(b *testing.B) {
			x := benchHarness(b, size.w, size.h, 10_000)
			b.ReportAllocs()
			for b.Loop() {
				x.m.timeline.revision++
				x.m.logs.touched++
				x.m.touch()
				x.m.View()
			}
		})
	}
}

// A batch of events folded and shown, a frame's worth at a time.
func BenchmarkUpdateBatch(b *testing.B) {
	for _, n := range []int{1, 100, 3000} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			x := benchHarness(b, 152, 57, 100)
			b.ReportAllocs()
			for b.Loop() {
				for range n {
					x.store.Append(timeline.Event{Time: x.now, Session: "sara", Attempt: 1, Payload: timeline.Frame{
						Dir: timeline.In, Op: "text", Size: 200, Type: "call.updated", CID: "default:standup", Body: []byte(`{"type":"call.updated"}`),
					}})
				}
				msg, _ := x.feed.take()
				x.m.Update(msg)
				x.m.View()
			}
		})
	}
}

// Log lines that come at 100,000 a second: what one frame's worth costs.
func BenchmarkUpdateLogs(b *testing.B) {
	x := benchHarness(b, 152, 57, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		for i := range 3300 {
			x.logs.Append(logsink.Record{Time: x.now, Level: logsink.Info, Scope: "coordinator", Session: "sara", Message: "client:get - Response - 200 for request", Attrs: "n=" + fmt.Sprint(i)})
		}
		msg, _ := x.feed.take()
		x.m.Update(msg)
		x.m.View()
	}
}

// A key that moves the cursor, with the frame after it.
func BenchmarkKey(b *testing.B) {
	x := benchHarness(b, 152, 57, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		x.Press("k")
		x.Press("j")
	}
}

func BenchmarkTick(b *testing.B) {
	x := benchHarness(b, 152, 57, 1000)
	b.ReportAllocs()
	for b.Loop() {
		x.advance(time.Millisecond)
	}
}
