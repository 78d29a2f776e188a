package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"streamscope/internal/wire"
	"streamscope/scenario"
	"streamscope/timeline"
)

// scenarioText tells people how scenarios go, step by step. It is used by one
// goroutine at a time.
type scenarioText struct {
	out   io.Writer
	quiet bool
	err   error // of the first line that could not be written

	passed int
	took   time.Duration
	failed []scenario.Result
}

func (t *scenarioText) line(format string, args ...any) {
	if t.quiet || t.err != nil {
		return
	}
	_, t.err = fmt.Fprintf(t.out, format+"\n", args...)
}

// begin names the scenario.
func (t *scenarioText) begin(s scenario.Scenario) {
	title := s.Name
	if s.Title != "" {
		title += ": " + s.Title
	}
	t.line("%s", wire.Clean(title))
}

// step is a line for a step that has ended: when, what, and how long it took.
func (t *scenarioText) step(res scenario.Result, done scenario.StepResult) {
	at := time.Since(res.Started)
	what := stepText(done.Step, len(res.Scenario.Users) > 1)
	if stoppedStep(done) {
		t.line("  %s  stop %s", clock(at), what)
		return
	}
	if done.Err != nil {
		t.line("  %s  FAIL %s\n             %s", clock(at), what, wire.Clean(done.Err.Error()))
		return
	}
	if done.Took >= time.Millisecond {
		what += fmt.Sprintf(" · %s", shortTime(done.Took))
	}
	t.line("  %s  ok   %s", clock(at), what)
}

// lastRows is how much of the timeline is shown before a step that failed.
const lastRows = 12

// end says how a scenario went; of one that failed, where, and what happened
// before.
func (t *scenarioText) end(res scenario.Result, events *timeline.Store) {
	t.took += res.Took
	if res.Passed() {
		t.passed++
		t.line("  passed: %d steps in %s\n", len(res.Steps), shortTime(res.Took))
		return
	}
	step, failed := res.Failed()
	if !failed || stoppedStep(step) {
		t.line("  stopped after %s\n", shortTime(res.Took))
		return
	}
	t.failed = append(t.failed, res)
	t.line("  what happened before:")
	for _, row := range rowsUpTo(events, step.Seq, lastRows) {
		t.line("    %s", row)
	}
	t.line("")
}

// stoppedStep reports whether a step ended because the run did: it says nothing
// about the scenario.
func stoppedStep(done scenario.StepResult) bool {
	return errors.Is(done.Err, context.Canceled) || errors.Is(done.Err, context.DeadlineExceeded)
}

// summary says what failed and where.
func (t *scenarioText) summary(n int, seed uint64) {
	t.line("%d of %d scenarios passed in %s (seed %d)", t.passed, n, shortTime(t.took), seed)
	for _, res := range t.failed {
		t.line("%s", wire.Clean(res.String()))
	}
}

// rowsUpTo are the last rows of a timeline up to an event, as the screen shows
// them, with the time since the beginning.
func rowsUpTo(events *timeline.Store, seq uint64, n int) []string {
	var rows []string
	for e := range events.Range(0, seq+1) {
		row := timeline.Describe(e)
		if row.Echo || row.Text == "" || e.Kind() == timeline.KindStage {
			continue
		}
		if len(rows) == n {
			rows = append(rows[:0], rows[1:]...)
		}
		rows = append(rows, fmt.Sprintf("%s %-6s %s", clock(e.Offset), wire.Clean(e.Session), row))
	}
	return rows
}

// stepText is a step in one line.
func stepText(st scenario.Step, naming bool) string {
	parts := []string{string(st.Verb)}
	if st.Absent {
		parts[0] = strings.Replace(parts[0], "expect", "expect no", 1)
	}
	switch st.Verb {
	case scenario.ArmFault:
		parts = append(parts, st.Fault.String())
	case scenario.Wait:
		parts = append(parts, shortTime(st.Wait))
	case scenario.RingUsers:
		parts = append(parts, st.Ring.CID, "from", st.Ring.From, "to", strings.Join(st.Ring.To, ", "))
	case scenario.Connect, scenario.Disconnect, scenario.Reconnect, scenario.GoOffline, scenario.GoOnline:
		parts = append(parts, st.User)
		naming = false
	default:
		parts = append(parts, st.Target)
	}
	if st.Status != 0 {
		parts = append(parts, fmt.Sprintf("answered with %d", st.Status))
	}
	if st.Count > 1 {
		parts = append(parts, fmt.Sprintf("%d times", st.Count))
	}
	if naming && st.User != "" && st.Verb != scenario.Wait && st.Verb != scenario.RingUsers {
		parts = append(parts, "("+st.User+")")
	}
	return wire.Clean(strings.Join(strings.Fields(strings.Join(parts, " ")), " "))
}

// clock is a time since the beginning, in columns.
func clock(d time.Duration) string {
	d = max(d, 0)
	return fmt.Sprintf("%02d:%02d.%03d", int(d.Minutes()), int(d.Seconds())%60, d.Milliseconds()%1000)
}

// shortTime is a duration as precise as a person wants it.
func shortTime(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}
