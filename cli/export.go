package cli

import (
	"slices"

	"streamscope/timeline"
	"streamscope/ui"
)

var _ interface {
	ui.Exporter
	ui.Reporter
} = (*controller)(nil)

// exportRecord begins a recording: what a live session can be exported as besides.
const exportRecord = "record"

// Exports implements [ui.Exporter].
func (c *controller) Exports() []ui.Choice {
	record := ui.Choice{Name: exportRecord, Detail: "a recording of all that is kept, and of all that comes"}
	return slices.Insert(c.archive.Exports(), 0, record)
}

// Export implements [ui.Exporter].
func (c *controller) Export(session, name string) (string, error) {
	if name != exportRecord {
		return c.archive.Export(session, name)
	}
	path, err := newPath(name, "ndjson.zst")
	if err != nil {
		return "", err
	}
	return path, c.rig.record(path, c.header())
}

// archive writes down what a rig has kept.
func (r *rig) archive(header func() timeline.Header) archive {
	return archive{stores: r.stores(), header: header}
}
