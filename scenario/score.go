package scenario

import (
	"cmp"
	"fmt"
	"time"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

// The scores of [timeline.FaultScored].
const (
	// ScoreSeen: the client did what it is known to do.
	ScoreSeen = "seen"
	// ScoreLate: it did, but later than it is known to.
	ScoreLate = "late"
	// ScoreMissed: it did something else.
	ScoreMissed = "missed"
)

// How long a scorer waits for a reaction, and how exact it is.
const (
	// slack is what the way from the server to us may add to a reaction.
	slack = 500 * time.Millisecond
	// patience is added to the time of a reaction before it counts as missed.
	patience = 20 * time.Second
	// calm is how long a session must stay connected to have carried on.
	calm = 5 * time.Second
	// staleness is how long the official client hears nothing before its check
	// (protocol 2.5).
	staleness = 35 * time.Second
	// stopped is how long a silent stop may take to show.
	stopped = 40 * time.Second
)

// Scorer compares what sessions do after a fault has struck with the reaction
// that the official client is known to show ([fault.Fault.Expect]). It is a
// state machine that is told events and the time; it is not safe for concurrent
// use. Each fault is scored once, at its first strike.
type Scorer struct {
	cases []*scoring
	// heard is the offset of the last frame that each session received: the
	// client's check counts from there, not from the fault.
	heard map[string]time.Duration
	// connected are the sessions that are: what happens to a token then shows at
	// the next connect or request only.
	connected map[string]bool
	// tapped are the sessions of somebody else's app, which tell no states: what it
	// is up to shows in its sockets only.
	tapped map[string]bool
}

// scoring is one fault on its way to a score.
type scoring struct {
	id, kind string
	expect   fault.Reaction
	session  string // empty until known
	token    bool   // it strikes where tokens come from
	atEnd    bool   // the end of the fault counts as its strike
	struck   bool
	at       time.Duration // offset of the strike
	due      time.Duration // offset at which silence decides
	tapped   bool          // it strikes somebody else's app
	loaded   bool          // a token was asked for since the strike
	tried    int           // the attempt that followed the strike; 0 for none
}

// Score is one fault's score with the session that it is about, empty when no
// session reacted.
type Score struct {
	timeline.FaultScored
	Session string
}

// Observe takes the next event and returns the scores that it decides.
func (s *Scorer) Observe(e timeline.Event) []Score {
	switch p := e.Payload.(type) {
	case timeline.FaultArmed:
		s.arm(p.Fault)
		return nil
	case timeline.FaultHit:
		s.strike(p.ID, false, e)
		return nil
	case timeline.FaultCleared:
		s.strike(p.ID, true, e)
		return nil
	case timeline.UserAction: // the user's own doing cannot be scored
		s.forget(e.Session)
		return nil
	case timeline.SessionOpened:
		put(&s.tapped, e.Session, p.Source == timeline.SourceTap)
	case timeline.AttemptEnded:
		if s.tapped[e.Session] && p.By == timeline.ByClient && p.Close == 1000 {
			s.forget(e.Session) // the app has disconnected its user
		}
	}
	var scores []Score
	for i := 0; i < len(s.cases); i++ {
		c := s.cases[i]
		if !c.struck || e.Offset < c.at || c.session != "" && c.session != e.Session {
			continue
		}
		c.tapped = s.tapped[cmp.Or(c.session, e.Session)]
		if score, done := c.observe(e, e.Offset-s.heard[e.Session]); done {
			scores = append(scores, Score{score, c.session})
			s.cases = append(s.cases[:i], s.cases[i+1:]...)
			i--
		}
	}
	s.follow(e)
	return scores
}

// follow remembers what the reactions to later faults depend on.
func (s *Scorer) follow(e timeline.Event) {
	switch p := e.Payload.(type) {
	case timeline.Frame:
		// What is not JSON throws before the client notes that it came.
		if p.Dir == timeline.In && p.Bad != timeline.BadJSON {
			put(&s.heard, e.Session, e.Offset)
		}
	case timeline.StateChanged:
		put(&s.connected, e.Session, p.To == timeline.StateConnected)
	}
}

func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = make(map[string]V)
	}
	(*m)[key] = v
}

// Due returns the scores that are decided by nothing having happened until now,
// an offset as in [timeline.Event].
func (s *Scorer) Due(now time.Duration) []Score {
	var scores []Score
	kept := s.cases[:0]
	for _, c := range s.cases {
		if !c.struck || now < c.due {
			kept = append(kept, c)
			continue
		}
		scores = append(scores, Score{c.silence(), c.session})
	}
	s.cases = kept
	return scores
}

// Deadline returns the offset at which [Scorer.Due] has something to say, and
// false when it never has as things stand.
func (s *Scorer) Deadline() (time.Duration, bool) {
	var (
		first time.Duration
		any   bool
	)
	for _, c := range s.cases {
		if c.struck && (!any || c.due < first) {
			first, any = c.due, true
		}
	}
	return first, any
}

func (s *Scorer) arm(f timeline.Fault) {
	parsed, err := fault.Parse(f.Spec)
	if err != nil {
		parsed = fault.Fault{Kind: fault.Kind(f.Kind)}
	}
	if expect := parsed.Expect(); expect.Outcome != "" {
		s.cases = append(s.cases, &scoring{
			id: f.ID, kind: f.Kind, expect: expect, session: parsed.User,
			token: f.Where == string(fault.TokenSource), atEnd: parsed.AnsweredAtEnd(),
		})
	}
}

// strike begins to wait for the reaction to a fault.
func (s *Scorer) strike(id string, end bool, e timeline.Event) {
	for _, c := range s.cases {
		if c.id != id || c.struck || c.atEnd != end {
			continue
		}
		c.struck, c.at = true, e.Offset
		if e.Session != "" {
			c.session = e.Session
		}
		if c.token && s.connected[c.session] {
			c.expect.Outcome = fault.CarriesOn
		}
		c.due = c.at + c.patience()
	}
}

func (s *Scorer) forget(session string) {
	kept := s.cases[:0]
	for _, c := range s.cases {
		if !c.struck || c.session != "" && c.session != session {
			kept = append(kept, c)
		}
	}
	s.cases = kept
}

// patience is how long nothing may happen before that decides.
func (c *scoring) patience() time.Duration {
	switch c.expect.Outcome {
	case fault.CarriesOn, fault.MissesEvents:
		return calm
	case fault.Unnoticed:
		return staleness + calm
	case fault.Stops:
		return stopped
	}
	return c.expect.Within + patience
}

// observe says whether an event decides the score. silence is how long the session
// had heard nothing.
func (c *scoring) observe(e timeline.Event, silence time.Duration) (timeline.FaultScored, bool) {
	if c.session == "" && e.Session != "" {
		c.session = e.Session
	}
	after := e.Offset - c.at
	switch c.expect.Outcome {
	case fault.Reconnects, fault.Retries:
		return c.onAttempt(e, after)
	case fault.Refreshes:
		return c.onRefresh(e, after)
	case fault.Unnoticed:
		return c.onNotice(e, after, silence)
	case fault.Stops:
		return c.onStop(e, after)
	case fault.CarriesOn, fault.MissesEvents:
		if c.left(e) {
			return c.score(ScoreMissed, after, "the session left connected"), true
		}
	case fault.RequestFails:
		if p, ok := e.Payload.(timeline.HTTPResponse); ok && (p.Failure != nil || p.Status >= 400) {
			return c.inTime(after, "the request failed"), true
		}
	}
	return timeline.FaultScored{}, false
}

func (c *scoring) onAttempt(e timeline.Event, after time.Duration) (timeline.FaultScored, bool) {
	if _, ok := e.Payload.(timeline.AttemptStarted); !ok {
		return timeline.FaultScored{}, false
	}
	return c.inTime(after, fmt.Sprintf("attempt %d", e.Attempt)), true
}

// onRefresh waits for the token source and for an attempt, whichever is told first.
func (c *scoring) onRefresh(e timeline.Event, after time.Duration) (timeline.FaultScored, bool) {
	switch e.Payload.(type) {
	case timeline.TokenLoading:
		c.loaded = true
	case timeline.AttemptStarted:
		c.tried = e.Attempt
	}
	if !c.loaded || c.tried == 0 {
		return timeline.FaultScored{}, false
	}
	return c.inTime(after, fmt.Sprintf("attempt %d with a new token", c.tried)), true
}

// onNotice scores a session that noticed: right when its own check of the silence
// told it, wrong when it knew before.
func (c *scoring) onNotice(e timeline.Event, after, silence time.Duration) (timeline.FaultScored, bool) {
	if _, ok := e.Payload.(timeline.AttemptStarted); !ok && !c.left(e) {
		return timeline.FaultScored{}, false
	}
	if silence < staleness-slack {
		return c.score(ScoreMissed, after, fmt.Sprintf("noticed after %.1f s of silence; the official client's check takes 35 s", silence.Seconds())), true
	}
	return c.score(ScoreSeen, after, fmt.Sprintf("noticed by the check after %.0f s of silence, as a lucky client does", silence.Seconds())), true
}

func (c *scoring) onStop(e timeline.Event, after time.Duration) (timeline.FaultScored, bool) {
	if p, ok := e.Payload.(timeline.StageChanged); ok && p.Stage == timeline.StageConnected && p.Progress == timeline.Passed {
		return c.score(ScoreMissed, after, "it connected again"), true
	}
	if _, ok := e.Payload.(timeline.AttemptStarted); ok && c.tapped {
		c.due = e.Offset + stopped // it has not stopped yet
	}
	if p, ok := e.Payload.(timeline.StateChanged); ok && (p.To == timeline.StateStalled || p.To == timeline.StateFailed) {
		return c.score(ScoreSeen, after, "it is "+string(p.To)), true
	}
	return timeline.FaultScored{}, false
}

// silence scores that nothing happened.
func (c *scoring) silence() timeline.FaultScored {
	after := c.due - c.at
	switch c.expect.Outcome {
	case fault.CarriesOn, fault.MissesEvents:
		return c.score(ScoreSeen, after, "still connected")
	case fault.Unnoticed:
		return c.score(ScoreSeen, after, "never noticed")
	case fault.Stops:
		if c.tapped {
			return c.score(ScoreSeen, after, "no attempt has followed")
		}
	}
	return c.score(ScoreMissed, after, "nothing of the kind happened")
}

func (c *scoring) inTime(after time.Duration, detail string) timeline.FaultScored {
	if c.expect.Within > 0 && after > c.expect.Within+slack {
		return c.score(ScoreLate, after, fmt.Sprintf("%s; the official client takes %s at most", detail, c.expect.Within))
	}
	return c.score(ScoreSeen, after, detail)
}

func (c *scoring) score(score string, after time.Duration, detail string) timeline.FaultScored {
	return timeline.FaultScored{
		ID: c.id, Fault: c.kind, Score: score, After: after,
		Detail: fmt.Sprintf("expected: %s; %s", c.expect.Outcome, detail),
	}
}

// left reports whether a session stopped being connected.
func (c *scoring) left(e timeline.Event) bool {
	switch p := e.Payload.(type) {
	case timeline.StateChanged:
		return p.From == timeline.StateConnected
	case timeline.AttemptEnded:
		// That the server's end is gone is what some faults are, and not a reaction.
		return c.tapped && (p.By == timeline.ByClient || c.expect.Outcome != fault.Unnoticed)
	}
	return false
}
