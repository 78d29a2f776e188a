package report

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// Limits of what a report collects, whatever comes in.
const (
	maxLanes  = 10_000
	maxErrors = 500
	maxTokens = 1000
)

// lane is one attempt.
type lane struct {
	timeline.AttemptStarted
	session      string
	n            int
	started      time.Time
	connected    time.Time
	ended        time.Time
	stages       [timeline.StageCount]timeline.StageChanged
	end          timeline.AttemptEnded
	closeIn      *timeline.Close
	closing      *trouble // made of closeIn
	code         int      // of the last connection.error
	token        timeline.TokenInfo
	connectionID string
	in, out      int
	bytesIn      int64
	bytesOut     int64
}

// failure is what the attempt failed with, nil if it did not.
func (l *lane) failure() *timeline.Failure {
	if l.end.Failure != nil {
		return l.end.Failure
	}
	for i := range l.stages {
		if l.stages[i].Progress == timeline.Failed && l.stages[i].Failure != nil {
			return l.stages[i].Failure
		}
	}
	return nil
}

// reached is the last stage that the attempt passed, or the one that failed.
func (l *lane) reached() string {
	word := ""
	for stage := range timeline.StageCount {
		switch l.stages[stage].Progress {
		case timeline.Passed:
			word = stage.String()
		case timeline.Failed:
			return stage.String()
		}
	}
	return word
}

// result is how the attempt went, in a word or two.
func (l *lane) result() string {
	switch {
	case l.failure() != nil && l.connected.IsZero():
		return "failed"
	case l.failure() != nil:
		return "lost"
	case !l.ended.IsZero():
		return "ended"
	case !l.connected.IsZero():
		return "connected"
	}
	return "open"
}

// trouble is something that went wrong, with how often it did.
type trouble struct {
	session string
	what    string // for people
	failure *timeline.Failure
	close   *timeline.Close
	lane    *lane // of the first time
	first   time.Time
	last    time.Time
	n       int
}

// key is the same for what counts as one error.
func (t *trouble) key() string { return t.session + "\x00" + t.what }

// tokenUse is a token with what was seen of it.
type tokenUse struct {
	timeline.TokenInfo
	session string
	source  string
	first   time.Time
	sent    int
}

type laneKey struct {
	session string
	n       int
}

// facts are what one pass over the events has collected.
type facts struct {
	opts        Options
	first, last time.Time
	events      int
	lanes       []*lane
	moreLanes   int
	byKey       map[laneKey]*lane
	troubles    []*trouble
	troubleOf   map[string]*trouble
	moreErrors  int
	tokens      []*tokenUse
	frames      []timeline.Event // the last ones, a ring
	nextFrame   int
	warnings    map[string]int
	actions     []timeline.Event
	faults      []timeline.Event
	marks       []timeline.Event
}

// maxNotes is how many actions, faults and marks are listed.
const maxNotes = 100

func gather(events iter.Seq[timeline.Event], o Options) *facts {
	f := &facts{opts: o, byKey: map[laneKey]*lane{}, troubleOf: map[string]*trouble{}, warnings: map[string]int{}}
	for e := range events {
		if o.Session == "" || e.Session == o.Session || e.Session == "" {
			f.add(e)
		}
	}
	return f
}

func (f *facts) add(e timeline.Event) {
	f.events++
	if !e.Time.IsZero() {
		if f.first.IsZero() {
			f.first = e.Time
		}
		f.last = e.Time
	}
	l := f.lane(e)
	switch p := e.Payload.(type) {
	case timeline.TokenLoaded:
		f.token(e, p.Token, p.Source)
	case timeline.TokenFailed:
		f.failed(e, l, "token source "+p.Source, &p.Failure)
	case timeline.HTTPResponse:
		f.answered(e, l, p)
	case timeline.ConnectFailed:
		f.failed(e, l, "connectUser gave up", &p.Last)
	case timeline.Warning:
		f.warnings[p.Text]++
	case timeline.UserAction, timeline.Network:
		f.actions = appendUpTo(f.actions, e)
	case timeline.FaultArmed, timeline.FaultHit, timeline.FaultScored:
		f.faults = appendUpTo(f.faults, e)
	case timeline.Mark:
		f.marks = appendUpTo(f.marks, e)
	case timeline.Dropped, timeline.Unknown, nil:
	default:
		f.onLane(e, l)
	}
}

func appendUpTo(list []timeline.Event, e timeline.Event) []timeline.Event {
	if len(list) >= maxNotes {
		return list
	}
	return append(list, e)
}

// onLane takes what belongs to an attempt.
func (f *facts) onLane(e timeline.Event, l *lane) {
	if l == nil {
		if frame, ok := e.Payload.(timeline.Frame); ok {
			f.frame(e, frame)
		}
		return
	}
	switch p := e.Payload.(type) {
	case timeline.AttemptStarted:
		l.AttemptStarted, l.started = p, e.Time
	case timeline.StageChanged:
		if p.Stage >= 0 && p.Stage < timeline.StageCount {
			l.stages[p.Stage] = p
			if p.Stage == timeline.StageConnected && p.Progress == timeline.Passed {
				l.connected = e.Time
			}
		}
	case timeline.AttemptEnded:
		l.end, l.ended = p, e.Time
		if p.Failure != nil {
			f.failed(e, l, "attempt", p.Failure)
			f.sameClose(l)
		}
	case timeline.TokenSent:
		l.token = p.Token
		f.token(e, p.Token, "").sent++
	case timeline.Close:
		f.closed(e, l, p)
	case timeline.Frame:
		f.frame(e, p)
		f.frameOnLane(e, l, p)
	}
}

func (f *facts) frameOnLane(e timeline.Event, l *lane, p timeline.Frame) {
	if p.Dir == timeline.Out {
		l.out++
		l.bytesOut += int64(p.Size)
		return
	}
	l.in++
	l.bytesIn += int64(p.Size)
	switch {
	case p.Type == wire.TypeConnectionOK:
		l.connectionID = p.ConnectionID
		if l.connected.IsZero() {
			l.connected = e.Time
		}
	case p.Type == wire.TypeConnectionError:
		l.code = p.Code
	case p.Bad != "":
		f.trouble(e, l, "frame: "+p.Bad)
	}
}

func (f *facts) closed(e timeline.Event, l *lane, p timeline.Close) {
	if p.Dir != timeline.In {
		return
	}
	if l.closeIn == nil {
		l.closeIn = &p
	}
	// A clean close is an error only if the client takes no notice (K1).
	if l.failure() == nil {
		l.closing = f.trouble(e, l, timeline.Describe(e).Text)
		l.closing.close = &p
	}
}

// sameClose takes back the error of a close when the attempt has ended with it: it
// is one error, and the end says more.
func (f *facts) sameClose(l *lane) {
	if l.closing == nil || l.closing.close.Code != l.end.Failure.Close {
		return
	}
	if l.closing.n--; l.closing.n == 0 {
		f.troubles = slices.DeleteFunc(f.troubles, func(t *trouble) bool { return t == l.closing })
		delete(f.troubleOf, l.closing.key())
	}
	l.closing = nil
}

// lane returns the attempt that an event belongs to; nil if there is none.
func (f *facts) lane(e timeline.Event) *lane {
	if e.Attempt == 0 {
		return nil
	}
	key := laneKey{e.Session, e.Attempt}
	if l, ok := f.byKey[key]; ok {
		return l
	}
	if len(f.lanes) >= maxLanes {
		f.moreLanes++
		return nil
	}
	l := &lane{session: e.Session, n: e.Attempt, started: e.Time}
	f.byKey[key] = l
	f.lanes = append(f.lanes, l)
	return l
}

// failed takes a failure; the same one again only counts.
func (f *facts) failed(e timeline.Event, l *lane, where string, failure *timeline.Failure) {
	f.trouble(e, l, where+": "+failureText(*failure)).failure = failure
}

// answered takes an answer that is an error.
func (f *facts) answered(e timeline.Event, l *lane, p timeline.HTTPResponse) {
	switch {
	case p.Failure != nil:
		f.failed(e, l, p.Method+" "+p.Path, p.Failure)
	case p.Status >= 400:
		f.trouble(e, l, timeline.Describe(e).Text).failure = &timeline.Failure{Op: "http", Status: p.Status, Code: p.Code}
	}
}

func (f *facts) trouble(e timeline.Event, l *lane, what string) *trouble {
	t := &trouble{session: e.Session, what: clean(what), lane: l, first: e.Time, last: e.Time, n: 1}
	if t, ok := f.troubleOf[t.key()]; ok {
		t.n++
		t.last = e.Time
		return t
	}
	if len(f.troubles) >= maxErrors {
		f.moreErrors++
		return t
	}
	f.troubleOf[t.key()] = t
	f.troubles = append(f.troubles, t)
	return t
}

func (f *facts) token(e timeline.Event, info timeline.TokenInfo, source string) *tokenUse {
	i := slices.IndexFunc(f.tokens, func(t *tokenUse) bool { return t.session == e.Session && t.Fingerprint == info.Fingerprint })
	if i < 0 {
		t := &tokenUse{TokenInfo: info, session: e.Session, first: e.Time}
		if len(f.tokens) < maxTokens {
			f.tokens = append(f.tokens, t)
		}
		t.source = source
		return t
	}
	f.tokens[i].source = cmp.Or(f.tokens[i].source, source)
	return f.tokens[i]
}

// frame keeps the last frames that say something.
func (f *facts) frame(e timeline.Event, p timeline.Frame) {
	if p.Type == wire.TypeHealthCheck && p.Bad == "" || f.opts.Frames < 0 {
		return
	}
	if len(f.frames) < f.opts.Frames {
		f.frames = append(f.frames, e)
		return
	}
	f.frames[f.nextFrame] = e
	f.nextFrame = (f.nextFrame + 1) % len(f.frames)
}

// lastFrames returns them in their order.
func (f *facts) lastFrames() []timeline.Event {
	return append(slices.Clone(f.frames[f.nextFrame:]), f.frames[:f.nextFrame]...)
}
