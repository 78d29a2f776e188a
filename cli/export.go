package cli

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"streamscope/logsink"
	"streamscope/record"
	"streamscope/report"
	"streamscope/timeline"
	"streamscope/ui"
)

var _ ui.Exporter = (*controller)(nil)

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
	{ui.Choice{Name: exportRecord, Detail: "a recording of all that is kept, and of all that comes"}, "ndjson.zst", 0, nil},
	{ui.Choice{Name: "report", Detail: "Markdown for a support ticket: verdict, attempts, token, last frames"}, "md", -1, report.Markdown},
	{ui.Choice{Name: "last 5m", Detail: "a recording of the last five minutes"}, "ndjson.zst", 5 * time.Minute, nil},
	{ui.Choice{Name: "everything", Detail: "a recording of all that is kept"}, "ndjson.zst", 0, nil},
	{ui.Choice{Name: "har", Detail: "an HTTP archive with the WebSocket messages"}, "har", -1, report.HAR},
	{ui.Choice{Name: "attempts", Detail: "a table of the attempts, CSV"}, "csv", -1, report.CSV},
}

// Exports implements [ui.Exporter].
func (c *controller) Exports() []ui.Choice {
	choices := make([]ui.Choice, len(exports))
	for i, e := range exports {
		choices[i] = e.Choice
	}
	return choices
}

// Export implements [ui.Exporter]. Beside the names of the menu it takes any time
// to save, as in "last 90s".
func (c *controller) Export(session, name string) (string, error) {
	e, ok := exportOf(name)
	if !ok {
		return "", fmt.Errorf("nothing can be exported as %s; there are record, report, last 5m (or another time), everything, har and attempts", name)
	}
	dir := filepath.Join(xdg.DataHome, "streamscope")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%s.%s", time.Now().Format("20060102T150405.000"), fileName(name), e.suffix))
	switch {
	case e.Name == exportRecord:
		return path, c.rig.record(path, c.header)
	case e.write == nil:
		saved, err := record.SaveLast(path, e.last, c.header, c.rig.stores(), false)
		return saved.Path, err
	}
	return path, c.rig.writeReport(path, e, report.Options{
		Tool: versionText(), Header: c.header, Session: session, Local: time.Local, Now: time.Now(),
		Logs: c.rig.records(),
	})
}

// exportRecord begins a recording.
const exportRecord = "record"

// exportOf is the form that a name stands for.
func exportOf(name string) (export, bool) {
	if i := slices.IndexFunc(exports, func(e export) bool { return e.Name == name }); i >= 0 {
		return exports[i], true
	}
	text, ok := strings.CutPrefix(name, "last ")
	last, err := time.ParseDuration(text)
	return export{Choice: ui.Choice{Name: name}, suffix: "ndjson.zst", last: last}, ok && err == nil && last > 0
}

// writeReport writes one report, whole or not at all.
func (r *rig) writeReport(path string, e export, o report.Options) error {
	state := timeline.Fold(timeline.State{}, slices.Collect(r.events.All()))
	var text bytes.Buffer
	if err := e.write(&text, r.events.All(), state, o); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}

// records are the log records that are kept.
func (r *rig) records() iter.Seq[logsink.Record] {
	return func(yield func(logsink.Record) bool) {
		first, next := r.logs.Bounds()
		for row := range r.logs.Range(first, next) {
			if !yield(row.Record()) {
				return
			}
		}
	}
}
