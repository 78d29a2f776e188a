package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"streamscope/record"
	replays "streamscope/replay"
	"streamscope/timeline"
)

// replayDiff compares two recordings: on a terminal in a screen, elsewhere as
// text. It ends with exit code 7 when they differ.
func (p *program) replayDiff(ctx context.Context, files []string, flags *sharedFlags, f replayFlags) error {
	text := f.text || !terminal(p.out) || os.Getenv("TERM") == "dumb"
	f.text = false
	if f != (replayFlags{}) {
		return usage("leave the flags out, or give one recording", "two recordings are compared, which takes no flags of one but --text")
	}
	if files[0] == "-" && files[1] == "-" {
		return usage("give a file for one of them", "standard input is one recording, not two")
	}
	if !text {
		return p.compareScreen(ctx, files, flags)
	}
	var both [2]*timeline.Store
	for i, name := range files {
		events, problems, err := p.loadEvents(ctx, name, nil)
		if err != nil {
			return err
		}
		p.warn(name, problems)
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

// warn tells what could not be read of a recording.
func (p *program) warn(name string, problems []string) {
	for _, sentence := range problems {
		printProblem(p.err, "warning: "+hide(name)+": "+sentence, "")
	}
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

// loadEvents reads the whole of a recording, or standard input, and tells
// progress, unless that is nil, how far it is. All of it counts: the beginning
// must not make room for the end, so what does not fit into memory is refused.
// What could not be read of it is told in sentences.
func (p *program) loadEvents(ctx context.Context, name string, progress func(done, total int64)) (*timeline.Store, []string, error) {
	source, err := p.openRecording(name)
	if err != nil {
		return nil, nil, replayProblem(err)
	}
	defer source.Close()
	events := timeline.NewStore(timeline.Options{MaxEvents: -1, MaxBytes: openedLimit})
	defer events.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer collectSeldom(source.Kind())()
	report, err := source.Load(ctx, record.Stores{Timeline: events}, func(done, total int64) {
		if first, _ := events.Bounds(); first > 1 {
			cancel() // it is said below
		}
		if progress != nil {
			progress(done, total)
		}
	})
	if first, _ := events.Bounds(); first > 1 {
		return nil, nil, usage("streamscope replay FILE opens it; a shorter recording of the same is enough here",
			"%s: more than %d MiB of events do not fit into memory", hide(name), openedLimit>>20)
	}
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
