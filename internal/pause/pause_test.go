package pause

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		why := errors.New("enough")
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { stop(why) })
		for _, step := range []struct {
			d, at time.Duration
			want  error
		}{
			{2 * time.Second, 2 * time.Second, nil},
			{0, 2 * time.Second, nil},
			{time.Hour, 5 * time.Second, why},
			{-time.Second, 5 * time.Second, why},
		} {
			if err := For(ctx, step.d); !errors.Is(err, step.want) || time.Since(start) != step.at {
				t.Errorf("waiting %v ends after %v with %v; want %v and %v", step.d, time.Since(start), err, step.at, step.want)
			}
		}
	})
}
