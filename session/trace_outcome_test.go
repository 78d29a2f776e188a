package session

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// compareGaps holds the waits between sockets against their windows.
func compareGaps(t *testing.T, tr *trace, got []*seenSocket) {
	t.Helper()
	for _, gap := range tr.Timing.Gaps {
		if len(gap.Window) != 2 || gap.Next > len(got) {
			continue
		}
		from := got[gap.After-1].failed
		if gap.From == "last_in+35000" {
			from = got[gap.After-1].lastIn.Add(silenceLimit)
		}
		took := got[gap.Next-1].connected.Sub(from)
		low, high := time.Duration(gap.Window[0])*time.Millisecond, time.Duration(gap.Window[1])*time.Millisecond
		if took < low || took > high+tolerance {
			t.Errorf("the wait before socket %d: want %s (%s) in %s to %s, got %s",
				gap.Next, gap.Rule, got[gap.After-1].endedBy, low, high, took)
		}
	}
}

// comparePings holds each ping to 25 s after the last connection.ok or
// health.check before it.
func comparePings(t *testing.T, tr *trace, got []*seenSocket) {
	t.Helper()
	for _, s := range got {
		for i, frame := range s.frames {
			if _, ping := frame.([]any); !ping {
				continue
			}
			var last time.Time
			for _, at := range s.answers {
				if at.Before(s.frameAt[i]) {
					last = at
				}
			}
			if off := s.frameAt[i].Sub(last) - pingInterval; off.Abs() > tolerance {
				t.Errorf("socket %d: a ping %s off its time", s.n, off)
			}
		}
	}
}

func compareOutcome(t *testing.T, tr *trace, c *traceClient) {
	t.Helper()
	var want []string
	for _, r := range tr.Outcome.Results {
		want = append(want, resultText(r))
	}
	var got []string
	for _, r := range c.results {
		got = append(got, resultText(r))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("how the application's calls ended (-want +got):\n%s", d)
	}
}

func resultText(r traceResult) string {
	text := r.Action + " " + r.Label + ": "
	if r.Error != nil {
		return text + "error " + r.Error.Message
	}
	if same, ok := r.Value["same_instance_as"]; ok {
		return text + fmt.Sprintf("same instance as %v", same)
	}
	return text + r.Status
}

func compareProviders(t *testing.T, tr *trace, c *traceClient) {
	t.Helper()
	var want []providerCall
	for _, e := range tr.Wire {
		if e.Kind == "token_provider" {
			want = append(want, providerCall{Provider: e.Provider, Call: e.Call, Returns: e.Returns, Throws: e.Throws})
		}
	}
	if d := cmp.Diff(want, c.asked); d != "" {
		t.Errorf("the calls of token providers (-want +got):\n%s", d)
	}
}

// compareFinals compares what the client believes at the end.
func compareFinals(t *testing.T, tr *trace, finals map[string]Status) {
	t.Helper()
	for name, want := range tr.Outcome.Final {
		got, ok := finals[name]
		if !ok {
			continue
		}
		if got.State.Live() != want.Healthy {
			t.Errorf("%s at the end: want healthy %t, got %s", name, want.Healthy, got.State)
		}
		if got.ConnectionID != want.ConnectionID {
			t.Errorf("%s at the end: want connection id %q, got %q", name, want.ConnectionID, got.ConnectionID)
		}
		if got.Failures != want.Failures {
			t.Errorf("%s at the end: want %d consecutive failures, got %d", name, want.Failures, got.Failures)
		}
		var wantCalls, gotCalls []string
		for _, c := range want.Calls {
			wantCalls = append(wantCalls, fmt.Sprintf("%s %s ringing %t watching %t", c.CID, c.State, c.Ringing, c.Watching))
		}
		for _, c := range got.Calls {
			gotCalls = append(gotCalls, fmt.Sprintf("%s %s ringing %t watching %t", c.CID, c.State, c.Ringing, c.Watching))
		}
		if d := cmp.Diff(wantCalls, gotCalls); d != "" {
			t.Errorf("%s at the end: its calls (-want +got):\n%s", name, d)
		}
	}
}
