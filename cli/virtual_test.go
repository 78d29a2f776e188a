package cli

import (
	"context"
	"errors"
	"testing"
	"time"

	"streamscope/internal/pause"
)

func TestVirtuallyAnHourTakesNoTime(t *testing.T) {
	began := time.Now()
	err := virtually(t.Context(), func(ctx context.Context) error {
		from := time.Now()
		if err := pause.For(ctx, time.Hour); err != nil {
			return err
		}
		if took := time.Since(from); took != time.Hour {
			t.Errorf("an hour inside took %s", took)
		}
		return errQuit
	})
	if !errors.Is(err, errQuit) {
		t.Errorf("the error is what f returned, got %v", err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("an hour inside took %s outside", took)
	}
}

func TestVirtuallyAPanicComesBack(t *testing.T) {
	err := virtually(t.Context(), func(context.Context) error { panic("boom") })
	if _, bug := errors.AsType[panicked](err); !bug {
		t.Errorf("a panic inside is an error outside, got %v", err)
	}
}

func TestVirtuallyTheEndOutsideIsSeenInside(t *testing.T) {
	outside, cancel := context.WithCancelCause(t.Context())
	err := virtually(outside, func(ctx context.Context) error {
		cancel(errTimeUp)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if !errors.Is(err, errTimeUp) {
		t.Errorf("the cause outside is the cause inside, got %v", err)
	}
}
