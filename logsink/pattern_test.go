package logsink

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPatternMatch(t *testing.T) {
	line := Record{Scope: "Dispatcher", Tags: "7,rpc", Message: "WS failed: Health.check", Attrs: "code=40 path=a/b"}
	for _, tt := range []struct {
		expr string
		want bool
	}{
		{"health.check", true},
		{"HEALTH", false},
		{"Health", true},
		{"!health", false},
		{"!nothing", true},
		{"code=40", true},
		{"check code", true},
		{"dispatcher", true},
		{"rpc", true},
		{"/fail(ed|ure)/", true},
		{"/^ws/", true},
		{"/^Ws/", false},
		{`/\Whealth/`, true},
		{"!/40$/", true},
		{"/b$/", true},
		{"/(?-i)ws/", false},
		{"/^rpc/", false},
		{"a/b", true},
		{`\!x`, false},
		{`\/b`, true},
		{"//", false},
		{"é", false},
	} {
		s := NewStore(StoreConfig{})
		s.Append(line)
		row, _ := s.Row(1)
		p, err := ParsePattern(tt.expr)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		if got := p.Match(row); got != tt.want {
			t.Errorf("%s matches: %v, want %v", tt.expr, got, tt.want)
		}
		if p.String() != tt.expr || p.Inverse() != strings.HasPrefix(tt.expr, "!") {
			t.Errorf("%s: pattern says %s, inverse %v", tt.expr, p, p.Inverse())
		}
		v := NewView(s, NewLevels(Trace))
		if err := v.SetFilters([]Filter{{Expr: tt.expr}}); err != nil {
			t.Fatal(err)
		}
		if got := v.Len() == 1; got != tt.want {
			t.Errorf("%s: a view shows the line: %v, want %v", tt.expr, got, tt.want)
		}
	}
}

func TestPatternErrors(t *testing.T) {
	for _, expr := range []string{"", "!", "/(/", "!/[/", "/a{2,1}/"} {
		if _, err := ParsePattern(expr); err == nil {
			t.Errorf("%q is taken", expr)
		}
	}
}

func TestPatternFind(t *testing.T) {
	for _, tt := range []struct {
		expr, text string
		want       [][2]int
	}{
		{"ab", "xAB ab b", [][2]int{{1, 3}, {4, 6}}},
		{"aa", "aaaa", [][2]int{{0, 2}, {2, 4}}},
		{"/a+/", "aa b a", [][2]int{{0, 2}, {5, 6}}},
		{"/x*/", "ab", nil},
		{"!ab", "ab", nil},
		{"Ä", "ä Ä", [][2]int{{3, 5}}},
		{"ä", "ä Ä", [][2]int{{0, 2}, {3, 5}}},
	} {
		p, err := ParsePattern(tt.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Find(tt.text, nil); !cmp.Equal(got, tt.want) {
			t.Errorf("%s in %q: got %v, want %v", tt.expr, tt.text, got, tt.want)
		}
	}
}

// What a regular expression cannot match without must really be needed.
func TestRequiredText(t *testing.T) {
	for _, tt := range []struct{ expr, want string }{
		{"abc.*defg", "defg"},
		{"(abcd)+x", "abcd"},
		{"ab|cd", ""},
		{"(abc)?d", "d"},
		{"(abc){2,}", "abc"},
		{"[a-z]foo", "foo"},
		{"desk", "de"},
		{"Desk", "Desk"},
	} {
		p, err := ParsePattern("/" + tt.expr + "/")
		if err != nil {
			t.Fatal(err)
		}
		want := tt.want
		if len(want) < 2 {
			want = ""
		}
		if p.finder.text != want {
			t.Errorf("%s needs %q, want %q", tt.expr, p.finder.text, want)
		}
	}
}

func FuzzFinder(f *testing.F) {
	f.Add("aBcabcABC", "abc")
	f.Add("@`[{@`[{", "`{")
	f.Add(strings.Repeat("x", 30)+"Needle"+strings.Repeat("y", 30), "needle")
	f.Add("KK\u212a", "k")
	f.Fuzz(func(t *testing.T, s, text string) {
		text = lowerASCII(text)
		if text == "" {
			t.Skip("nothing to look for")
		}
		fold := newFinder(text, true)
		low := lowerASCII(s)
		for from := 0; from <= len(s); from++ {
			want := strings.Index(low[from:], text)
			if want >= 0 {
				want += from
			}
			if got := fold.index(s, from); got != want {
				t.Fatalf("%q in %q from %d: got %d, want %d", text, s, from, got, want)
			}
		}
	})
}
