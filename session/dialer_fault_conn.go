package session

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

// faultConn is a socket with faults on the way. A goroutine pumps the frames of
// the inner socket; it ends when that socket does, which Abort, Close and a
// failed Read see to.
type faultConn struct {
	inner  Conn
	faults *Faults
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
	suffered    []*armedFault

	// owned by the writer
	heldOut *Message

	// guarded by mu
	mu   sync.Mutex
	dead *armedFault // half-open by this fault; nil for alive
}

// delayedFrame is a frame on its way, or the end of the socket.
type delayedFrame struct {
	message Message
	err     error
	due     time.Time
}

var _ Conn = (*faultConn)(nil)

func (s *Faults) wrap(inner Conn) *faultConn {
	c := &faultConn{
		inner: inner, faults: s,
		wake: make(chan struct{}, 1), in: make(chan Message, pumped), done: make(chan struct{}),
	}
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	go c.pump()
	return c
}

func (c *faultConn) pump() {
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
			c.gone = &Error{Op: "read", Close: closeAbnormal, Err: io.ErrClosedPipe}
			return
		}
	}
}

// end lets go of everything but the inner socket.
func (c *faultConn) end() {
	c.once.Do(func() {
		close(c.done)
		c.faults.mu.Lock()
		delete(c.faults.conns, c)
		c.faults.mu.Unlock()
	})
}

// Abort implements [Conn].
func (c *faultConn) Abort() {
	c.end()
	c.inner.Abort()
}

// Close implements [Conn]. Through a half-open socket no close frame comes: it
// waits for the answer that cannot come, and aborts.
func (c *faultConn) Close(ctx context.Context, code int, reason string) error {
	defer c.end()
	if dead := c.isDead(); dead != nil {
		defer c.inner.Abort()
		select {
		case <-ctx.Done():
			return &Error{Op: "write", Reason: "no answer to the close frame", Err: context.Cause(ctx)}
		case <-dead.cleared:
		case <-c.done:
		}
	}
	return c.inner.Close(ctx, code, reason)
}

// isDead returns the fault that keeps the socket half-open.
func (c *faultConn) isDead() *armedFault {
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

func (c *faultConn) die(by *armedFault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = by
}

// Read implements [Conn].
func (c *faultConn) Read(ctx context.Context) (Message, error) {
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
func (c *faultConn) over(err error) (Message, error) {
	c.last = err
	c.Abort()
	return Message{}, err
}

// await waits for a frame, a change of the faults, or the next instant that
// matters, and returns an error when the socket is gone.
func (c *faultConn) await(ctx context.Context, dead *armedFault) error {
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
		return &Error{Op: "read", Close: closeAbnormal, Err: io.ErrClosedPipe}
	case <-ctx.Done():
		return &Error{Op: "read", Close: closeAbnormal, Err: context.Cause(ctx)}
	}
	return nil
}

func (c *faultConn) nextInstant() time.Time {
	at := c.faults.next(c.strikesNow)
	if len(c.queue) > 0 && (at.IsZero() || c.queue[0].due.Before(at)) {
		at = c.queue[0].due
	}
	return at
}

// enqueue keeps the order: nothing overtakes what is delayed.
func (c *faultConn) enqueue(f delayedFrame) {
	if n := len(c.queue); n > 0 && f.due.Before(c.queue[n-1].due) {
		f.due = c.queue[n-1].due
	}
	c.queue = append(c.queue, f)
}

// strikesNow fits the faults that act on an established connection by themselves,
// those that strike without a number once a connection.
func (c *faultConn) strikesNow(a *armedFault) bool {
	f := a.gate.Fault
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
func (c *faultConn) strikeSession() {
	for range heldFrames {
		hit, _ := c.faults.strike(c.strikesNow)
		if hit == nil {
			return
		}
		c.suffered = append(c.suffered, hit)
		c.act(hit)
		switch hit.gate.Fault.Kind {
		case fault.Drop, fault.Close, fault.HalfOpen:
			return // the other strokes are for other connections
		}
	}
}

// Write implements [Conn]. A half-open socket takes everything and sends nothing.
func (c *faultConn) Write(ctx context.Context, m Message) error {
	if c.isDead() != nil {
		return nil
	}
	frames, delay := c.alter(m, fault.Out, true, &c.heldOut)
	if err := pause.For(ctx, delay); err != nil {
		return &Error{Op: "write", Err: err}
	}
	for _, frame := range frames {
		if err := c.inner.Write(ctx, frame); err != nil {
			return err
		}
	}
	return nil
}
