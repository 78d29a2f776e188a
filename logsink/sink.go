package logsink

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Sink takes log records somewhere: a file, standard error, a socket.
type Sink interface {
	// Write takes a batch of records, in order. It may keep what it likes in a
	// buffer until Flush, must not keep the slice or the texts of the records
	// after it has returned, and must return soon after ctx is done. It is called
	// by one goroutine at a time. An error ends the output.
	Write(ctx context.Context, batch []Record) error
	// Flush passes on what is buffered. It is called when there is nothing more to
	// write for now.
	Flush(ctx context.Context) error
	// Close flushes and lets go of what the sink has open. It is called once.
	Close() error
}

// Output says which lines of a store go to a sink.
type Output struct {
	// Name is the name that scopes are sent to the sink by; see Route.
	Name string
	// Sink takes the lines. Required; Run closes it.
	Sink Sink
	// Levels decide which lines pass, with Stream's semantics. Nil lets all pass.
	Levels *Levels
	// Route, if set, lets only those scopes pass whose sink in these levels is
	// Name.
	Route *Levels
	// From is the sequence number of the first line that is wanted. Zero means
	// the oldest that is kept.
	From uint64
}

const (
	// batchLines is how many lines are read from the store at once.
	batchLines = 1024
	// drainTime is how long an output may go on after it was told to end.
	drainTime = 80 * time.Millisecond
)

// Run reads lines from store and writes them to the sink of the output until the
// store is closed or the context is done; then it writes what is left, for at most
// 80 ms, and closes the sink. It returns the first error of the sink, or one that
// says how many lines there was no time for; the end of the context alone is none. A
// sink that is too slow for the store gets, in place of the lines that it missed, a
// record that says how many there were.
//
// The caller owns the goroutine that Run is called in; Run starts none.
func Run(ctx context.Context, store *Store, out Output) error {
	c := store.Cursor(out.From)
	defer c.Close()
	w := writer{out: out, cursor: c}
	err := w.loop(ctx)
	if err == nil {
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		err = w.drain(drain)
	}
	if closeErr := out.Sink.Close(); err == nil {
		err = closeErr
	}
	return err
}

// writer is what a running output keeps between batches.
type writer struct {
	out    Output
	cursor *Cursor
	rows   []Row
	batch  []Record
}

// loop writes until it is told to end. When that happens during a write that gives
// up, the batch is left for drain.
func (w *writer) loop(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-w.cursor.Wake():
			if !open {
				return nil
			}
			if err := w.writeAll(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// drain writes what is left when the output has been told to end.
func (w *writer) drain(ctx context.Context) error {
	err := w.write(ctx)
	if err == nil {
		err = w.writeAll(ctx)
	}
	_, end := w.cursor.store.Bounds()
	if left := int(end-min(w.cursor.Pos(), end)) + len(w.batch); left > 0 && ctx.Err() != nil {
		text := fmt.Sprintf("no time to write the last %d lines", left)
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			return errors.New(text)
		}
		return fmt.Errorf("%s: %w", text, err)
	}
	return err
}

// writeAll writes what there is at this moment.
func (w *writer) writeAll(ctx context.Context) error {
	_, end := w.cursor.store.Bounds()
	for w.cursor.Pos() < end && ctx.Err() == nil {
		w.read()
		if err := w.write(ctx); err != nil {
			return err
		}
	}
	return w.out.Sink.Flush(ctx)
}

// read fills the batch with what the output wants of the next lines.
func (w *writer) read() {
	rows, dropped := w.cursor.NextN(w.rows[:0], batchLines)
	w.rows, w.batch = rows, w.batch[:0]
	if dropped > 0 {
		w.batch = append(w.batch, dropRecord(dropped, time.Now()))
	}
	for _, r := range rows {
		if w.wants(r) {
			w.batch = append(w.batch, r.shared())
		}
	}
}

// write empties the batch into the sink. A batch that could not be written stays.
func (w *writer) write(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	if err := w.out.Sink.Write(ctx, w.batch); err != nil {
		return err
	}
	w.batch = w.batch[:0]
	return nil
}

func (w *writer) wants(r Row) bool {
	scope := r.Scope()
	if w.out.Levels != nil && !w.out.Levels.Enabled(scope, r.Level()) {
		return false
	}
	if w.out.Route == nil {
		return true
	}
	name, _ := w.out.Route.Sink(scope)
	return name == w.out.Name
}

// Format is the form that records are written in.
type Format uint8

// The formats.
const (
	// Plain is the line of [Record.String].
	Plain Format = iota
	// JSON is the line of [Record.MarshalJSON], as in recordings.
	JSON
)

// appendLine appends a record as a line, with its line break.
func (f Format) appendLine(dst []byte, r Record) ([]byte, error) {
	if f == Plain {
		dst = append(dst, r.String()...)
		return append(dst, '\n'), nil
	}
	text, err := r.MarshalJSON()
	if err != nil {
		return dst, err
	}
	return append(append(dst, text...), '\n'), nil
}

// writerSink writes to something that is not its own.
type writerSink struct {
	buf    *bufio.Writer
	format Format
	line   []byte
}

// NewWriterSink returns a sink that writes lines to w, such as standard error, and
// leaves it open at the end.
func NewWriterSink(w io.Writer, f Format) Sink {
	return &writerSink{buf: bufio.NewWriterSize(w, 32<<10), format: f}
}

func (s *writerSink) Write(_ context.Context, batch []Record) error {
	for _, r := range batch {
		var err error
		if s.line, err = s.format.appendLine(s.line[:0], r); err != nil {
			return err
		}
		if _, err := s.buf.Write(s.line); err != nil {
			return err
		}
	}
	return nil
}

func (s *writerSink) Flush(context.Context) error { return s.buf.Flush() }

func (s *writerSink) Close() error { return s.buf.Flush() }
