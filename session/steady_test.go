package session

import (
	"errors"
	"strings"
	"testing"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// brief is a token of the script's user that lives for a while.
func (s *script) brief(ttl time.Duration) token.Raw {
	s.t.Helper()
	raw, err := token.Sign("secret", token.Options{UserID: "sara", Now: s.now, TTL: ttl})
	if err != nil {
		s.t.Fatal(err)
	}
	return token.Raw(raw)
}

// notes are the remarks of policy steady that name a trap.
func notes(out output, trap string) (n int) {
	for _, e := range out.events {
		if p, ok := e.Payload.(timeline.Note); ok && strings.HasPrefix(p.Text, "policy steady: ") && strings.HasSuffix(p.Text, "("+trap+")") {
			n++
		}
	}
	return n
}

func (s *script) wantDifference(out output, trap string) {
	s.t.Helper()
	if notes(out, trap) == 0 {
		s.t.Errorf("policy steady says what it does instead of %s", trap)
	}
}

func TestSteadyAsksAgainAfterAFailedRefresh(t *testing.T) {
	s := newScript(t, func(c *Config) { steady(c); provided(c) })
	s.step(connectCmd{user: s.m.cfg.User})
	s.step(loaded{load: 1, raw: s.brief(time.Minute)})
	s.step(dialed{attempt: 1})
	s.say(1, okFrame)
	for range 5 {
		s.pass(10 * time.Second)
		s.say(1, `{"type":"health.check"}`)
	}
	s.want("the token is replaced a tenth of its life before its end", s.pass(5*time.Second), "load 2")
	out := s.step(loaded{load: 2, err: errors.New("backend is down")})
	s.wantDifference(out, "K7")
	out = s.step(requestCmd{method: "GET", path: "/edges"})
	s.want("a request goes out with the token at hand, which is valid still", out, "GET /edges")
	s.wantDifference(out, "K7")
	s.want("the source is asked again after a wait", s.pass(6*time.Second), "load 3")
	s.step(loaded{load: 3, err: errors.New("backend is down")})
	s.want("a request without a valid token asks the source itself",
		s.step(requestCmd{method: "GET", path: "/edges"}), "load 4")
	s.want("and goes out when there is one", s.step(loaded{load: 4, raw: s.brief(time.Minute)}), "GET /edges")
	s.want("from then on the refresh comes before the expiry again", s.pass(20*time.Second), "send ping on 1")
}

func TestTheOfficialClientDoesNot(t *testing.T) {
	s := connected(t, provided)
	s.step(refreshCmd{})
	s.step(loaded{load: 2, err: errors.New("backend is down")})
	s.want("a failed refresh poisons REST (K7)", s.step(requestCmd{method: "GET", path: "/edges"}))
	s.say(1, `{"type":"health.check"}`)
	s.want("and nobody asks the source again", s.pass(24*time.Second))
	out := s.step(policyCmd{policy: timeline.PolicySteady})
	s.want("until policy steady does", out, "load 3")
	s.wantDifference(out, "K7")
}

func TestSteadyDoesNotStormASourceWithOldTokens(t *testing.T) {
	s := newScript(t, func(c *Config) { steady(c); provided(c) })
	s.step(connectCmd{user: s.m.cfg.User})
	old := s.brief(time.Minute)
	s.step(loaded{load: 1, raw: old})
	s.step(dialed{attempt: 1})
	s.say(1, okFrame)
	loads := 0
	for range 120 {
		out := s.pass(time.Second)
		s.say(1, `{"type":"health.check"}`)
		for _, w := range words(out) {
			if strings.HasPrefix(w, "load") {
				loads++
				s.step(loaded{load: s.m.tokens.asking.n, raw: old})
			}
		}
	}
	if loads < 3 || loads > 14 {
		t.Errorf("two minutes with a source that gives the same token again: a few loads, not none and no storm, got %d", loads)
	}
}

func TestTheDifferenceIsTold(t *testing.T) {
	refusal := func(code string) string {
		return `{"type":"connection.error","error":{"code":` + code + `,"message":"no","StatusCode":400}}`
	}
	reconnecting := func(s *script) {
		s.step(lostWith(1, 1006))
		s.pass(time.Second)
		s.step(dialed{attempt: 2})
	}
	for _, test := range []struct {
		trap string
		then func(*script) output
	}{
		{"K1", func(s *script) output { return s.step(lostWith(1, 1000)) }},
		{"K3", func(s *script) output { reconnecting(s); return s.step(lostWith(2, 1000)) }},
		{"K4", func(s *script) output { reconnecting(s); return s.say(2, refusal("71")) }},
		{"K9", func(s *script) output { return s.say(1, refusal("9")) }},
		{"K21", func(s *script) output {
			s.step(lostWith(1, 1006))
			s.pass(time.Second)
			return s.step(dialFailed{attempt: 2, err: errors.New("refused")})
		}},
	} {
		t.Run(test.trap, func(t *testing.T) {
			s := connected(t, steady)
			s.wantDifference(test.then(s), test.trap)
			s = connected(t, nil)
			if out := test.then(s); notes(out, test.trap) != 0 {
				t.Error("the official client's twin has no such difference to tell")
			}
		})
	}
}

func TestPolicyIsSwitchedLiveBothWays(t *testing.T) {
	s := connected(t, steady)
	s.step(policyCmd{policy: timeline.PolicySDK})
	s.want("back under policy sdk a close 1000 is ignored (K1)", s.step(lostWith(1, 1000)))
	s.wantState("and believed in", timeline.StateConnected)
	s.want("steady again: the belief ends", s.step(policyCmd{policy: timeline.PolicySteady}), "wait 250ms", "state backoff")

	s = newScript(t, func(c *Config) { c.MaxConnectRetries = 1 })
	s.step(connectCmd{user: s.m.cfg.User})
	s.step(loaded{load: 1, raw: token.Raw(s.good)})
	s.want("under policy sdk a disconnect waits (K14)", s.step(disconnectCmd{}))
	s.step(policyCmd{policy: timeline.PolicySteady})
	out := s.step(disconnectCmd{})
	s.wantDifference(out, "K14")
	s.wantState("with the change of policy it need not", timeline.StateDisconnected)
}
