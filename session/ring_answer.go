package session

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// leaveOptions are those of call.leave.
type leaveOptions struct {
	reject  rejectWish
	reason  string
	message string
}

// rejectWish is the reject option of call.leave, which may be absent.
type rejectWish int

const (
	rejectMaybe  rejectWish = iota // not given: a caller who is alone cancels
	rejectAlways                   // true
	rejectNever                    // false
)

// leave ends the call here, and tells the server what is to be told
// (protocol.md 5.2). Then is called with the outcome; nil when nobody waits.
func (m *machine) leave(c *call, o leaveOptions, then func(*failure)) {
	if then == nil {
		then = func(err *failure) {
			if err != nil {
				m.log(slog.LevelError, scopeCall, "Failed to leave call "+wire.Clean(c.cid), slog.String("error", err.message))
			}
		}
	}
	if c.state == timeline.CallingLeft {
		m.later(func() { then(plain("http", "Cannot leave call that has already been left.")) })
		return
	}
	// Paused, not stopped: a leave that fails resumes them with their deadlines.
	c.drop.pause()
	c.poller.pause()
	c.leaving.take(func(done func()) {
		if c.state == timeline.CallingLeft {
			done()
			then(nil)
			return
		}
		m.tellLeave(c, o, func(err *failure) {
			if err == nil {
				m.left(c, o)
			}
			done()
			if err != nil && !c.leaving.busy && c.state == timeline.CallingRinging {
				m.startDrop(c)
				c.poller.resume()
			}
			then(err)
		})
	})
}

// tellLeave sends the reject that the leave of a ringing call means.
func (m *machine) tellLeave(c *call, o leaveOptions, then func(*failure)) {
	switch {
	case c.state != timeline.CallingRinging || o.reject == rejectNever:
		then(nil)
	case o.reject == rejectAlways:
		reason := o.reason
		if reason == "" {
			reason = wire.ReasonDecline
		}
		m.rejectCall(c, reason, then)
	case m.mine(c):
		m.rejectCall(c, wire.ReasonCancel, then)
	default:
		then(nil)
	}
}

// left is the end of the call in this client.
func (m *machine) left(c *call, o leaveOptions) {
	why := o.message
	if why == "" {
		why = o.reason
	}
	m.setCall(c, timeline.CallingLeft, false, why)
	c.bound, c.follows, c.heard = false, false, false
	m.bound = slices.DeleteFunc(m.bound, func(o *call) bool { return o == c })
	m.cancelDrop(c)
	if c.poller != nil {
		c.poller.stop()
		c.poller = nil
	}
	m.log(levelTrace, scopeState, "Unregistering call: "+wire.Clean(c.cid))
	m.calls = slices.DeleteFunc(m.calls, func(o *call) bool { return o == c })
	m.changed = true
}

// rejectCall is call.reject: POST reject with a reason.
func (m *machine) rejectCall(c *call, reason string, then func(*failure)) {
	body := marshal(wire.RejectRequest{Reason: reason})
	m.answerCall(c, "/reject", body, then)
}

// acceptCall is call.accept: POST accept without a body.
func (m *machine) acceptCall(c *call, then func(*failure)) { m.answerCall(c, "/accept", nil, then) }

func (m *machine) answerCall(c *call, suffix string, body []byte, then func(*failure)) {
	c.answers.take(func(done func()) {
		m.send(&request{method: http.MethodPost, path: c.path(suffix), body: body,
			then: func(_ answer, err *failure) {
				done()
				then(err)
			}})
	})
}

// reconcile decides what a ringing call does next (protocol.md 5.2), after an
// event or a poll. Then hears whether the ring is settled; it may be nil.
func (m *machine) reconcile(c *call, source string, then func(settled bool)) {
	if then == nil {
		then = func(bool) {}
	}
	switch {
	case c.state != timeline.CallingRinging:
		then(true)
	case m.mine(c):
		m.reconcileCaller(c, source, then)
	case c.creator != "" && slices.Contains(c.rejected, c.creator):
		m.log(slog.LevelInfo, scopeCall, "ring: the caller cancelled, leaving")
		m.leave(c, leaveOptions{message: "ring: creator rejected"}, func(err *failure) { then(err == nil) })
	default:
		then(false)
	}
}

func (m *machine) reconcileCaller(c *call, source string, then func(settled bool)) {
	others := slices.DeleteFunc(slices.Clone(c.members), func(id string) bool { return id == m.connected })
	rejectedAll := len(others) > 0
	for _, id := range others {
		rejectedAll = rejectedAll && slices.Contains(c.rejected, id)
	}
	switch {
	case c.ended:
		m.log(slog.LevelInfo, scopeCall, "ring: the call has ended, leaving")
		m.leave(c, leaveOptions{reject: rejectNever, message: "ring: call ended"}, func(err *failure) { then(err == nil) })
	case slices.ContainsFunc(c.accepted, func(id string) bool { return id != m.connected }):
		m.log(slog.LevelInfo, scopeCall, "ring: the call was accepted, joining")
		m.join(c, source, func(err *failure) {
			if err != nil {
				m.log(slog.LevelError, scopeCall, "Failed to join an accepted call", slog.String("error", err.message))
			}
			then(err == nil)
		})
	case rejectedAll:
		m.log(slog.LevelInfo, scopeCall, "ring: everyone rejected, leaving")
		m.leave(c, leaveOptions{reject: rejectAlways, reason: wire.ReasonCancel, message: "ring: everyone rejected"},
			func(err *failure) { then(err == nil) })
	default:
		then(false)
	}
}

// join is call.join without its media: up to three attempts of POST join, with
// POST accept behind the one that works when an incoming ring is answered.
func (m *machine) join(c *call, source string, then func(*failure)) {
	if c.joining.pending() {
		c.joining.then(m, then)
		return
	}
	if c.state == timeline.CallingJoined || c.state == timeline.CallingJoining {
		m.later(func() { then(plain("http", "Illegal State: call.join() shall be called only once")) })
		return
	}
	m.setup(c)
	task := m.newPromise()
	c.joining = task
	task.then(m, then)
	m.joinStarted(c, source)
	m.tryJoin(c, 0, task)
}

func (m *machine) tryJoin(c *call, attempt int, task *promise) {
	before := c.state
	m.log(levelTrace, scopeCall, fmt.Sprintf("Joining call (%d)", attempt), slog.String("cid", c.cid))
	m.setCall(c, timeline.CallingJoining, c.ringing, "join")
	m.joinAttempt(c)
	m.requestJoin(c, func(err *failure) {
		if err == nil && c.state == timeline.CallingLeft {
			task.settle(nil) // a leave has overtaken the join
			return
		}
		if err == nil {
			m.joinReported(c, nil)
			m.setCall(c, timeline.CallingJoined, c.ringing, "the coordinator answered the join; there is no media here")
			m.log(slog.LevelInfo, scopeCall, "Joined call "+wire.Clean(c.cid))
			task.settle(nil)
			return
		}
		if c.state == timeline.CallingJoining {
			m.setCall(c, before, c.ringing, "join failed")
		}
		m.log(slog.LevelWarn, scopeCall, fmt.Sprintf("Failed to join call (%d)", attempt), slog.String("cid", c.cid))
		if err.unrecoverable || attempt+1 == maxJoins || c.state == timeline.CallingLeft {
			m.joinReported(c, err)
			task.settle(err)
			return
		}
		m.after(m.draw(attempt).Drawn, "join", func() { m.tryJoin(c, attempt+1, task) })
	})
}

func (m *machine) requestJoin(c *call, then func(*failure)) {
	m.locate(0, func(location string) { m.sendJoin(c, location, then) })
}

func (m *machine) sendJoin(c *call, location string, then func(*failure)) {
	body := marshal(struct {
		Location string `json:"location"`
		E2EE     bool   `json:"e2ee"`
	}{location, false})
	m.send(&request{method: http.MethodPost, path: c.path("/join"), body: body, then: func(a answer, err *failure) {
		if err != nil {
			then(err)
			return
		}
		if a.call != nil {
			m.update(c, a.call)
			c.members = a.call.Members
		}
		finish := func(err *failure) {
			if err == nil && c.state != timeline.CallingLeft && m.link != nil && m.link.connectionID != "" {
				c.watching = true
				m.register(c)
			}
			then(err)
		}
		if c.ringing && !m.mine(c) {
			m.acceptCall(c, finish)
			return
		}
		finish(nil)
	}})
}

// joinStarted reports JoinInitiated, and that there is no device to ask for.
func (m *machine) joinStarted(c *call, source string) {
	c.pair = &stagePair{id: m.cfg.NewID(), joinID: m.cfg.NewID(), source: source}
	e := m.callReport(c, "JoinInitiated")
	e.StageID = ""
	m.sendReport(e)
	e = m.callReport(c, "MediaDevicePermission")
	e.StageID, e.CallSessionID = m.cfg.NewID(), c.sessionID
	e.Microphone, e.Camera = "NOT_INITIATED", "NOT_INITIATED"
	m.sendReport(e)
}

func (m *machine) joinAttempt(c *call) {
	if c.pair.attempts == 0 {
		c.pair.started = m.now
		e := m.callReport(c, "CoordinatorJoin")
		e.JoinReason, e.Source = "first-attempt", c.pair.source
		m.sendReport(e)
	}
	c.pair.attempts++
}

func (m *machine) joinReported(c *call, err *failure) {
	e := m.callReport(c, "CoordinatorJoin")
	e.JoinReason, e.Source, e.CallSessionID = "first-attempt", c.pair.source, c.sessionID
	m.sendReport(c.pair.completed(m, e, err))
}

func (m *machine) callReport(c *call, stage string) clientEvent {
	e := m.clientEvent(stage)
	e.CallType, e.CallID = c.kind, c.id
	e.StageID, e.JoinAttemptID = c.pair.id, c.pair.joinID
	return e
}

// ringData is the body of an outgoing ring.
func ringData(o RingOptions, me string) []byte {
	type member struct {
		UserID string `json:"user_id"`
	}
	members := []member{{me}}
	for _, id := range o.Members {
		if id != me {
			members = append(members, member{id})
		}
	}
	data := map[string]any{"members": members}
	ring := map[string]int64{}
	for name, d := range map[string]time.Duration{
		"auto_cancel_timeout_ms": o.AutoCancel, "incoming_call_timeout_ms": o.Incoming, "missed_call_timeout_ms": o.Missed,
	} {
		if d > 0 {
			ring[name] = d.Milliseconds()
		}
	}
	if len(ring) > 0 {
		data["settings_override"] = map[string]any{"ring": ring}
	}
	return marshal(map[string]any{"ring": true, "video": o.Video, "data": data})
}
