package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"streamscope/record"
	replays "streamscope/replay"
	"streamscope/timeline"
)

// replayDiff compares two recordings. It ends with exit code 7 when they differ.
func (p *program) replayDiff(ctx context.Context, files []string, f replayFlags) error {
	if f != (replayFlags{}) {
		return usage("leave the flags out, or give one recording", "two recordings are compared, which takes no flags of one")
	}
	if files[0] == "-" && files[1] == "-" {
		return usage("give a file for one of them", "standard input is one recording, not two")
	}
	var both [2]*timeline.Store
	for i, name := range files {
		events, problems, err := p.loadEvents(ctx, name)
		if err != nil {
			return err
		}
		for _, sentence := range problems {
			printProblem(p.err, "warning: "+hide(name)+": "+sentence, "")
		}
		both[i] = events
	}
	d, differ := replays.Diff(both[0].All(), both[1].All())
	if !differ {
		_, err := fmt.Fprintf(p.out, "no difference in %s and %s: the same connections, requests, calls and codes\n",
			hide(files[0]), hide(files[1]))
		return err
	}
	names := shortNames(files)
	if _, err := io.WriteString(p.out, d.Text(names[0], names[1], p.width())); err != nil {
		return err
	}
	return silent(exitDiverged)
}

// shortNames are files as they stand above a column: without their folders,
// unless that makes them the same.
func shortNames(files []string) [2]string {
	a, b := filepath.Base(files[0]), filepath.Base(files[1])
	if a == b {
		a, b = files[0], files[1]
	}
	return [2]string{hide(a), hide(b)}
}

// loadEvents reads the whole of a recording, or standard input. What could not be
// read of it is told in sentences.
func (p *program) loadEvents(ctx context.Context, name string) (*timeline.Store, []string, error) {
	source, err := p.openRecording(name)
	if err != nil {
		return nil, nil, replayProblem(err)
	}
	defer source.Close()
	// All of it counts: the beginning must not make room for the end.
	events := timeline.NewStore(timeline.Options{MaxEvents: -1, MaxBytes: -1})
	defer events.Close()
	report, err := source.Load(ctx, record.Stores{Timeline: events}, nil)
	switch {
	case err != nil && context.Cause(ctx) != nil:
		return nil, nil, context.Cause(ctx)
	case err != nil:
		return nil, nil, replayProblem(err)
	case events.Len() == 0:
		return nil, nil, usage("give a recording of streamscope; sessions write one with --record FILE",
			"%s: there are no events in it, it is a %s", hide(name), source.Kind())
	}
	return events, report.Problems(), nil
}

func (p *program) openRecording(name string) (*record.Source, error) {
	if name == "-" {
		return record.OpenReader("standard input", p.in)
	}
	if strings.TrimSpace(name) == "" {
		return nil, usage("give the path of a recording", "the name of the recording is empty")
	}
	return record.Open(name)
}
