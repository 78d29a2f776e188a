package timeline_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

var update = flag.Bool("update", false, "write the golden recording")

// TestTheFormatOfRecordingsStands: version 1 is a contract with files that are
// out there. A change of this golden file is a change of the format.
func TestTheFormatOfRecordingsStands(t *testing.T) {
	golden := filepath.Join("testdata", "version1.ndjson")
	var out bytes.Buffer
	w, err := timeline.NewWriter(&out, timeline.Header{
		Tool: "1.0.0", Start: start, User: "sara", BaseURL: "http://127.0.0.1:8800/video", Source: timeline.SourceLocal,
	})
	if err != nil {
		t.Fatal(err)
	}
	var written []timeline.Event
	for i, p := range onePayloadOfEachKind() {
		offset := time.Duration(i) * time.Millisecond
		e := timeline.Event{Seq: uint64(i + 1), Time: at(offset), Offset: offset, Session: "sara", Attempt: i % 3, Payload: p}
		written = append(written, e)
		if err := w.WriteEvent(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteLog(json.RawMessage(`{"kind":"log","scope":"client","message":"hello"}`)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), out.String()); diff != "" {
		t.Errorf("what is written (-golden +now):\n%s", diff)
	}
	read, report := readAll(t, file)
	if diff := cmp.Diff(written, read); diff != "" || report.Logs != 1 {
		t.Errorf("what is read, with %d log lines (-written +read):\n%s", report.Logs, diff)
	}
}
