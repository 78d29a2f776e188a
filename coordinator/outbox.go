package coordinator

import (
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// frame is one message to a client, or the end of the connection.
type frame struct {
	typ    string // event type, for faults that pick by type
	data   []byte
	end    *ending
	queued time.Time // when the client would have had it on a line without latency
}

// ending is how the coordinator ends a connection: with a close frame, or by
// resetting it.
type ending struct {
	code   int
	reason string
	reset  bool
}

// outbox is the queue of frames to one connection. Putting never blocks. The
// goroutine that writes exists only while there is something to write, so that
// an idle connection costs one goroutine and no buffers.
type outbox struct {
	mu       sync.Mutex
	queue    []frame
	bytes    int
	draining bool
	closed   bool // no more frames are taken
	spilled  bool // closed because too much was waiting

	held []frame // owned by the draining goroutine: frames a fault reorders
}

// put queues a frame. It reports whether the caller must start drain, and
// whether the queue is now over its limit and closed.
func (o *outbox) put(f frame, limit int) (start, overflow bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false, false
	}
	o.queue = append(o.queue, f)
	o.bytes += len(f.data)
	overflow = o.bytes > limit
	o.closed = f.end != nil || overflow
	if overflow {
		o.spilled, o.queue = true, nil
	}
	start = !o.draining && !overflow
	o.draining = o.draining || start
	return start, overflow
}

// overflowed reports whether the queue was closed because too much was waiting.
func (o *outbox) overflowed() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.spilled
}

// take returns everything that waits, or nil and the end of the drain.
func (o *outbox) take() []frame {
	o.mu.Lock()
	defer o.mu.Unlock()
	batch := o.queue
	o.queue, o.bytes = nil, 0
	o.draining = batch != nil
	return batch
}

// send queues a frame for the client. The caller holds mu, or the connection is
// not registered yet.
func (c *conn) send(f frame) {
	f.queued = time.Now()
	start, overflow := c.out.put(f, limit(c.srv.MaxQueue, defaultMaxQueue))
	switch {
	case start:
		c.srv.wg.Go(c.drain)
	case overflow:
		c.srv.note(Event{Kind: Overflowed, UserID: c.userID(), ConnectionID: c.id, Close: closeTooSlow, Reason: tooSlow})
		c.srv.wg.Go(c.giveUp)
	}
}

// How a client is left that does not read: try again later, RFC 6455's registry.
const (
	closeTooSlow = 1013
	tooSlow      = "too much is waiting for a client that does not read"
)

// giveUp leaves a client that does not read. It gets the reason if it reads
// after all within the time that the WebSocket library gives a close frame, 5 s.
func (c *conn) giveUp() {
	c.hasten.Do(func() { close(c.hurry) })
	c.sock.end(ending{code: closeTooSlow, reason: tooSlow})
	c.sock.cut()
}

// finish queues the end of the connection behind what waits already. A reset
// does not wait for a slow line.
func (c *conn) finish(e ending) {
	c.send(frame{end: &e})
	if e.reset {
		c.hasten.Do(func() { close(c.hurry) })
	}
}

// drain writes what is queued, through the stages of the armed faults.
func (c *conn) drain() {
	for batch := c.out.take(); batch != nil; batch = c.out.take() {
		for _, f := range batch {
			if c.srv.Latency > 0 {
				c.pause(time.Until(f.queued.Add(c.srv.Latency)))
			}
			if c.out.overflowed() {
				return
			}
			if !c.srv.faults.any() && len(c.out.held) == 0 {
				c.write(f)
				continue
			}
			for _, shaped := range c.srv.shape(c, f) {
				c.write(shaped)
			}
		}
	}
}

func (c *conn) write(f frame) {
	if f.end != nil {
		c.sock.end(*f.end)
		return
	}
	if raw := c.sock.raw; raw != nil {
		raw.inFrame.Store(true)
		defer raw.inFrame.Store(false)
	}
	// A failed write means that the socket is gone, which the reader finds out
	// and reports.
	c.sock.ws.Write(context.Background(), websocket.MessageText, f.data)
}

// socket is a WebSocket and the connection below it.
type socket struct {
	ws  *websocket.Conn
	raw *rawConn // nil when the listener is not ours
}

// end closes the socket as told, waiting a little for the peer's answer.
func (s *socket) end(e ending) {
	if e.reset {
		s.cut()
		return
	}
	s.ws.Close(websocket.StatusCode(e.code), e.reason)
}

// cut ends the socket at once; on TCP the peer sees a reset.
func (s *socket) cut() {
	if s.raw != nil {
		s.raw.reset()
	}
	s.ws.CloseNow()
}
