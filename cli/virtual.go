package cli

import (
	"context"
	"net"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/memnet"
	"streamscope/internal/pause"
)

// virtually calls f in a world of its own whose clock moves only when everybody
// in it waits, straight to the next moment at which somebody has something to
// do. An hour takes as long as what happens in it.
//
// That world is a bubble of testing/synctest, the one thing in Go that does this
// to code which uses package time as it is. It wants a *testing.T and needs it
// only to say which test failed: f cannot fail it, and a panic of f is caught
// before it gets there, so that a zero T serves, outside of `go test` too. What
// it relies on is held by a test that runs the whole library of scenarios this
// way; should a release of Go object, that test is the first to know.
//
// Inside, nothing may wait for anything outside, because the clock would stand
// still meanwhile: f's context has the cause of the one outside, but is told of
// its end by looking, once a second of the clock inside.
//
// The error is f's. Goroutines that f left waiting for ever are a panic.
func virtually(outside context.Context, f func(ctx context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked{value: r, stack: debug.Stack()}
		}
	}()
	synctest.Test(new(testing.T), func(*testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		over := make(chan struct{})
		relayed := make(chan struct{})
		go func() {
			defer close(relayed)
			relayEnd(outside, cancel, over)
		}()
		err = guarded(func() error { return f(ctx) })
		close(over)
		<-relayed
		cancel(nil)
	})
	return err
}

// relayEnd looks for the end of a context outside until over is closed.
func relayEnd(outside context.Context, cancel context.CancelCauseFunc, over <-chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		if outside.Err() != nil {
			cancel(context.Cause(outside))
			return
		}
		select {
		case <-ticker.C:
		case <-over:
			return
		}
	}
}

// What things take in virtual time: a connection, and each word of the
// coordinator. Without them all would happen at one instant, in an order that no
// network has: the answer to an answer before the answer.
const (
	virtualDial    = 2 * time.Millisecond
	virtualLatency = time.Millisecond
)

// virtualNetwork is a network in memory: the one of the machine knows nothing of
// another clock. Call it inside.
func virtualNetwork() network {
	line := memnet.Listen("127.0.0.1:8800")
	return network{
		latency: virtualLatency,
		listen:  func(context.Context) (net.Listener, error) { return line, nil },
		dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if err := pause.For(ctx, virtualDial); err != nil {
				return nil, err
			}
			return line.Dial(ctx, network, addr)
		},
	}
}
