package tap

import (
	"cmp"
	"fmt"
	"time"

	"streamscope/internal/faultwire"
	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// settle is how long a socket may be without a user before it is shown as somebody's
// all the same. The official clients say who they are at once.
const settle = 3 * time.Second

// maxHeld is how many events wait for the user.
const maxHeld = 200

// handover is how long an old socket may outlive the connection.ok of a new one.
const handover = 3 * time.Second

// WarnDuplicate is the ID of the warnings about two live sockets of one user.
const WarnDuplicate = "duplicate-socket"

// WarnTokenAgain is the ID of the warnings about a refused token that is sent again.
const WarnTokenAgain = "token-again"

// emit publishes what happened to the socket, or keeps it until the user is known.
func (s *socket) emit(payload timeline.Payload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return // what the other direction still had in hand
	case s.lane != nil:
		s.lane.emit(s.attempt, payload)
		return
	case len(s.held) >= maxHeld:
		s.adoptLocked(s.proxy.guess(s.apiKey, s.client))
		s.lane.emit(s.attempt, payload)
		return
	case len(s.held) == 0:
		s.timer = time.AfterFunc(settle, s.guess)
	}
	s.held = append(s.held, heldEvent{time.Now(), payload})
}

// guess shows a socket that nobody has claimed.
func (s *socket) guess() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lane == nil && !s.over {
		s.adoptLocked(s.proxy.guess(s.apiKey, s.client))
	}
}

// adopt tells whose the socket is. One that was taken for somebody else's goes on in
// a lane of the right one.
func (s *socket) adopt(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lane == l {
		return
	}
	if s.lane != nil {
		s.lane.emit(s.attempt, timeline.AttemptEnded{By: timeline.ByClient, Reason: "it is a socket of " + l.name})
		s.leaveLocked()
		s.held = []heldEvent{{time.Now(), timeline.AttemptStarted{Why: "the app said late whose the socket is"}}}
	}
	s.adoptLocked(l)
}

func (s *socket) adoptLocked(l *lane) {
	s.stopTimerLocked()
	p := s.proxy
	p.mu.Lock()
	l.attempts++
	l.sockets[s] = struct{}{}
	l.client = s.client
	s.lane, s.attempt = l, l.attempts
	p.mu.Unlock()
	for _, e := range s.held {
		l.emitAt(e.at, s.attempt, e.payload)
	}
	s.held = nil
}

func (s *socket) leaveLocked() {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	delete(s.lane.sockets, s)
}

func (s *socket) stopTimerLocked() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

// finish closes the lane of the attempt, once, after a last event.
func (s *socket) finish(ended timeline.AttemptEnded, before ...timeline.Payload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	if s.lane == nil {
		s.adoptLocked(s.proxy.guess(s.apiKey, s.client))
	}
	s.over = true
	s.stopTimerLocked()
	for _, payload := range append(before, ended) {
		s.lane.emit(s.attempt, payload)
	}
	s.leaveLocked()
}

// sent publishes what the app says, before it goes out: an answer comes after it.
func (s *socket) sent(m faultwire.Message) {
	frame, _ := timeline.DecodeFrame(timeline.Out, op(m), m.Data, 0)
	s.mu.Lock()
	first := s.lane == nil || s.live.IsZero()
	s.mu.Unlock()
	if first {
		s.authenticate(m.Data)
	}
	s.emit(frame)
}

// authenticate reads the auth message, which says whose the socket is.
func (s *socket) authenticate(data []byte) {
	auth, _ := wire.Decode[wire.AuthMessage](data) // filled as far as it goes
	raw := token.Raw(auth.Token)
	if raw.IsZero() && auth.UserDetails.ID == "" {
		return // it is no auth message
	}
	who := timeline.User{ID: auth.UserDetails.ID, Name: wire.Clean(auth.UserDetails.Name), Type: timeline.Authenticated}
	if who.ID == "" {
		who.ID = tokenUser(raw)
	}
	l := s.proxy.lane(s.apiKey, who)
	s.adopt(l)
	s.emit(timeline.StageChanged{Stage: timeline.StageAuth, Progress: timeline.Started})
	info := l.sees(raw)
	s.proxy.mu.Lock()
	again := l.refused != "" && l.refused == info.Fingerprint
	s.proxy.mu.Unlock()
	if again {
		s.emit(timeline.Warning{ID: WarnTokenAgain, Text: "the token that was refused as expired goes out again"})
	}
	s.emit(timeline.TokenSent{Token: info})
}

// tokenUser is the user that a token names; empty for none.
func tokenUser(raw token.Raw) string {
	claims, err := token.Parse(raw.Reveal())
	if err != nil {
		return ""
	}
	return claims.UserID
}

// received publishes what upstream says, as the app is about to get it.
func (s *socket) received(m faultwire.Message) {
	frame, call := timeline.DecodeFrame(timeline.In, op(m), m.Data, 0)
	s.emit(frame)
	switch {
	case call != nil:
		s.emit(*call)
	case frame.Type == wire.TypeConnectionOK && frame.Bad == "":
		s.established(frame, m.Data)
	case frame.Type == wire.TypeConnectionError && frame.Bad == "":
		s.refused(frame, m.Data)
	}
}

func op(m faultwire.Message) string {
	if m.Binary {
		return "binary"
	}
	return "text"
}

// established notes connection.ok, and that the user may have two sockets now.
func (s *socket) established(frame timeline.Frame, data []byte) {
	s.emit(timeline.StageChanged{Stage: timeline.StageConnected, Progress: timeline.Passed, Detail: frame.ConnectionID})
	ok, _ := wire.Decode[wire.ConnectedEvent](data) // filled as far as it goes
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lane == nil || !s.live.IsZero() {
		return
	}
	at := ok.CreatedAt.Time
	s.lane.measure(at, "connection.ok", at.Nanosecond() == 0)
	s.live = time.Now()
	s.timer = time.AfterFunc(handover, s.duplicate)
}

// duplicate says that the user has another socket that is up.
func (s *socket) duplicate() {
	s.mu.Lock()
	l, mine, since, over := s.lane, s.attempt, s.live, s.over
	s.mu.Unlock()
	if over {
		return
	}
	l.proxy.mu.Lock()
	var others []*socket
	for other := range l.sockets {
		if other != s {
			others = append(others, other)
		}
	}
	l.proxy.mu.Unlock()
	for _, other := range others {
		other.mu.Lock()
		up := !other.over && !other.live.IsZero() && other.attempt < mine
		text := fmt.Sprintf("two live sockets of %s: %d (%s) and %d, opened %s later; every event comes twice",
			l.name, other.attempt, wire.Clean(cmp.Or(other.client, other.remote)), mine, since.Sub(other.live).Round(100*time.Millisecond))
		other.mu.Unlock()
		if up {
			l.emit(mine, timeline.Warning{ID: WarnDuplicate, Text: text})
		}
	}
}

// refused notes a connection.error. In the handshake it is the end of the attempt.
func (s *socket) refused(frame timeline.Frame, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lane == nil || !s.live.IsZero() {
		return
	}
	code := wire.Code(frame.Code)
	s.problem = &timeline.Failure{
		Op: "auth", Stage: timeline.StageAuth, Code: frame.Code, Reason: frame.Message, SDKText: sdkText(frame.Code, frame.Message),
	}
	if code.Known() {
		s.problem.Name = code.String()
	}
	s.lane.emit(s.attempt, timeline.StageChanged{Stage: timeline.StageAuth, Progress: timeline.Failed, Failure: s.problem})
	refusal, _ := wire.Decode[wire.ConnectionError](data) // filled as far as it goes
	s.lane.measure(refusal.CreatedAt.Time, frame.Type, refusal.CreatedAt.Nanosecond() == 0)
	if code == wire.CodeTokenExpired {
		s.proxy.mu.Lock()
		s.lane.refused = s.lane.raw.Fingerprint()
		s.proxy.mu.Unlock()
	}
}

// blame is what the attempt failed of, when upstream has ended it: nothing for a
// clean close of a socket that worked.
func (s *socket) blame(code int, reason, text string) *timeline.Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.problem != nil:
		return s.problem
	case code == 1000 && !s.live.IsZero():
		return nil
	}
	f := &timeline.Failure{
		Op: "read", Stage: timeline.StageConnected, Close: code, Reason: reason, Text: text, SDKText: sdkText(code, reason), Transient: code != 1000,
	}
	if s.live.IsZero() {
		f.Stage = timeline.StageAuth
	}
	return f
}

// sdkText is what the official client says of a close or a refusal (protocol.md 4.3).
func sdkText(code int, reason string) string {
	return fmt.Sprintf("WS failed with code: %d: %s and reason: %s", code, wire.Code(code), reason)
}
