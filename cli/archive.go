package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"streamscope/record"
	"streamscope/report"
	"streamscope/timeline"
	"streamscope/ui"
)

// archive writes what two stores hold to files that only the user can read, under
// the XDG data directory, and never over another file.
type archive struct {
	stores record.Stores
	header func() timeline.Header // of what is exported
}

var _ interface {
	ui.Saver
	ui.Reporter
	ui.Exporter
} = archive{}

// export is one form that the record can be written in.
type export struct {
	ui.Choice
	suffix string
	// last is the time of a recording that is saved; negative for reports.
	last  time.Duration
	write func(w io.Writer, events iter.Seq[timeline.Event], s timeline.State, o report.Options) error
}

// exports are the forms, in the order of the menu.
var exports = []export{
	{ui.Choice{Name: "report", Detail: "Markdown for a support ticket: verdict, attempts, token, last frames"}, "md", -1, report.Markdown},
	{ui.Choice{Name: "last 5m", Detail: "a recording of the last five minutes"}, "ndjson.zst", 5 * time.Minute, nil},
	{ui.Choice{Name: "everything", Detail: "a recording of all that is kept"}, "ndjson.zst", 0, nil},
	{ui.Choice{Name: "har", Detail: "an HTTP archive with the WebSocket messages"}, "har", -1, report.HAR},
	{ui.Choice{Name: "attempts", Detail: "a table of the attempts, CSV"}, "csv", -1, report.CSV},
}

// Exports implements [ui.Exporter].
func (archive) Exports() []ui.Choice {
	choices := make([]ui.Choice, len(exports))
	for i, e := range exports {
		choices[i] = e.Choice
	}
	return choices
}

// Export implements [ui.Exporter]. Beside the names of the menu it takes any time
// to save, as in "last 90s".
func (a archive) Export(session, name string) (string, error) {
	e, ok := exportOf(name)
	if !ok {
		names := make([]string, len(exports))
		for i, e := range exports {
			names[i] = e.Name
		}
		return "", fmt.Errorf("not to be had of this; there are %s", listed(names))
	}
	if e.write != nil {
		return a.document(e, session, time.Time{}, time.Time{})
	}
	path, err := newPath(name, e.suffix)
	if err != nil {
		return "", err
	}
	saved, err := record.SaveLast(path, e.last, a.header(), a.stores, false)
	return saved.Path, err
}

// exportOf is the form that a name stands for.
func exportOf(name string) (export, bool) {
	if i := slices.IndexFunc(exports, func(e export) bool { return e.Name == name }); i >= 0 {
		return exports[i], true
	}
	text, ok := strings.CutPrefix(name, "last ")
	last, err := time.ParseDuration(text)
	return export{Choice: ui.Choice{Name: name}, suffix: "ndjson.zst", last: last}, ok && err == nil && last > 0
}

// rangeFrames is how many frames a report of a range shows.
const rangeFrames = 500

// Report implements [ui.Reporter].
func (a archive) Report(session string, from, to time.Time) (string, error) {
	markdown, _ := exportOf("report")
	return a.document(markdown, session, from, to)
}

// document writes one document about what happened from one instant to another;
// zero times are no limits. What a session was by then comes
// from all that was before.
func (a archive) document(e export, session string, from, to time.Time) (string, error) {
	within := func(t time.Time) bool {
		return !t.Before(from) && (to.IsZero() || !t.After(to))
	}
	var before, events []timeline.Event
	for event := range a.stores.Timeline.All() {
		switch {
		case within(event.Time):
			events = append(events, event)
		case event.Time.Before(from):
			before = append(before, event)
		}
	}
	state := timeline.Fold(timeline.Fold(timeline.State{}, before), events)
	o := report.Options{
		Tool: versionText(), Header: a.header(), Session: session, Local: time.Local, Now: time.Now(), Logs: records(a.stores.Logs, within),
	}
	if !to.IsZero() {
		o.Now, o.Frames = to, rangeFrames
		o.Notes = []string{"it is about a part of the record; what is said of a session is how it was at the end of that part"}
	}
	var text bytes.Buffer
	if err := e.write(&text, slices.Values(events), state, o); err != nil {
		return "", err
	}
	return newFile(e.Name, e.suffix, text.Bytes())
}

// newPath is the path for a file of the user's own.
func newPath(name, suffix string) (string, error) {
	dir := filepath.Join(xdg.DataHome, "streamscope")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(dir, fmt.Sprintf("%s-%s.%s", time.Now().Format("20060102T150405.000"), fileName(name), suffix)), nil
}

// newFile writes a file of the user's own, whole or not at all.
func newFile(name, suffix string, text []byte) (string, error) {
	path, err := newPath(name, suffix)
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return path, nil
}

// Save implements [ui.Saver].
func (archive) Save(what, text string) (string, error) { return newFile(what, "txt", []byte(text)) }

// fileName makes a name of words: letters and digits, the rest as dashes.
func fileName(what string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, what)
	return strings.Trim(name[:min(len(name), 40)], "-")
}
