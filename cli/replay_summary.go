package cli

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"streamscope/explain"
	"streamscope/logsink"
	reports "streamscope/report"
	"streamscope/timeline"
)

// replaySummary says what happened in a recording and what to do.
func (p *program) replaySummary(ctx context.Context, r *replay, f replayFlags) error {
	state, o, err := r.reported(ctx, f.session)
	if err != nil {
		return err
	}
	if f.json {
		return reports.SummaryJSON(p.out, r.events.All(), state, o)
	}
	return reports.Summary(p.out, r.events.All(), state, o)
}

// reported reads the whole of a recording, for a report on it or on one session.
func (r *replay) reported(ctx context.Context, session string) (timeline.State, reports.Options, error) {
	state, err := r.fold(ctx)
	if err != nil {
		return state, reports.Options{}, err
	}
	if _, there := state.Session(session); session != "" && !there {
		return state, reports.Options{}, usage("the recording has "+sessionNames(state), "--session: nobody is called %q", hide(session))
	}
	notes := append(r.report.Problems(), r.forgotten()...)
	if len(state.Sessions) == 0 {
		notes = append(notes, logNotes(r.logs)...)
	}
	return state, reports.Options{
		Tool: versionText(), Header: r.header(), Session: session, Local: time.Local, Logs: records(r.logs, anyTime), Notes: notes,
	}, nil
}

// fold reads the whole of a recording into the state that it ends in, however much
// of its details is kept.
func (r *replay) fold(ctx context.Context) (timeline.State, error) {
	var state timeline.State
	var batch []timeline.Event
	cursor := r.events.Cursor(1)
	defer cursor.Close()
	err := r.load(ctx, func() {
		batch = cursor.Next(batch[:0])
		state = timeline.Fold(state, batch)
	})
	if err != nil && context.Cause(ctx) != nil {
		return state, context.Cause(ctx)
	}
	if err != nil {
		return state, replayProblem(err)
	}
	return timeline.Fold(state, cursor.Next(batch[:0])), nil
}

// sessionNames lists the sessions of a recording.
func sessionNames(s timeline.State) string {
	names := "no session"
	for i := range s.Sessions {
		if i == 0 {
			names = hide(s.Sessions[i].Name)
			continue
		}
		names += ", " + hide(s.Sessions[i].Name)
	}
	return names
}

// forgotten says that the recording is larger than what is kept of it.
func (r *replay) forgotten() []string {
	if first, _ := r.events.Bounds(); first > 1 {
		return []string{fmt.Sprintf("the recording is larger than timeline.memory_limit: details of the first %d events are not kept", first-1)}
	}
	return nil
}

// maxLogNotes is how many different failures of a log are explained.
const maxLogNotes = 5

// logNotes says what there is in a log without a session: how many lines of which
// kind, and what the first of its failures mean.
func logNotes(s *logsink.Store) []string {
	var warnings, failures int
	var explained []string
	known := make(map[string]bool)
	for r := range records(s, anyTime) {
		switch {
		case r.Level < logsink.Warn:
			continue
		case r.Level == logsink.Warn:
			warnings++
		default:
			failures++
		}
		matches := explain.Text(r.Message)
		if len(matches) == 0 || known[matches[0].Entry.ID] || len(explained) == maxLogNotes {
			continue
		}
		best := matches[0].Entry
		known[best.ID] = true
		explained = append(explained, best.Title()+": "+best.Fix)
	}
	count := fmt.Sprintf("%s, %s, %s", counted(s.Len(), "log record"), counted(warnings, "warning"), counted(failures, "error"))
	return append([]string{count}, explained...)
}

// counted is a number of things in words.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// records are the log records of a store that have a wanted time.
func records(s *logsink.Store, wanted func(time.Time) bool) iter.Seq[logsink.Record] {
	return func(yield func(logsink.Record) bool) {
		for row := range s.Range(0, math.MaxUint64) {
			if wanted(row.Time()) && !yield(row.Record()) {
				return
			}
		}
	}
}

func anyTime(time.Time) bool { return true }
