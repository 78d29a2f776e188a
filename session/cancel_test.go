package session

import (
	"errors"
	"strings"
	"testing"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

func steady(c *Config) { c.Policy = timeline.PolicySteady }

func provided(c *Config) { c.Token = FuncSource{} }

const okFrame = `{"type":"connection.ok","connection_id":"c1","me":{"id":"sara"}}`

func TestACancelledConnectUserLeavesTheNextOneAlone(t *testing.T) {
	s := newScript(t, steady)
	s.step(connectCmd{user: s.m.cfg.User})
	s.step(loaded{load: 1, raw: token.Raw(s.good)})
	s.want("policy steady gives the dial up with the disconnect",
		s.step(disconnectCmd{}), "drop 1", "state disconnected")
	s.step(dialFailed{attempt: 1, err: errors.New("given up")})
	s.want("nothing follows from what was cancelled", s.pass(ms(19_000)))
	s.step(connectCmd{user: s.m.cfg.User})
	s.step(loaded{load: 2, raw: token.Raw(s.good)})
	s.step(dialed{attempt: 2})
	s.say(2, okFrame)
	s.wantState("the second connectUser works", timeline.StateConnected)
	s.want("and the wait for health of the first, which would end now, does not touch it", s.pass(ms(12_000)))
	s.wantState("so it stays", timeline.StateConnected)
}

func TestACancelledGuestDoesNotConnect(t *testing.T) {
	s := newScript(t, func(c *Config) {
		steady(c)
		c.User.Type, c.Token = timeline.Guest, nil
	})
	s.step(connectCmd{user: s.m.cfg.User})
	s.step(disconnectCmd{})
	body := mustJSON(map[string]any{"access_token": s.good, "user": userObject("sara")})
	s.want("the answer to POST /guest comes too late",
		s.step(responded{request: 1, resp: RESTResponse{Status: 201, Body: body}}))
	s.wantState("so nobody is connected", timeline.StateDisconnected)
}

func TestNoAttemptBeginsAfterDisconnect(t *testing.T) {
	for _, policy := range []timeline.Policy{timeline.PolicySDK, timeline.PolicySteady} {
		s := connected(t, func(c *Config) { provided(c); c.Policy = policy })
		s.step(refreshCmd{})
		s.step(reconnectCmd{})
		s.pass(onlineDelay)
		s.step(disconnectCmd{})
		s.wantState(string(policy)+": the user disconnects while the token is on its way", timeline.StateDisconnected)
		s.step(loaded{load: 2, raw: token.Raw(s.good)})
		s.pass(time.Minute)
		if s.started != 1 {
			t.Errorf("%s: no lane and no socket after that, got %d attempts", policy, s.started)
		}
	}
}

func TestALaneThatWaitsForItsTokenEndsWithTheDisconnect(t *testing.T) {
	s := connected(t, provided)
	s.step(lostWith(1, 1006))
	s.pass(1375 * time.Millisecond)
	s.step(dialed{attempt: 2})
	s.say(2, `{"type":"connection.error","error":{"code":40,"message":"expired","StatusCode":401}}`)
	s.pass(5 * time.Second)
	s.wantState("the token of the third attempt is asked for", timeline.StateLoadingToken)
	s.step(disconnectCmd{})
	if !s.ended[3] {
		t.Error("its lane ends with the disconnect")
	}
	s.want("and a token that comes later opens nothing", s.step(loaded{load: 2, raw: token.Raw(s.good)}))
}

// loseTwice connects, disconnects, and connects again with a source that fails.
func loseTwice(t *testing.T, change func(*Config)) *script {
	s := connected(t, func(c *Config) {
		provided(c)
		c.ForgetUserOnFailure = true
		if change != nil {
			change(c)
		}
	})
	s.step(disconnectCmd{})
	s.step(closed{attempt: 1})
	s.step(connectCmd{user: s.m.cfg.User})
	s.step(loaded{load: 2, err: errors.New("backend is down")})
	return s
}

func TestAnOldSuccessIsTakenForTheNewOne(t *testing.T) {
	s := loseTwice(t, nil)
	out := s.pass(time.Second)
	s.wantState("the second attempt finds the success of the first life, and nothing is connected", timeline.StateStalled)
	var told []string
	for _, e := range out.events {
		if w, ok := e.Payload.(timeline.Warning); ok {
			told = append(told, w.ID)
		}
	}
	if strings.Join(told, " ") != timeline.WarnConsecutiveConnect+" K11" {
		t.Errorf("and the timeline says so: want the client's warning and K11, got %v", told)
	}
}

func TestSteadyTakesNoOldSuccess(t *testing.T) {
	s := loseTwice(t, steady)
	s.pass(time.Second)
	s.step(loaded{load: 3, raw: token.Raw(s.good)})
	s.step(dialed{attempt: 3})
	s.say(3, okFrame)
	s.wantState("policy steady really connects", timeline.StateConnected)
}

func TestConnectDuringDisconnect(t *testing.T) {
	s := connected(t, provided)
	s.want("disconnectUser waits for the server's close frame", s.step(disconnectCmd{}), "close 1 with 1000", "state disconnected")
	s.want("connectUser meanwhile waits for its turn", s.step(connectCmd{user: s.m.cfg.User}))
	s.step(closed{attempt: 1})
	s.wantState("and begins when the disconnect is over", timeline.StateLoadingToken)
	s.step(loaded{load: 2, raw: token.Raw(s.good)})
	s.step(dialed{attempt: 2})
	s.say(2, okFrame)
	s.wantState("so the user is connected in the end", timeline.StateConnected)
}
