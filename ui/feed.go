package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
	"streamscope/timeline"
)

// frameTime is the shortest time between two batches: nothing is gained by
// telling the screen of news more often than it can show them.
const frameTime = time.Second / 30

// batchLimit is how many events are folded for one batch, so that a long
// recording appears on the screen while it is being read.
const batchLimit = 50_000

// batchMsg is everything that came since the batch before: the state that the
// events add up to, and the news that there are log lines.
type batchMsg struct {
	now   time.Time
	state timeline.State
	// next is one more than the number of the last event taken; 0 for none.
	next uint64
	logs bool
}

// feed waits at the cursors of the two stores and tells the program, at most
// once a frame. Nobody who writes to a store ever waits for it. It belongs to
// the goroutine that calls run.
type feed struct {
	events *timeline.Cursor
	// logs only wakes us: the view of the log pane reads the store by itself.
	logs     *logsink.Cursor
	store    *logsink.Store
	logsNext uint64
	now      func() time.Time
	folds    bool // false for a recording, whose history is folded where it is shown
	state    timeline.State
	buf      []timeline.Event
}

func newFeed(o Options) *feed {
	return &feed{events: o.Timeline.Cursor(0), logs: o.Logs.Cursor(0), store: o.Logs, now: o.Now, folds: !o.Replay}
}

func (f *feed) close() {
	f.events.Close()
	f.logs.Close()
}

// run sends batches until ctx ends. send may block; the next batch is then
// larger.
func (f *feed) run(ctx context.Context, send func(tea.Msg)) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	events, logs := f.events.Wake(), f.logs.Wake()
	for events != nil || logs != nil {
		var open bool
		select {
		case <-ctx.Done():
			return
		case _, open = <-events:
			if !open {
				events = nil
			}
		case _, open = <-logs:
			if !open {
				logs = nil
			}
		}
		for {
			msg, ok := f.take()
			if ok {
				send(msg)
			}
			if !ok || len(f.buf) < batchLimit {
				break
			}
		}
		pause.Reset(frameTime)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// take reads what there is and folds it; false when there is nothing.
func (f *feed) take() (batchMsg, bool) {
	f.buf = f.events.NextN(f.buf[:0], batchLimit)
	msg := batchMsg{now: f.now()}
	if n := len(f.buf); n > 0 {
		if f.folds {
			f.state = timeline.Fold(f.state, f.buf)
		}
		msg.next = f.buf[n-1].Seq + 1
	}
	msg.state = f.state
	_, next := f.store.Bounds()
	msg.logs = next != f.logsNext
	f.logsNext = next
	return msg, msg.next != 0 || msg.logs
}
