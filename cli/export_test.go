package cli

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adrg/xdg"

	"streamscope/logsink"
	"streamscope/record"
	"streamscope/timeline"
)

func TestExports(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	synctest.Test(t, testExports)
}

func testExports(t *testing.T) {
	h := newHome(t)
	defer h.end()
	c := h.controller()
	raw := h.s.Token().Reveal()
	for _, choice := range c.Exports() {
		path, err := c.Export("sara", choice.Name)
		if err != nil {
			t.Errorf("%s is written: %v", choice.Name, err)
			continue
		}
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is a file for the user's eyes only: %v, %v", choice.Name, info, err)
		}
		text, err := os.ReadFile(path)
		if err != nil || strings.Contains(string(text), raw) {
			t.Errorf("%s holds no token (%v)", choice.Name, err)
		}
	}
	if _, err := c.Export("sara", "report"); err == nil {
		t.Error("nothing is written over, and two files of one instant would have one name")
	}
	time.Sleep(time.Second)
	if path, err := c.Report("sara", time.Time{}, time.Time{}); err != nil || !strings.HasSuffix(path, "report.md") {
		t.Errorf("a report is written, got %s, %v", path, err)
	}
	if path, err := c.Export("sara", "last 90s"); err != nil || !strings.HasSuffix(path, "last-90s.ndjson.zst") {
		t.Errorf("any time can be saved, got %s, %v", path, err)
	}
	if _, err := c.Export("sara", exportRecord); err == nil || !strings.Contains(err.Error(), "it is recorded already, to "+h.rig.recordingPath()) {
		t.Errorf("there is one recording at a time, got %v", err)
	}
	for _, name := range []string{"poem", "last", "last week", "last -5m"} {
		if _, err := c.Export("sara", name); err == nil {
			t.Errorf("%q is not offered and is refused", name)
		}
	}
}

// A recording that is opened is not recorded: what is offered there does not name it.
func TestARecordingOffersNoRecording(t *testing.T) {
	_, err := archive{}.Export("sara", exportRecord)
	if err == nil || !strings.Contains(err.Error(), "there are report, last 5m, everything, har and attempts") {
		t.Errorf("what there is is named, got %v", err)
	}
}

// A report of a range has the frames and the log lines of the range only, and says
// what the session was at its end.
func TestReportOfARange(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	start := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	a := archive{
		stores: record.Stores{
			Timeline: timeline.NewStore(timeline.Options{Start: start}), Logs: logsink.NewStore(logsink.StoreConfig{}),
		},
		header: func() timeline.Header { return timeline.Header{} },
	}
	for i, name := range []string{"early.event", "wanted.event", "late.event"} {
		at := start.Add(time.Duration(i) * time.Second)
		a.stores.Timeline.Append(timeline.Event{Time: at, Session: "sara", Payload: timeline.Frame{Dir: timeline.In, Op: "text", Type: name}})
		a.stores.Timeline.Append(timeline.Event{Time: at, Session: "sara", Payload: timeline.StateChanged{To: timeline.ConnState(name)}})
		a.stores.Logs.Append(logsink.Record{Time: at, Level: logsink.Error, Scope: "client", Message: "a line beside the " + name})
	}
	path, err := a.Report("sara", start.Add(time.Second), start.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]bool{
		"wanted.event": true, "a line beside the wanted": true, "part of the record": true, "state at the end | wanted": true,
		"early.event": false, "late.event": false, "beside the early": false, "beside the late": false,
	} {
		if strings.Contains(string(text), word) != want {
			t.Errorf("the report has %q: want %v\n%s", word, want, text)
		}
	}
}
