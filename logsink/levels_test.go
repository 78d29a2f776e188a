package logsink

import (
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLevelWords(t *testing.T) {
	for i, word := range []string{"trace", "debug", "info", "warn", "error", "off"} {
		l, err := ParseLevel(word)
		if err != nil || l != Level(i) || l.String() != word {
			t.Errorf("%s: got %v (%v), want level %d", word, l, err, i)
		}
	}
	_, err := ParseLevel("Info")
	if err == nil || !strings.Contains(err.Error(), "trace, debug, info, warn, error, off") {
		t.Errorf("error is %v, want one that lists the valid words", err)
	}
	if text, err := json.Marshal(map[string]Level{"a": Warn}); err != nil || string(text) != `{"a":"warn"}` {
		t.Errorf("JSON is %s (%v)", text, err)
	}
	if _, err := Level(7).MarshalText(); err == nil {
		t.Error("a level without a name is written")
	}
	var l Level
	if err := json.Unmarshal([]byte(`"loud"`), &l); err == nil {
		t.Error("an unknown word is read")
	}
}

func TestLevelsAsSlog(t *testing.T) {
	for l, want := range map[Level]slog.Level{Trace: -8, Debug: -4, Info: 0, Warn: 4, Error: 8} {
		if l.Slog() != want || FromSlog(want) != l {
			t.Errorf("%v is %d and %d is %v, want each other", l, l.Slog(), want, FromSlog(want))
		}
	}
	for in, want := range map[slog.Level]Level{-20: Trace, -5: Trace, -1: Debug, 3: Info, 7: Warn, 20: Error} {
		if got := FromSlog(in); got != want {
			t.Errorf("slog level %d is %v, want %v", in, got, want)
		}
	}
}

// Every row is a rule of Stream's logger (protocol.md section 8.1).
func TestConfigureAsStreamDoes(t *testing.T) {
	type state struct {
		Level     Level
		Inherited bool
		Sink      string
	}
	tests := []struct {
		name  string
		do    func(l *Levels)
		scope string
		want  state
	}{
		{"a scope without a level has that of default", func(*Levels) {}, "coordinator", state{Warn, true, "console"}},
		{"a value sets", func(l *Levels) { configure(l, `{"coordinator":{"level":"debug","sink":"file"}}`) }, "coordinator", state{Debug, false, "file"}},
		{"null deletes", func(l *Levels) {
			configure(l, `{"coordinator":{"level":"debug","sink":"file"}}`)
			configure(l, `{"coordinator":{"level":null,"sink":null}}`)
		}, "coordinator", state{Warn, true, "console"}},
		{"what is not given is kept", func(l *Levels) {
			configure(l, `{"coordinator":{"level":"debug","sink":"file"}}`)
			configure(l, `{"coordinator":{"sink":null}}`)
			configure(l, `{"coordinator":{}}`)
		}, "coordinator", state{Debug, false, "console"}},
		{"an empty sink is not truthy and changes nothing", func(l *Levels) {
			configure(l, `{"coordinator":{"sink":"file"}}`)
			configure(l, `{"coordinator":{"sink":""}}`)
		}, "coordinator", state{Warn, true, "file"}},
		{"default cannot be reset", func(l *Levels) { configure(l, `{"default":{"level":null,"sink":null}}`) }, "coordinator", state{Warn, true, "console"}},
		{"default can be replaced, for every scope without its own", func(l *Levels) {
			configure(l, `{"default":{"level":"error","sink":"file"}}`)
		}, "coordinator", state{Error, true, "file"}},
		{"restoring clears everything; default becomes info and console", func(l *Levels) {
			configure(l, `{"coordinator":{"level":"debug"},"default":{"level":"error","sink":"file"}}`)
			l.RestoreDefaults()
		}, "coordinator", state{Info, true, "console"}},
		{"names are case-sensitive", func(l *Levels) { l.Set("Coordinator", Trace) }, "coordinator", state{Warn, true, "console"}},
		{"an unknown word silences the scope", func(l *Levels) { l.SetWord("coordinator", "verbose") }, "coordinator", state{Off, false, "console"}},
		{"an empty word changes nothing", func(l *Levels) { l.SetWord("coordinator", "") }, "coordinator", state{Warn, true, "console"}},
		{"reset takes level and sink away", func(l *Levels) {
			configure(l, `{"coordinator":{"level":"debug","sink":"file"}}`)
			l.Reset("coordinator")
		}, "coordinator", state{Warn, true, "console"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := NewLevels(Warn)
			rev := l.Revision()
			tt.do(l)
			var got state
			got.Level, got.Inherited = l.Effective(tt.scope)
			got.Sink, _ = l.Sink(tt.scope)
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			again := NewLevels(Trace)
			again.Configure(l.Changes())
			if diff := cmp.Diff(l.Configured(), again.Configured()); diff != "" {
				t.Errorf("Changes configure other scopes (-want +got):\n%s", diff)
			}
			if level, _ := again.Effective(tt.scope); level != tt.want.Level {
				t.Errorf("Changes configure level %v", level)
			}
			if l.Revision() < rev {
				t.Error("the revision went back")
			}
		})
	}
}

func configure(l *Levels, text string) {
	var changes map[string]Change
	if err := json.Unmarshal([]byte(text), &changes); err != nil {
		panic(err)
	}
	l.Configure(changes)
}

func TestSilentScopeLetsNoErrorThrough(t *testing.T) {
	l := NewLevels(Info)
	l.SetWord("coordinator", "verbose")
	if l.Enabled("coordinator", Error) {
		t.Error("an error passes")
	}
	if !l.Enabled("client", Error) || l.Enabled("client", Debug) {
		t.Error("another scope does not have the default level")
	}
}

func TestChangeAsJSON(t *testing.T) {
	in := map[string]Change{
		"a": {Level: To(Debug)},
		"b": {Level: Reset[Level](), Sink: To("file")},
		"c": {},
	}
	text, err := json.Marshal(in)
	if want := `{"a":{"level":"debug"},"b":{"level":null,"sink":"file"},"c":{}}`; err != nil || string(text) != want {
		t.Fatalf("got %s (%v), want %s", text, err, want)
	}
	var out map[string]Change
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if !out["b"].Level.IsReset() || !out["c"].Level.IsZero() {
		t.Errorf("got %+v back", out)
	}
	if v, ok := out["a"].Level.Value(); !ok || v != Debug {
		t.Errorf("level of a is %v, %v", v, ok)
	}
}

func TestCloneIsIndependent(t *testing.T) {
	l := NewLevels(Warn)
	c := l.Clone()
	c.Set("a", Trace)
	if l.Enabled("a", Debug) || !c.Enabled("a", Debug) {
		t.Error("a change of the clone reaches the original, or does not reach the clone")
	}
}

// What Stream's own logger did in compat/logger.mjs, these levels do.
func TestLevelsDoAsStreamsLogger(t *testing.T) {
	text, err := os.ReadFile("testdata/stream-logger.json")
	if err != nil {
		t.Fatal(err)
	}
	var steps []struct {
		Restore   bool
		Configure map[string]struct{ Level, Sink json.RawMessage }
		Reached   []string
	}
	if err := json.Unmarshal(text, &steps); err != nil || len(steps) < 100 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	l := NewLevels(Info)
	for n, step := range steps {
		if step.Restore {
			l.RestoreDefaults()
		}
		changes := make(map[string]Change)
		for scope, c := range step.Configure {
			var change Change
			if word, reset := wordOf(t, c.Level); reset {
				change.Level = Reset[Level]()
			} else if word != "" {
				change.Level = To(StreamLevel(word))
			}
			if name, reset := wordOf(t, c.Sink); reset {
				change.Sink = Reset[string]()
			} else if name != "" {
				change.Sink = To(name)
			}
			changes[scope] = change
		}
		l.Configure(changes)
		for i, scope := range []string{DefaultScope, "client", "Call"} {
			var got [numLevels]string
			for level := range got {
				if l.Enabled(scope, Level(level)) {
					got[level], _ = l.Sink(scope)
				}
			}
			if joined := strings.Join(got[:], " "); joined != step.Reached[i] {
				t.Fatalf("step %d: lines of %s reach %q, those of Stream's logger %q", n, scope, joined, step.Reached[i])
			}
		}
	}
}

// wordOf reads a value of JavaScript: a string, null, or nothing for undefined.
func wordOf(t *testing.T, value json.RawMessage) (word string, null bool) {
	t.Helper()
	if value == nil {
		return "", false
	}
	if err := json.Unmarshal(value, &word); err != nil {
		t.Fatal(err)
	}
	return word, string(value) == "null"
}

func TestAChangeIsTold(t *testing.T) {
	levels := NewLevels(Info)
	changed := levels.Changed()
	select {
	case <-changed:
		t.Fatal("nothing has changed yet")
	default:
	}
	levels.Set("coordinator", Trace)
	select {
	case <-changed:
	default:
		t.Fatal("a change closes the channel")
	}
	select {
	case <-levels.Changed():
		t.Fatal("the channel of the next change is open")
	default:
	}
}
