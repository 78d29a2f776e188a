package logsink

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func lastRecord(t *testing.T, s *Store) Record {
	t.Helper()
	_, next := s.Bounds()
	row, ok := s.Row(next - 1)
	if !ok {
		t.Fatal("the store is empty")
	}
	return row.Record()
}

func TestHandlerKeepsSlogsContract(t *testing.T) {
	var s *Store
	slogtest.Run(t,
		func(*testing.T) slog.Handler {
			s = NewStore(StoreConfig{})
			return NewHandler(s, HandlerOptions{})
		},
		func(t *testing.T) map[string]any {
			r := lastRecord(t, s)
			out := map[string]any{slog.LevelKey: r.Level, slog.MessageKey: r.Message}
			if !r.Time.IsZero() {
				out[slog.TimeKey] = r.Time
			}
			var attrs map[string]any
			if r.Attrs != "" {
				if err := json.Unmarshal(r.AttrsJSON(), &attrs); err != nil {
					t.Fatal(err)
				}
			}
			for key, v := range attrs {
				nest(out, strings.Split(key, "."), v)
			}
			return out
		})
}

// nest turns the dotted keys of groups into maps again.
func nest(m map[string]any, path []string, v any) {
	if len(path) == 1 {
		m[path[0]] = v
		return
	}
	inner, ok := m[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		m[path[0]] = inner
	}
	nest(inner, path[1:], v)
}

func TestHandlerLiftsItsOwnAttributes(t *testing.T) {
	s := NewStore(StoreConfig{})
	log := slog.New(NewHandler(s, HandlerOptions{Session: "sara"}))
	log.With(Scope("SfuClient"), Tags("1", "", "rpc"), Session("jack")).Warn("hello", Event(12), "code", 40)
	got := lastRecord(t, s)
	if got.Time.IsZero() {
		t.Error("the line has no time")
	}
	got.Time = time.Time{}
	want := Record{Seq: 1, Level: Warn, Scope: "SfuClient", Tags: "1,rpc", Session: "jack", Message: "hello", Attrs: "code=40", Event: 12}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record differs (-want +got):\n%s", diff)
	}
	log.WithGroup("g").Info("in a group nothing is lifted", "scope", "x", "event", "ring")
	if got := lastRecord(t, s); got.Scope != DefaultScope || got.Session != "sara" || got.Attrs != "g.scope=x g.event=ring" {
		t.Errorf("got %+v", got)
	}
	log.Info("wrong kinds stay attributes", "scope", 1, "event", "ring", "tags", true)
	if got := lastRecord(t, s); got.Attrs != "scope=1 event=ring tags=true" {
		t.Errorf("got attrs %s", got.Attrs)
	}
}

type panicky struct{}

func (panicky) String() string { panic("boom") }

type lazy struct{}

func (lazy) LogValue() slog.Value { return slog.StringValue("resolved") }

func TestHandlerRendersValues(t *testing.T) {
	tests := []struct {
		name  string
		value any
		want  string
	}{
		{"a plain word", "abc", "abc"},
		{"a text with blanks", "a b", `"a b"`},
		{"an empty text", "", `""`},
		{"a text that looks like a number", "40", `"40"`},
		{"a text that looks like a word of JSON", "true", `"true"`},
		{"a text that looks like an object", "{}", `"{}"`},
		{"control characters", "a\x1b[31m\n", `"a\u001b[31m\n"`},
		{"bytes that are not UTF-8", "a\xff", `"a\\xff"`},
		{"an integer", 40, "40"},
		{"a float", 1.5, "1.5"},
		{"a float that is no number", math.NaN(), "NaN"},
		{"something that JSON cannot hold", map[string]any{"f": complex(1, 2)}, `map[f:(1+2i)]`},
		{"a name with a JSON form", json.RawMessage(`"a b"`), `"a b"`},
		{"an address", netip.MustParseAddr("127.0.0.1"), "127.0.0.1"},
		{"a URL", &url.URL{Scheme: "wss", Host: "h", RawQuery: "a=1"}, `"wss://h?a=1"`},
		{"a bool", true, "true"},
		{"nil", nil, "null"},
		{"a duration", 1500 * time.Millisecond, "1.5s"},
		{"a time", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02T03:04:05Z"},
		{"an error", errors.New("it broke"), `"it broke"`},
		{"a struct", struct{ A int }{1}, `{"A":1}`},
		{"a list", []string{"a", "b"}, `["a","b"]`},
		{"something with a text form", Warn, "warn"},
		{"a lazy value", lazy{}, "resolved"},
		{"a value that panics", panicky{}, `"!PANIC: boom"`},
		{"a header with a secret", http.Header{"Authorization": {"0123456789abcdef0123456789abcdef"}}, `{"Authorization":["…abcdef"]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewStore(StoreConfig{})
			slog.New(NewHandler(s, HandlerOptions{})).Info("m", "k", tt.value)
			if got := lastRecord(t, s).Attrs; got != "k="+tt.want {
				t.Errorf("got %s, want k=%s", got, tt.want)
			}
		})
	}
}

func TestHandlerMasksSecrets(t *testing.T) {
	s := NewStore(StoreConfig{})
	log := slog.New(NewHandler(s, HandlerOptions{})).With("api_secret", "hunter2hunter2")
	log.Info("sent "+jwt, slog.Group("req", "Authorization", "0123456789abcdef0123456789abcdef"), "password", "p w", "n", 1)
	got := lastRecord(t, s)
	if got.Message != "sent eyJ….….…"+sig[len(sig)-6:] {
		t.Errorf("message is %s", got.Message)
	}
	if want := `api_secret=… req.Authorization=…abcdef password="…" n=1`; got.Attrs != want {
		t.Errorf("attrs are %s\nwant     %s", got.Attrs, want)
	}
}

func TestCaptureFollowsTheLevels(t *testing.T) {
	s := NewStore(StoreConfig{})
	levels := NewLevels(Warn)
	h := NewHandler(s, HandlerOptions{Capture: levels})
	log := slog.New(h)
	scoped := log.With(Scope("coordinator"))
	count := func(what string, want int) {
		t.Helper()
		if got := s.Len(); got != want {
			t.Errorf("%s: %d lines stored, want %d", what, got, want)
		}
	}
	scoped.Info("too low")
	count("info is below the default", 0)
	levels.Set("coordinator", Trace)
	scoped.Log(t.Context(), SlogTrace, "frame")
	count("the scope is now at trace, for a logger that exists already", 1)
	log.Info("too low")
	count("other scopes keep the default", 1)
	levels.Reset("coordinator")
	scoped.Info("too low")
	count("the scope is reset", 1)
	levels.Set("client", Off)
	log.Error("silent", Scope("client"))
	count("a scope given in the call counts too", 1)
}

func TestDisabledHandlerDoesNotAllocate(t *testing.T) {
	log := slog.New(NewHandler(NewStore(StoreConfig{}), HandlerOptions{Capture: NewLevels(Warn)}))
	ctx := t.Context()
	if n := testing.AllocsPerRun(1000, func() { log.LogAttrs(ctx, slog.LevelDebug, "m", slog.Int("code", 40)) }); n != 0 {
		t.Errorf("a muted line allocates %v times, want 0", n)
	}
}
