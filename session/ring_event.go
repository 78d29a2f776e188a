package session

import (
	"log/slog"
	"slices"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// callEvent is a call event reaching the client's listeners: first the calls it
// is about take their new state from it, then each reacts.
func (m *machine) callEvent(f frame) {
	e := f.call
	bound := m.callsOf(e.CID)
	for _, c := range bound {
		m.updateFromEvent(c, e)
	}
	switch e.Type {
	case wire.TypeCallCreated, wire.TypeCallRing:
		if m.effectsOn {
			m.initCall(*e)
		}
	case wire.TypeCallEnded:
		for _, c := range bound {
			if c.state != timeline.CallingIdle && c.state != timeline.CallingLeft {
				m.leave(c, leaveOptions{reject: rejectNever, message: "call.ended event received"}, nil)
			}
		}
	case wire.TypeCallAccepted, wire.TypeCallRejected, wire.TypeCallMissed:
		for _, c := range bound {
			if c.poller != nil {
				c.poller.rest()
			}
			if c.heard && e.Type != wire.TypeCallMissed {
				m.reconcile(c, "ring-ws", nil)
			}
		}
		m.busyTone(e)
	}
}

// updateFromEvent takes over what the event says about the call.
func (m *machine) updateFromEvent(c *call, e *timeline.CallEvent) {
	switch {
	case e.Type == wire.TypeCallMemberAdded:
		for _, id := range e.Members {
			if len(c.members) < maxMembers && !slices.Contains(c.members, id) {
				c.members = append(slices.Clip(c.members), id) // an event may hold it
			}
		}
	case e.Type == wire.TypeCallMemberRemoved:
		c.members = slices.DeleteFunc(slices.Clone(c.members), func(id string) bool { return slices.Contains(e.Members, id) })
	}
	if e.Creator != "" {
		m.update(c, e)
	}
}

// update takes over a call object of the server. Setting the session is what
// makes a ring call look at its own user's answer.
func (m *machine) update(c *call, e *timeline.CallEvent) {
	c.ended = e.Ended
	c.creator = e.Creator
	c.sessionID = e.SessionID
	c.accepted, c.rejected = e.Accepted, e.Rejected
	c.autoCancel, c.incoming, c.missed = e.AutoCancel, e.Incoming, e.MissedIn
	m.changed = true
	if c.bound {
		m.settleOwn(c)
	}
}

// settleOwn reacts to the own user's accept or reject, here or on another
// device (protocol.md 5.2).
func (m *machine) settleOwn(c *call) {
	if !c.ringing || m.connected == "" {
		return
	}
	accepted, rejected := slices.Contains(c.accepted, m.connected), slices.Contains(c.rejected, m.connected)
	if !accepted && !rejected {
		return
	}
	m.cancelDrop(c)
	elsewhere := accepted && c.state == timeline.CallingRinging
	if !elsewhere && !rejected || c.leaving.busy {
		return
	}
	why := "rejected by the user"
	if elsewhere {
		why = "answered elsewhere"
	}
	m.leave(c, leaveOptions{message: why}, nil)
}

// busyTone plays the caller's tone (protocol.md 7.4): once for each rejection
// as busy of a call that the user created.
func (m *machine) busyTone(e *timeline.CallEvent) {
	if e.Type != wire.TypeCallRejected || e.Reason != wire.ReasonBusy || m.connected == "" || e.Creator != m.connected {
		return
	}
	cid, by := e.CID, e.By
	m.log(slog.LevelInfo, scopeBusy, "Playing busy tone for call rejection for call cid: "+wire.Clean(cid))
	m.emit(0, timeline.BusyTone{CID: cid, By: by, On: true, For: busyToneFor})
	m.tone.stop()
	m.tone = m.after(busyToneFor, "busy tone", func() {
		m.log(slog.LevelInfo, scopeBusy, "Stopped busy tone for call rejection for call cid: "+wire.Clean(cid))
		m.emit(0, timeline.BusyTone{CID: cid, By: by})
	})
}
