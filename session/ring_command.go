package session

import (
	"net/http"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// callCommand is what the user does to a call.
func (m *machine) callCommand(in callCmd) {
	in.cid = wire.Clean(in.cid) // as in the events of the server: it goes to every screen
	m.emit(0, timeline.UserAction{Action: string(in.verb), Detail: in.cid})
	done := func(err *failure) {
		if err != nil {
			m.note(string(in.verb) + " " + wire.Clean(in.cid) + ": " + err.message)
		}
		m.reply(in.reply, err)
	}
	if in.verb == verbRing {
		m.ringOut(in.ring, done)
		return
	}
	c := m.findCall(in.cid)
	if c == nil {
		if _, _, ok := wire.SplitCID(in.cid); !ok {
			done(plain("http", "a call is named type:id"))
			return
		}
		c = newCall(in.cid)
	}
	switch in.verb {
	case verbGet:
		m.getCall(c, done)
	case verbAccept:
		m.acceptCall(c, done)
	case verbJoin:
		m.join(c, "", done)
	case verbReject:
		m.rejectByUser(c, in.reason, done)
	case verbLeave:
		m.leave(c, leaveOptions{message: "user is leaving the call"}, done)
	case verbEnd:
		m.send(&request{method: http.MethodPost, path: c.path("/mark_ended"),
			then: func(_ answer, err *failure) { done(err) }})
	}
}

// rejectByUser leaves a ringing call with a reason; a call that does not ring
// here is rejected on the server all the same.
func (m *machine) rejectByUser(c *call, reason string, done func(*failure)) {
	if c.state != timeline.CallingRinging {
		if reason == "" {
			reason = wire.ReasonDecline
		}
		m.rejectCall(c, reason, done)
		return
	}
	m.leave(c, leaveOptions{reject: rejectAlways, reason: reason, message: "rejected by the user"}, done)
}

// ringOut is getOrCreate with ring: true.
func (m *machine) ringOut(o RingOptions, done func(*failure)) {
	if o.Type == "" {
		o.Type = "default"
	}
	if o.ID == "" {
		o.ID = m.cfg.NewID()
	}
	c := newCall(o.Type + ":" + o.ID)
	if known := m.findCall(c.cid); known != nil {
		c = known
	}
	m.setup(c)
	m.send(&request{method: http.MethodPost, path: c.path(""), body: ringData(o, m.connected),
		then: func(a answer, err *failure) {
			if err != nil {
				done(err)
				return
			}
			if a.call != nil {
				m.update(c, a.call)
				c.members = a.call.Members
			}
			m.setRinging(c, "ringing out")
			if m.link != nil && m.link.connectionID != "" {
				c.watching = true
				m.register(c)
			}
			done(nil)
		}})
}
