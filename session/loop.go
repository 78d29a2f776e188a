package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// loop owns everything that happens in a session: one goroutine, which takes an
// input, lets the machine step, publishes the status, appends the events and
// then carries out the effects. It blocks on nothing but its select. What takes
// time runs in goroutines of spawn, which give their results back as inputs.
type loop struct {
	session *Session
	cfg     Config
	machine *machine
	lines   map[int]*line // open and opening sockets by attempt

	// ctx ends what the goroutines of spawn do; it outlives the ctx of Run by the
	// close handshake.
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	quit   chan struct{} // closed when the loop takes no more inputs

	over bool
	err  error // why Run ends, other than by being told to
}

// line is one socket: the goroutine that dials and reads, and the one that
// writes.
type line struct {
	ctx     context.Context // ends with the socket
	cancel  context.CancelFunc
	conn    Conn          // nil while dialing
	out     chan []byte   // nil in it means that no more comes
	flushed chan struct{} // closed when the writer has ended
}

// maxUnsent is how many messages may wait for a slow socket; the client sends
// two a minute.
const maxUnsent = 64

// Run is the session's life. It returns when ctx has ended, after a proper
// disconnect that takes a second at most, and after every goroutine that it
// started has returned. The error is nil unless something in the session
// panicked; it then holds the stack. Run may be called once.
func (s *Session) Run(ctx context.Context) error {
	if s.running.Swap(true) {
		return errors.New("session: Run was called twice")
	}
	l := &loop{session: s, cfg: s.cfg, lines: make(map[int]*line), quit: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	defer close(s.done)
	defer l.end()
	l.run(ctx)
	return l.err
}

// end leaves nothing behind.
func (l *loop) end() {
	close(l.quit)
	l.cancel()
	for _, line := range l.lines {
		line.drop()
	}
	l.wg.Wait()
	if doer, ok := l.cfg.REST.(interface{ CloseIdleConnections() }); ok {
		doer.CloseIdleConnections()
	}
	if !l.over {
		l.cfg.Timeline.Append(timeline.Event{Session: l.cfg.Name, Payload: timeline.SessionClosed{Reason: "internal error"}})
	}
	last := l.session.Status()
	last.Over = true
	l.session.status.Store(&last)
}

func (l *loop) run(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil {
			l.err = fmt.Errorf("session: panic: %v\n%s", p, debug.Stack())
		}
	}()
	l.machine = newMachine(l.cfg)
	timer := time.NewTimer(0)
	defer timer.Stop()
	stop := ctx.Done()
	l.step(time.Now(), tick{})
	for !l.over {
		var in input
		select {
		case in = <-l.session.inbox:
		case <-timer.C:
			in = tick{}
		case <-stop:
			in, stop = stopCmd{reason: context.Cause(ctx).Error()}, nil
		}
		now := time.Now()
		l.step(now, in)
		if deadline, ok := l.machine.deadline(); ok {
			timer.Reset(max(deadline.Sub(now), 0))
		} else {
			timer.Stop()
		}
	}
}

// step is the order that the record depends on: what the session is, what
// happened, and only then what follows from it.
func (l *loop) step(now time.Time, in input) {
	if d, ok := in.(dialed); ok {
		l.opened(d)
	}
	if p, ok := in.(panicked); ok {
		l.err = fmt.Errorf("session: panic in %s: %s", p.what, p.stack)
	}
	out := l.machine.step(now, in)
	if status, changed := l.machine.status(now); changed {
		l.session.status.Store(&status)
	}
	for _, e := range out.events {
		e.Time, e.Session = now, l.cfg.Name
		l.cfg.Timeline.Append(e)
	}
	for _, e := range out.effects {
		l.carryOut(e)
	}
	switch in := in.(type) {
	case lost:
		l.forget(in.attempt)
	case dialFailed:
		l.forget(in.attempt)
	}
}

func (l *loop) carryOut(e effect) {
	switch e := e.(type) {
	case dialEffect:
		l.dial(e)
	case sendEffect:
		l.send(e)
	case closeEffect:
		l.close(e)
	case abortEffect:
		if line := l.lines[e.attempt]; line != nil {
			line.drop()
		}
	case loadEffect:
		l.load(e)
	case requestEffect:
		l.request(e)
	case replyEffect:
		e.reply()
	case reportEffect:
		if l.cfg.OnConnectError != nil {
			l.spawn("onConnectUserError", func() { l.cfg.OnConnectError(e.last, e.all) })
		}
	case logEffect:
		attrs := append([]slog.Attr{slog.String("scope", e.scope)}, e.attrs...)
		l.cfg.Logger.LogAttrs(l.ctx, e.level, e.text, attrs...)
	case wireEffect:
		raw := e.token
		l.session.onWire.Store(&raw)
	case goneEffect:
		if l.session.gone != nil {
			l.session.gone(e.userID)
		}
	case stopEffect:
		l.over = true
	default:
		panic(fmt.Sprintf("session: unknown effect %T", e))
	}
}

// spawn is the one way in which the session starts a goroutine.
func (l *loop) spawn(what string, work func()) {
	l.wg.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				l.post(panicked{what: what, stack: fmt.Sprintf("%v\n%s", p, debug.Stack())})
			}
		}()
		work()
	})
}

// post gives a result to the loop, unless the loop is gone.
func (l *loop) post(in input) {
	select {
	case l.session.inbox <- in:
	case <-l.quit:
	}
}

// dial opens a socket and reads it until it is gone, in one goroutine.
func (l *loop) dial(e dialEffect) {
	ctx, cancel := context.WithCancel(l.ctx)
	l.lines[e.attempt] = &line{
		ctx: ctx, cancel: cancel, out: make(chan []byte, maxUnsent), flushed: make(chan struct{}),
	}
	l.spawn("dial", func() {
		defer cancel()
		conn, err := l.cfg.Dialer.Dial(ctx, e.request, func(s timeline.StageChanged) {
			l.post(stageSeen{attempt: e.attempt, stage: s})
		})
		if err != nil {
			l.post(dialFailed{attempt: e.attempt, err: err})
			return
		}
		l.post(dialed{attempt: e.attempt, conn: conn})
		defer conn.Abort()
		for {
			message, err := conn.Read(ctx)
			if err != nil {
				l.post(lost{attempt: e.attempt, err: err})
				return
			}
			l.post(received{attempt: e.attempt, message: message})
		}
	})
}

// opened starts the writer of a socket that has just been opened.
func (l *loop) opened(d dialed) {
	line := l.lines[d.attempt]
	if line == nil {
		return
	}
	line.conn = d.conn
	l.spawn("write", func() {
		defer close(line.flushed)
		for {
			select {
			case data := <-line.out:
				// A failed write is told by the end of the reading.
				if data == nil || d.conn.Write(line.ctx, Message{Data: data}) != nil {
					return
				}
			case <-line.ctx.Done():
				return
			}
		}
	})
}

func (l *loop) send(e sendEffect) {
	line := l.lines[e.attempt]
	if line == nil || line.conn == nil {
		return
	}
	select {
	case line.out <- e.data:
	default:
		line.drop() // nothing has been taken for half an hour
	}
}

// close closes a socket with a close frame, after what was written before, and
// drops it when the server does not answer in time.
func (l *loop) close(e closeEffect) {
	line := l.lines[e.attempt]
	if line == nil || line.conn == nil {
		return
	}
	l.spawn("close", func() {
		ctx, done := context.WithTimeout(l.ctx, closeWait)
		defer done()
		select {
		case line.out <- nil:
		case <-ctx.Done():
		}
		select {
		case <-line.flushed:
		case <-ctx.Done():
		}
		_ = line.conn.Close(ctx, e.code, e.reason) // the socket is gone either way
		line.drop()
		l.post(closed{attempt: e.attempt})
	})
}

// forget is called when the last has been heard of a socket.
func (l *loop) forget(attempt int) {
	if line := l.lines[attempt]; line != nil {
		delete(l.lines, attempt)
		line.cancel()
	}
}

// drop ends a socket without a word; its reader then reports the loss.
func (li *line) drop() {
	li.cancel()
	if li.conn != nil {
		li.conn.Abort()
	}
}

func (l *loop) load(e loadEffect) {
	l.spawn("token", func() {
		start := time.Now()
		raw, err := e.source.Token(l.ctx)
		l.post(loaded{load: e.load, raw: token.Raw(raw), took: time.Since(start), err: err})
	})
}

func (l *loop) request(e requestEffect) {
	l.spawn("request", func() {
		ctx, cancel := context.WithTimeout(l.ctx, e.timeout)
		defer cancel()
		start := time.Now()
		resp, err := l.cfg.REST.Do(ctx, e.rest)
		l.post(responded{request: e.request, resp: resp, err: err, took: time.Since(start)})
	})
}
