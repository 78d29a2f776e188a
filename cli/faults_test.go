package cli

import (
	"testing"

	"streamscope/internal/fault"
	"streamscope/timeline"
)

func TestFaultMenu(t *testing.T) {
	seen := make(map[string]bool)
	kinds := make(map[fault.Kind]bool)
	for _, f := range offered() {
		shown := shownFault("", f, fault.Coordinator)
		kinds[f.Kind] = true
		switch {
		case shown.Expect == "":
			t.Errorf("%s says which reaction to expect", shown.Spec)
		case seen[shown.Title]:
			t.Errorf("no two entries have the title %q", shown.Title)
		}
		seen[shown.Title] = true
		if again, err := fault.Parse(shown.Spec); err != nil || again != f {
			t.Errorf("%s is what --fault takes: %v, %v", shown.Spec, again, err)
		}
	}
	for _, info := range fault.Kinds() {
		if !kinds[info.Kind] {
			t.Errorf("the menu offers %s", info.Kind)
		}
	}
}

func TestAFaultSaysWhatItWaitsFor(t *testing.T) {
	for spec, want := range map[string]string{
		"drop":                          "",
		"slow:latency=1s":               "",
		"error:code=71":                 timeline.StrikesConnect,
		"error:code=71,phase=session":   "",
		"close:code=1000,phase=connect": timeline.StrikesConnect,
		"dns-fails:for=20s":             timeline.StrikesConnect,
		"rest-hang":                     timeline.StrikesRequest,
		"provider-fails":                timeline.StrikesToken,
	} {
		f, err := fault.Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		if got := shownFault("", f, fault.Coordinator).Strikes; got != want {
			t.Errorf("%s waits for %q, got %q", spec, want, got)
		}
	}
}
