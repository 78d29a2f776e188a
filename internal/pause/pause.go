// Package pause waits for a time, or for the end of a context. It holds nothing and
// starts nothing.
package pause

import (
	"context"
	"time"
)

// For waits for d and returns nil, or the cause of the end of ctx if that comes
// first. Without a time to wait it only looks at ctx.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
