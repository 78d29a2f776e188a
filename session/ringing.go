package session

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// call is the official client's Call as far as the coordinator sees it. There
// is no media: joined means that the coordinator has answered the join.
type call struct {
	cid, kind, id string
	state         timeline.CallingState
	ringing       bool // the flag: this is a ring call (protocol.md 7.2)
	watching      bool // the connection receives its events; re-watched after a reconnect
	bound         bool // follows the events of its cid: after setup
	// follows says that the ringing flag starts the ring's timers when it is set.
	// A call that was made ringing has had its start already, without settings:
	// that is why it never times out here (sdk-traces, ring_timeout_after_created).
	follows bool
	heard   bool // listens to accepted and rejected

	creator   string
	members   []string
	sessionID string
	accepted  []string
	rejected  []string
	ended     bool
	// The ring settings; zero switches the timer off.
	autoCancel, incoming, missed time.Duration

	drop    *ringTimeout
	poller  *ringPoller
	leaving turns // join and leave take turns
	answers turns // accept and reject take turns
	joining *promise
	pair    *stagePair // CoordinatorJoin, while it runs
}

// callsOf returns the calls that follow the events of a cid.
func (m *machine) callsOf(cid string) []*call {
	var found []*call
	for _, c := range m.bound {
		if c.cid == cid {
			found = append(found, c)
		}
	}
	return found
}

// findCall looks in the client's list.
func (m *machine) findCall(cid string) *call {
	for _, c := range m.calls {
		if c.cid == cid {
			return c
		}
	}
	return nil
}

func newCall(cid string) *call {
	kind, id, _ := wire.SplitCID(cid)
	return &call{cid: cid, kind: kind, id: id, state: timeline.CallingIdle}
}

func (c *call) path(suffix string) string { return "/call/" + c.kind + "/" + c.id + suffix }

// mine reports whether the connected user created the call.
func (m *machine) mine(c *call) bool { return m.connected != "" && c.creator == m.connected }

// setCall changes a call's local state and flag, and says so.
func (m *machine) setCall(c *call, to timeline.CallingState, ringing bool, why string) {
	if c.state == to && c.ringing == ringing {
		return
	}
	from := c.state
	c.state, c.ringing = to, ringing
	m.emit(0, timeline.CallChanged{CID: c.cid, From: from, To: to, Ringing: ringing, Why: why})
	if c.poller != nil && to != timeline.CallingRinging && to != timeline.CallingJoining {
		c.poller.stop()
	}
}

// initCall is the client's reaction to call.created and call.ring. Events of
// one call are handled one after another.
func (m *machine) initCall(e timeline.CallEvent) {
	queue := m.inits[e.CID]
	if queue == nil {
		queue = new(turns)
		m.inits[e.CID] = queue
	}
	if len(queue.waiting) >= maxQueued {
		m.ignore("more than " + strconv.Itoa(maxQueued) + " events of one call wait for the answers to the ones before")
		return
	}
	queue.take(func(done func()) {
		end := func(err *failure) {
			if err != nil {
				m.log(slog.LevelError, scopeClient, "Failed to init call from event "+e.Type,
					slog.String("error", err.message))
			}
			done()
			if !queue.busy {
				delete(m.inits, e.CID)
			}
		}
		if e.Type == wire.TypeCallRing {
			m.rung(e, end)
			return
		}
		m.created(e)
		end(nil)
	})
}

func (m *machine) created(e timeline.CallEvent) {
	if c := m.findCall(e.CID); c != nil {
		m.update(c, &e)
		return
	}
	if m.makeRoom(); len(m.calls) >= maxCalls {
		m.ignore(tooManyCalls)
		return
	}
	c := newCall(e.CID)
	c.members = e.Members
	m.update(c, &e)
	m.calls = append(m.calls, c)
	m.changed = true
	m.log(slog.LevelInfo, scopeClient, "New call created and registered: "+wire.Clean(c.cid))
}

// Bounds of what a server can make the session keep; the official client has none.
// maxCalls is how many calls the list keeps, maxQueued how many events of one call
// wait for their turn, maxMembers how many members a call has.
const (
	maxCalls   = 1024
	maxQueued  = 256
	maxMembers = 4096

	tooManyCalls = "the list of calls is full, and something goes on in each"
)

// ignore counts what a bound made the session leave out. The first one is told,
// and then every thousandth.
func (m *machine) ignore(why string) {
	if m.ignored%1000 == 0 {
		m.note("calls and events left out so far: " + strconv.Itoa(m.ignored+1) + "; " + why)
	}
	m.ignored++
}

// makeRoom forgets the oldest call that nothing goes on in.
func (m *machine) makeRoom() {
	if len(m.calls) < maxCalls {
		return
	}
	idle := slices.IndexFunc(m.calls, func(c *call) bool { return c.state == timeline.CallingIdle && !c.ringing })
	if idle >= 0 {
		m.bound = slices.DeleteFunc(m.bound, func(c *call) bool { return c == m.calls[idle] })
		m.calls = slices.Delete(m.calls, idle, idle+1)
	}
}

// rung is call.ring: the busy rule first (protocol.md 7.3).
func (m *machine) rung(e timeline.CallEvent, then func(*failure)) {
	c := m.findCall(e.CID)
	if m.decide(e) {
		if c == nil {
			m.log(slog.LevelInfo, scopeClient, "Rejecting call "+wire.Clean(e.CID)+" because user is busy")
			m.rejectCall(newCall(e.CID), wire.ReasonBusy, then)
			return
		}
		m.log(slog.LevelInfo, scopeClient,
			"Leaving call with busy reject reason "+wire.Clean(e.CID)+" because user is busy")
		m.leave(c, leaveOptions{message: "busy"}, func(err *failure) {
			if err != nil {
				then(err)
				return
			}
			m.rejectCall(c, wire.ReasonBusy, then)
		})
		return
	}
	if c == nil {
		if m.makeRoom(); len(m.calls) >= maxCalls {
			m.ignore(tooManyCalls)
			then(nil)
			return
		}
		c = newCall(e.CID)
		c.members = e.Members
		m.setCall(c, timeline.CallingRinging, true, e.Type)
	}
	m.updateFromRing(c, &e)
	m.getCall(c, then)
}

// decide applies the busy rule and records why: any other ring call that is not
// idle, left or failed (protocol.md 7.3).
func (m *machine) decide(e timeline.CallEvent) (busy bool) {
	var counted []string
	for _, c := range m.calls {
		if c.cid != e.CID && c.countsAsBusy() {
			counted = append(counted, c.cid)
		}
	}
	d := timeline.RingDecision{CID: e.CID, Caller: e.Creator, Counted: counted, Rule: timeline.RuleFree}
	switch {
	case !m.busyReject:
		d.Rule = timeline.RuleOff
	case len(counted) > 0:
		d.Rule, d.Busy = timeline.RuleBusy, true
	}
	if e.By != "" {
		d.Caller = e.By
	}
	m.emit(0, d)
	return d.Busy
}

// countsAsBusy is the official client's rule for one call.
func (c *call) countsAsBusy() bool {
	switch c.state {
	case timeline.CallingIdle, timeline.CallingLeft, timeline.CallingReconnectingFailed:
		return false
	}
	return c.ringing
}

// updateFromRing takes over a ring: its members are without the creator, who
// stays a member when it was one.
func (m *machine) updateFromRing(c *call, e *timeline.CallEvent) {
	m.setup(c)
	members := slices.Clone(e.Members)
	if slices.Contains(c.members, e.Creator) {
		members = append([]string{e.Creator}, members...)
	}
	c.members = members
	m.update(c, e)
	c.watching = true
	m.setRinging(c, "call.ring")
	m.calls = slices.DeleteFunc(m.calls, func(o *call) bool { return o.cid == c.cid })
	m.calls = slices.Insert(m.calls, 0, c)
}

// setup makes the call follow the events of its cid.
func (m *machine) setup(c *call) {
	if c.bound {
		return
	}
	c.bound = true
	m.bound = append(m.bound, c)
	if c.ringing {
		m.startRinging(c, "setup")
	} else {
		c.follows = true
	}
	if c.state == timeline.CallingLeft {
		m.setCall(c, timeline.CallingIdle, c.ringing, "setup")
	}
}

// setRinging sets the flag; a call that follows it starts, or starts over, its
// ring.
func (m *machine) setRinging(c *call, why string) {
	if !c.follows {
		m.setCall(c, c.state, true, why)
		return
	}
	if c.state == timeline.CallingIdle && !m.ringOver(c) {
		m.setCall(c, timeline.CallingRinging, true, why)
	}
	m.setCall(c, c.state, true, why)
	m.startRinging(c, why)
}

// ringOver reports whether a ring has been settled before it began here. The
// order of the questions is the official client's: who else rejected is asked
// only where it is not known who created.
func (m *machine) ringOver(c *call) bool {
	switch {
	case c.ended:
		return true
	case c.creator != "":
		return slices.Contains(c.rejected, c.creator)
	case m.connected != "":
		return slices.Contains(c.rejected, m.connected) || slices.Contains(c.accepted, m.connected)
	}
	return false
}

// startRinging is the official client's handleRingingCall.
func (m *machine) startRinging(c *call, why string) {
	if m.ringOver(c) {
		m.setCall(c, timeline.CallingIdle, c.ringing, "the ring is over already")
		return
	}
	if c.state == timeline.CallingIdle {
		m.setCall(c, timeline.CallingRinging, c.ringing, why)
	}
	m.scheduleDrop(c)
	m.schedulePolling(c)
	c.heard = true
}

// getCall is call.get: the state of the call from the server, after each ring.
func (m *machine) getCall(c *call, then func(*failure)) {
	m.setup(c)
	m.send(&request{method: http.MethodGet, path: c.path(""), then: func(a answer, err *failure) {
		if err == nil {
			m.loadedCall(c, a)
		}
		then(err)
	}})
}

// loadedCall takes over the answer of get, getOrCreate or join.
func (m *machine) loadedCall(c *call, a answer) {
	if a.call != nil {
		m.update(c, a.call)
		c.members = a.call.Members
	}
	if m.link != nil && m.link.connectionID != "" {
		c.watching = true
		m.register(c)
	}
}

// register puts the call into the client's list, in the place of another of the
// same cid if there is one.
func (m *machine) register(c *call) {
	m.changed = true
	for i, o := range m.calls {
		if o.cid == c.cid {
			m.calls[i] = c
			return
		}
	}
	m.calls = append(m.calls, c)
}
