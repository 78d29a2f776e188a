package session

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"streamscope/timeline"
)

// skews are the readings of the server's clock in an output.
func skews(out output) (all []time.Duration) {
	for _, e := range out.events {
		if p, ok := e.Payload.(timeline.Clock); ok {
			all = append(all, p.Skew)
		}
	}
	return all
}

func TestAClockThatTellsSecondsShowsNoSkewOfItsOwn(t *testing.T) {
	for _, fraction := range []time.Duration{0, time.Millisecond, 500 * time.Millisecond, 689 * time.Millisecond, 999 * time.Millisecond} {
		s := connected(t, nil)
		s.now = start.Add(time.Minute + fraction)
		s.step(requestCmd{method: "GET", path: "/edges"})
		date, err := http.ParseTime(s.now.UTC().Format(http.TimeFormat))
		if err != nil {
			t.Fatal(err)
		}
		out := s.step(responded{request: 1, resp: RESTResponse{Status: 200, Date: date}})
		if got := skews(out); len(got) != 1 || got[0] != 0 {
			t.Errorf("a Date header %s into its second: the clocks agree, got %v", fraction, got)
		}
		if got := connectedAt(t, start.Add(fraction), start).skews; len(got) != 1 || got[0] != 0 {
			t.Errorf("a connection.ok without a fraction, %s late: the clocks agree, got %v", fraction, got)
		}
	}
	s := connectedAt(t, start.Add(2*time.Second), start.Add(time.Hour))
	if got := s.skews; len(got) != 1 || got[0] < 59*time.Minute {
		t.Errorf("an hour is told, got %v", got)
	}
}

func TestARefusalTellsTheServersTime(t *testing.T) {
	s := newScript(t, nil)
	s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token})
	s.step(loaded{load: 1, raw: s.brief(time.Hour)})
	s.step(dialed{attempt: 1})
	s.now = s.now.Add(time.Millisecond) // a time that names more than a second
	out := s.say(1, fmt.Sprintf(`{"type":"connection.error","created_at":%q,"error":{"code":42,"StatusCode":401,"message":"used before issued"}}`,
		s.now.Add(-time.Minute).UTC().Format(time.RFC3339Nano)))
	if got := skews(out); len(got) != 1 || got[0] != -time.Minute {
		t.Errorf("code 42 of a server that is a minute behind: got %v", got)
	}
}

// clocked is a script with what it heard of the server's clock.
type clocked struct {
	*script
	skews []time.Duration
}

// connectedAt connects at a time, to a server that names another.
func connectedAt(t *testing.T, now, server time.Time) clocked {
	s := newScript(t, nil)
	s.step(connectCmd{user: s.m.cfg.User, source: s.m.cfg.Token})
	s.step(loaded{load: 1, raw: s.brief(time.Hour)})
	s.step(dialed{attempt: 1})
	s.now = now
	out := s.say(1, fmt.Sprintf(`{"type":"connection.ok","connection_id":"c1","created_at":%q,"me":{"id":"sara"}}`, server.Format(time.RFC3339)))
	return clocked{s, skews(out)}
}
