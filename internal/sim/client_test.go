package sim

import (
	"slices"
	"time"

	"streamscope/timeline"
)

// client is what the monitor remembers of one session.
type client struct {
	wishes    []bool // to connect, or to disconnect: the client takes them one after another
	gone      bool   // the last wish was to disconnect, and it has
	started   map[int]bool
	steady    bool // the policy
	asking    bool // the token source is
	poisoned  bool // its last answer was an error
	loads     []time.Time
	causes    int                  // of token loads
	refused   map[string]time.Time // when a request was last refused with code 40
	decisions map[string][]*decision
	rejects   map[string]map[string]bool // ids of busy rejects by call
	since     time.Time                  // of the last thing that can keep a request back
}

// decision is a ring that the client decided to reject as busy.
type decision struct {
	at   time.Time
	calm bool // nothing kept the reject back
}

func (c *client) acted(p timeline.UserAction, at time.Time) {
	switch p.Action {
	case "connect", "reconnect":
		c.wishes = append(c.wishes, true)
		c.gone = false
		c.causes++
	case timeline.ActionDisconnect:
		c.wishes = append(c.wishes, false)
	case "token.refresh":
		c.causes++
	}
	c.disturb(at)
}

// entered follows the wishes: being disconnected grants the first of those to
// disconnect, and what was wished before it is over.
func (c *client) entered(to timeline.ConnState) {
	if i := slices.Index(c.wishes, false); to == timeline.StateDisconnected && i >= 0 {
		c.wishes = c.wishes[i+1:]
		c.gone = !slices.Contains(c.wishes, true)
	}
}

// disturb notes that something may keep requests back from now on, and did so
// for those of the seconds before.
func (c *client) disturb(at time.Time) {
	c.since = at
	for _, all := range c.decisions {
		for _, d := range all {
			d.calm = d.calm && at.Sub(d.at) > rejectWithin
		}
	}
}

// rejectWithin is how long after a ring its busy reject has gone out when
// nothing keeps it back: another reject before it may take the 5 s of a request.
const rejectWithin = 10 * time.Second

// held reports whether requests wait for a token, or fail for the want of one:
// after a failed load all requests of the official client do (K7).
func (c *client) held() bool { return c.asking || c.poisoned && !c.steady }

// rings follows the busy rule and its rejects.
func (c *client) rings(e timeline.Event, p timeline.Payload) {
	switch p := p.(type) {
	case timeline.RingDecision:
		if p.Busy {
			c.decisions[p.CID] = append(c.decisions[p.CID], &decision{at: e.Time, calm: e.Time.Sub(c.since) > rejectWithin && !c.held()})
		}
	case timeline.HTTPRequest:
		if p.Op == timeline.OpReject && p.Reason == "busy" {
			if c.rejects[p.CID] == nil {
				c.rejects[p.CID] = make(map[string]bool)
			}
			c.rejects[p.CID][p.ID] = true
		}
	}
}

// wantRejects requires one reject for each ring that was decided to be busy:
// never more, and exactly one where nothing kept it back.
func (c *client) wantRejects(m *monitor, name string) {
	for cid, rejects := range c.rejects {
		if len(rejects) > len(c.decisions[cid]) {
			m.breaks("%s: %d busy rejects of %s for %d busy rings", name, len(rejects), cid, len(c.decisions[cid]))
		}
	}
	for cid, decisions := range c.decisions {
		loud := slices.ContainsFunc(decisions, func(d *decision) bool { return !d.calm || time.Since(d.at) < rejectWithin })
		if !loud && len(c.rejects[cid]) != len(decisions) {
			m.breaks("%s: %d busy rejects of %s for %d busy rings", name, len(c.rejects[cid]), cid, len(decisions))
		}
	}
}
