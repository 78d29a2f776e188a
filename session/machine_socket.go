package session

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// link is the official client's connection object (protocol.md 4.1). Each
// openConnection makes a new one and leaves the old one to its timers; within
// one, sockets follow each other.
type link struct {
	connecting   bool   // a connection attempt runs; forced off by waits that end (K22)
	healthy      bool   // the client's belief
	disconnected bool   // disconnect was called: sleeping reconnects end when they wake
	cancelled    bool   // with the connectUser that made it: nothing follows from its failures
	failures     int    // since the last success: the input of the backoff
	connectionID string // the last one received; never cleared
	errorSeen    bool   // a connection.error has been swallowed or refused an attempt (K9)
	open         *promise
	sock         *wsock
	lastError    *failure

	lastEvent time.Time // the last frame that counts as life
	ping      *timer
	check     *timer
}

// wsock is one socket of a link. Its number is that of the attempt.
type wsock struct {
	attempt int
	link    *link
	phase   sockPhase
	// ignored sockets are no longer listened to: another has taken their place,
	// or the link was disconnected.
	ignored bool
	ended   bool // the lane has been closed
	authed  bool // the auth frame is out
	ok      bool // connection.ok came
	tooBig  bool // ended here, at a message above the read limit
	stage   timeline.Stage
	onGone  func()    // disconnect waits for the socket's end
	opened  time.Time // when the upgrade was answered
}

// sockPhase is where a socket is in its life.
type sockPhase int

const (
	// sockDialing is before the upgrade has been answered.
	sockDialing sockPhase = iota
	// sockOpen can carry frames both ways.
	sockOpen
	// sockClosing is after our close frame, or after a dial was given up; what
	// still arrives is not listened to.
	sockClosing
	// sockGone is after the end: the server's close frame or the loss of the
	// connection has been reported.
	sockGone
)

// run is one run of the official client's _connect.
type run struct {
	link    *link
	attempt int
	connID  *promise // the connection-id promise that this run must reject
	timeout time.Duration
	timer   *timer
	raced   bool // the handshake has been decided
	then    func(*failure)
}

// beginLane opens the lane of an attempt, from its token on.
func (m *machine) beginLane(why string, reconnect bool) int {
	m.lanes++
	m.emit(m.lanes, timeline.AttemptStarted{
		URL: m.cfg.socketURL(), Reconnect: reconnect, Cycle: m.cycle, Why: why,
	})
	return m.lanes
}

// takeLane returns the lane that was prepared for the next socket, or a new one.
func (m *machine) takeLane(why string, reconnect bool) int {
	if n := m.prepared; n != 0 {
		m.prepared = 0
		return n
	}
	n := m.beginLane(why, reconnect)
	m.stage(n, timeline.StageChanged{Stage: timeline.StageToken, Progress: timeline.Passed, Detail: "kept"})
	return n
}

// dropLane closes a prepared lane that will not get a socket.
func (m *machine) dropLane(end timeline.AttemptEnded) {
	if m.prepared != 0 {
		m.emit(m.prepared, end)
		m.prepared = 0
	}
}

func (m *machine) stage(attempt int, s timeline.StageChanged) {
	if attempt != 0 {
		m.emit(attempt, s)
	}
}

// endLane closes the lane of a socket, once.
func (m *machine) endLane(attempt int, end timeline.AttemptEnded) {
	if s := m.socks[attempt]; s != nil && !s.ended {
		s.ended = true
		m.emit(attempt, end)
	}
}

// connectOnce is one attempt: wait for the token, open a socket, wait for
// connection.ok. It does nothing while another attempt of the link runs.
func (m *machine) connectOnce(l *link, timeout time.Duration, reconnect bool, then func(*failure)) {
	if l.connecting {
		m.later(func() { then(nil) })
		return
	}
	l.connecting = true
	r := &run{link: l, connID: m.connID, timeout: timeout, then: then}
	m.logSocket(slog.LevelInfo, "_connect() - waiting for token")
	m.tokens.ready.then(m, func(err *failure) {
		if err == nil {
			m.openSocket(r, reconnect)
			return
		}
		if l.disconnected {
			m.runFailed(r, aborted())
			return
		}
		m.logSocket(slog.LevelInfo, "_connect() - tokenProvider failed before, so going to retry")
		if m.prepared == 0 {
			m.prepared = m.beginLane("the token source failed before", reconnect)
		}
		m.loadToken().then(m, func(err *failure) {
			if err == nil {
				m.openSocket(r, reconnect)
				return
			}
			if !l.disconnected {
				m.dropLane(timeline.AttemptEnded{By: timeline.ByClient, Failure: new(err.fact())})
			}
			m.runFailed(r, err)
		})
	})
}

// aborted is the error of an attempt that a disconnect has overtaken.
func aborted() *failure {
	return plain("dial", "WS handshake aborted: disconnect() ran while connecting")
}

func (m *machine) openSocket(r *run, reconnect bool) {
	l := r.link
	if l.disconnected {
		// The token came after disconnect. The official client would open a socket
		// all the same and close it at its connection.ok.
		m.runFailed(r, aborted())
		return
	}
	if !m.connID.pending() {
		m.connID = m.newPromise()
		r.connID = m.connID
	}
	if l.sock != nil && !l.sock.ignored && l.sock.phase != sockGone {
		// A wait that ended forced connecting off while this one was opening (K22).
		// The official client would now listen to both; one is enough here.
		m.destroy(l, timeline.ByClient, "overtaken by another attempt")
	}
	l.errorSeen = false
	l.open = m.newPromise()
	r.attempt = m.takeLane(m.why, reconnect)
	l.sock = &wsock{attempt: r.attempt, link: l, stage: timeline.StageDNS}
	m.socks[r.attempt] = l.sock
	address := m.socketAddress()
	m.logSocket(slog.LevelInfo, "_connect() - Connecting to "+address.String())
	m.do(dialEffect{attempt: r.attempt, request: DialRequest{URL: address, Header: http.Header{}}})
	r.timer = m.after(r.timeout, "handshake", func() { m.handshakeTimedOut(r) })
	l.open.then(m, func(err *failure) {
		if r.raced {
			return
		}
		r.raced = true
		r.timer.stop()
		if err != nil {
			m.runFailed(r, err)
			return
		}
		m.established(r)
	})
}

// socketAddress is the upgrade's URL: exactly three parameters, in this order
// (protocol.md 1.2).
func (m *machine) socketAddress() *url.URL {
	address, err := url.Parse(m.cfg.socketURL())
	if err != nil {
		address = &url.URL{Scheme: "ws", Host: "invalid", Path: "/connect"}
	}
	address.RawQuery = encodeParams([]param{
		{"api_key", m.cfg.APIKey},
		{"stream-auth-type", m.authType()},
		{"X-Stream-Client", m.cfg.client()},
	})
	return address
}

func (m *machine) authType() string {
	if m.anonymous {
		return "anonymous"
	}
	return "jwt"
}

func (m *machine) handshakeTimedOut(r *run) {
	if r.raced {
		return
	}
	r.raced = true
	err := &failure{
		message:   fmt.Sprintf("WS handshake timed out after %dms", r.timeout.Milliseconds()),
		transient: true, marked: true,
		facts: timeline.Failure{Op: "dial", Text: "the handshake took too long"},
	}
	if s := m.socks[r.attempt]; s != nil && !r.link.disconnected { // else it is nobody's, and may be open (K27)
		err.facts.Stage = s.stage
		if s.authed {
			err.facts.Op, err.facts.Stage = "auth", timeline.StageAuth
		}
		m.stage(r.attempt, timeline.StageChanged{
			Stage: err.facts.Stage, Progress: timeline.Failed, Took: r.timeout, Failure: new(err.fact()),
		})
		m.endLane(r.attempt, timeline.AttemptEnded{By: timeline.ByClient, Reason: err.message, Failure: new(err.fact())})
	}
	if !r.link.disconnected {
		m.why = err.message
	}
	m.runFailed(r, err)
}

// established ends a run that got its connection.ok.
func (m *machine) established(r *run) {
	l := r.link
	l.connecting = false
	if l.disconnected {
		if l.sock != nil && l.sock.phase != sockGone {
			m.destroy(l, timeline.ByClient, "disconnected while connecting")
		}
		m.runFailed(r, aborted())
		return
	}
	m.connID.settle(nil)
	m.later(func() { r.then(nil) })
}

// runFailed ends a run that did not. What it tears down is the link's newest
// socket, whether that is its own or not: so does the official client (K22).
func (m *machine) runFailed(r *run, err *failure) {
	l := r.link
	l.lastError = err
	l.connecting = false
	m.logSocket(slog.LevelInfo, "_connect() - Error - ", slog.String("error", err.message))
	r.connID.settle(err)
	l.open.settle(err)
	if l.sock != nil && l.sock.phase != sockGone {
		m.destroy(l, timeline.ByClient, err.message)
	}
	m.later(func() { r.then(err) })
}

// destroy gives the link's socket up: nothing of it is listened to any more. An
// open one gets a close frame without a code (protocol.md 2.6).
func (m *machine) destroy(l *link, by timeline.Party, why string) {
	s := l.sock
	if s == nil || s.phase == sockClosing {
		return
	}
	s.ignored = true
	switch s.phase {
	case sockDialing:
		m.do(abortEffect{attempt: s.attempt})
		s.phase = sockClosing
	case sockOpen:
		m.emit(s.attempt, timeline.Close{Dir: timeline.Out, Code: closeNoCode})
		m.do(closeEffect{attempt: s.attempt, code: closeNoCode})
		s.phase = sockClosing
	case sockGone:
		defer delete(m.socks, s.attempt)
	}
	m.endLane(s.attempt, timeline.AttemptEnded{By: by, Reason: why})
}

// disconnectLink closes the link for good, with 1000 and the official client's
// reason, and waits a second at most for the server's answer. A socket that is
// still opening is left alone: it opens later, gets no auth and is closed by
// nobody (K27).
func (m *machine) disconnectLink(by timeline.Party, then func()) {
	l := m.link
	if l == nil {
		m.later(then)
		return
	}
	m.logSocket(slog.LevelInfo, "disconnect() - Closing the websocket connection")
	s := l.sock
	l.sock = nil
	l.connecting, l.disconnected = false, true
	l.ping.stop()
	l.check.stop()
	l.healthy = false
	if s == nil || s.phase != sockOpen || s.ignored {
		m.logSocket(slog.LevelInfo, "disconnect() - ws connection doesn't exist or it is already closed.")
		m.orphan(s)
		m.later(then)
		return
	}
	m.logSocket(slog.LevelInfo, "disconnect() - "+disconnectReason)
	s.ignored, s.phase = true, sockClosing
	told := false
	done := func() {
		if !told {
			told = true
			m.logSocket(slog.LevelInfo, "disconnect() - resolving isClosedPromise")
			then()
		}
	}
	s.onGone = done
	m.after(closeWait, "close", done)
	m.emit(s.attempt, timeline.Close{Dir: timeline.Out, Code: closeNormal, Reason: disconnectReason})
	m.endLane(s.attempt, timeline.AttemptEnded{By: by, Close: closeNormal, Reason: disconnectReason})
	m.do(closeEffect{attempt: s.attempt, code: closeNormal, reason: disconnectReason})
}

// orphan is what becomes of a socket that disconnect finds not open.
func (m *machine) orphan(s *wsock) {
	if s == nil {
		return
	}
	s.ignored = true
	switch {
	case s.phase == sockGone:
		m.endLane(s.attempt, timeline.AttemptEnded{By: timeline.ByServer, Reason: "it was gone already"})
		delete(m.socks, s.attempt)
	case s.phase == sockDialing && m.policy == timeline.PolicySteady:
		s.phase = sockClosing
		m.endLane(s.attempt, timeline.AttemptEnded{By: timeline.ByUser, Reason: "disconnected while opening"})
		m.do(abortEffect{attempt: s.attempt})
	case s.phase == sockDialing:
		m.emit(s.attempt, timeline.Note{Text: "disconnected while the socket was opening: it is left to open, without auth (K27)"})
	}
}

// encodeParams is application/x-www-form-urlencoded in the given order.
func encodeParams(params []param) string {
	var out []byte
	for i, p := range params {
		if i > 0 {
			out = append(out, '&')
		}
		out = append(out, url.QueryEscape(p.name)+"="+url.QueryEscape(p.value)...)
	}
	return string(out)
}

// codeOf names an API error for a stage.
func codeOf(e wire.APIError) string { return fmt.Sprintf("%d %s", e.Code, codeName(e.Code)) }
