package cli

import (
	"context"

	"streamscope/timeline"
)

// follow reads a timeline from its beginning, folds it, and calls seen with the
// state after each batch of events, until seen says that it has seen enough or
// ctx ends. It returns the state so far, and the cause of ctx's end.
func follow(ctx context.Context, store *timeline.Store, seen func(s timeline.State, batch []timeline.Event) bool) (timeline.State, error) {
	cursor := store.Cursor(0)
	defer cursor.Close()
	var state timeline.State
	var batch []timeline.Event
	for {
		batch = cursor.Next(batch[:0])
		state = timeline.Fold(state, batch)
		if len(batch) > 0 && seen(state, batch) {
			return state, nil
		}
		select {
		case <-cursor.Wake():
		case <-ctx.Done():
			return state, context.Cause(ctx)
		}
	}
}
