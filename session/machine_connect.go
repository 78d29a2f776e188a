package session

import (
	"fmt"
	"log/slog"
	"slices"

	"streamscope/timeline"
)

// connectCommand is connectUser of the client (protocol.md 4.3).
func (m *machine) connectCommand(in connectCmd) {
	m.emit(0, timeline.UserAction{Action: "connect", Detail: in.user.ID})
	if in.source == nil {
		in.source = m.source
	}
	if in.user.Type == timeline.Anonymous {
		in.user.ID = AnonymousID
		m.turns.take(func(done func()) { m.connectAnonymous(in, done) })
		return
	}
	m.report.begin(m, in.user.ID)
	round := m.turns.round
	m.turns.take(func(done func()) {
		if round != m.turns.round {
			m.reply(in.reply, cancelledByDisconnect())
			done()
			return
		}
		loop := &connectLoop{machine: m, in: in, done: done}
		m.gaveUp, m.disconnected = false, false
		m.loop = loop
		loop.next()
	})
}

// connectLoop is one connectUser: its attempts one after another.
type connectLoop struct {
	machine *machine
	in      connectCmd
	attempt int
	errors  []*failure
	done    func()
	link    *link // of the attempt; nil before there is one
	over    bool  // ended, or cancelled: what its attempt still brings is dropped
}

func (c *connectLoop) next() {
	m := c.machine
	m.cycle = c.attempt + 1
	m.log(levelTrace, scopeClient, fmt.Sprintf("Connecting user (%d)", c.attempt))
	m.report.attempt(m)
	connect := m.connectUser
	if c.in.user.Type == timeline.Guest {
		connect = m.connectGuest
	}
	c.link = nil
	connect(c, c.in.user, c.in.source, func(err *failure) {
		switch {
		case c.over:
		case err == nil:
			c.succeeded()
		default:
			c.failed(err)
		}
	})
}

func (c *connectLoop) succeeded() {
	m := c.machine
	c.end()
	m.report.succeeded(m)
	m.connected = m.meID
	m.effectsOn = true
	m.log(slog.LevelDebug, scopeCoordinator, "Adding listener for call.created event")
	m.log(slog.LevelDebug, scopeCoordinator, "Adding listener for call.ring event")
	m.log(slog.LevelDebug, scopeCoordinator, "Adding listener for connection.changed event")
	m.changed = true
	m.reply(c.in.reply, nil)
	c.done()
}

func (c *connectLoop) failed(err *failure) {
	m := c.machine
	m.report.failed(err)
	m.log(slog.LevelWarn, scopeClient, fmt.Sprintf("Failed to connect a user (%d)", c.attempt),
		slog.String("error", err.message))
	c.errors = append(c.errors, err)
	m.dropLane(timeline.AttemptEnded{By: timeline.ByClient, Failure: new(err.fact())})
	if c.attempt+1 >= m.cfg.MaxConnectRetries && !m.steadyKeepsTrying(err) {
		c.gaveUp(err)
		return
	}
	again := func() {
		b := m.draw(c.attempt)
		m.chains++
		b.Chain, b.Layer = m.chains, "connect"
		m.emit(0, b)
		m.connectSleep = m.after(b.Drawn, "connectUser", func() {
			m.connectSleep = nil
			if !c.over {
				c.attempt++
				c.next()
			}
		})
	}
	if m.cfg.ForgetUserOnFailure && m.policy != timeline.PolicySteady {
		again() // the user of the failed attempt stays set, and refuses the next ones (K12)
		return
	}
	m.disconnectUser(timeline.ByClient, again)
}

// end says that no connectUser runs any more.
func (c *connectLoop) end() {
	c.over = true
	m := c.machine
	m.cycle, m.initialWait, m.loop = 0, nil, nil
	m.connectSleep.stop()
}

// cancelConnect stops a connectUser that runs, and those that wait for their
// turn. The official client cannot (K14); policy steady and the end of the session
// can.
func (m *machine) cancelConnect() {
	m.turns.round++
	c := m.loop
	if c == nil {
		return
	}
	m.initialWait.stop()
	c.end()
	if c.link != nil {
		c.link.cancelled = true
	}
	m.dropLane(timeline.AttemptEnded{By: timeline.ByUser, Reason: "cancelled"})
	if m.connectTask.pending() {
		m.connectTask.settle(cancelledByDisconnect())
	}
	m.reply(c.in.reply, cancelledByDisconnect())
	c.done()
}

func cancelledByDisconnect() *failure { return plain("dial", "cancelled by disconnect") }

// gaveUp is onConnectUserError and the rejection (protocol.md 9).
func (c *connectLoop) gaveUp(err *failure) {
	m := c.machine
	c.end()
	m.gaveUp = true
	m.why = err.message
	m.report.close(m)
	failed := timeline.ConnectFailed{Last: err.fact()}
	report := reportEffect{last: err}
	for _, e := range c.errors {
		failed.All = append(failed.All, e.fact())
		report.all = append(report.all, e)
	}
	m.emit(0, failed)
	m.do(report)
	m.reply(c.in.reply, err)
	c.done()
}

// connectUser is one attempt of the client's inner layer.
func (m *machine) connectUser(loop *connectLoop, user timeline.User, source TokenSource, then func(*failure)) {
	m.steadyStartsOver()
	fail := func(text string) { m.later(func() { then(plain("token", text)) }) }
	switch {
	case user.ID == "":
		fail(`The "id" field on the user is missing`)
		return
	case m.userID == user.ID && m.connectTask != nil:
		m.connectAgain(then)
		return
	case m.userID != "":
		fail("Use client.disconnect() before trying to connect as a different user. connectUser was called twice.")
		return
	}
	m.userID, m.anonymous = user.ID, false
	if m.prepared == 0 {
		m.prepared = m.beginLane(fmt.Sprintf("connectUser, attempt %d", m.cycle), false)
	}
	m.setToken(source, user.ID, false, func(err *failure) {
		if loop.over {
			return // cancelled while the token was on its way
		}
		if err != nil {
			then(err)
			return
		}
		m.user = &user
		task := m.newPromise()
		m.connectTask = task
		m.openConnection(task)
		loop.link = m.link
		m.listening = true
		task.then(m, func(err *failure) {
			if !loop.over {
				m.afterConnect(err, then)
			}
		})
	})
}

// connectAgain is connectUser for the user that is set: it gets what the call
// before it got, which may be an old error, or an old success with nothing
// connected (K11).
func (m *machine) connectAgain(then func(*failure)) {
	text := "Consecutive calls to connectUser is detected, ideally you should only call this function once in your app."
	m.log(slog.LevelWarn, scopeCoordinator, text)
	m.emit(0, timeline.Warning{ID: timeline.WarnConsecutiveConnect, Text: text})
	if task := m.connectTask; task.settled && task.err == nil && (m.link == nil || m.link.disconnected) {
		m.emit(0, timeline.Warning{ID: "K11",
			Text: "connectUser takes the success of an earlier connection for its own: it resolves, and nothing is connected"})
	}
	m.connectTask.then(m, then)
}

// afterConnect tidies up after a failed attempt.
func (m *machine) afterConnect(err *failure, then func(*failure)) {
	switch {
	case err == nil:
		then(nil)
	case m.cfg.ForgetUserOnFailure:
		m.disconnectUser(timeline.ByClient, func() { then(err) })
	default:
		m.disconnectLink(timeline.ByClient, func() { then(err) })
	}
}

// openConnection makes a new link, unless one is connecting or works.
func (m *machine) openConnection(task *promise) {
	if l := m.link; l != nil && l.healthy && l.connectionID != "" {
		m.log(slog.LevelInfo, scopeCoordinator,
			"client:openConnection() - openConnection called twice, healthy connection already exists")
		task.settle(nil)
		return
	}
	m.connID = m.newPromise()
	m.clientID = m.userID + "--" + m.cfg.NewID()
	m.link = new(link)
	m.log(slog.LevelInfo, scopeCoordinator, "StreamClient.connect: this.wsConnection.connect()")
	m.connect(m.link, task.settle)
}

// connectAnonymous connects an anonymous user: no socket, no retries
// (protocol.md 3.4).
func (m *machine) connectAnonymous(in connectCmd, done func()) {
	m.gaveUp, m.disconnected = false, false
	m.listening = true
	m.connID = m.newPromise()
	m.anonymous = true
	m.cycle = 1
	m.setToken(in.source, in.user.ID, true, func(err *failure) {
		defer done()
		m.cycle = 0
		if err == nil {
			m.user, m.userID = &in.user, in.user.ID
			m.connID.settle(nil)
			m.changed = true
		} else {
			m.gaveUp = true
			m.emit(0, timeline.ConnectFailed{Last: err.fact(), All: []timeline.Failure{err.fact()}})
		}
		m.reply(in.reply, err)
	})
}

// disconnectCommand is disconnectUser of the client. It waits for a connectUser
// that runs (K14).
func (m *machine) disconnectCommand(in disconnectCmd) {
	m.emit(0, timeline.UserAction{Action: timeline.ActionDisconnect})
	if m.loop != nil && m.policy == timeline.PolicySteady {
		m.steadyDiffers("disconnectUser ends the connectUser that runs", "it would wait for its end", "K14")
		m.cancelConnect()
	}
	if m.turns.busy {
		m.emit(0, timeline.Warning{
			ID: timeline.WarnPendingLogout, Text: "disconnectUser waits until connectUser has ended (K14)",
		})
	}
	m.turns.take(func(done func()) {
		end := func() {
			m.reply(in.reply, nil)
			done()
		}
		if m.user == nil && m.policy != timeline.PolicySteady {
			m.nobodyToDisconnect()
			end()
			return
		}
		userID := m.userID
		m.disconnected, m.gaveUp = true, false
		m.why = "disconnected by the user"
		m.disconnectUser(timeline.ByUser, func() {
			m.do(goneEffect{userID: userID})
			m.forgetUser()
			end()
		})
	})
}

// nobodyToDisconnect is disconnectUser of a client without a user. After a
// connectUser that failed before there was one the client stays among the
// instances, and nothing takes it out again (K13).
func (m *machine) nobodyToDisconnect() {
	if !m.gaveUp {
		m.note("disconnectUser does nothing: there is no user to disconnect")
		return
	}
	m.emit(0, timeline.Warning{ID: "K13", Text: "disconnectUser does nothing: connectUser failed before there was a user, " +
		"and getOrCreateInstance goes on returning this client"})
}

// forgetUser is what the client's store does when nobody is connected any more:
// every call is left, without a word to the server (K15).
func (m *machine) forgetUser() {
	m.effectsOn = false
	for _, event := range []string{"call.created", "call.ring", "connection.changed"} {
		m.log(slog.LevelDebug, scopeCoordinator, "Removing listener for "+event+" event")
	}
	m.connected = ""
	m.changed = true
	for _, c := range slices.Clone(m.calls) {
		if c.state != timeline.CallingLeft {
			m.log(slog.LevelInfo, scopeState, "User disconnected, leaving call: "+c.cid)
			m.leave(c, leaveOptions{message: "client.disconnectUser() called"}, nil)
		}
	}
}

// disconnectUser is the inner layer's: the user goes, the socket is closed, the
// token is forgotten.
func (m *machine) disconnectUser(by timeline.Party, then func()) {
	m.log(slog.LevelInfo, scopeCoordinator, "client:disconnect() - Disconnecting the client")
	m.user, m.userID, m.anonymous = nil, "", false
	m.dropLane(timeline.AttemptEnded{By: by, Reason: "disconnected"})
	m.disconnectLink(by, func() {
		m.listening = false
		m.resetTokens()
		m.connID = nil
		then()
	})
}
