package tap

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"streamscope/internal/redact"
	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// laneKey is who a session is for: a user of an app.
type laneKey struct{ apiKey, user string }

// nobody stands before the name of a user that faults are not to take for theirs,
// and alone for one who is not known yet. No id begins with it.
const nobody = "\x00"

// unknown is the session of what nobody can be told for.
const unknown = "unknown"

// maxLanes is how many users are told apart; what comes after them is unknown's.
const maxLanes = 200

// lane is one user's session. The mutex of the Proxy guards what changes.
type lane struct {
	proxy *Proxy
	name  string
	user  string

	attempts int
	loads    int
	met      token.Met
	raw      token.Raw // that was sent last
	refused  string    // fingerprint of the token that was refused with 40
	skew     timeline.Skew
	client   string // X-Stream-Client of the last socket
	sockets  map[*socket]struct{}
}

// lane returns the session of a user, new if there is none.
func (p *Proxy) lane(apiKey string, who timeline.User) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := laneKey{apiKey, who.ID}
	if l := p.lanes[key]; l != nil {
		return l
	}
	if len(p.lanes) >= maxLanes || who.ID == "" {
		key, who = laneKey{}, timeline.User{}
		if l := p.lanes[key]; l != nil {
			return l
		}
	}
	l := &lane{proxy: p, name: wire.Clean(who.ID), user: who.ID, sockets: make(map[*socket]struct{})}
	if who.ID == "" {
		l.name, apiKey = unknown, ""
	}
	for _, other := range p.lanes {
		if other.name == l.name {
			l.name = fmt.Sprintf("%s@%s", l.name, redact.Key(wire.Clean(apiKey)))
		}
	}
	p.lanes[key] = l
	l.emit(0, timeline.SessionOpened{
		Source: timeline.SourceTap, User: who, APIKey: redact.Key(wire.Clean(apiKey)), BaseURL: p.Upstream.String(),
		Policy: timeline.PolicySDK, TokenSource: tokenSource,
	})
	return l
}

// tokenSource is the app, whatever it has for a provider.
const tokenSource = "app"

// alias makes an id another name of a lane's user: a guest connects as somebody
// else than was asked for (protocol.md 3.5).
func (p *Proxy) alias(apiKey, user string, l *lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if key := (laneKey{apiKey, user}); user != "" && p.lanes[key] == nil && len(p.lanes) < 2*maxLanes {
		p.lanes[key] = l
	}
}

// guess is the session of a socket that ended before it told its user: the one of
// the same app that has no socket, if there is only one.
func (p *Proxy) guess(apiKey, client string) *lane {
	p.mu.Lock()
	var found []*lane
	for key, l := range p.lanes {
		if key.apiKey == apiKey && l.client == client && len(l.sockets) == 0 && !slices.Contains(found, l) {
			found = append(found, l)
		}
	}
	p.mu.Unlock()
	if len(found) == 1 {
		return found[0]
	}
	return p.lane("", timeline.User{})
}

// closeLanes ends the sessions.
func (p *Proxy) closeLanes() {
	p.mu.Lock()
	defer p.mu.Unlock()
	done := map[*lane]bool{}
	for l := range maps.Values(p.lanes) {
		if !done[l] {
			done[l] = true
			l.emit(0, timeline.SessionClosed{Reason: "the tap was closed"})
		}
	}
}

func (l *lane) emit(attempt int, payload timeline.Payload) {
	l.emitAt(time.Time{}, attempt, payload)
}

func (l *lane) emitAt(at time.Time, attempt int, payload timeline.Payload) {
	l.proxy.Timeline.Append(timeline.Event{Time: at, Session: l.name, Attempt: attempt, Payload: payload})
}

// sees takes note of a token on the wire. One that was not seen before is what the
// app's token provider must have given, and its calls are counted so.
func (l *lane) sees(raw token.Raw) timeline.TokenInfo {
	p := l.proxy
	p.mu.Lock()
	number := l.met.Number(raw)
	fresh := number > l.loads
	l.loads, l.raw = max(l.loads, number), raw
	p.mu.Unlock()
	info := timeline.NewTokenInfo(number, raw)
	if fresh {
		l.emit(0, timeline.TokenLoading{Source: tokenSource, Load: number})
		l.emit(0, timeline.TokenLoaded{Source: tokenSource, Load: number, Token: info})
	}
	return info
}

// measure compares the server's clock with ours.
func (l *lane) measure(server time.Time, source string, coarse bool) {
	if server.IsZero() {
		return
	}
	l.proxy.mu.Lock()
	clock, moved := l.skew.Measure(server, time.Now(), source, coarse)
	l.proxy.mu.Unlock()
	if moved {
		l.emit(0, clock)
	}
}
