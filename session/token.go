package session

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// tokens is the official client's token manager. Its habits matter: what the
// source said last, good or bad, is kept and decides what REST does next (K7).
type tokens struct {
	source      TokenSource
	refreshable bool // asking again can give another token: "provider"
	token       token.Raw
	set         bool // a user is set
	userID      string
	anonymous   bool
	ready       *promise // of the last load; nil before the first

	failures int     // loads that failed since the last that worked: policy steady
	loads    int     // numbers the calls of the source
	asking   *load   // the call that runs: sources are asked one at a time
	waiting  []*load // calls that wait for it
	last     string  // fingerprint of the token that came last
}

// load is one call of the source.
type load struct {
	n       int
	source  TokenSource
	started time.Time
	attempt int // the lane it belongs to, 0 for none
	done    *promise
	got     func(token.Raw) *failure // judges the token and takes it
	wrap    bool                     // errors are worded as a provider's
}

// isStatic is the official client's question before every refresh.
func (t *tokens) isStatic() bool { return !t.refreshable }

// resetTokens forgets the user's token, as disconnectUser does. Loads that run
// are of no interest any more.
func (m *machine) resetTokens() {
	old := m.tokens
	m.tokens = tokens{loads: old.loads, asking: old.asking, last: old.last}
	for _, l := range old.waiting {
		l.done.settle(plain("token", "the user was disconnected meanwhile"))
	}
}

// setToken gives the manager a user and a source and loads the first token.
func (m *machine) setToken(source TokenSource, user string, anonymous bool, then func(*failure)) {
	t := &m.tokens
	t.set, t.userID, t.anonymous = true, user, anonymous
	t.source, t.refreshable = source, source != nil && source.Refreshable()
	if source == nil {
		if !anonymous {
			m.later(func() { then(plain("token", "User token can not be empty")) })
			return
		}
		t.ready = m.newPromise()
		t.ready.settle(nil)
		t.ready.then(m, then)
		return
	}
	m.loadFrom(source, t.refreshable).then(m, then)
}

// loadToken is a refresh: a static token is what it was.
func (m *machine) loadToken() *promise {
	t := &m.tokens
	if t.isStatic() || t.source == nil {
		t.ready = m.newPromise()
		t.ready.settle(nil)
		return t.ready
	}
	return m.loadFrom(t.source, true)
}

// loadFrom asks the source and makes its answer the one that counts.
func (m *machine) loadFrom(source TokenSource, wrap bool) *promise {
	t := &m.tokens
	l := &load{source: source, attempt: m.prepared, done: m.newPromise(), wrap: wrap}
	l.got = func(raw token.Raw) *failure {
		if err := m.judge(raw); err != nil {
			return err
		}
		m.tokens.token = raw
		return nil
	}
	t.ready = l.done
	t.waiting = append(t.waiting, l)
	m.askNext()
	return l.done
}

func (m *machine) askNext() {
	t := &m.tokens
	if t.asking != nil || len(t.waiting) == 0 {
		return
	}
	t.loads++
	l := t.waiting[0]
	t.waiting = t.waiting[1:]
	l.n, l.started, t.asking = t.loads, m.now, l
	m.emit(l.attempt, timeline.TokenLoading{Source: l.source.Kind(), Load: l.n})
	m.stage(l.attempt, timeline.StageChanged{Stage: timeline.StageToken, Progress: timeline.Started, Detail: l.source.Kind()})
	m.do(loadEffect{load: l.n, source: l.source})
}

// judge is the official client's validation, before any network traffic.
func (m *machine) judge(raw token.Raw) *failure {
	t := &m.tokens
	if text := validateToken(raw.Reveal(), t.userID, t.anonymous); text != "" {
		return plain("token", text)
	}
	return nil
}

func (m *machine) tokenLoaded(in loaded) {
	t := &m.tokens
	l := t.asking
	if l == nil || l.n != in.load {
		m.note(fmt.Sprintf("token load %d came after it was of use", in.load))
		return
	}
	t.asking = nil
	var err *failure
	switch {
	case in.err != nil:
		err = plain("token", sourceText(in.err))
		if e, ok := errors.AsType[*Error](in.err); ok && e.Op == "token" && e.Status >= 300 {
			err.facts.Status = e.Status
		}
	case !t.set:
		err = plain("token", "the user was disconnected meanwhile")
	default:
		err = l.got(in.raw)
	}
	if err != nil {
		m.tokenFailed(l, in, err)
	} else {
		m.tokenTaken(l, in)
	}
	m.askNext()
}

// sourceText is what a token source said, without our own words around it. What
// a command wrote to its standard error, or an endpoint answered, follows.
func sourceText(err error) string {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Op != "token" || e.Err == nil {
		return wire.Clean(timeline.RedactText(err.Error()))
	}
	text := wire.Clean(timeline.RedactText(e.Err.Error()))
	if said := wire.Clean(timeline.RedactText(e.Reason)); said != "" {
		if short := cutText(said, commandShown); short != said {
			said = short + "…"
		}
		text += ", it said: " + said
	}
	return text
}

const commandShown = 200 // bytes of what a command said that are told on

func (m *machine) tokenFailed(l *load, in loaded, err *failure) {
	if l.wrap {
		err.message = "Call to tokenProvider failed with message: Error: " + err.message
	}
	failed := timeline.TokenFailed{Source: l.source.Kind(), Load: l.n, Took: in.took, Failure: err.fact()}
	if in.err == nil && !in.raw.IsZero() {
		failed.Token = new(m.tokenInfo(in.raw)) // a token that the client refuses is still one that was met
	}
	m.emit(l.attempt, failed)
	m.stage(l.attempt, timeline.StageChanged{
		Stage: timeline.StageToken, Progress: timeline.Failed, Took: in.took, Failure: new(err.fact()),
	})
	m.why = err.message
	l.done.settle(err)
	if l.attempt == 0 {
		m.steadyLoadFailed()
	}
}

func (m *machine) tokenTaken(l *load, in loaded) {
	print := in.raw.Fingerprint()
	same := print == m.tokens.last
	m.tokens.last = print
	m.emit(l.attempt, timeline.TokenLoaded{
		Source: l.source.Kind(), Load: l.n, Took: in.took, Token: m.tokenInfo(in.raw), Same: same,
	})
	m.stage(l.attempt, timeline.StageChanged{
		Stage: timeline.StageToken, Progress: timeline.Passed, Took: in.took, Detail: l.source.Kind(),
	})
	l.done.settle(nil)
	if at, ok := m.refreshAt(); ok && !at.After(m.now) {
		m.steadyLoadFailed() // it is about to expire, or has: asking at once would be a storm
		return
	}
	m.tokens.failures = 0
	m.steadyRefresh()
}

// tokenInfo is a token without its secret.
func (m *machine) tokenInfo(raw token.Raw) timeline.TokenInfo {
	return timeline.NewTokenInfo(m.met.Number(raw), raw)
}

// renewedBy is the record of a step that an app takes before its token expires.
func renewedBy(step string) timeline.UserAction {
	return timeline.UserAction{Action: timeline.ActionRenew, Detail: "by this app, before the token expires: " + step}
}

// refreshNow is the user's command, or that of an app whose token is about to
// expire.
func (m *machine) refreshNow(renewal bool) {
	action := timeline.UserAction{Action: "token.refresh"}
	if renewal {
		action = renewedBy("it asks for a new one")
	}
	m.emit(0, action)
	switch {
	case !m.tokens.set:
		m.note("there is no user to load a token for: connect first")
	case m.tokens.source == nil:
		m.note("this user has no token source")
	case m.tokens.isStatic():
		m.note("the token is static: asking again cannot give another one")
	default:
		m.loadToken()
	}
}

// replaceSource is the user's command.
func (m *machine) replaceSource(source TokenSource) {
	m.source = source
	if !m.tokens.set || source == nil {
		return
	}
	m.tokens.source, m.tokens.refreshable = source, source.Refreshable()
	m.loadFrom(source, m.tokens.refreshable)
}

// currentToken is what the official client puts into Authorization. Without a
// user it is an error, worded as in protocol.md 3.2.
func (m *machine) currentToken() (token.Raw, *failure) {
	if !m.tokens.token.IsZero() || m.tokens.set {
		return m.tokens.token, nil
	}
	return "", plain("token",
		"User token is not set. Either client.connectUser wasn't called or client.disconnect was called")
}

// logTokenMissing is what the official client says when it has nothing to send.
func (m *machine) logTokenMissing() {
	m.log(slog.LevelError, scopeCoordinator, "Token not set, can't connect authenticate")
}
