package explain

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"streamscope/internal/wire"
)

// The codes of protocol.md 3.6, written out so that the table of package wire
// cannot hide a missing one.
var protocolCodes = []int{-1, 2, 3, 4, 5, 6, 9, 16, 17, 18, 19, 20, 21, 22, 23, 24,
	40, 41, 42, 43, 44, 45, 46, 60, 69, 70, 71, 73, 99}

func TestEveryCodeIsExplained(t *testing.T) {
	for _, n := range protocolCodes {
		e, ok := Code(n)
		if !ok || e.Code != n || e.Kind != KindCode {
			t.Errorf("code %d of protocol 3.6 has an entry, got %+v", n, e)
		}
		if e.Name != wire.Code(n).String() || e.Status != wire.Code(n).Status() {
			t.Errorf("code %d has the protocol's name and status, got %s %d", n, e.Name, e.Status)
		}
	}
	for _, c := range wire.Codes() {
		if !slices.Contains(protocolCodes, int(c)) {
			t.Errorf("package wire knows code %d and this test does not", c)
		}
	}
	if e, ok := Code(12345); ok || e.Code != 12345 || e.Means == "" {
		t.Errorf("an unknown code is reported as such and can still be printed, got %+v", e)
	}
}

func TestEveryCloseCodeIsExplained(t *testing.T) {
	tests := []struct {
		code int
		how  Closing
		want string
	}{
		{1000, Closing{}, "close/1000-client"},
		{1000, Closing{Established: true}, "close/1000-client"},
		{1000, Closing{ByServer: true, Established: true}, "close/1000-server"},
		{1000, Closing{ByServer: true}, "close/1000-handshake"},
		{1000, Closing{ByServer: true, Reconnect: true}, "close/1000-reconnect"},
		{3000, Closing{}, "close/3xxx"}, {3999, Closing{}, "close/3xxx"},
		{4000, Closing{}, "close/4xxx"}, {4999, Closing{}, "close/4xxx"}, {4401, Closing{}, "close/4xxx"},
		{0, Closing{}, "close/other"}, {1016, Closing{}, "close/other"}, {5000, Closing{}, "close/other"},
	}
	for _, n := range []int{1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 4001, 4002} {
		tests = append(tests, struct {
			code int
			how  Closing
			want string
		}{n, Closing{ByServer: true, Established: true}, fmt.Sprintf("close/%d", n)})
	}
	for _, tt := range tests {
		if got := Close(tt.code, tt.how); got.ID != tt.want || got.Code != tt.code {
			t.Errorf("close %d %+v: got %s with code %d, want %s", tt.code, tt.how, got.ID, got.Code, tt.want)
		}
	}
}

func TestEveryTrapIsExplained(t *testing.T) {
	traps := Traps()
	if len(traps) != 27 {
		t.Fatalf("there are 27 traps, got %d", len(traps))
	}
	for i, e := range traps {
		id := fmt.Sprintf("K%d", i+1)
		if e.ID != "trap/"+id {
			t.Errorf("traps are in order: got %s at %s", e.ID, id)
		}
		if got, ok := Trap(strings.ToLower(id)); !ok || got.ID != e.ID {
			t.Errorf("trap %s is found in lower case too", id)
		}
		if e.Means == "" || e.Fix == "" || e.SDK == "" {
			t.Errorf("trap %s has a sentence, a fix and the app's view", id)
		}
	}
	for _, id := range []string{"K0", "K28", "K", "", "7"} {
		if _, ok := Trap(id); ok {
			t.Errorf("%q is no trap", id)
		}
	}
}

// A sentence starts with a capital, a quotation mark or one of the names that
// are written in lower case, and ends with a full stop.
var lowerStart = regexp.MustCompile(`^(iOS |closeConnection|connectUser|disconnectUser|getOrCreateInstance|rejectCallWhenBusy|onConnectUserError|call\.|connection\.|connect fails|join fails|hint\.)`)

func TestSentences(t *testing.T) {
	for _, e := range All() {
		if e.Name == "" || len(e.Name) > 60 || strings.TrimSpace(e.Name) != e.Name {
			t.Errorf("%s: the name is a few words, got %q", e.ID, e.Name)
		}
		if !slices.Contains([]Class{Benign, Retry, Fatal, App}, e.Class) || e.Class.Label() == string(e.Class) {
			t.Errorf("%s: the class is one of four with words for people, got %q", e.ID, e.Class)
		}
		if len(e.Sources) == 0 {
			t.Errorf("%s: an entry names its sources", e.ID)
		}
		for field, s := range map[string]string{"means": e.Means, "cause": e.Cause, "fix": e.Fix, "sdk": e.SDK} {
			checkSentence(t, e.ID+" "+field, s, 200)
		}
		if strings.Count(e.Means, ". ") > 0 {
			t.Errorf("%s: what it means is one sentence: %q", e.ID, e.Means)
		}
	}
}

func checkSentence(t *testing.T, where, s string, longest int) {
	t.Helper()
	switch {
	case len(s) < 15 || len([]rune(s)) > longest:
		t.Errorf("%s: a sentence has 15 to %d characters, got %d: %q", where, longest, len([]rune(s)), s)
	case !strings.HasSuffix(s, "."):
		t.Errorf("%s: a sentence ends with a full stop: %q", where, s)
	case strings.Contains(s, "  ") || strings.Contains(s, "—") || strings.ContainsAny(s, "\t\n"):
		t.Errorf("%s: a sentence is plain text: %q", where, s)
	}
	first := []rune(s)[0]
	if !unicode.IsUpper(first) && !unicode.IsDigit(first) && first != '"' && !lowerStart.MatchString(s) {
		t.Errorf("%s: a sentence starts with a capital: %q", where, s)
	}
}

func TestIDsAndReferences(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All() {
		if seen[e.ID] {
			t.Errorf("IDs are unique, %s is not", e.ID)
		}
		seen[e.ID] = true
		if !strings.HasPrefix(e.ID, string(e.Kind)+"/") {
			t.Errorf("%s: the ID starts with the kind, %s", e.ID, e.Kind)
		}
	}
	for _, e := range All() {
		for _, id := range e.See {
			if !seen[id] || id == e.ID {
				t.Errorf("%s refers to another entry, %q is none", e.ID, id)
			}
		}
	}
}

// must hides a missing entry, so every ID in the code has to exist.
func TestIDsInTheCodeExist(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`"((?:code|close|text|net|token|peer|trap|symptom)/[A-Za-z0-9-]*[a-z0-9])"`)
	count := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllSubmatch(source, -1) {
			count++
			if _, ok := ByID(string(m[1])); !ok {
				t.Errorf("%s mentions %s, which does not exist", file, m[1])
			}
		}
	}
	if count < 200 {
		t.Errorf("the search finds the IDs in the code, got only %d", count)
	}
}

func TestEveryTextLeadsToItsEntry(t *testing.T) {
	for _, e := range All() {
		for _, text := range e.Texts {
			line := strings.ReplaceAll(text, "…", " 503 ")
			if before, ok := strings.CutSuffix(text, "…"); ok {
				line = before + "03"
			}
			find := Text
			if e.Kind == KindSymptom {
				find = func(s string) []Match { return Lookup(s).Matches }
			}
			found := find("2026-01-02 ERROR " + line + " (more)")
			if !slices.ContainsFunc(found, func(m Match) bool { return m.Entry.ID == e.ID }) {
				t.Errorf("the text %q leads to %s, got %v", line, e.ID, ids(found))
			}
		}
	}
}

func ids(matches []Match) []string {
	var all []string
	for _, m := range matches {
		all = append(all, m.Entry.ID)
	}
	return all
}

func TestRendering(t *testing.T) {
	for _, e := range All() {
		for _, width := range []int{1, 20, 39, 40, 60, 80, 120} {
			text := e.Text(width)
			if width >= 60 {
				for line := range strings.Lines(text) {
					if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
						t.Errorf("%s at %d: a line has %d characters: %q", e.ID, width, n, line)
					}
				}
			}
		}
	}
	e, _ := Code(43)
	want := `43 AuthErrorTokenSignatureInvalid (HTTP 401): fix the input, retrying cannot
help
means    The token was not signed with the secret of this API key.
why      The secret belongs to another app or environment, or the token is the
         demo token of the documentation.
fix      Sign the token with the secret that the dashboard shows next to this
         API key. The token bench tests a secret offline.
app sees In connectUser the app waits through five attempts, 6.5 to 12.5 s, for
         the error. In a reconnect it is told nothing and retrying stops.
see      5 AuthenticationError`
	if got := e.Text(80); got != want {
		t.Errorf("the entry of code 43 at 80 columns, got\n%s\nwant\n%s", got, want)
	}
}
