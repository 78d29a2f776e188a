package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// sockOf returns the socket that a result belongs to, or nil after a note: the
// attempt is over and its result is of no use.
func (m *machine) sockOf(attempt int, what string) *wsock {
	s := m.socks[attempt]
	if s == nil {
		m.emit(attempt, timeline.Note{Text: fmt.Sprintf("%s of attempt %d came after its end", what, attempt)})
	}
	return s
}

func (m *machine) stageSeen(in stageSeen) {
	s := m.socks[in.attempt]
	if s == nil || s.ended {
		return // a dial that was given up still tells its last stage
	}
	s.stage = in.stage.Stage
	m.emit(in.attempt, in.stage)
}

// dialed is the upgrade answered: the official client sends its auth message at
// once (protocol.md 2.1).
func (m *machine) dialed(in dialed) {
	s := m.sockOf(in.attempt, "the socket")
	if s == nil || s.phase != sockDialing {
		m.do(abortEffect{attempt: in.attempt})
		return
	}
	s.phase, s.opened = sockOpen, m.now
	if s.ignored {
		m.emit(in.attempt, timeline.Note{Text: "the socket opened after disconnect: no auth is sent (K27)"})
		return
	}
	m.authenticate(s)
}

func (m *machine) authenticate(s *wsock) {
	if m.user == nil {
		m.log(slog.LevelError, scopeCoordinator, "User not set, can't connect to WS")
		return
	}
	raw, err := m.currentToken()
	if err != nil || raw.IsZero() {
		m.logTokenMissing()
		return
	}
	// The members and their order are the official client's; what is not set is
	// left out (protocol.md 2.2).
	message := struct {
		Token    string   `json:"token"`
		Products []string `json:"products"`
		User     struct {
			ID     string         `json:"id"`
			Name   string         `json:"name,omitempty"`
			Image  string         `json:"image,omitempty"`
			Custom map[string]any `json:"custom,omitzero"`
		} `json:"user_details"`
	}{Token: raw.Reveal(), Products: []string{"video"}}
	message.User.ID, message.User.Name = m.user.ID, m.user.Name
	message.User.Image, message.User.Custom = m.user.Image, m.user.Custom
	data, encErr := json.Marshal(message)
	if encErr != nil {
		m.log(slog.LevelError, scopeCoordinator, "the user's custom data is not JSON", slog.String("error", encErr.Error()))
		return
	}
	m.stage(s.attempt, timeline.StageChanged{Stage: timeline.StageAuth, Progress: timeline.Started})
	s.authed, s.stage = true, timeline.StageAuth
	m.emit(s.attempt, timeline.TokenSent{Token: m.tokenInfo(raw)})
	m.do(wireEffect{token: raw})
	m.sendFrame(s, data)
	m.logSocket(levelTrace, "onopen() - Sending auth message "+string(timeline.Redact(data)))
	m.logSocket(slog.LevelInfo, "onopen() - onopen callback")
}

func (m *machine) sendFrame(s *wsock, data []byte) {
	event, _ := timeline.DecodeFrame(timeline.Out, "text", data, maxBodyKept)
	m.emit(s.attempt, event)
	m.do(sendEffect{attempt: s.attempt, data: data})
}

// sendByHand puts what the user wrote on the socket that is open, as it is. The
// client's own business goes on as if nothing had been sent.
func (m *machine) sendByHand(data []byte) {
	m.emit(0, timeline.UserAction{Action: "send", Detail: "a frame by hand"})
	l := m.link
	if l == nil || l.sock == nil || l.sock.phase != sockOpen || l.sock.ignored {
		m.note("the frame was not sent: no socket is open")
		return
	}
	event, _ := timeline.DecodeFrame(timeline.Out, "text", data, maxBodyKept)
	event.ByHand = true
	m.emit(l.sock.attempt, event)
	m.do(sendEffect{attempt: l.sock.attempt, data: data})
}

// received is a message of the server.
func (m *machine) received(in received) {
	s := m.sockOf(in.attempt, "a frame")
	if s == nil {
		return
	}
	f := readFrame(in.message)
	m.emit(s.attempt, f.event)
	if s.ignored {
		if s.phase != sockClosing {
			m.emit(s.attempt, timeline.Note{Text: "the frame is of a socket that nobody listens to"})
		}
		return
	}
	if f.text && !f.json {
		// An exception in the official client's message handler: the frame counts
		// for nothing, not even as life (protocol.md 2.1).
		m.log(slog.LevelError, scopeCoordinator, "a frame is not JSON", slog.String("error", f.event.Bad))
		return
	}
	m.message(s, f)
	if !f.createdAt.IsZero() { // a refusal tells the time, too: it may be what is wrong
		m.clock(f.createdAt, f.event.Type, f.createdAt.Nanosecond() == 0)
	}
}

// message is the official client's onmessage, in its order.
func (m *machine) message(s *wsock, f frame) {
	l := s.link
	if !l.errorSeen && f.event.Type == wire.TypeConnectionError {
		l.errorSeen = true
		if f.problem != nil {
			m.refusedOnSocket(s, *f.problem)
			if m.policy != timeline.PolicySteady || !s.ok {
				return
			}
		}
	}
	l.lastEvent = m.now
	if f.event.Type == wire.TypeConnectionError && s.ok && m.policy == timeline.PolicySteady {
		m.steadyDiffers("a connection.error on a live socket counts", "the first one would be dropped", "K9")
	}
	if f.event.Type == wire.TypeHealthCheck || f.event.Type == wire.TypeConnectionOK {
		m.schedulePing(l)
	}
	if f.event.Type == wire.TypeConnectionOK {
		m.connectionOK(s, f)
	}
	if f.event.Type == wire.TypeConnectionError && f.problem != nil {
		m.errorInSession(s, *f.problem)
	}
	if f.text {
		m.dispatch(s.attempt, f)
	}
	m.scheduleCheck(l)
}

// refusedOnSocket is the first connection.error of a socket: it refuses an
// attempt, and on an established socket it is dropped (K9).
func (m *machine) refusedOnSocket(s *wsock, e wire.APIError) {
	err := refused(e)
	m.logSocket(slog.LevelWarn, err.message)
	m.why = "connection.error " + codeOf(e)
	if s.ok {
		return
	}
	m.stage(s.attempt, timeline.StageChanged{
		Stage: timeline.StageAuth, Progress: timeline.Failed, Took: m.now.Sub(s.opened), Failure: new(err.fact()),
	})
	m.endLane(s.attempt, timeline.AttemptEnded{By: timeline.ByServer, Reason: m.why, Failure: new(err.fact())})
	s.link.open.settle(err)
}

func (m *machine) connectionOK(s *wsock, f frame) {
	if !s.ok {
		s.ok = true
		took := m.now.Sub(s.opened)
		m.stage(s.attempt, timeline.StageChanged{Stage: timeline.StageAuth, Progress: timeline.Passed, Took: took})
		m.stage(s.attempt, timeline.StageChanged{
			Stage: timeline.StageConnected, Progress: timeline.Passed, Detail: wire.Clean(f.connectionID),
		})
	}
	l := s.link
	m.why = "connection.ok"
	m.gaveUp = false
	l.open.settle(nil)
	m.setHealth(l, true, false)
	l.connectionID = f.connectionID
	m.meID = f.meID
}

// errorInSession is a second connection.error on a socket (K9).
func (m *machine) errorInSession(s *wsock, e wire.APIError) {
	l := s.link
	l.healthy, l.connecting = false, false
	l.failures++
	m.why = "connection.error " + codeOf(e)
	refresh := e.Code == wire.CodeTokenExpired && !m.tokens.isStatic()
	switch {
	case refresh:
		l.check.stop()
		m.logSocket(slog.LevelInfo, "connect() - WS failure due to expired token, so going to try to reload token and reconnect")
		m.reconnect(l, 0, true)
	case m.policy == timeline.PolicySteady:
		m.reconnect(l, 0, DispositionOf(e.Code) == Refresh)
	}
}

// dialFailed is a refused or failed upgrade: in the official client an error
// event and then a close, each with its own reconnect (K21).
func (m *machine) dialFailed(in dialFailed) {
	s := m.socks[in.attempt]
	if s == nil {
		return
	}
	delete(m.socks, in.attempt)
	wasOurs := s.ignored || s.phase != sockDialing
	s.phase = sockGone
	facts := dialFacts(in.err)
	if !s.ended {
		s.ended = true
		by := timeline.ByNetwork
		if facts.Status != 0 {
			by = timeline.ByServer
		}
		m.emit(in.attempt, timeline.AttemptEnded{By: by, Reason: facts.Reason, Failure: &facts})
	}
	if wasOurs {
		return
	}
	m.why = facts.Text
	l := s.link
	if m.policy != timeline.PolicySteady {
		l.failures++
		m.setHealth(l, false, false)
		l.connecting = false
		m.logSocket(slog.LevelInfo, "onerror() - WS connection resulted into error")
		m.reconnect(l, 0, false)
	} else {
		m.steadyDiffers("one failure, one wait", "a socket that fails to open counts three times and starts three waits", "K21")
	}
	m.socketClosed(s, closeAbnormal, "", facts)
}

// lost is the end of a socket that was open.
func (m *machine) lost(in lost) {
	s := m.socks[in.attempt]
	if s == nil {
		return
	}
	ours := s.phase == sockClosing
	s.phase = sockGone
	code, reason, facts := lostFacts(in.err)
	facts.Stage = timeline.StageAuth
	if s.ok {
		facts.Stage = timeline.StageConnected
	}
	s.tooBig = errors.Is(in.err, ErrTooBig)
	switch {
	case ours:
	case s.tooBig:
		facts.Text = ErrTooBig.Error()
		m.emit(in.attempt, timeline.Close{Dir: timeline.Out, Code: closeTooBig, Reason: facts.Text})
	default:
		m.emit(in.attempt, timeline.Close{Dir: timeline.In, Code: code, Reason: wire.Clean(reason)})
	}
	if s.onGone != nil {
		s.onGone()
		s.onGone = nil
	}
	if s.ignored {
		m.endLane(in.attempt, timeline.AttemptEnded{By: partyOf(code), Close: code, Reason: facts.Reason})
		delete(m.socks, in.attempt)
		return
	}
	m.socketClosed(s, code, reason, facts)
}

// closed is the answer to our close frame, or the end of waiting for it.
func (m *machine) closed(in closed) {
	s := m.socks[in.attempt]
	if s != nil && s.onGone != nil {
		s.onGone()
		s.onGone = nil
	}
}

// socketClosed is the official client's onclose.
func (m *machine) socketClosed(s *wsock, code int, reason string, facts timeline.Failure) {
	l := s.link
	m.logSocket(slog.LevelInfo, fmt.Sprintf("onclose() - onclose callback - %d", code))
	if code == closeNormal && m.policy != timeline.PolicySteady {
		m.closedNormally(s, reason)
		return
	}
	if code == closeNormal {
		trap, instead := "K1", "it would be ignored, and the client would believe in the socket"
		if !s.ok {
			trap, instead = "K3", "it would end the reconnecting in silence"
		}
		m.steadyDiffers("close 1000 by the server is a loss", instead, trap)
	}
	err := closeFailure(code, reason, facts)
	m.why = fmt.Sprintf("close %d", code)
	if facts.Op == "dial" {
		m.why = facts.Text
	}
	end := timeline.AttemptEnded{By: partyOf(code), Close: code, Reason: facts.Reason, Failure: new(err.fact())}
	if s.tooBig { // nobody's close code: this end refused to read on
		err.facts.Close, m.why = 0, facts.Text
		end = timeline.AttemptEnded{By: timeline.ByClient, Failure: new(err.fact())}
	}
	if !s.ok {
		m.failStage(s, err)
	}
	m.endLane(s.attempt, end)
	delete(m.socks, s.attempt)
	l.failures++
	m.setHealth(l, false, false)
	l.connecting = false
	m.logSocket(slog.LevelWarn, err.message)
	l.open.settle(err)
	m.logSocket(slog.LevelInfo, "onclose() - WS connection closed. Calling reconnect ...")
	m.reconnect(l, 0, false)
}

// closedNormally is close 1000 by the server: it refuses an attempt; on an
// established socket the official client ignores it and goes on believing (K1).
func (m *machine) closedNormally(s *wsock, reason string) {
	err := rejected(reason)
	m.logSocket(slog.LevelInfo, "onclose() - "+err.message)
	if s.ok {
		return // the lane ends when the client notices
	}
	m.why = err.message
	m.failStage(s, err)
	m.endLane(s.attempt, timeline.AttemptEnded{
		By: timeline.ByServer, Close: closeNormal, Reason: wire.Clean(reason), Failure: new(err.fact()),
	})
	delete(m.socks, s.attempt)
	s.link.open.settle(err)
}

func (m *machine) failStage(s *wsock, err *failure) {
	if s.ended || err.facts.Op == "dial" {
		return // the dialer has told it
	}
	m.stage(s.attempt, timeline.StageChanged{
		Stage: s.stage, Progress: timeline.Failed, Took: m.now.Sub(s.opened), Failure: new(err.fact()),
	})
}

// partyOf says who ended a socket with that code.
func partyOf(code int) timeline.Party {
	if code == closeAbnormal {
		return timeline.ByNetwork
	}
	return timeline.ByServer
}

// clock records how far the server's clock is from ours, when it has moved.
func (m *machine) clock(server time.Time, source string, coarse bool) {
	if clock, moved := m.skew.Measure(server, m.now, source, coarse); moved {
		m.emit(0, clock)
	}
}
