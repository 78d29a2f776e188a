package logsink

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// finish runs all jobs of a view to their end.
func finish(v *View) {
	for job := v.Job(); job != nil; job = v.Job() {
		v.Apply(job.Run(context.Background()))
	}
}

func shownSeqs(v *View) []uint64 {
	var out []uint64
	for _, r := range v.Rows(0, v.Len()) {
		out = append(out, r.Seq())
	}
	return out
}

// viewModel says by the plainest means what a view must show.
type viewModel struct {
	levels        map[string]Level
	muted, soloed map[string]bool
	session       string
	repeats       bool
	filters       []Filter
	search        string
}

func (m *viewModel) level(scope string) Level {
	if l, ok := m.levels[scope]; ok {
		return l
	}
	return m.levels[DefaultScope]
}

func modelMatch(expr string, r Row) bool {
	rest, inverse := strings.CutPrefix(expr, "!")
	if s, ok := strings.CutPrefix(rest, "/"); ok {
		re := regexp.MustCompile("(?i)" + strings.TrimSuffix(s, "/"))
		return inverse != (re.MatchString(r.Text()) || re.MatchString(r.Tags()) || re.MatchString(r.Scope()))
	}
	in := func(s string) bool {
		if strings.ToLower(rest) == rest {
			s = strings.ToLower(s)
		}
		return strings.Contains(s, rest)
	}
	return inverse != (in(r.Text()) || in(r.Tags()) || in(r.Scope()))
}

func (m *viewModel) counts(s *Store) (c Counts, seqs, matches []uint64) {
	for r := range s.Range(0, 1<<62) {
		c.Total++
		switch {
		case m.session != "" && r.Session() != "" && r.Session() != m.session:
			c.BySession++
		case m.muted[r.Scope()] || len(m.soloed) > 0 && !m.soloed[r.Scope()]:
			c.ByMute++
		case r.Level() < m.level(r.Scope()):
			c.ByLevels++
		case m.repeats && r.Repeat():
			c.ByRepeats++
		case !m.passes(r):
			c.ByFilters++
		default:
			c.Shown++
			seqs = append(seqs, r.Seq())
			if m.search != "" && modelMatch(m.search, r) {
				c.Matches++
				matches = append(matches, r.Seq())
			}
		}
	}
	c.Dropped = s.Dropped()
	return c, seqs, matches
}

func (m *viewModel) passes(r Row) bool {
	for _, f := range m.filters {
		if !f.Off && !modelMatch(f.Expr, r) {
			return false
		}
	}
	return true
}

var (
	testScopes = []string{"coordinator", "Call", "client", "Dispatcher"}
	testWords  = []string{"alpha", "Beta", "gamma delta", "code=40", "Alphabet", "ring"}
	testExprs  = []string{"alpha", "Alpha", "!alpha", "/al.ha/", "!/^gamma/", "a", "al", "beta", "code=40", "dispatch", "rpc", "/b(e|i)ta$/", "nothing", "gamma delta", "ring"}
)

func testLine(t *rapid.T) Record {
	return Record{
		Level:   Level(rapid.IntRange(0, 4).Draw(t, "level")),
		Scope:   rapid.SampledFrom(testScopes).Draw(t, "scope"),
		Session: rapid.SampledFrom([]string{"", "sara", "jack"}).Draw(t, "session"),
		Tags:    rapid.SampledFrom([]string{"", "1", "rpc"}).Draw(t, "tags"),
		Message: rapid.SampledFrom(testWords).Draw(t, "message"),
		Attrs:   rapid.SampledFrom([]string{"", "n=1", "code=40"}).Draw(t, "attrs"),
	}
}

// step does one thing to the view and to the model.
func (m *viewModel) step(t *rapid.T, s *Store, v *View) {
	scope := rapid.SampledFrom(testScopes).Draw(t, "scope")
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0, 1, 2:
		lines := rapid.SliceOfN(rapid.Custom(testLine), 1, 20).Draw(t, "lines")
		for i := range rapid.IntRange(1, 2000).Draw(t, "n") {
			s.Append(lines[i%len(lines)])
		}
	case 3:
		level := Level(rapid.IntRange(0, 5).Draw(t, "level"))
		m.levels[scope] = level
		v.Levels().Set(scope, level)
	case 4:
		delete(m.levels, scope)
		v.Levels().Reset(scope)
	case 5:
		on := rapid.Bool().Draw(t, "on")
		m.muted[scope] = on
		v.Mute(scope, on)
	case 6:
		if delete(m.soloed, scope); rapid.Bool().Draw(t, "on") {
			m.soloed[scope] = true
		}
		v.Solo(scope, m.soloed[scope])
	case 7:
		m.session = rapid.SampledFrom([]string{"", "sara"}).Draw(t, "session")
		v.SetSession(m.session)
		m.repeats = rapid.Bool().Draw(t, "repeats")
		v.SetFoldRepeats(m.repeats)
	case 8:
		m.filters = nil
		for _, e := range rapid.SliceOfN(rapid.SampledFrom(testExprs), 0, 3).Draw(t, "filters") {
			m.filters = append(m.filters, Filter{Expr: e, Off: rapid.Bool().Draw(t, "off")})
		}
		if err := v.SetFilters(m.filters); err != nil {
			t.Fatal(err)
		}
	case 9:
		m.search = rapid.SampledFrom(append(testExprs, "")).Draw(t, "search")
		if err := v.SetSearch(m.search); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever is done to a view, in whatever order, it shows what the model shows, and
// what it hides is counted for the same cause.
func TestViewAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewStore(StoreConfig{Bytes: 300 << 10})
		v := NewView(s, NewLevels(Info))
		v.budget = rapid.SampledFrom([]int{0, 30000, syncBytes}).Draw(t, "budget")
		m := &viewModel{levels: map[string]Level{DefaultScope: Info}, muted: map[string]bool{}, soloed: map[string]bool{}}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			m.step(t, s, v)
			if rapid.Bool().Draw(t, "focus") {
				v.Focus(rapid.Uint64Range(0, 5000).Draw(t, "seq"))
			}
			v.Sync()
			if c := v.Counts(); c.Total != c.Shown+c.Hidden()+c.Pending {
				t.Fatalf("counts do not add up: %+v", c)
			}
			if rapid.Bool().Draw(t, "wait") {
				continue
			}
			finish(v)
			want, seqs, matches := m.counts(s)
			if diff := cmp.Diff(want, v.Counts()); diff != "" {
				t.Fatalf("counts differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(seqs, shownSeqs(v)); diff != "" {
				t.Fatalf("rows differ (-want +got):\n%s", diff)
			}
			checkNavigation(t, s, v, seqs, matches)
		}
	})
}

func checkNavigation(t *rapid.T, s *Store, v *View, seqs, matches []uint64) {
	first, next := s.Bounds()
	from := rapid.Uint64Range(max(first, 2)-2, next+2).Draw(t, "from")
	i, exact := v.Index(from)
	wantI, wantExact := 0, false
	for wantI < len(seqs) && seqs[wantI] < from {
		wantI++
	}
	wantExact = wantI < len(seqs) && seqs[wantI] == from
	if i != wantI || exact != wantExact {
		t.Fatalf("Index(%d) = %d, %v, want %d, %v", from, i, exact, wantI, wantExact)
	}
	check := func(name string, got uint64, ok bool, list []uint64, after bool) {
		var want uint64
		for _, seq := range list {
			if after && seq > from && want == 0 || !after && seq < from {
				want = seq
			}
		}
		if got != want || ok != (want != 0) {
			t.Fatalf("%s(%d) = %d, %v, want %d", name, from, got, ok, want)
		}
	}
	var errors []uint64
	for _, seq := range seqs {
		if r, _ := s.Row(seq); r.Level() >= Error {
			errors = append(errors, seq)
		}
	}
	got, ok := v.NextMatch(from)
	check("NextMatch", got, ok, matches, true)
	got, ok = v.PrevMatch(from)
	check("PrevMatch", got, ok, matches, false)
	got, ok = v.NextLevel(from, Error)
	check("NextLevel", got, ok, errors, true)
	got, ok = v.PrevLevel(from, Error)
	check("PrevLevel", got, ok, errors, false)
}

func newTestView(lines ...Record) (*Store, *View) {
	s := NewStore(StoreConfig{})
	for _, r := range lines {
		s.Append(r)
	}
	return s, NewView(s, NewLevels(Info))
}

func TestLoweringALevelRevealsThePast(t *testing.T) {
	_, v := newTestView(
		Record{Level: Debug, Scope: "coordinator", Message: "a"},
		Record{Level: Info, Scope: "coordinator", Message: "b"},
		Record{Level: Debug, Scope: "Call", Message: "c"},
	)
	if got := shownSeqs(v); !cmp.Equal(got, []uint64{2}) {
		t.Fatalf("at info rows are %v, want line 2", got)
	}
	v.Levels().Set("coordinator", Debug)
	if !v.Sync() {
		t.Error("Sync says that nothing changed")
	}
	if got := shownSeqs(v); !cmp.Equal(got, []uint64{1, 2}) {
		t.Errorf("with coordinator at debug rows are %v, want lines 1 and 2", got)
	}
	if v.Sync() {
		t.Error("a second Sync says that something changed")
	}
}

func TestFoldedRepeatsAreCounted(t *testing.T) {
	again := Record{Level: Info, Scope: "a", Message: "again"}
	_, v := newTestView(again, again, again, Record{Level: Info, Scope: "a", Message: "other"}, again)
	v.SetFoldRepeats(true)
	if got := shownSeqs(v); !cmp.Equal(got, []uint64{1, 4, 5}) || !v.FoldsRepeats() {
		t.Fatalf("rows are %v, want lines 1, 4 and 5", got)
	}
	for i, want := range []int{2, 0, 0} {
		if got := v.Repeats(i); got != want {
			t.Errorf("row %d is repeated %d times, want %d", i, got, want)
		}
	}
	if c := v.Counts(); c.ByRepeats != 2 {
		t.Errorf("%d lines hidden as repeats, want 2", c.ByRepeats)
	}
}

func TestMuteAndSoloLeaveTheLevelsAlone(t *testing.T) {
	_, v := newTestView(Record{Level: Info, Scope: "a"}, Record{Level: Info, Scope: "b"}, Record{Level: Info, Scope: "c"})
	rev := v.Levels().Revision()
	check := func(what string, want ...uint64) {
		t.Helper()
		if got := shownSeqs(v); !cmp.Equal(got, want) {
			t.Errorf("%s: rows are %v, want %v", what, got, want)
		}
	}
	v.Mute("a", true)
	check("a is muted", 2, 3)
	v.Solo("a", true)
	v.Solo("b", true)
	check("a and b are soloed, and a is muted too", 2)
	if !v.Muted("a") || !v.Soloed("b") || v.Soloed("c") {
		t.Error("the view does not know what is muted and soloed")
	}
	v.ClearMuteSolo()
	check("all is cleared", 1, 2, 3)
	if v.Levels().Revision() != rev {
		t.Error("the levels were changed")
	}
}

func TestStaleResultChangesNothing(t *testing.T) {
	_, v := newTestView(Record{Level: Info, Scope: "a", Message: "alpha"}, Record{Level: Info, Scope: "a", Message: "beta"})
	v.budget = 0
	if err := v.SetFilters([]Filter{{Expr: "alpha"}}); err != nil {
		t.Fatal(err)
	}
	if c := v.Counts(); c.Pending != 2 || c.Shown != 0 {
		t.Errorf("before the job: %+v, want 2 pending", c)
	}
	old := v.Job()
	if v.Job() != nil {
		t.Error("a second job is handed out while the first is out")
	}
	res := old.Run(t.Context())
	for i := range keptPatterns + 2 {
		if err := v.SetFilters([]Filter{{Expr: fmt.Sprintf("beta%d", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if v.Apply(res) {
		t.Error("a result for a pattern that is gone changes what is shown")
	}
	if err := v.SetFilters([]Filter{{Expr: "beta"}}); err != nil {
		t.Fatal(err)
	}
	finish(v)
	if got := shownSeqs(v); !cmp.Equal(got, []uint64{2}) {
		t.Errorf("rows are %v, want line 2", got)
	}
}

func TestCancelledJobCanBeTakenUpAgain(t *testing.T) {
	_, v := newTestView(Record{Level: Info, Scope: "a", Message: "alpha"})
	v.budget = 0
	if err := v.SetSearch("alpha"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v.Apply(v.Job().Run(ctx))
	if c := v.Counts(); c.SearchPending != 1 {
		t.Errorf("after a cancelled job: %+v, want 1 line pending", c)
	}
	finish(v)
	if c := v.Counts(); c.Matches != 1 || c.SearchPending != 0 {
		t.Errorf("after the next job: %+v, want 1 match", c)
	}
}

func TestFilterErrorsChangeNothing(t *testing.T) {
	_, v := newTestView(Record{Level: Info, Scope: "a", Message: "alpha"})
	if err := v.SetFilters([]Filter{{Expr: "beta"}}); err != nil {
		t.Fatal(err)
	}
	if err := v.SetFilters([]Filter{{Expr: "/(/"}, {Expr: ""}}); err == nil || !strings.Contains(err.Error(), `"/(/"`) {
		t.Errorf("error is %v, want one that shows the expression", err)
	}
	if got := v.Filters(); !cmp.Equal(got, []Filter{{Expr: "beta"}}) {
		t.Errorf("filters are %v, want what was there", got)
	}
	if err := v.SetFilters(make([]Filter, MaxFilters+1)); err == nil {
		t.Error("too many filters are taken")
	}
}

func TestScopesOfAView(t *testing.T) {
	_, v := newTestView(
		Record{Level: Info, Scope: "Dispatcher", Message: "a"},
		Record{Level: Error, Scope: "Dispatcher", Message: "b"},
	)
	v.Levels().Set("event-dispatcher", Debug)
	v.Levels().Set("Dispatcher", Warn)
	v.Mute("Call", true)
	v.Sync()
	want := []ScopeState{
		{ScopeCount: ScopeCount{Name: "default"}, Level: Info},
		{ScopeCount: ScopeCount{Name: "Dispatcher", Seen: [5]uint64{2: 1, 4: 1}, Kept: [5]uint64{2: 1, 4: 1}}, Level: Warn, Seen: true},
		{ScopeCount: ScopeCount{Name: "event-dispatcher"}, Level: Debug, Hint: "Dispatcher"},
		{ScopeCount: ScopeCount{Name: "Call"}, Level: Info, Inherited: true, Muted: true},
	}
	if diff := cmp.Diff(want, v.Scopes()); diff != "" {
		t.Errorf("scopes differ (-want +got):\n%s", diff)
	}
}
