package logsink

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestRecordString(t *testing.T) {
	when := time.Date(2026, 1, 2, 12, 4, 9, 131e6, time.UTC)
	for _, tt := range []struct {
		name string
		in   Record
		want string
	}{
		{"everything", Record{Time: when, Level: Warn, Scope: "SfuClient", Tags: "1,rpc", Session: "sara", Message: "WS failed", Attrs: "code=40"},
			"12:04:09.131 WARN  sara [SfuClient](1,rpc): WS failed code=40"},
		{"the least", Record{Scope: "client", Message: "m"}, "--:--:--.--- TRACE [client]: m"},
		{"control characters show", Record{Time: when, Level: Error, Scope: "a\x07", Message: "x\x1b[2J\r\ny\u202e"},
			`12:04:09.131 ERROR [a\x07]: x\x1b[2J\r\ny\u202e`},
	} {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestRecordJSON(t *testing.T) {
	when := time.Date(2026, 1, 2, 12, 4, 9, 131e6, time.UTC)
	for _, tt := range []struct {
		name string
		in   Record
		want string
	}{
		{"the least", Record{}, `{"kind":"log","level":"trace","message":""}`},
		{"everything", Record{Seq: 7, Time: when, Level: Warn, Scope: "a", Tags: "1,rpc", Session: "sara", Event: 12, Message: "m", Attrs: `code=40 ok=true why="a b" o={"x":[1, 2]} "odd key"=x g.h="40"`, Dropped: 3},
			`{"kind":"log","seq":7,"time":"2026-01-02T12:04:09.131Z","level":"warn","scope":"a","tags":["1","rpc"],"session":"sara","event":12,"message":"m",` +
				`"attrs":"code=40 ok=true why=\"a b\" o={\"x\":[1, 2]} \"odd key\"=x g.h=\"40\"","dropped":3}`},
		{"attributes in their form are an object", Record{Attrs: `code=40 ok=true why="a b" o={"x":[1,2]} "odd key"=x g.h="40"`},
			`{"kind":"log","level":"trace","message":"","attrs":{"code":40,"ok":true,"why":"a b","o":{"x":[1,2]},"odd key":"x","g.h":"40"}}`},
		{"a URL stays readable", Record{Message: "GET /x?a=1&b=<2>", Attrs: "q=a&b"}, `{"kind":"log","level":"trace","message":"GET /x?a=1&b=<2>","attrs":{"q":"a&b"}}`},
		{"other attributes are a text", Record{Attrs: "just text"}, `{"kind":"log","level":"trace","message":"","attrs":"just text"}`},
		{"bytes that are not UTF-8 show", Record{Message: "a\xffb"}, `{"kind":"log","level":"trace","message":"a\\xffb"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.in.MarshalJSON()
			if err != nil || string(got) != tt.want {
				t.Errorf("got  %s (%v)\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestRecordFromJSON(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"kind":"frame"}`, `log record: kind is "frame", want "log"`},
		{`{"level":"loud"}`, "unknown log level"},
		{`{"level":"info","attrs":[1]}`, "attrs: not a JSON object"},
		{`[]`, "log record: json:"},
	} {
		var r Record
		if err := json.Unmarshal([]byte(tt.in), &r); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want %q", tt.in, err, tt.want)
		}
	}
	var r Record
	if err := json.Unmarshal([]byte(`{"level":"info","message":"m","later":1}`), &r); err != nil || r.Message != "m" {
		t.Errorf("a field of a later version: got %+v (%v)", r, err)
	}
}

func TestSetAttrs(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{"a":1,"b":"x y","c":{"d": null}}`, `a=1 b="x y" c={"d":null}`},
		{`["a", 1]`, `data=["a",1]`},
		{`null`, ""}, {``, ""}, {`{}`, ""}, {`"text"`, "data=text"},
	} {
		var r Record
		if err := r.SetAttrs([]byte(tt.in)); err != nil || r.Attrs != tt.want {
			t.Errorf("%s: got %s (%v), want %s", tt.in, r.Attrs, err, tt.want)
		}
	}
	if err := new(Record).SetAttrs([]byte(`{"a":`)); err == nil {
		t.Error("broken JSON is taken")
	}
	if got := (Record{}).AttrsJSON(); got != nil {
		t.Errorf("no attributes are %s, want nothing", got)
	}
}

func FuzzRecordJSON(f *testing.F) {
	f.Add(uint64(1), int64(1767225600000000000), 3, "coordinator", "1,rpc", "sara", "WS failed", `code=40 why="a b"`, uint64(2))
	f.Add(uint64(0), int64(0), 0, "", "", "", "\x1b\u2028\x00", `{"a":1} "x"= =`, uint64(0))
	f.Add(uint64(0), int64(-1), 4, "é", ",", "\t", "\"\\", `a={"b":1}c=2`, uint64(0))
	f.Fuzz(func(t *testing.T, seq uint64, nanos int64, level int, scope, tags, session, message, attrs string, event uint64) {
		for _, s := range []string{scope, tags, session, message, attrs} {
			if !utf8.ValidString(s) {
				t.Skip("JSON cannot hold it")
			}
		}
		in := Record{
			Seq: seq, Time: time.Unix(0, nanos).UTC(), Level: Level(uint(level) % 5), Scope: scope, Tags: tags,
			Session: session, Message: message, Attrs: attrs, Event: event,
		}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(text, "\n\r") {
			t.Fatalf("more than one line: %q", text)
		}
		var out Record
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if out != in {
			t.Errorf("got  %#v\nwant %#v\nfrom %s", out, in, text)
		}
	})
}
