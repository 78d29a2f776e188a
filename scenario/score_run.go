package scenario

import (
	"context"
	"time"

	"streamscope/timeline"
)

// KeepScore runs a [Scorer] over a store until ctx ends, and appends the scores
// to it. The caller owns the goroutine it runs in.
func KeepScore(ctx context.Context, store *timeline.Store) {
	var (
		scorer Scorer
		buf    []timeline.Event
		cursor = store.Cursor(0)
		timer  = time.NewTimer(time.Hour)
	)
	defer cursor.Close()
	defer timer.Stop()
	for {
		buf = cursor.Next(buf[:0])
		for _, e := range buf {
			publish(store, scorer.Observe(e))
		}
		publish(store, scorer.Due(time.Since(store.Start())))
		wait := time.Hour
		if due, ok := scorer.Deadline(); ok {
			wait = max(0, due-time.Since(store.Start()))
		}
		timer.Reset(wait)
		select {
		case _, open := <-cursor.Wake():
			if !open {
				return
			}
		case <-timer.C:
		case <-ctx.Done():
			return
		}
	}
}

func publish(store *timeline.Store, scores []Score) {
	for _, s := range scores {
		store.Append(timeline.Event{Session: s.Session, Payload: s.FaultScored})
	}
}
