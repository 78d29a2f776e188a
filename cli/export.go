package cli

import (
	"slices"

	"streamscope/timeline"
	"streamscope/ui"
)

// keeper writes down what a live screen shows, and what is noted there.
type keeper struct {
	archive
	rig *rig
}

var _ interface {
	ui.Keeper
	ui.Exporter
	ui.Reporter
} = keeper{}

// exportRecord begins a recording: what a live session can be exported as besides.
const exportRecord = "record"

// Exports implements [ui.Exporter].
func (k keeper) Exports() []ui.Choice {
	record := ui.Choice{Name: exportRecord, Detail: "a recording of all that is kept, and of all that comes"}
	return slices.Insert(k.archive.Exports(), 0, record)
}

// Export implements [ui.Exporter].
func (k keeper) Export(session, name string) (string, error) {
	if name != exportRecord {
		return k.archive.Export(session, name)
	}
	path, err := newPath(name, "ndjson.zst")
	if err != nil {
		return "", err
	}
	return path, k.rig.record(path, k.header())
}

// Mark implements [ui.Keeper].
func (k keeper) Mark(session, text string) error {
	k.rig.events.Append(timeline.Event{Session: session, Payload: timeline.Mark{Text: text}})
	return nil
}

// keeper writes down what a rig holds.
func (r *rig) keeper(header func() timeline.Header) keeper {
	return keeper{archive: r.archive(header), rig: r}
}

// archive writes down what a rig has kept.
func (r *rig) archive(header func() timeline.Header) archive {
	return archive{stores: r.stores(), header: header}
}
