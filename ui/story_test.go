package ui

import (
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

// The stories that the goldens and the benchmarks tell.

func opened() timeline.SessionOpened {
	return timeline.SessionOpened{
		Source: timeline.SourceLocal, User: timeline.User{ID: "sara", Type: timeline.Authenticated},
		APIKey: "demo…k3y", BaseURL: "http://127.0.0.1:8800/video", Policy: timeline.PolicySDK,
		TokenSource: "http", Refreshable: true, MaxConnectRetries: 5, ConnectTimeout: 15 * time.Second,
	}
}

func token(now time.Time) timeline.TokenInfo {
	return timeline.TokenInfo{
		Number: 1, Mask: "eyJ….…k3y", Fingerprint: "ab12", Alg: "HS256", UserID: "sara",
		IssuedAt: now.Add(-6 * time.Minute), ExpiresAt: now.Add(4*time.Minute + 12*time.Second),
	}
}

func (x *harness) stage(n int, st timeline.Stage, took time.Duration, detail string) {
	x.event(n, timeline.StageChanged{Stage: st, Progress: timeline.Started})
	x.now = x.now.Add(took)
	x.event(n, timeline.StageChanged{Stage: st, Progress: timeline.Passed, Took: took, Detail: detail})
}

// open begins a session and loads its token.
func (x *harness) open() {
	x.event(0, opened(), timeline.Network{Online: true, By: timeline.ByUser})
	x.log(logsink.Info, "client", "Connecting user sara")
	x.event(0,
		timeline.StateChanged{From: timeline.StateIdle, To: timeline.StateLoadingToken},
		timeline.TokenLoading{Source: "http", Load: 7})
	x.now = x.now.Add(41 * time.Millisecond)
	x.event(0, timeline.TokenLoaded{Source: "http", Load: 7, Took: 41 * time.Millisecond, Token: token(x.now)})
}

// connect takes attempt n to connection.ok.
func (x *harness) connect(n int) {
	ms := time.Millisecond
	x.event(n,
		timeline.StateChanged{From: timeline.StateLoadingToken, To: timeline.StateDialing},
		timeline.AttemptStarted{URL: "ws://127.0.0.1:8800/video/connect", Cycle: 1, Reconnect: n > 1})
	x.stage(n, timeline.StageToken, 41*ms, "http")
	x.event(n,
		timeline.StageChanged{Stage: timeline.StageDNS, Progress: timeline.Skipped},
		timeline.StageChanged{Stage: timeline.StageTLS, Progress: timeline.Skipped})
	x.stage(n, timeline.StageTCP, 11*ms, "127.0.0.1:8800")
	x.stage(n, timeline.StageUpgrade, 31*ms, "101 Switching Protocols")
	x.event(n,
		timeline.StateChanged{From: timeline.StateDialing, To: timeline.StateAuthenticating},
		timeline.TokenSent{Token: token(x.now)},
		timeline.Frame{Dir: timeline.Out, Op: "text", Size: 512, Body: []byte(`{"token":"eyJ….…k3y","user_details":{"id":"sara"}}`)})
	x.stage(n, timeline.StageAuth, 3*ms, "")
	x.stage(n, timeline.StageConnected, 18*ms, "")
	x.event(n,
		timeline.Frame{Dir: timeline.In, Op: "text", Size: 812, Type: "connection.ok", ConnectionID: "6f2b3c4d-aaaa-0123456789a1", Body: []byte(`{"type":"connection.ok","me":{"id":"sara"}}`)},
		timeline.StateChanged{From: timeline.StateAuthenticating, To: timeline.StateConnected},
		timeline.AppEvent{Type: timeline.AppConnectionChanged, Online: true})
	x.log(logsink.Info, "coordinator", "Connected")
}

// healthChecks lets n checks be answered.
func (x *harness) healthChecks(attempt, n int) {
	for i := range n {
		x.now = x.now.Add(timeline.HealthCheckEvery)
		x.event(attempt, timeline.Frame{Dir: timeline.Out, Op: "text", Size: 60, Type: "health.check", Body: []byte(`[{"type":"health.check"}]`)})
		x.now = x.now.Add(time.Duration(20+i*7%11) * time.Millisecond)
		x.event(attempt, timeline.Frame{Dir: timeline.In, Op: "text", Size: 90, Type: "health.check", Body: []byte(`{"type":"health.check"}`)})
		x.log(logsink.Debug, "coordinator", "health.check answered")
	}
}

// rings lets somebody ring.
func (x *harness) rings(cid, from string) {
	x.event(1,
		timeline.Frame{Dir: timeline.In, Op: "text", Size: 2048, Type: "call.ring", CID: cid, By: from, Body: []byte(`{"type":"call.ring"}`)},
		timeline.CallEvent{Type: "call.ring", CID: cid, By: from, Creator: from, Members: []string{from, "sara"}, AutoCancel: 15 * time.Second, Incoming: 15 * time.Second},
		timeline.CallChanged{CID: cid, From: timeline.CallingIdle, To: timeline.CallingRinging, Ringing: true})
}

// failAtDNS is a first attempt that finds no host, and the wait after it.
func (x *harness) failAtDNS() {
	x.open()
	f := timeline.Failure{Stage: timeline.StageDNS, Op: "dial", Text: "lookup video.stream-io-api.con: no such host", Transient: true}
	x.event(1,
		timeline.StateChanged{From: timeline.StateLoadingToken, To: timeline.StateDialing},
		timeline.AttemptStarted{URL: "wss://video.stream-io-api.con/video/connect", Cycle: 1})
	x.stage(1, timeline.StageToken, 100*time.Microsecond, "")
	x.now = x.now.Add(12 * time.Millisecond)
	x.event(1,
		timeline.StageChanged{Stage: timeline.StageDNS, Progress: timeline.Failed, Took: 12 * time.Millisecond, Failure: &f, Detail: "no such host"},
		timeline.AttemptEnded{By: timeline.ByNetwork, Failure: &f},
		timeline.Backoff{Chain: 1, Layer: "socket", Failures: 1, Min: 250 * time.Millisecond, Max: 5 * time.Second, Drawn: 4200 * time.Millisecond},
		timeline.StateChanged{From: timeline.StateDialing, To: timeline.StateBackoff, Failures: 1, RetryIn: 4200 * time.Millisecond})
	x.log(logsink.Error, "coordinator", "connect failed: no such host")
	x.advance(time.Second)
}

// busyStory is a user in a ring call who is rung again and rejects as busy.
func (x *harness) busyStory() {
	x.open()
	x.connect(1)
	x.event(0, timeline.Switched{Name: timeline.SwitchRejectWhenBusy, Value: "true"})
	x.healthChecks(1, 3)
	x.rings("default:standup", "nina")
	x.now = x.now.Add(2 * time.Second)
	x.event(0, timeline.CallChanged{CID: "default:standup", From: timeline.CallingRinging, To: timeline.CallingJoined, Ringing: true})
	x.now = x.now.Add(time.Second)
	x.event(1,
		timeline.Frame{Dir: timeline.In, Op: "text", Size: 2048, Type: "call.ring", CID: "default:lunch", By: "jack", Body: []byte(`{"type":"call.ring"}`)},
		timeline.RingDecision{CID: "default:lunch", Caller: "jack", Busy: true, Counted: []string{"default:standup"}, Rule: "a ring call that is joined"},
		timeline.HTTPRequest{ID: "r1", Method: "POST", Path: "/video/call/default/lunch/reject", CID: "default:lunch", Body: []byte(`{"reason":"busy"}`)})
	x.log(logsink.Info, "client", "Rejecting call default:lunch because user is busy")
	x.now = x.now.Add(18 * time.Millisecond)
	x.event(1, timeline.HTTPResponse{ID: "r1", Method: "POST", Path: "/video/call/default/lunch/reject", Status: 201, Took: 18 * time.Millisecond, Size: 20, CID: "default:lunch"})
	x.log(logsink.Debug, "coordinator", "client:post - Response - 201")
	x.advance(3 * time.Second)
}

// connectedStory is a healthy connection after one drop.
func (x *harness) connectedStory() {
	x.open()
	x.connect(1)
	x.healthChecks(1, 4)
	x.advance(3 * time.Second)
}
