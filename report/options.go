package report

import (
	"iter"
	"time"

	"streamscope/internal/redact"
	"streamscope/internal/wire"
	"streamscope/logsink"
	"streamscope/timeline"
)

// Options are what a report says beside what happened. The zero value is usable.
type Options struct {
	// Tool is the version of the program, Header that of the recording, if there
	// is one.
	Tool   string
	Header timeline.Header
	// Session limits the report to one session; empty means all.
	Session string
	// Local is the zone that times are shown in; nil means UTC.
	Local *time.Location
	// Now is when the report is made; zero means the time of the last event.
	Now time.Time
	// Logs are log records, of which warnings and errors are reported; nil means
	// none.
	Logs iter.Seq[logsink.Record]
	// Frames is how many of the last frames are shown; zero means 20.
	Frames int
	// Notes are sentences for the reader: what was wrong with the recording.
	Notes []string
}

// fact is a name and a value.
type fact struct{ Name, Value string }

func (o Options) withDefaults(s timeline.State) Options {
	if o.Local == nil {
		o.Local = time.UTC
	}
	if o.Frames == 0 {
		o.Frames = 20
	}
	if o.Now.IsZero() {
		o.Now = s.Time
	}
	return o
}

// clean makes text from outside fit for people: no secrets, no control characters.
func clean(s string) string { return wire.Clean(redact.Text(s)) }

// clock shows a time of day.
func (o Options) clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(o.Local).Format("15:04:05.000")
}

// date shows a time with its date.
func (o Options) date(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(o.Local).Format("2006-01-02 15:04:05 MST")
}

// span shows from when to when, and how long that is.
func (o Options) span(from, to time.Time) string {
	if from.IsZero() {
		return "no times recorded"
	}
	end := o.clock(to)
	if from.In(o.Local).YearDay() != to.In(o.Local).YearDay() {
		end = o.date(to)
	}
	return o.date(from) + " to " + end + " (" + to.Sub(from).Round(time.Millisecond).String() + ")"
}

// zone names the zone that times are shown in. Its letters alone say little to
// somebody elsewhere.
func (o Options) zone(at time.Time) string {
	at = at.In(o.Local)
	if _, offset := at.Zone(); offset == 0 {
		return "UTC"
	}
	return at.Format("MST (UTC-07:00)")
}
