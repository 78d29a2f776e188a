package fault

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]Fault{
		"drop":                                     {Kind: Drop},
		"drop:for=10s,user=sara":                   {Kind: Drop, For: 10 * time.Second, User: "sara"},
		"drop:type=health.check,for=40s":           {Kind: Withhold, Type: "health.check", For: 40 * time.Second},
		"close: code=1011 , reason=oops":           {Kind: Close, Code: 1011, Reason: "oops"},
		`close:reason="bye, ""=now"`:               {},
		`close:reason="bye, \"now\"",p=30%,seed=7`: {Kind: Close, Reason: `bye, "now"`, Probability: 0.3, Seed: 7},
		"half":                 {Kind: HalfOpen},
		"error:code=-1":        {Kind: Error, Code: -1},
		"clock-skew:skew=-60s": {Kind: ClockSkew, Skew: -time.Minute},
	} {
		got, err := Parse(in)
		if want.Kind == "" {
			if err == nil {
				t.Errorf("%s: a mistake is reported, got %v", in, got)
			}
			continue
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", in, err, diff)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"":                `no kind ""; there are drop, close`,
		"melt":            `no kind "melt"`,
		"rest":            `kind "rest" may be rest-error or rest-html or`,
		"close:cod=1000":  `close does not take "cod"; it takes phase, code, reason, user, after, for, count, p, seed`,
		"close:code=soon": `code: "soon" is not a whole number`,
		"close:code=1006": `1006 cannot be sent in a close frame`,
		"close:reason=" + strings.Repeat("x", 124): `a close frame holds 123 bytes, this has 124`,
		"drop:for=10":              `for: "10" is not a duration; write 500ms, 40s or 2m`,
		"drop:for=-1s":             `for: "-1s" is negative`,
		"drop:p=1.5":               `p: "1.5" is not a probability`,
		"drop:for":                 `"for" is not of the form name=value`,
		"drop:for=1s,for=2s":       `for is given twice`,
		"withhold":                 `withhold needs type`,
		"slow":                     `slow needs latency, jitter or rate`,
		"withhold:type=a,phase=in": `withhold does not take "phase"`,
		"drop:phase=later":         `phase: "later" is not connect or session`,
		`close:reason="x`:          `reason: the quoted text does not end`,
		`close:reason="x"y`:        `a comma is missing before "y"`,
		"close:cod=1,reson=x":      `"reson"`,
	} {
		_, err := Parse(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want an error with %q, got %v", in, want, err)
		}
	}
}

// drawFault makes any fault that is valid by the table.
func drawFault(t *rapid.T) Fault {
	info := rapid.SampledFrom(Kinds()).Draw(t, "kind")
	f := Fault{Kind: info.Kind}
	span := rapid.Map(rapid.Int64Range(0, 1e12), func(n int64) time.Duration { return time.Duration(n) })
	values := map[string]func(){
		"user": func() { f.User = rapid.String().Draw(t, "user") }, "type": func() { f.Type = "call.ring" },
		"path": func() { f.Path = "/call" }, "dir": func() { f.Direction = Both },
		"phase": func() { f.Phase = rapid.SampledFrom(info.Phases).Draw(t, "phase") },
		"code":  func() { f.Code = rapid.SampledFrom([]int{1000, 1011, 4000}).Draw(t, "code") }, "status": func() { f.Status = 503 },
		"reason": func() { f.Reason = rapid.StringN(0, 30, 123).Draw(t, "reason") }, "retry_after": func() { f.RetryAfter = time.Second },
		"latency": func() { f.Latency = time.Millisecond }, "jitter": func() { f.Jitter = span.Draw(t, "jitter") },
		"rate": func() { f.Rate = 100 }, "size": func() { f.Size = 5 }, "skew": func() { f.Skew = -time.Hour },
		"after": func() { f.After = span.Draw(t, "after") }, "for": func() { f.For = span.Draw(t, "for") },
		"count": func() { f.Count = 3 }, "p": func() { f.Probability = rapid.Float64Range(0.001, 1).Draw(t, "p") },
		"seed": func() { f.Seed = rapid.Uint64().Draw(t, "seed") },
	}
	for _, name := range info.Params() {
		if needed := cmp.Equal(info.Needs, []string{name}) || name == "latency"; needed || rapid.Bool().Draw(t, "set "+name) {
			values[name]()
		}
	}
	return f
}

func TestTextJSONAndYAMLReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFault(t)
		text, err := Parse(f.String())
		if diff := cmp.Diff(f, text); err != nil || diff != "" {
			t.Fatalf("the text %q reads back: %v\n%s", f, err, diff)
		}
		if err := f.Validate(); err != nil {
			t.Fatalf("a valid fault validates: %v", err)
		}
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var back Fault
		if err := json.Unmarshal(b, &back); err != nil || back != f {
			t.Fatalf("JSON %s reads back: %v, %v", b, back, err)
		}
	})
}

func TestYAML(t *testing.T) {
	type doc struct{ Faults []Fault }
	in := "faults:\n- close:code=1011\n- {kind: slow, latency: 300ms, rate: 1000, p: 0.5, seed: 7}\n"
	want := doc{[]Fault{{Kind: Close, Code: 1011}, {Kind: Slow, Latency: 300 * time.Millisecond, Rate: 1000, Probability: 0.5, Seed: 7}}}
	var got doc
	if err := yaml.UnmarshalWithOptions([]byte(in), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("both forms are read:\n%s", diff)
	}
	out, err := yaml.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var again doc
	if err := yaml.Unmarshal(out, &again); err != nil || !cmp.Equal(want, again) {
		t.Errorf("what is written is read back, got %v, %v from\n%s", again, err, out)
	}
	if err := yaml.Unmarshal([]byte("faults:\n- {kind: close, code: [1]}\n"), &got); err == nil {
		t.Error("a list for a code is refused")
	}
}

func TestEveryKindIsDescribed(t *testing.T) {
	trap := regexp.MustCompile(`^K([1-9]|1\d|2[0-7])$`)
	seen := map[Kind]bool{}
	for _, info := range Kinds() {
		if seen[info.Kind] {
			t.Errorf("%s stands twice in the table", info.Kind)
		}
		seen[info.Kind] = true
		if info.Title == "" || !strings.HasSuffix(info.Text, ".") || !strings.HasSuffix(info.Expect, ".") || len(info.Sites) == 0 {
			t.Errorf("%s has a title, sentences and a site: %+v", info.Kind, info)
		}
		for _, id := range info.Traps {
			if !trap.MatchString(id) {
				t.Errorf("%s names a trap that does not exist: %s", info.Kind, id)
			}
		}
		known := params()
		for _, name := range info.Params() {
			found := false
			for _, p := range known {
				found = found || p.name == name
			}
			if !found {
				t.Errorf("%s takes %s, which nothing reads", info.Kind, name)
			}
		}
	}
}

// TestTheDossierIsCovered walks design.md 7 and protocol.md 11.6: each thing that
// can go wrong has a text, and a place that causes it on either end.
func TestTheDossierIsCovered(t *testing.T) {
	device, server := []Site{Dialer}, []Site{Coordinator}
	both := []Site{Coordinator, Dialer}
	for what, row := range map[string]struct {
		text  string
		sites []Site
	}{
		"drop (reset)":                            {"drop", both},
		"close with any code and reason":          {"close:code=4001,reason=bye", both},
		"close 1000 on an established socket":     {"close", both},
		"close 1000 on the next connect":          {"close:phase=connect", both},
		"close 1011":                              {"close:code=1011", both},
		"half-open (socket up, nothing answered)": {"half-open", both},
		"stop answering pings":                    {"no-pong", both},
		"black-holed handshake":                   {"stall-upgrade", both},
		"accept, never answer the auth message":   {"stall-auth", both},
		"slow (latency, jitter, rate)":            {"slow:latency=1s,jitter=1s,rate=100", both},
		"slow, in one direction":                  {"slow:latency=1s,dir=out", both},
		"upgrade refused with any HTTP status":    {"refuse-upgrade:status=403", both},
		"refuse TCP for n s":                      {"refuse-tcp:for=10s", both},
		"connection.error on connect":             {"error:code=71,phase=connect", both},
		"connection.error in session":             {"error:code=9,phase=session", both},
		"two connection.error 40 on a live one":   {"error:code=40,phase=session,count=2", both},
		"names that do not resolve":               {"dns-fails", device},
		"certificates that nobody trusts":         {"tls-fails", device},
		"expire the token now":                    {"expire-token", server},
		"wrong signature":                         {"wrong-signature", server},
		"provider fails":                          {"provider-fails:reason=down", []Site{TokenSource}},
		"provider is slow":                        {"provider-slow:latency=20s", []Site{TokenSource}},
		"provider returns a stale token":          {"provider-stale", []Site{TokenSource}},
		"corrupt JSON":                            {"corrupt:type=call.ring", both},
		"truncated JSON":                          {"truncate:dir=both", both},
		"unknown event type":                      {"unknown-event:type=call.new", both},
		"huge frame":                              {"huge-frame:size=1000000", both},
		"duplicate an event type":                 {"duplicate:type=call.ring", both},
		"reorder":                                 {"reorder", both},
		"withhold an event type":                  {"withhold:type=call.accepted", both},
		"clock skew":                              {"clock-skew:skew=-60s", server},
		"offline for N s":                         {"offline:for=10s", device},
		"REST: 40 n times":                        {"rest-error:code=40,count=3", both},
		"REST: 429 + Retry-After":                 {"rest-error:code=9,retry_after=5s", both},
		"REST: 500":                               {"rest-error:status=500", both},
		"REST: HTML 502":                          {"rest-html", both},
		"REST: hang":                              {"rest-hang:path=/calls", both},
		"REST: reset":                             {"rest-reset", both},
	} {
		f, err := Parse(row.text + separator(row.text) + "after=1s,for=10s,p=0.5,seed=7")
		if err != nil && strings.Contains(err.Error(), "for is given twice") {
			f, err = Parse(row.text + ",after=1s,p=0.5,seed=7")
		}
		if err != nil {
			t.Errorf("%s: with a start, a duration, a probability and a seed: %v", what, err)
			continue
		}
		info, _ := f.Kind.Info()
		for _, site := range row.sites {
			if !info.CausedBy(site) {
				t.Errorf("%s: %s cannot be caused at the %s", what, f.Kind, site)
			}
		}
		if r := f.Expect(); r.Outcome == "" || r.Text == "" {
			t.Errorf("%s: the reaction to expect is not known", what)
		}
	}
}

func separator(text string) string {
	if strings.Contains(text, ":") {
		return ","
	}
	return ":"
}

func TestExpectKnowsTheParameters(t *testing.T) {
	for in, want := range map[string]struct {
		outcome Outcome
		trap    string
	}{
		"close":                               {Unnoticed, "K1"},
		"close:phase=connect":                 {Stops, "K3"},
		"close:code=1011":                     {Reconnects, ""},
		"close:code=1011,phase=connect":       {Retries, "K21"},
		"error:code=71":                       {Stops, "K4"},
		"error:code=40":                       {Refreshes, "K5"},
		"error:code=40,phase=session":         {CarriesOn, "K9"},
		"error:code=40,phase=session,count=2": {Refreshes, "K9"},
		"error:code=9,phase=session,count=2":  {Stops, "K9"},
		"expire-token":                        {CarriesOn, "K5"},
		"withhold:type=health.check":          {Unnoticed, "K19"},
		"withhold:type=call.accepted":         {MissesEvents, ""},
		"rest-error:code=40":                  {RequestFails, "K18"},
		"clock-skew:skew=-60s":                {Stops, "K4"},
		"half-open":                           {Unnoticed, "K2"},
	} {
		f, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Expect(); got.Outcome != want.outcome || got.Trap != want.trap {
			t.Errorf("%s: got %s (%s), want %s (%s)", in, got.Outcome, got.Trap, want.outcome, want.trap)
		}
	}
}

func TestGate(t *testing.T) {
	t0 := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }

	once := NewGate(Fault{Kind: Drop}, t0)
	if !once.Strike(t0) || once.Strike(t0) || !once.Spent(t0) {
		t.Error("a drop strikes once and is spent")
	}
	window := NewGate(Fault{Kind: Drop, After: 5 * time.Second, For: 10 * time.Second}, t0)
	if window.Strike(at(4)) || !window.Strike(at(5)) || !window.Strike(at(14)) || window.Strike(at(15)) {
		t.Error("with a window it strikes any number of times from its start to its end")
	}
	twice := NewGate(Fault{Kind: NoPong, Count: 2}, t0)
	if !twice.Strike(t0) || !twice.Strike(at(1)) || twice.Active(at(2)) {
		t.Error("a count limits a fault that has no other end")
	}
	if lasting := NewGate(Fault{Kind: NoPong}, t0); !lasting.Strike(at(1e6)) || lasting.Spent(at(1e6)) {
		t.Error("a lasting fault stays until it is disarmed")
	}
	strikes := func(seed uint64) (n int) {
		g := NewGate(Fault{Kind: Duplicate, Probability: 0.3, Seed: seed}, t0)
		for range 1000 {
			if g.Strike(t0) {
				n++
			}
		}
		return n
	}
	if n := strikes(1); n < 250 || n > 350 || n != strikes(1) {
		t.Errorf("a probability of 0.3 strikes about 300 of 1000 times, and the same times for the same seed, got %d", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`close:code=1000,reason="a, b"`)
	f.Add("slow:latency=1ms,jitter=2s,p=5%")
	f.Fuzz(func(t *testing.T, in string) {
		v, err := Parse(in)
		if err != nil {
			return
		}
		if again, err := Parse(v.String()); err != nil || again != v {
			t.Errorf("what is read writes a text that reads the same: %q, %v, %v", v, again, err)
		}
	})
}
