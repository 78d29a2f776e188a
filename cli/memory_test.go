package cli

import (
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"streamscope/record"
)

// TestThePaceOfTheCollector goes through the paces as a run of the program does.
func TestThePaceOfTheCollector(t *testing.T) {
	pace := func() int {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return int(sample[0].Value.Uint64())
	}
	before := pace()
	want := func(expectation string, percent int) {
		t.Helper()
		if got := pace(); got != percent {
			t.Errorf("%s: %d%%, want %d%%", expectation, got, percent)
		}
	}
	t.Setenv("GOGC", "")
	defer func() { debug.SetGCPercent(before) }()
	stayLean()
	want("a session is lean", leanPercent)
	undo := collectSeldom(record.KindRecording)
	want("a recording is read without looking at it again and again", readingPercent)
	undo()
	want("until it has been read", leanPercent)
	undo = collectSeldom(record.KindLog)
	want("a log, which may never end, stays lean", leanPercent)
	undo()
	t.Setenv("GOGC", "50")
	undo = collectSeldom(record.KindRecording)
	want("what the user has set stays", leanPercent)
	undo()
}
