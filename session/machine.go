package session

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"streamscope/internal/redact"
	"streamscope/internal/token"
	"streamscope/timeline"
)

// machine is the official client in Go, without a network: step takes what
// happened and the time, and returns what is to be done and what to record. It
// does no I/O, starts nothing, reads no clock, and draws its jitter from the
// function it was given. Everything in it belongs to the loop.
type machine struct {
	cfg Config // immutable

	now    time.Time // of the step that runs
	out    output
	jobs   []func() // of the step that runs: what JavaScript calls microtasks
	timers timers

	// The user of the client. userID is set when a connectUser begins, user when
	// its token is there; disconnectUser clears both.
	userID    string
	user      *timeline.User
	anonymous bool
	connected string // the id that connection.ok gave; empty when nobody is
	listening bool   // to the device's network
	effectsOn bool   // calls are followed: after the first connectUser that worked

	// configured token source; a command can replace it.
	source TokenSource
	tokens tokens

	turns       turns    // connectUser and disconnectUser take turns
	connectTask *promise // of the last connectUser, kept for callers that come again
	guestTask   *promise // POST /guest in flight
	clientID    string   // in pings: one for each openConnection (protocol.md 2.5)
	connID      *promise // REST waits for it: the connection id of the attempt

	link  *link          // the newest connection object
	socks map[int]*wsock // by attempt, until the last has been heard of them
	// lanes counts attempts; prepared is one that has begun with its token and
	// has no socket yet.
	lanes, prepared int
	chains          int      // numbers the waits
	waits           []*chain // sleeping reconnects, of all links

	requests   map[int]*request
	requestNo  int
	restErrors int // consecutive failures of REST (protocol.md 4.2)
	report     reporter
	place      string  // what the hint said; asked for before the first join
	calls      []*call // as in the client's list: newest ring first
	bound      []*call // calls that follow their events
	inits      map[string]*turns
	ignored    int // events and calls that a bound left out
	tone       *timer
	refresh    *timer // before the token expires: policy steady

	meID         string       // me.id of the last connection.ok
	loop         *connectLoop // the connectUser that runs
	online       bool         // the device's network
	lucky        bool
	busyReject   bool
	policy       timeline.Policy
	cycle        int    // attempt of the running connectUser, from 1; 0 when none runs
	connectSleep *timer // between two of its attempts
	initialWait  *timer // its wait for health
	gaveUp       bool
	disconnected bool // by the user
	stopping     bool
	stopped      bool
	opened       bool
	skew         timeline.Skew

	shown   view   // what was published last
	why     string // of the last thing that changed the connection
	changed bool   // the status is to be published
	met     token.Met
}

func newMachine(cfg Config) *machine {
	return &machine{
		cfg:        cfg,
		source:     cfg.Token,
		socks:      make(map[int]*wsock),
		requests:   make(map[int]*request),
		inits:      make(map[string]*turns),
		online:     true,
		lucky:      !cfg.UnluckyWatchdog,
		busyReject: cfg.RejectWhenBusy,
		policy:     cfg.Policy,
		shown:      view{state: timeline.StateIdle},
	}
}

// step is the machine's one way forward. Timers that are due go off before the
// input: they are older.
func (m *machine) step(now time.Time, in input) output {
	m.now, m.out = now, output{}
	if !m.opened {
		m.open()
	}
	m.fireDue()
	if !m.stopped {
		m.handle(in)
		m.drain()
	}
	m.fireDue()
	m.show()
	return m.out
}

// fireDue lets every timer that is due go off, with what follows from each.
func (m *machine) fireDue() {
	for !m.stopped {
		t := m.timers.due(m.now)
		if t == nil {
			return
		}
		t.fire()
		m.drain()
	}
}

func (m *machine) drain() {
	for len(m.jobs) > 0 {
		job := m.jobs[0]
		m.jobs = m.jobs[1:]
		job()
	}
}

// later runs a job in this step, after what runs now.
func (m *machine) later(job func()) { m.jobs = append(m.jobs, job) }

// after sets a timer.
func (m *machine) after(d time.Duration, what string, fire func()) *timer {
	return m.timers.set(m.now.Add(d), what, fire)
}

// deadline returns when the machine wants its next step, if ever.
func (m *machine) deadline() (time.Time, bool) {
	if m.stopped {
		return time.Time{}, false
	}
	return m.timers.earliest()
}

func (m *machine) handle(in input) {
	switch in := in.(type) {
	case tick:
	case connectCmd:
		m.connectCommand(in)
	case disconnectCmd:
		m.disconnectCommand(in)
	case reconnectCmd:
		m.reconnectNow(in.renewal)
	case refreshCmd:
		m.refreshNow(in.renewal)
	case onlineCmd:
		m.networkChanged(in.online, in.by)
	case busyCmd:
		m.busyReject = in.reject
		m.switched(timeline.SwitchRejectWhenBusy, strconv.FormatBool(in.reject))
	case policyCmd:
		m.policy = in.policy
		m.switched(timeline.SwitchPolicy, string(in.policy))
		m.steadyRevive()
	case luckyCmd:
		m.lucky = in.lucky
		m.switched(timeline.SwitchWatchdog, strconv.FormatBool(in.lucky))
	case tokenCmd:
		m.replaceSource(in.source)
	case callCmd:
		m.callCommand(in)
	case sendCmd:
		m.sendByHand(in.data)
	case requestCmd:
		m.requestCommand(in)
	case stopCmd:
		m.stop(in.reason)
	default:
		m.result(in)
	}
}

// result handles what effects gave back.
func (m *machine) result(in input) {
	switch in := in.(type) {
	case stageSeen:
		m.stageSeen(in)
	case dialed:
		m.dialed(in)
	case dialFailed:
		m.dialFailed(in)
	case received:
		m.received(in)
	case lost:
		m.lost(in)
	case closed:
		m.closed(in)
	case loaded:
		m.tokenLoaded(in)
	case responded:
		m.responded(in)
	case panicked:
		m.note("panic in " + in.what)
		m.finish("panic in " + in.what)
	default:
		panic(fmt.Sprintf("session: unknown input %T", in))
	}
}

// open records who the session is for. It is the first event.
func (m *machine) open() {
	m.opened, m.shown.since = true, m.now
	kind, refreshable := "none", false
	if m.cfg.Token != nil {
		kind, refreshable = m.cfg.Token.Kind(), m.cfg.Token.Refreshable()
	}
	m.emit(0, timeline.SessionOpened{
		Source: m.cfg.Source, User: m.cfg.User, APIKey: redact.Key(m.cfg.APIKey), BaseURL: m.cfg.BaseURL,
		Policy: m.policy, TokenSource: kind, Refreshable: refreshable, RejectWhenBusy: m.busyReject,
		MaxConnectRetries: m.cfg.MaxConnectRetries, ConnectTimeout: m.cfg.ConnectTimeout, RenewBefore: m.cfg.RenewBefore,
	})
}

// stop ends the session: a proper disconnect without waiting for anyone's turn.
func (m *machine) stop(reason string) {
	if m.stopping {
		return
	}
	m.stopping = true
	m.why = reason
	m.turns.waiting = nil
	m.cancelConnect()
	m.disconnectLink(timeline.ByUser, func() { m.finish(reason) })
}

// finish is the last step.
func (m *machine) finish(reason string) {
	if m.stopped {
		return
	}
	m.stopped, m.stopping = true, true
	m.dropLane(timeline.AttemptEnded{By: timeline.ByUser, Reason: reason})
	for _, attempt := range slices.Sorted(maps.Keys(m.socks)) {
		m.endLane(attempt, timeline.AttemptEnded{By: timeline.ByUser, Reason: reason})
		m.do(abortEffect{attempt: attempt})
	}
	m.show()
	m.emit(0, timeline.SessionClosed{Reason: reason})
	m.do(stopEffect{})
}

// emit records an event of an attempt, or of none.
func (m *machine) emit(attempt int, p timeline.Payload) {
	m.out.events = append(m.out.events, timeline.Event{Attempt: attempt, Payload: p})
	if _, frame := p.(timeline.Frame); !frame {
		m.changed = true
	}
}

func (m *machine) note(text string) { m.emit(0, timeline.Note{Text: text}) }

func (m *machine) switched(name, value string) {
	m.emit(0, timeline.Switched{Name: name, Value: value})
}

func (m *machine) do(e effect) { m.out.effects = append(m.out.effects, e) }

// reply tells a waiting command how it ended.
func (m *machine) reply(to func(error), err *failure) {
	if to == nil {
		return
	}
	var outcome error
	if err != nil {
		outcome = &Error{Op: err.facts.Op, Stage: err.facts.Stage, Code: err.facts.Code,
			Status: err.facts.Status, Close: err.facts.Close, Reason: err.facts.Reason, Err: err}
	}
	m.do(replyEffect{reply: func() { to(outcome) }})
}

// The official client's scopes (protocol.md 8.3).
const (
	scopeClient      = "client"
	scopeCoordinator = "coordinator"
	scopeState       = "client-state"
	scopeReporter    = "ClientEventReporter"
	scopeCall        = "Call"
	scopeRingTimeout = "RingTimeout"
	scopePoller      = "RingStatePoller"
	scopeBusy        = "RejectCallWhenBusy"
)

func (m *machine) log(level slog.Level, scope, text string, attrs ...slog.Attr) {
	m.do(logEffect{level: level, scope: scope, text: text, attrs: attrs})
}

// logSocket logs as the official client's socket layer does (protocol.md 8.4).
func (m *machine) logSocket(level slog.Level, text string, attrs ...slog.Attr) {
	m.log(level, scopeCoordinator, "connection:"+text, attrs...)
}
