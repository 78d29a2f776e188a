package record

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"streamscope/logsink"
	"streamscope/timeline"
)

var update = flag.Bool("update", false, "write the schema anew")

// payloads are one of each kind, empty: the schema is made of their types.
func payloads() []timeline.Payload {
	return []timeline.Payload{
		timeline.SessionOpened{}, timeline.SessionClosed{}, timeline.StateChanged{}, timeline.Switched{}, timeline.UserAction{},
		timeline.Network{}, timeline.Warning{}, timeline.Note{}, timeline.Mark{}, timeline.Dropped{},
		timeline.AttemptStarted{}, timeline.StageChanged{}, timeline.AttemptEnded{}, timeline.Backoff{}, timeline.ConnectFailed{}, timeline.AppEvent{},
		timeline.TokenLoading{}, timeline.TokenLoaded{}, timeline.TokenFailed{}, timeline.TokenSent{}, timeline.Clock{},
		timeline.Frame{}, timeline.Close{}, timeline.HTTPRequest{}, timeline.HTTPResponse{},
		timeline.CallEvent{}, timeline.CallChanged{}, timeline.RingDecision{}, timeline.BusyTone{},
		timeline.FaultArmed{}, timeline.FaultHit{}, timeline.FaultCleared{}, timeline.FaultScored{},
	}
}

type object = map[string]any

// makeSchema describes a line. Later versions may add members and kinds, so that
// others are allowed everywhere; what is known must have its type.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	defs := object{}
	data := []any{}
	for _, p := range payloads() {
		name := string(p.Kind())
		defs[name] = shape(t, p)
		data = append(data, object{
			"if":   object{"properties": object{"kind": object{"const": name}}, "required": []string{"kind"}},
			"then": object{"properties": object{"data": object{"$ref": "#/$defs/" + name}}, "required": []string{"data"}},
		})
	}
	defs["header"] = object{
		"type": "object", "required": []string{"streamscope_recording", "tool", "start", "redacted"},
		"properties": shape(t, timeline.Header{})["properties"],
	}
	defs["log"] = object{
		"type": "object", "required": []string{"log"},
		"properties": object{"log": object{
			"type": "object", "required": []string{"kind", "message"},
			"properties": object{
				"kind": object{"const": "log"}, "seq": integer(0), "time": instant, "event": integer(0), "dropped": integer(0),
				"level": object{"enum": []string{"trace", "debug", "info", "warn", "error"}},
				"scope": text, "session": text, "message": text, "tags": object{"type": "array", "items": text},
				"attrs": object{"type": []string{"object", "string"}},
			},
		}},
	}
	defs["event"] = object{
		"type": "object", "required": []string{"off_ns", "kind"},
		"properties": object{
			"seq": integer(0), "t": instant, "off_ns": object{"type": "integer"}, "session": text,
			"attempt": object{"type": "integer"}, "kind": text,
		},
		"allOf": data,
	}
	out, err := json.MarshalIndent(object{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "a line of a streamscope recording, version 1",
		"description": "The first line is the header; each other line is an event or a log record. Members and kinds that are not described here may appear; readers keep or ignore them. Durations end in _ns and are nanoseconds.",
		"oneOf": []any{
			object{"$ref": "#/$defs/header"}, object{"$ref": "#/$defs/log"}, object{"$ref": "#/$defs/event"},
		},
		"$defs": defs,
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

var (
	text    = object{"type": "string"}
	instant = object{"type": "string", "format": "date-time"}
)

func integer(least int) object { return object{"type": "integer", "minimum": least} }

// shape is the schema of a Go type as encoding/json writes it.
func shape(t *testing.T, v any) object {
	t.Helper()
	r := &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, DoNotReference: true, AllowAdditionalProperties: true, Mapper: known}
	data, err := json.Marshal(r.Reflect(v))
	if err != nil {
		t.Fatal(err)
	}
	var out object
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	delete(out, "$schema")
	return out
}

// known are the types that are not written as what they are made of. A list that
// is empty is null.
func known(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[timeline.Body]():
		binary := jsonschema.NewProperties()
		binary.Set("base64", &jsonschema.Schema{Type: "string"})
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string"}, {Type: "object", Properties: binary, Required: []string{"base64"}},
		}}
	case reflect.TypeFor[timeline.Stage]():
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[time.Duration]():
		return &jsonschema.Schema{Type: "integer"}
	case reflect.TypeFor[[]timeline.Failure]():
		r := &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, DoNotReference: true, AllowAdditionalProperties: true, Mapper: known}
		item := r.Reflect(timeline.Failure{})
		item.Version = ""
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "array", Items: item}, {Type: "null"}}}
	}
	return nil
}

const schemaPath = "schema/recording.schema.json"

func TestTheSchemaIsThatOfTheTypes(t *testing.T) {
	want := makeSchema(t)
	if *update {
		if err := os.WriteFile(schemaPath, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(schemaPath); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the types say (%v); run the test with -update and look at the difference", schemaPath, err)
	}
}

func compiled(t *testing.T) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("recording.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("recording.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func holds(t *testing.T, s *validator.Schema, line string) error {
	t.Helper()
	v, err := validator.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		t.Fatalf("not JSON: %v: %s", err, line)
	}
	return s.Validate(v)
}

func TestEveryKindOfLineHoldsToTheSchema(t *testing.T) {
	s := compiled(t)
	seen := map[timeline.Kind]bool{}
	st := stores()
	for _, p := range payloads() {
		seen[p.Kind()] = true
		st.Timeline.Append(timeline.Event{Time: start, Session: "sara", Attempt: 1, Payload: p})
	}
	for _, kind := range timeline.Kinds() {
		if !seen[kind] {
			t.Errorf("kind %s is not in the table of payloads", kind)
		}
	}
	for i := range 20 {
		st.Timeline.Append(traffic(i))
	}
	st.Logs.Append(logsink.Record{Time: start, Level: logsink.Warn, Scope: "a", Tags: "1,2", Session: "s", Message: "m", Attrs: `a=1 b="x y"`, Event: 3})
	st.Logs.Append(logsink.Record{Attrs: "not key and value"})
	path := filepath.Join(t.TempDir(), "r.ndjson")
	if _, err := SaveLast(path, 0, timeline.Header{Start: start, User: "sara"}, st, false); err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("../timeline/testdata/version1.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(ours) + string(golden)) {
		if err := holds(t, s, line); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
	}
}

func TestTheSchemaRefuses(t *testing.T) {
	s := compiled(t)
	for _, line := range []string{
		`{}`, `[]`, `{"streamscope_recording":1}`,
		`{"off_ns":1,"kind":"frame"}`, `{"off_ns":"1","kind":"note","data":{"text":"x"}}`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"in","op":"text","size":"large"}}`,
		`{"off_ns":1,"t":"yesterday","kind":"note","data":{"text":"x"}}`,
		`{"log":{"kind":"log","level":"loud","message":"x"}}`,
	} {
		if holds(t, s, line) == nil {
			t.Errorf("the schema takes %s", line)
		}
	}
	if err := holds(t, s, `{"off_ns":1,"kind":"of.a.later.version","data":{"x":1},"more":true}`); err != nil {
		t.Errorf("a kind of a later version is refused: %v", err)
	}
}
