package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"streamscope/internal/uitest"
)

func TestDefaultKeysHaveNoConflict(t *testing.T) {
	if err := CheckKeys(nil); err != nil {
		t.Fatal(err)
	}
}

func TestEveryActionIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range actionTable() {
		if a.id == "" || a.title == "" || a.help == "" || a.group == "" || a.where == 0 || a.run == nil {
			t.Errorf("action %+v lacks something", a.id)
		}
		if seen[a.id] {
			t.Errorf("there are two actions %q", a.id)
		}
		seen[a.id] = true
		if !strings.HasSuffix(a.help, ".") {
			t.Errorf("the help of %s is not a sentence: %q", a.id, a.help)
		}
		if a.where.String() == "" {
			t.Errorf("the place of %s has no name", a.id)
		}
	}
}

// Every action with its keys and its places is written down beside the test: an
// action or a key that goes by mistake is missing there. -update writes it anew.
func TestNoActionAndNoKeyIsLost(t *testing.T) {
	var b strings.Builder
	for _, a := range actionTable() {
		fmt.Fprintf(&b, "%-16s %-18s %s\n", a.id, firstNonEmpty(a.keyList(), "(no key)"), a.where)
	}
	uitest.Golden(t, "actions", b.String())
}

func TestEveryKeyFindsItsActionWhereItIsInForce(t *testing.T) {
	km, err := newKeymap(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range actionTable() {
		for _, k := range a.keys {
			for at := inConnection; at <= inMenu; at <<= 1 {
				got, ok := km.find(k, at)
				if in := a.where&at != 0; in && (!ok || got.id != a.id) || !in && got.id == a.id {
					t.Errorf("%s in %s is %q, not %s", k, at, got.id, a.id)
				}
			}
		}
	}
}

func TestFooterNamesActionsThatExistThere(t *testing.T) {
	km, _ := newKeymap(nil)
	for p := range paneCount {
		for _, id := range slices.Concat(footerIDs(p, false), footerIDs(p, true)) {
			if a := km.get(id); a.where&(1<<p) == 0 {
				t.Errorf("the footer of %s names %q, which has no key there", p, id)
			}
		}
	}
}

func TestRemap(t *testing.T) {
	tests := []struct {
		name  string
		remap map[string][]string
		wrong []string
	}{
		{"another key for an action", map[string][]string{"connect": {"C"}}, nil},
		{"two actions trade places", map[string][]string{"connect": {"d"}, "disconnect": {"c"}}, nil},
		{"an action without a key", map[string][]string{"quit": {}}, nil},
		{"same key in places that do not meet", map[string][]string{"mute": {"f"}}, nil},
		{"a key that is taken", map[string][]string{"connect": {"x"}}, []string{"connect", "faults"}},
		{"an action that does not exist", map[string][]string{"fly": {"F"}}, []string{"fly", "config keys"}},
		{"a key of another name", map[string][]string{"page.down": {"pgdn"}}, []string{"page.down", `"pgdn"`, "write pgdown"}},
		{"a key that terminals do not tell apart", map[string][]string{"connect": {"ctrl+m"}}, []string{"same for it as for enter"}},
		{"a character with shift", map[string][]string{"connect": {"shift+q"}}, []string{"such as Q"}},
		{"words", map[string][]string{"connect": {"any key"}}, []string{"f1 to f20"}},
		{"keys with modifiers", map[string][]string{"connect": {"alt+c", "ctrl+alt+right", "shift+f5", "é", "ctrl+_"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckKeys(tt.remap)
			if (err != nil) != (tt.wrong != nil) {
				t.Fatalf("CheckKeys: %v", err)
			}
			for _, word := range tt.wrong {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error does not name %s: %v", word, err)
				}
			}
		})
	}
}

func TestKeyTableFollowsTheRemap(t *testing.T) {
	rows, err := KeyTable(map[string][]string{"connect": {"C", "ctrl+o"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.ID == "connect" && strings.Join(r.Keys, " ") == "C ctrl+o" && r.Group == groupConnection && r.Help != "" {
			return
		}
	}
	t.Error("the table does not show the keys that connect was given")
}

func TestRemappedKeyWorksAndTheOldOneDoesNot(t *testing.T) {
	x := newHarness(t, 120, 36, func(o *Options) { o.Keys = map[string][]string{"connect": {"C"}} })
	x.event(0, opened())
	x.Press("c")
	x.wantAsked("c is no longer the key of connect")
	x.WantScreen("the footer shows the new key", "C connect")
	x.Press("C")
	x.wantAsked("C connects", "connect sara")
}

func TestEveryDefaultKeyCanBePressed(t *testing.T) {
	for _, a := range actionTable() {
		for _, k := range a.keys {
			if hint, ok := checkKey(k); !ok {
				t.Errorf("%s has the key %q: %s", a.id, k, hint)
			}
		}
	}
}

// The action that was changed is the one that an error is about, also where the
// other comes later in the table.
func TestKeyErrorNamesTheActionThatWasChanged(t *testing.T) {
	for changed, key := range map[string]string{"connect": "x", "faults": "c"} {
		e, ok := errors.AsType[*KeyError](CheckKeys(map[string][]string{changed: {key}}))
		if !ok || e.ID != changed {
			t.Errorf("%s was changed: %v", changed, e)
		}
	}
}

func TestOfferNamesTheCommandOfAnActionWithoutAKey(t *testing.T) {
	km, err := newKeymap(map[string][]string{"ring": {}})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"faults": "; x does it", "ring": "; :ring does it", "nothing": "",
	} {
		if got := km.offer("; ", id, " does it"); got != want {
			t.Errorf("%s is offered as %q, want %q", id, got, want)
		}
	}
}
