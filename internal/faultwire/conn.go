package faultwire

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/pause"
)

const (
	pumped     = 32 // frames read ahead; without them each would cost two switches of goroutines
	heldFrames = 64 // frames that a slow line holds before the peer is held up
)

// conn is a socket with faults on the way. A goroutine pumps the frames of the
// inner socket; it ends when that socket does, which Abort, Close and a failed Read
// see to.
type conn struct {
	inner  Conn
	faults *Set
	user   func() string
	wake   chan struct{} // one slot: the faults have changed
	in     chan Message  // closed by the pump
	gone   error         // of the inner socket; written before in is closed
	done   chan struct{} // closed by end
	once   sync.Once

	// owned by the reader
	queue       []delayedFrame
	held        *Message // by reorder, until the next one has passed
	last        error    // what the reader gets from now on
	admitted    bool     // connection.ok has come through
	established bool     // and was delivered
	suffered    []*Armed

	// owned by the writer
	heldOut *Message

	// guarded by mu
	mu   sync.Mutex
	dead *Armed // half-open by this fault; nil for alive
}

// delayedFrame is a frame on its way, or the end of the socket.
type delayedFrame struct {
	message Message
	err     error
	due     time.Time
}

var _ Conn = (*conn)(nil)

// Wrap puts the faults on the way of a socket. user tells whose it is, for the
// faults that are limited to one; nil means that it is nobody's business.
func (s *Set) Wrap(inner Conn, user func() string) Conn {
	if user == nil {
		user = func() string { return "" }
	}
	c := &conn{
		inner: inner, faults: s, user: user,
		wake: make(chan struct{}, 1), in: make(chan Message, pumped), done: make(chan struct{}),
	}
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	go c.pump()
	return c
}

func (c *conn) pump() {
	defer close(c.in)
	for {
		m, err := c.inner.Read(context.Background())
		if err != nil {
			c.gone = err
			return
		}
		select {
		case c.in <- m:
		case <-c.done:
			c.gone = c.faults.fail(Failure{Op: "read", Close: closeAbnormal, Err: io.ErrClosedPipe})
			return
		}
	}
}

// end lets go of everything but the inner socket.
func (c *conn) end() {
	c.once.Do(func() {
		close(c.done)
		c.faults.mu.Lock()
		delete(c.faults.conns, c)
		c.faults.mu.Unlock()
	})
}

// Abort implements [Conn].
func (c *conn) Abort() {
	c.end()
	c.inner.Abort()
}

// Close implements [Conn]. Through a half-open socket no close frame comes: it
// waits for the answer that cannot come, and aborts.
func (c *conn) Close(ctx context.Context, code int, reason string) error {
	defer c.end()
	if dead := c.isDead(); dead != nil {
		defer c.inner.Abort()
		select {
		case <-ctx.Done():
			return c.faults.fail(Failure{Op: "write", Reason: "no answer to the close frame", Err: context.Cause(ctx)})
		case <-dead.cleared:
		case <-c.done:
		}
	}
	return c.inner.Close(ctx, code, reason)
}

// isDead returns the fault that keeps the socket half-open.
func (c *conn) isDead() *Armed {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead == nil {
		return nil
	}
	select {
	case <-c.dead.cleared:
		c.dead = nil
	default:
	}
	return c.dead
}

func (c *conn) die(by *Armed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = by
}

// Read implements [Conn].
func (c *conn) Read(ctx context.Context) (Message, error) {
	for {
		if c.last != nil {
			return Message{}, c.last
		}
		dead := c.isDead()
		if dead == nil {
			c.strikeSession()
			dead = c.isDead()
		}
		if dead == nil && len(c.queue) > 0 && !time.Now().Before(c.queue[0].due) {
			first := c.queue[0]
			c.queue = c.queue[1:]
			if first.err != nil {
				return c.over(first.err)
			}
			c.established = c.admitted
			return first.message, nil
		}
		if err := c.await(ctx, dead); err != nil {
			return c.over(err)
		}
	}
}

// over ends the socket with an error that stays.
func (c *conn) over(err error) (Message, error) {
	c.last = err
	c.Abort()
	return Message{}, err
}

// await waits for a frame, a change of the faults, or the next instant that
// matters, and returns an error when the socket is gone.
func (c *conn) await(ctx context.Context, dead *Armed) error {
	in := c.in
	if dead != nil || len(c.queue) >= heldFrames {
		in = nil
	}
	var alarm <-chan time.Time
	if at := c.nextInstant(); dead == nil && !at.IsZero() {
		timer := time.NewTimer(time.Until(at))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case m, open := <-in:
		if !open {
			c.enqueue(delayedFrame{err: c.gone})
			c.in = nil
			return nil
		}
		c.arrive(m)
	case <-c.wake:
	case <-alarm:
	case <-c.done:
		return c.faults.fail(Failure{Op: "read", Close: closeAbnormal, Err: io.ErrClosedPipe})
	case <-ctx.Done():
		return c.faults.fail(Failure{Op: "read", Close: closeAbnormal, Err: context.Cause(ctx)})
	}
	return nil
}

func (c *conn) nextInstant() time.Time {
	at := c.faults.next(c.user(), c.strikesNow)
	if len(c.queue) > 0 && (at.IsZero() || c.queue[0].due.Before(at)) {
		at = c.queue[0].due
	}
	return at
}

// enqueue keeps the order: nothing overtakes what is delayed.
func (c *conn) enqueue(f delayedFrame) {
	if n := len(c.queue); n > 0 && f.due.Before(c.queue[n-1].due) {
		f.due = c.queue[n-1].due
	}
	c.queue = append(c.queue, f)
}

// strikesNow fits the faults that act on an established connection by themselves,
// those that strike without a number once a connection.
func (c *conn) strikesNow(a *Armed) bool {
	f := a.Fault()
	if !c.established || !f.InSession() || f.Strikes() == 0 && slices.Contains(c.suffered, a) {
		return false
	}
	switch f.Kind {
	case fault.Drop, fault.Close, fault.HalfOpen, fault.Error, fault.UnknownEvent, fault.HugeFrame:
		return true
	}
	return false
}

// strikeSession lets those faults act, each as often as it strikes in one go.
func (c *conn) strikeSession() {
	for range heldFrames {
		hit, _ := c.faults.Strike(c.user(), c.strikesNow)
		if hit == nil {
			return
		}
		c.suffered = append(c.suffered, hit)
		c.act(hit)
		switch hit.Fault().Kind {
		case fault.Drop, fault.Close, fault.HalfOpen:
			return // the other strokes are for other connections
		}
	}
}

// Write implements [Conn]. A half-open socket takes everything and sends nothing.
func (c *conn) Write(ctx context.Context, m Message) error {
	if c.isDead() != nil {
		return nil
	}
	frames, delay := c.alter(m, fault.Out, true, &c.heldOut)
	if err := pause.For(ctx, delay); err != nil {
		return c.faults.fail(Failure{Op: "write", Err: err})
	}
	for _, frame := range frames {
		if err := c.inner.Write(ctx, frame); err != nil {
			return err
		}
	}
	return nil
}
