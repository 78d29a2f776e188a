// Package jq runs jq expressions about one JSON value, within bounds of time and
// memory: an expression is typed by a person while a screen waits for it, and must
// neither stop it nor take the machine with it.
//
// The time and the heap are looked at between the steps of an expression. The one
// step that makes much out of little, a string times a number, is looked at before
// it is carried out. (An assignment to a far index takes up to 1 GiB of addresses
// for an array; its pages are not touched, and the array is not handed out.)
//
// A [Code] may be used from any goroutine. The package knows nothing of frames,
// and prints nothing.
package jq

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/metrics"
	"time"

	"github.com/itchyny/gojq"
)

const (
	// maxHeap is how much the heap of the process may grow while an expression
	// runs, in bytes: garbage of others counts, so it is generous.
	maxHeap = 128 << 20
	// maxValue is the most that one value may weigh, and that a string may be
	// repeated to.
	maxValue = 16 << 20
)

// Limits are what an expression may take of one value: how long it may think, and
// how many values may come out of it.
type Limits struct {
	Time   time.Duration
	Values int
}

// boundError is what an expression fails with that reaches a bound of ours.
type boundError string

// Error implements error.
func (e boundError) Error() string { return string(e) }

// Bounded reports whether an error says that an expression reached a bound.
func Bounded(err error) bool {
	_, ok := errors.AsType[boundError](err)
	return ok
}

func bound(format string, args ...any) error { return boundError(fmt.Sprintf(format, args...)) }

// Code is an expression that was read.
type Code struct{ code *gojq.Code }

// Compile reads an expression once, for any number of values.
func Compile(expr string) (*Code, error) {
	query, err := gojq.Parse(expr)
	if err != nil {
		return nil, err
	}
	watchTimes(query)
	code, err := gojq.Compile(query, gojq.WithFunction(small, 2, 2, isSmall))
	if err != nil {
		return nil, err
	}
	return &Code{code}, nil
}

// Run applies the expression to a value and yields what comes out. An error is the
// last that it yields: of the expression, of one of the bounds, or of ctx.
func (c *Code) Run(ctx context.Context, value any, limits Limits) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		b := newBudget(ctx, limits.Time)
		values := c.code.RunWithContext(b, value)
		for range limits.Values {
			got, ok := values.Next()
			if !ok {
				return
			}
			b.look(time.Now())
			err, failed := got.(error)
			switch {
			case b.why != nil:
				err = b.why
			case !failed && weigh(got, maxValue) < 0:
				err = bound("a value is larger than %d MiB", maxValue>>20)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(got, nil) {
				return
			}
		}
		yield(nil, bound("more than %d values came out", limits.Values))
	}
}

// weigh takes the size of a value off what there is; negative when it is more.
func weigh(value any, left int) int {
	switch v := value.(type) {
	case string:
		return left - len(v)
	case []any:
		for _, e := range v {
			if left = weigh(e, left-16); left < 0 {
				break
			}
		}
	case map[string]any:
		for name, e := range v {
			if left = weigh(e, left-16-len(name)); left < 0 {
				break
			}
		}
	default:
		left -= 8
	}
	return left
}

// budget is the context of one run. It ends when time or memory are used up, which
// it looks for when it is asked: the interpreter asks before every step.
type budget struct {
	context.Context
	limit  time.Duration
	ends   time.Time
	sample [1]metrics.Sample
	heap   uint64 // the least so far: garbage from before makes no room
	looked time.Time
	over   chan struct{}
	why    error
}

// heapPause is how long the heap is not looked at again: looking takes longer than
// a step.
const heapPause = time.Millisecond

func newBudget(ctx context.Context, limit time.Duration) *budget {
	b := &budget{Context: ctx, limit: limit, over: make(chan struct{})}
	b.sample[0].Name = "/memory/classes/heap/objects:bytes"
	b.looked = time.Now()
	b.ends = b.looked.Add(limit)
	b.heap = b.used()
	return b
}

func (b *budget) used() uint64 {
	metrics.Read(b.sample[:])
	return b.sample[0].Value.Uint64()
}

// Done implements [context.Context].
func (b *budget) Done() <-chan struct{} {
	now := time.Now()
	switch {
	case b.why != nil:
	case b.Context.Err() != nil:
		b.end(b.Context.Err())
	case now.After(b.ends):
		b.end(bound("stopped after %s", b.limit))
	case now.Sub(b.looked) >= heapPause:
		b.look(now)
	}
	return b.over
}

// look compares the heap with the smallest that there was.
func (b *budget) look(now time.Time) {
	b.looked = now
	used := b.used()
	b.heap = min(b.heap, used)
	if b.why == nil && used-b.heap > maxHeap {
		b.end(bound("it needs more than %d MiB of memory", maxHeap>>20))
	}
}

func (b *budget) end(why error) {
	b.why = why
	close(b.over)
}

// Err implements [context.Context].
func (b *budget) Err() error { return b.why }
