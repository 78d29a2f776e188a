package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"streamscope/internal/wire"
	"streamscope/logsink"
	"streamscope/timeline"
)

// lines is where a printer puts what it reads: text for people, or the lines of
// a recording. It is used by one goroutine.
type lines interface {
	event(e timeline.Event) error
	record(r logsink.Record) error
}

// printer writes events and log records in the order in which they happened. It
// reads both stores by cursor: whoever appends never waits for it.
type printer struct {
	to     lines
	levels *logsink.Levels // nil: every record
	events *timeline.Cursor
	logs   *logsink.Cursor
}

// newPrinter returns a printer that has seen nothing yet; its run prints.
func newPrinter(to lines, r *rig, levels *logsink.Levels) *printer {
	return &printer{to: to, levels: levels, events: r.events.Cursor(0), logs: r.logs.Cursor(0)}
}

// run prints until both stores are closed or ctx ends, and everything was
// printed, or until the output fails.
func (p *printer) run(ctx context.Context) error {
	defer p.events.Close()
	defer p.logs.Close()
	events, logs := p.events.Wake(), p.logs.Wake()
	for events != nil || logs != nil {
		if err := p.flush(); err != nil {
			return err
		}
		select {
		case _, open := <-events:
			if !open {
				events = nil
			}
		case _, open := <-logs:
			if !open {
				logs = nil
			}
		case <-ctx.Done():
			return p.flush()
		}
	}
	return p.flush()
}

// flush prints what has come since the last time.
func (p *printer) flush() error {
	type entry struct {
		at    time.Time
		print func() error
	}
	var batch []entry
	for _, e := range p.events.Next(nil) {
		batch = append(batch, entry{e.Time, func() error { return p.to.event(e) }})
	}
	rows, dropped := p.logs.Next(nil)
	if dropped > 0 {
		loss := logsink.Record{Time: time.Now(), Dropped: dropped}
		if len(rows) > 0 {
			loss.Time = rows[0].Time()
		}
		batch = append(batch, entry{loss.Time, func() error { return p.to.record(loss) }})
	}
	var last time.Time // of a line that says none: it stays behind the one before
	for _, row := range rows {
		if at := row.Time(); !at.IsZero() {
			last = at
		}
		if p.levels == nil || p.levels.Enabled(row.Scope(), row.Level()) {
			batch = append(batch, entry{last, func() error { return p.to.record(row.Record()) }})
		}
	}
	slices.SortStableFunc(batch, func(a, b entry) int { return a.at.Compare(b.at) })
	for _, e := range batch {
		if err := e.print(); err != nil {
			return err
		}
	}
	return nil
}

// textLines are lines for people.
type textLines struct{ out io.Writer }

// event prints what timeline says of an event, except for rows that tell again
// what the frame before them told.
func (t textLines) event(e timeline.Event) error {
	row := timeline.Describe(e)
	if row.Echo || row.Text == "" {
		return nil
	}
	_, err := fmt.Fprintln(t.out, eventLine(e, row))
	return err
}

// eventLine is an event with its time and where it belongs.
func eventLine(e timeline.Event, row timeline.Row) string {
	text := row.String()
	if row.Dir == "" {
		text = "· " + text
	}
	return fmt.Sprintf("%s  %-9s %s", e.Time.Format("15:04:05.000"), placeOf(e), text)
}

// placeOf is the session and the attempt of an event.
func placeOf(e timeline.Event) string {
	session := wire.Clean(e.Session)
	if e.Attempt == 0 {
		return session
	}
	return fmt.Sprintf("%s #%d", session, e.Attempt)
}

// record prints a log record.
func (t textLines) record(r logsink.Record) error {
	_, err := fmt.Fprintln(t.out, strings.TrimRight(r.String(), "\n"))
	return err
}

// plainLines are lines that read well aloud: words in place of arrows, the news
// before the time.
type plainLines struct{ out io.Writer }

// event implements [lines].
func (t plainLines) event(e timeline.Event) error {
	row := timeline.Describe(e)
	if row.Echo || row.Text == "" {
		return nil
	}
	words := []string{row.Text}
	_, saysSent := e.Payload.(timeline.TokenSent)
	switch {
	case row.Dir == timeline.In:
		words = []string{"received", row.Text}
	case row.Dir == timeline.Out && !saysSent:
		words = []string{"sent", row.Text}
	}
	if row.Severity == timeline.Bad {
		words = append([]string{"error:"}, words...)
	}
	_, err := fmt.Fprintf(t.out, "%s, %s, %s\n", strings.Join(words, " "), placeOf(e), e.Time.Format("15:04:05"))
	return err
}

// record implements [lines].
func (t plainLines) record(r logsink.Record) error {
	_, err := fmt.Fprintf(t.out, "log %s, %s: %s\n", r.Level, r.Scope, wire.Clean(strings.TrimSpace(r.Message+" "+r.Attrs)))
	return err
}

// recordingLines are the lines of a recording.
type recordingLines struct{ to *timeline.Writer }

func (j recordingLines) event(e timeline.Event) error { return j.to.WriteEvent(e) }

func (j recordingLines) record(r logsink.Record) error {
	text, err := r.MarshalJSON()
	if err != nil {
		return err
	}
	return j.to.WriteLog(text)
}
