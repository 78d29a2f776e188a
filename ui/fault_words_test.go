package ui

import (
	"testing"

	"streamscope/timeline"
)

func TestAnArmedFaultSaysWhatItWaitsFor(t *testing.T) {
	keys, err := newKeymap(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{keys: keys}
	for name, c := range map[string]struct {
		fault timeline.Fault
		want  string
	}{
		"it acts at once":     {timeline.Fault{Title: "Drop"}, "armed: Drop"},
		"at the next connect": {timeline.Fault{Title: "No name", Strikes: timeline.StrikesConnect}, "armed: No name · strikes at the next connect: press r"},
		"at the next request": {timeline.Fault{Title: "Reset", Strikes: timeline.StrikesRequest}, "armed: Reset · strikes at the next request"},
		"with the next token": {timeline.Fault{Title: "Stale", Strikes: timeline.StrikesToken}, "armed: Stale · strikes when a token is asked for: press R"},
		"and for a time only": {timeline.Fault{Title: "No name", Spec: "dns-fails:for=20s", Strikes: timeline.StrikesConnect},
			"armed: No name · strikes at the next connect: press r (its time runs from there)"},
	} {
		if got := m.armedWords(c.fault); got != c.want {
			t.Errorf("%s: want %q, got %q", name, c.want, got)
		}
	}
}
