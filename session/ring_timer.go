package session

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// ringTimeout drops a call that rings too long: the caller cancels after
// auto_cancel_timeout_ms, a callee after incoming_call_timeout_ms
// (protocol.md 7.1). Its deadline survives a pause.
type ringTimeout struct {
	timer    *timer
	deadline time.Time
}

func (r *ringTimeout) pause() {
	if r != nil {
		r.timer.stop()
		r.timer = nil
	}
}

// scheduleDrop starts the timeout anew.
func (m *machine) scheduleDrop(c *call) {
	m.cancelDrop(c)
	c.drop = &ringTimeout{}
	m.startDrop(c)
}

// startDrop arms the timeout, with what is left of it when it was paused.
func (m *machine) startDrop(c *call) {
	r := c.drop
	if r == nil || r.timer.pending() || c.state != timeline.CallingRinging {
		return
	}
	mine := m.mine(c)
	limit := c.incoming
	if mine {
		limit = c.autoCancel
	}
	if limit <= 0 {
		return
	}
	if r.deadline.IsZero() {
		r.deadline = m.now.Add(limit)
	}
	r.timer = m.timers.set(later(r.deadline, m.now), "ring timeout", func() {
		r.timer, r.deadline = nil, time.Time{}
		if c.drop != r || c.state != timeline.CallingRinging {
			return
		}
		why := "ringing timeout - user didn't interact with incoming call screen"
		if mine {
			why = "ringing timeout - no one accepted"
		}
		m.leave(c, leaveOptions{reject: rejectAlways, reason: wire.ReasonTimeout, message: why}, func(err *failure) {
			if err != nil {
				m.log(slog.LevelError, scopeRingTimeout, "Failed to drop the call", slog.String("error", err.message))
			}
		})
	})
}

func (m *machine) cancelDrop(c *call) {
	c.drop.pause()
	c.drop = nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ringPoller asks the server about a ring of ours when its events have been
// silent: they are delivered once or never (protocol.md 5.2).
type ringPoller struct {
	machine  *machine
	call     *call
	session  string // captured at the start: ending a call clears it
	deadline time.Time
	idle     *timer // the quiet period
	tick     *timer // the next poll
	polling  bool   // past the quiet period when it was paused
	stopped  bool
	asking   bool
}

// schedulePolling starts the poller of a call that the user created.
func (m *machine) schedulePolling(c *call) {
	if c.poller != nil {
		c.poller.stop()
		c.poller = nil
	}
	if !m.mine(c) || m.cfg.NoRingPolling || c.state != timeline.CallingRinging {
		return
	}
	if c.sessionID == "" {
		m.log(slog.LevelWarn, scopePoller, "the call has no session")
		return
	}
	limit := c.autoCancel
	if limit == 0 {
		limit = c.missed
	}
	if limit == 0 {
		limit = pollLimit
	}
	c.poller = &ringPoller{machine: m, call: c, session: c.sessionID, deadline: m.now.Add(limit)}
	c.poller.rest()
}

// rest starts the quiet period over: an event has shown that the socket works.
func (p *ringPoller) rest() {
	if p.stopped {
		return
	}
	p.idle.stop()
	p.tick.stop()
	p.idle = p.machine.after(pollAfter, "ring poll", p.poll)
}

// poll asks now, and every five seconds from now on.
func (p *ringPoller) poll() {
	if p.stopped {
		return
	}
	p.tick = p.machine.after(pollEvery, "ring poll", p.poll)
	p.ask()
}

func (p *ringPoller) pause() {
	if p == nil || p.stopped {
		return
	}
	p.polling = p.tick.pending()
	p.idle.stop()
	p.tick.stop()
}

func (p *ringPoller) resume() {
	switch {
	case p == nil || p.stopped || p.idle.pending() || p.tick.pending():
	case p.polling:
		p.poll()
	default:
		p.rest()
	}
}

func (p *ringPoller) stop() {
	p.stopped = true
	p.idle.stop()
	p.tick.stop()
}

func (p *ringPoller) ask() {
	m, c := p.machine, p.call
	if p.asking {
		return
	}
	over := c.state != timeline.CallingRinging && c.state != timeline.CallingJoining
	if over || !m.now.Before(p.deadline) {
		p.stop()
		return
	}
	if c.state != timeline.CallingRinging {
		return // mid-join
	}
	p.asking = true
	m.send(&request{method: http.MethodGet, path: c.path("/ring_state"),
		params: []param{{"call_session_id", p.session}},
		then:   p.answered})
}

func (p *ringPoller) answered(a answer, err *failure) {
	m, c := p.machine, p.call
	if err != nil {
		p.asking = false
		if err.http == http.StatusBadRequest || err.http == http.StatusNotFound {
			m.log(slog.LevelWarn, scopePoller, "Stopped polling the ring state", slog.String("error", err.message))
			p.stop()
			return
		}
		m.log(slog.LevelDebug, scopePoller, "Failed to poll the ring state", slog.String("error", err.message))
		return
	}
	if p.stopped {
		p.asking = false
		return
	}
	state, decodeErr := wire.Decode[wire.RingState](a.body)
	if decodeErr != nil {
		m.note(fmt.Sprintf("the ring state of %s is not readable", wire.Clean(c.cid)))
	}
	if c.sessionID == state.SessionID {
		c.accepted = slices.Sorted(maps.Keys(state.AcceptedBy))
		c.rejected = slices.Sorted(maps.Keys(state.RejectedBy))
		c.ended = c.ended || !state.SessionEndedAt.IsZero()
		m.settleOwn(c)
	}
	c.ended = c.ended || !state.CallEndedAt.IsZero()
	m.reconcile(c, "ring-poll-api", func(settled bool) {
		p.asking = false
		if settled {
			p.stop()
		}
	})
}
