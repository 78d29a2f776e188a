package record

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"streamscope/logsink"
)

func TestForeignLogs(t *testing.T) {
	at := func(s string) time.Time {
		t.Helper()
		when, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	noon := at("2026-01-02T12:00:00.5Z")
	clock := time.Date(0, 1, 1, 12, 4, 9, 131e6, time.UTC)
	tests := []struct {
		name, in string
		want     logsink.Record
	}{
		{"the official client", "[coordinator](1): Connecting", logsink.Record{Level: logsink.Info, Scope: "coordinator", Tags: "1", Message: "Connecting"}},
		{"without tags", "[client]: hello: world", logsink.Record{Level: logsink.Info, Scope: "client", Message: "hello: world"}},
		{"with a level", "WARN [Dispatcher](a, b): late", logsink.Record{Level: logsink.Warn, Scope: "Dispatcher", Tags: "a,b", Message: "late"}},
		{"with a level in brackets", "[error] [client]: no", logsink.Record{Level: logsink.Error, Scope: "client", Message: "no"}},
		{"with time and level", "2026-01-02T12:00:00.5Z DEBUG [client](x): m", logsink.Record{Time: noon, Level: logsink.Debug, Scope: "client", Tags: "x", Message: "m"}},
		{"with an object behind", `[client]: m {"code":40}`, logsink.Record{Level: logsink.Info, Scope: "client", Message: "m", Attrs: "code=40"}},
		{"our own text", "12:04:09.131 WARN  sara [coordinator](1): m code=40", logsink.Record{Time: clock, Level: logsink.Warn, Session: "sara", Scope: "coordinator", Tags: "1", Message: "m code=40"}},
		{"time level scope message object", `2026-01-02 12:00:00.5 INFO auth token loaded {"ms":3,"ok":true}`, logsink.Record{Time: noon, Level: logsink.Info, Scope: "auth", Message: "token loaded", Attrs: "ms=3 ok=true"}},
		{"the decimal comma", "2026-01-02 12:00:00,500 ERROR db: gone", logsink.Record{Time: noon, Level: logsink.Error, Scope: "db", Message: "gone"}},
		{"a zone behind a blank", "2026-01-02 14:00:00.5 +0200 WARN a b", logsink.Record{Time: noon, Level: logsink.Warn, Scope: "a", Message: "b"}},
		{"time in brackets", "[2026-01-02T12:00:00.5Z] [info] a b", logsink.Record{Time: noon, Level: logsink.Info, Scope: "a", Message: "b"}},
		{"plain text", "hello world", logsink.Record{Level: logsink.Info, Scope: "default", Message: "hello world"}},
		{"a sentence that begins with a capital", "A message", logsink.Record{Level: logsink.Info, Scope: "default", Message: "A message"}},
		{"JSON of slog", `{"time":"2026-01-02T12:00:00.5Z","level":"WARN","msg":"m","scope":"s","code":40}`, logsink.Record{Time: noon, Level: logsink.Warn, Scope: "s", Message: "m", Attrs: "code=40"}},
		{"a level of slog that has no name", `{"time":"2026-01-02T12:00:00.5Z","level":"DEBUG-4","msg":"m"}`, logsink.Record{Time: noon, Level: logsink.Trace, Scope: logsink.DefaultScope, Message: "m"}},
		{"JSON of pino", `{"level":50,"time":1767355200500,"pid":7,"msg":"m"}`, logsink.Record{Time: noon, Level: logsink.Error, Scope: "default", Message: "m", Attrs: "pid=7"}},
		{"JSON of zap", `{"level":"info","ts":1767355200.5,"logger":"x","msg":"m"}`, logsink.Record{Time: noon, Level: logsink.Info, Scope: "x", Message: "m"}},
		{"JSON around a line of the client", `{"level":1,"message":"[sfu](rpc): m"}`, logsink.Record{Level: logsink.Debug, Scope: "sfu", Tags: "rpc", Message: "m"}},
		{"our own JSON", `{"kind":"log","level":"trace","scope":"s","tags":["1"],"message":"m","attrs":{"a":1}}`, logsink.Record{Level: logsink.Trace, Scope: "s", Tags: "1", Message: "m", Attrs: "a=1"}},
		{"JSON with blanks and lists", `{ "level": "info", "msg": "m", "list": [1, 2], "s": "1" }`, logsink.Record{Level: logsink.Info, Scope: "default", Message: "m", Attrs: `list=[1,2] s="1"`}},
		{"pairs of slog", `time=2026-01-02T12:00:00.500Z level=WARN msg="a b" scope=s code=40 why="x y"`, logsink.Record{Time: noon, Level: logsink.Warn, Scope: "s", Message: "a b", Attrs: `code=40 why="x y"`}},
		{"pairs that are none", "time=now and then", logsink.Record{Level: logsink.Info, Scope: "default", Message: "time=now and then"}},
		{"Android", "01-02 12:04:09.131  1234  5678 W ReactNativeJS: '[coordinator](1): m'", logsink.Record{Time: time.Date(0, 1, 2, 12, 4, 9, 131e6, time.UTC), Level: logsink.Warn, Scope: "coordinator", Tags: "1", Message: "m"}},
		{"a console that names the file", "index.js:120 [client]: m", logsink.Record{Level: logsink.Info, Scope: "client", Message: "m"}},
		{"JSON that is cut", `{"level":"info","msg":"m`, logsink.Record{Level: logsink.Info, Scope: "default", Message: `{"level":"info","msg":"m`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var f foreign
			if diff := cmp.Diff(tt.want, f.parse(tt.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesThatGoOnBelongTogether(t *testing.T) {
	log := "2026-01-02 12:00:00 ERROR app it broke\n    at f (a.js:1)\nCaused by: y\n" +
		strings.Repeat("2026-01-02 12:00:01 INFO app fine\n\tmore\n", 40000)
	path := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	back, report := load(t, path)
	got := texts(back)
	if got[0] != "log it broke\n    at f (a.js:1)\nCaused by: y" || report.Problems() != nil {
		t.Errorf("the first record is %q, problems %q", got[0], report.Problems())
	}
	if i := slices.IndexFunc(got[1:], func(s string) bool { return s != "log fine\n\tmore" }); i >= 0 || len(got) != 40001 {
		t.Errorf("%d records, record %d is %q", len(got), i+1, got[1+max(i, 0)])
	}
}

func TestAttributesAreThoseOfTheLogStore(t *testing.T) {
	value := rapid.SampledFrom([]string{
		"1", "-1", "1.5", "1e3", "true", "false", "null", `"true"`, `"1"`, `"x"`, `""`, `"a b"`, `"é"`, `"a\"b"`, "[1,2]", `{"b":[{}]}`,
		"9223372036854775808", `"/a:b.c"`, `"null"`, `"-"`, `"\u0041"`})
	key := rapid.SampledFrom([]string{`"a"`, `"b.c"`, `"a b"`, `""`, `"é"`, `"\n"`})
	rapid.Check(t, func(t *rapid.T) {
		var object strings.Builder
		object.WriteString("{")
		for i := range rapid.IntRange(1, 4).Draw(t, "n") {
			if i > 0 {
				object.WriteString(",")
			}
			object.WriteString(key.Draw(t, "key") + ":" + value.Draw(t, "value"))
		}
		object.WriteString("}")
		var want, got logsink.Record
		if err := want.SetAttrs([]byte(object.String())); err != nil {
			t.Fatal(err)
		}
		var f foreign
		if !f.members.read(object.String()) || !f.attrs(&got) || got.Attrs != want.Attrs {
			t.Fatalf("%s\n got %s\nwant %s", object.String(), got.Attrs, want.Attrs)
		}
	})
}

func TestQuickTimesAreThoseOfTheLibrary(t *testing.T) {
	number := func(t *rapid.T, n, most int, name string) string {
		return fmt.Sprintf("%0*d", n, rapid.IntRange(0, most).Draw(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		stamp := number(t, 4, 9999, "year") + "-" + number(t, 2, 13, "month") + "-" + number(t, 2, 32, "day") +
			rapid.SampledFrom([]string{"T", " "}).Draw(t, "between") +
			number(t, 2, 25, "hour") + ":" + number(t, 2, 61, "minute") + ":" + number(t, 2, 61, "second") +
			rapid.StringMatching(`([.,][0-9]{0,10})?(Z|\+02:00|x)?`).Draw(t, "rest")
		var quick, slow stamps
		got, ok := quick.quick(stamp)
		if !ok {
			return
		}
		slow.form = rapid.IntRange(0, len(stampForms)-1).Draw(t, "form")
		want, known := slow.parse(stamp)
		if !known || !want.Equal(got) {
			t.Fatalf("%s is %v, and for the library %v (%v)", stamp, got, want, known)
		}
	})
}

func TestSecretsThatNoLineShowsAloneAreMasked(t *testing.T) {
	const secret = "0123456789abcdefghij"
	for name, log := range map[string]string{
		"in escapes":             `{"level":"info","msg":"m","\u0074oken":"` + secret + `"}`,
		"in an escaped message":  `{"level":"info","msg":"\u0070assword=` + secret + `"}`,
		"in attributes":          `2026-01-02 12:00:00 INFO a b {"\u0073ecret":"` + secret + `"}`,
		"on the line of a value": "[client]: sent { token:\n    '" + secret + "'",
	} {
		t.Run(name, func(t *testing.T) {
			into := stores()
			s, err := OpenReader(name, strings.NewReader(log+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Load(t.Context(), into, nil); err != nil {
				t.Fatal(err)
			}
			row, ok := into.Logs.Row(1)
			if !ok || strings.Contains(row.Text(), secret) {
				t.Errorf("the line is %q", row.Text())
			}
		})
	}
}
