package timeline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"streamscope/timeline"
)

func record(t testing.TB, events ...timeline.Event) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := timeline.NewWriter(&out, timeline.Header{Tool: "test", Start: start, User: "sara"})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := w.WriteEvent(e); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func readAll(t testing.TB, file []byte) ([]timeline.Event, timeline.Report) {
	t.Helper()
	r, err := timeline.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var events []timeline.Event
	for {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			return events, r.Report()
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Log == nil {
			events = append(events, entry.Event)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, example := range onePayloadOfEachKind() {
		t.Run(string(example.Kind()), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				payload := reflect.New(reflect.TypeOf(example)).Elem()
				anything.fill(rt, payload)
				want := timeline.Event{
					Seq: rapid.Uint64().Draw(rt, "seq"), Time: anything.time(rt),
					Offset:  time.Duration(rapid.Int64().Draw(rt, "offset")),
					Session: rapid.String().Draw(rt, "session"), Attempt: rapid.Int().Draw(rt, "attempt"),
					Payload: payload.Interface().(timeline.Payload),
				}
				got, report := readAll(t, record(t, want))
				if len(got) != 1 || report.Unknown+report.Bad > 0 {
					rt.Fatalf("read %d events, report %+v", len(got), report)
				}
				if diff := cmp.Diff(want, got[0]); diff != "" {
					rt.Fatalf("(-written +read):\n%s", diff)
				}
			})
		})
	}
}

func TestBodiesAreReadableInARecording(t *testing.T) {
	file := record(t, timeline.Event{Payload: timeline.Frame{Body: []byte(`{"a":"<&>"}`)}})
	if !strings.Contains(string(file), `"body":"{\"a\":\"<&>\"}"`) {
		t.Errorf("the body is not text in %s", file)
	}
}

func TestAKilledWriterLeavesAReadableFile(t *testing.T) {
	file := record(t, note(0, "first"), note(time.Second, "second"))
	lines := bytes.SplitAfter(file, []byte("\n"))
	whole := len(file) - len(lines[2])
	for cut := whole; cut < len(file)-1; cut++ {
		events, report := readAll(t, file[:cut])
		if len(events) != 1 || report.Bad != 0 || report.Torn != (cut > whole) {
			t.Fatalf("cut at %d of %d: %d events, report %+v", cut, len(file), len(events), report)
		}
	}
	if events, report := readAll(t, file[:len(file)-1]); len(events) != 2 || report.Torn {
		t.Errorf("without the last line end: %d events, report %+v", len(events), report)
	}
}

func TestWhatIsNotUnderstoodIsKeptOrCounted(t *testing.T) {
	file := string(record(t, note(0, "first"))) +
		`{"seq":2,"off_ns":5,"session":"sara","kind":"brand.new","data":{"x":[1,2]}}` + "\n" +
		`{"seq":3,"off_ns":6,"kind":"frame","data":{"size":"large"}}` + "\n" +
		"not JSON at all\n" + `{"neither":"event nor log"}` + "\n\n" +
		`{"log":{"kind":"log","message":"hello"}}` + "\n" +
		`{"seq":4,"off_ns":7,"kind":"mark","data":{"text":"end"},"new":true}` + "\n"
	events, report := readAll(t, []byte(file))
	want := timeline.Report{Events: 4, Logs: 1, Unknown: 2, Bad: 2, FirstBad: 5}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	unknown := timeline.Unknown{Name: "brand.new", Data: json.RawMessage(`{"x":[1,2]}`)}
	if diff := cmp.Diff(timeline.Payload(unknown), events[1].Payload); diff != "" {
		t.Errorf("the unknown event (-want +got):\n%s", diff)
	}
	again, _ := readAll(t, record(t, events...))
	if diff := cmp.Diff(events, again); diff != "" {
		t.Errorf("written again, the events differ:\n%s", diff)
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", "line 1: the file is empty"},
		{"another file", "PNG...\n", "line 1: not a streamscope recording"},
		{"another JSON file", `{"log":{"version":"1.2"}}` + "\n", "line 1: not a streamscope recording"},
		{"a newer version", `{"streamscope_recording":7}` + "\n", "line 1: format version 7 is newer than the 1 that this streamscope reads; update"},
		{"zstd", "\x28\xb5\x2f\xfd\n", "compressed with zstd"},
		{"gzip", "\x1f\x8b\n", "compressed with gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := timeline.NewReader(strings.NewReader(tt.in))
			if _, ok := errors.AsType[*timeline.FormatError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestALineThatIsTooLongIsPassedOver(t *testing.T) {
	file := string(record(t)) + strings.Repeat("x", timeline.MaxLine+1) + "\n" + string(record(t, note(0, "after"))[len(record(t)):])
	events, report := readAll(t, []byte(file))
	if len(events) != 1 || report.Bad != 1 || report.FirstBad != 2 {
		t.Errorf("%d events, report %+v", len(events), report)
	}
}

// writes counts calls of Write and keeps the last.
type writes struct {
	n    int
	last []byte
}

func (w *writes) Write(p []byte) (int, error) {
	w.n++
	w.last = append(w.last[:0], p...)
	return len(p), nil
}

func TestEachLineIsOneWrite(t *testing.T) {
	var out writes
	w, err := timeline.NewWriter(&out, timeline.Header{Start: start})
	if err != nil {
		t.Fatal(err)
	}
	for i, write := range []func() error{
		func() error { return w.WriteEvent(note(0, "x")) },
		func() error { return w.WriteLog(json.RawMessage(`{"message":"x"}`)) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		if out.n != i+2 || bytes.Count(out.last, []byte("\n")) != 1 || out.last[len(out.last)-1] != '\n' {
			t.Errorf("line %d took %d writes, the last is %q", i+2, out.n, out.last)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(record(f, note(0, "x")))
	f.Add([]byte("{\"streamscope_recording\":1}\n{\"kind\":\"frame\",\"data\":{\"body\":{\"base64\":\"AA\"}}}\n{\"log\":null}\n{"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := timeline.NewReader(bytes.NewReader(file))
		if err != nil {
			return
		}
		state := timeline.State{}
		for {
			entry, err := r.Next()
			if err != nil {
				break
			}
			timeline.Describe(entry.Event)
			state = timeline.Apply(state, entry.Event)
		}
	})
}
