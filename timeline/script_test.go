package timeline_test

import (
	"time"

	"streamscope/timeline"
)

// script writes events as a session or a tap would append them.
type script struct {
	events  []timeline.Event
	now     time.Duration
	attempt int
}

// opened begins a run of our own session with the policy of the official client.
func opened(change func(*timeline.SessionOpened)) *script {
	p := timeline.SessionOpened{
		Source: timeline.SourceLocal, User: timeline.User{ID: "sara", Type: timeline.Authenticated},
		BaseURL: "http://127.0.0.1:8800/video", Policy: timeline.PolicySDK, TokenSource: "http", Refreshable: true,
	}
	if change != nil {
		change(&p)
	}
	return new(script).add(p)
}

func tapped(p *timeline.SessionOpened) { p.Source = timeline.SourceTap }

func (s *script) add(payloads ...timeline.Payload) *script {
	for _, p := range payloads {
		s.events = append(s.events, timeline.Event{
			Seq: uint64(len(s.events) + 1), Time: at(s.now), Offset: s.now,
			Session: "sara", Attempt: s.attempt, Payload: p,
		})
	}
	return s
}

func (s *script) after(d time.Duration, payloads ...timeline.Payload) *script {
	s.now += d
	return s.add(payloads...)
}

// on puts the payloads on an older socket.
func (s *script) on(attempt int, payloads ...timeline.Payload) *script {
	current := s.attempt
	s.attempt = attempt
	s.add(payloads...)
	s.attempt = current
	return s
}

// dial opens the next socket up to the auth message.
func (s *script) dial(reconnect bool) *script {
	s.attempt++
	return s.add(
		timeline.AttemptStarted{URL: "ws://127.0.0.1:8800/video/connect", Reconnect: reconnect},
		timeline.StateChanged{To: timeline.StateDialing},
		timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Passed, Status: 101},
		timeline.TokenSent{Token: timeline.TokenInfo{Number: 1, Fingerprint: "01234567"}},
		timeline.Frame{Dir: timeline.Out, Op: "text", Size: 300},
		timeline.StateChanged{To: timeline.StateAuthenticating},
	)
}

func (s *script) ok() *script {
	return s.add(
		in("connection.ok"),
		timeline.StateChanged{To: timeline.StateConnected},
		timeline.AppEvent{Type: timeline.AppConnectionChanged, Online: true},
	)
}

func (s *script) connect() *script { return s.dial(false).ok() }

// connectTapped is a connection as somebody in the middle sees it.
func (s *script) connectTapped() *script {
	s.attempt++
	return s.add(timeline.AttemptStarted{}, out(""), in("connection.ok"))
}

// lose ends the socket as a network failure does.
func (s *script) lose() *script {
	return s.add(
		timeline.Close{Dir: timeline.In, Code: 1006},
		timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006, Failure: &timeline.Failure{Op: "read", Close: 1006}},
		timeline.Backoff{Chain: 1, Layer: "socket", Failures: 1, Min: 250 * time.Millisecond, Max: 2500 * time.Millisecond, Drawn: time.Second},
		timeline.StateChanged{To: timeline.StateBackoff, Failures: 1, RetryIn: time.Second},
	)
}

// beat is a health check with its answer, 25 s after what came before.
func (s *script) beat() *script {
	return s.after(timeline.HealthCheckEvery, out("health.check")).after(20*time.Millisecond, in("health.check"))
}

func (s *script) fold() timeline.Session {
	state := timeline.Fold(timeline.State{}, s.events)
	if len(state.Sessions) == 0 {
		return timeline.Session{}
	}
	return state.Sessions[0]
}

func in(eventType string) timeline.Frame {
	return timeline.Frame{Dir: timeline.In, Op: "text", Size: 100, Type: eventType}
}

func out(eventType string) timeline.Frame {
	return timeline.Frame{Dir: timeline.Out, Op: "text", Size: 100, Type: eventType}
}

func refused(code int) timeline.Frame {
	f := in("connection.error")
	f.Code = code
	return f
}

func serverClose(code int) timeline.Close { return timeline.Close{Dir: timeline.In, Code: code} }

// ring is the call event of a ring by jack for sara.
func ring(cid string) timeline.CallEvent {
	return timeline.CallEvent{
		Type: "call.ring", CID: cid, SessionID: "s-" + cid, Creator: "jack", By: "jack", Members: []string{"sara", "nina"},
		AutoCancel: 15 * time.Second, Incoming: 20 * time.Second, MissedIn: 30 * time.Second,
	}
}

func calling(cid string, to timeline.CallingState, ringing bool) timeline.CallChanged {
	return timeline.CallChanged{CID: cid, To: to, Ringing: ringing}
}
