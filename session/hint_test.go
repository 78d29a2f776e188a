package session

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// joining is a connected script that has been told to join a call.
func joining(t *testing.T, hint string) (*script, output) {
	s := connected(t, func(c *Config) { c.LocationHintURL = hint })
	return s, s.step(callCmd{verb: verbJoin, cid: "default:a"})
}

func edge(pop string) RESTResponse {
	return RESTResponse{Status: 200, Header: http.Header{"X-Amz-Cf-Pop": {pop}}}
}

// sentLocation is the location in the join that an output sends.
func sentLocation(out output) string {
	for _, e := range out.effects {
		if r, ok := e.(requestEffect); ok && strings.HasSuffix(r.rest.URL.Path, "/join") {
			_, rest, _ := strings.Cut(string(r.rest.Body), `"location":"`)
			location, _, _ := strings.Cut(rest, `"`)
			return location
		}
	}
	return "no join"
}

func TestTheHintComesBeforeTheFirstJoin(t *testing.T) {
	s, out := joining(t, "http://127.0.0.1:7070/hint")
	if got := strings.Join(words(out), ", "); !strings.Contains(got, "HEAD /hint") || strings.Contains(got, "/join") {
		t.Errorf("the hint is asked for before the join goes out, got %s", got)
	}
	for _, e := range out.effects {
		if r, ok := e.(requestEffect); ok && r.rest.Method == http.MethodHead && (r.timeout != hintTimeout || len(r.rest.Header) > 0) {
			t.Errorf("with two seconds to answer, and nothing of the client in it, got %s %v", r.timeout, r.rest.Header)
		}
	}
	n := s.requests[len(s.requests)-1]
	if got := sentLocation(s.step(responded{request: n, resp: edge("AMS1-P2")})); got != "AMS" {
		t.Errorf("three characters of the header are sent, got %q", got)
	}
	if got := sentLocation(s.step(callCmd{verb: verbJoin, cid: "default:b"})); got != "AMS" {
		t.Errorf("what was found is kept, got %q", got)
	}
}

func TestAHintThatFailsIsERR(t *testing.T) {
	s, _ := joining(t, "http://127.0.0.1:7070/hint")
	s.step(responded{request: s.requests[len(s.requests)-1], err: errors.New("refused")})
	s.step(responded{request: s.requests[len(s.requests)-1], resp: RESTResponse{Status: 200}})
	if got := sentLocation(s.step(responded{request: s.requests[len(s.requests)-1], err: errors.New("refused")})); got != "ERR" {
		t.Errorf("after three tries it is ERR, got %q", got)
	}
	out := s.step(callCmd{verb: verbJoin, cid: "default:b"})
	if got := strings.Join(words(out), ", "); !strings.Contains(got, "HEAD /hint") {
		t.Errorf("and the next join asks again, got %s", got)
	}
}

func TestNobodyIsAskedWithoutAnAddress(t *testing.T) {
	_, out := joining(t, "")
	if got := sentLocation(out); got != "ERR" {
		t.Errorf("the join goes out at once, got %q", got)
	}
	_, out = joining(t, "://")
	if got := sentLocation(out); got != "ERR" {
		t.Errorf("an address that is none is a hint that failed, got %q", got)
	}
}
