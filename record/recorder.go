package record

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"streamscope/internal/pause"
	"streamscope/logsink"
	"streamscope/timeline"
)

// Stores are where a recording comes from, or goes to when it is loaded. Either
// may be nil.
type Stores struct {
	Timeline *timeline.Store
	Logs     *logsink.Store
}

// Options say what is recorded and where to.
type Options struct {
	// Path is the file. It is created with mode 0600; a name that ends in .zst
	// is compressed.
	Path string
	// Header is the first line. Version and Redacted are filled in.
	Header timeline.Header
	// Stores are followed from the oldest that they keep.
	Stores Stores
	// Overwrite allows to replace a file that is there.
	Overwrite bool
	// MaxBytes is the size at which the file becomes Path.1, what was Path.1
	// becomes Path.2 and so on, and a new file is begun, with a header of its own.
	// Zero means DefaultPartBytes; a negative number means never.
	MaxBytes int64
	// Keep is how many closed parts are kept beside the file; zero means all.
	Keep int

	open opener // for tests; nil means openFile
}

// DefaultPartBytes is the size of a file at which a new one is begun.
const DefaultPartBytes = 1 << 30

// WarnDisk is the ID of the [timeline.Warning] events that say that a recording
// cannot be written, and that it goes on.
const WarnDisk = "recording"

// Times of the recorder. A line is in the file at once if it is plain (in a burst
// a breath later), and at most flushEvery later if it is compressed.
const (
	flushEvery = 250 * time.Millisecond
	retryEvery = time.Second
	breath     = 2 * time.Millisecond
)

// batchBytes is when lines that were collected are written.
const batchBytes = 256 << 10

// Status is how a recording does.
type Status struct {
	Path  string
	Bytes int64 // of the current file
	// Events and Logs are in the file, or in its older parts.
	Events, Logs uint64
	// Lost counts events and lines that the stores overwrote before they could
	// be written.
	Lost uint64
	// Failing says why nothing can be written at the moment; empty if all is well.
	Failing string
	// Parts is how many files were filled and closed.
	Parts int
}

// IncompleteError says that the end of what happened is not in a recording.
type IncompleteError struct {
	Missing uint64 // events and log lines
	Err     error  // why they could not be written
}

// Error says why, and how many.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("%v; %d events and log lines are not in the file", e.Err, e.Missing)
}

// Unwrap returns why.
func (e *IncompleteError) Unwrap() error { return e.Err }

// Recorder writes what happens to a file. Run owns everything in it but the
// status.
type Recorder struct {
	opts   Options
	file   *target
	merged *merger
	lines  *encoder // of the batch that is collected, or could not be written

	failing    error  // why nothing can be written; nil if all is well
	lostBefore uint64 // what was lost before that
	// pending are the lines that were put into a compressed file since the last
	// flush that worked, and unsaved says that there are some.
	pending []byte
	unsaved bool
	now     Status
	status  atomic.Pointer[Status]
	wrote   time.Time // when the stores were looked at last
	// alarm is the one timer: the next flush, or the next try.
	alarm      *time.Timer
	alarmArmed bool
}

// Create opens the file and writes its first line, so that what is wrong with
// the path is known before anything runs. Then call [Recorder.Run]; or
// [Recorder.Close] if it comes to nothing. A file that is there gives an
// [*ExistsError].
func Create(o Options) (*Recorder, error) {
	if o.open == nil {
		o.open = openFile
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultPartBytes
	}
	header, err := headerLine(o.Header)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	r := &Recorder{opts: o, lines: newEncoder()}
	r.file = &target{path: o.Path, header: header, limit: o.MaxBytes, keep: max(o.Keep, 0), open: o.open}
	if err := openTarget(r.file, o.Overwrite); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	r.now.Path = o.Path
	r.publish()
	return r, nil
}

// Path returns the name of the file.
func (r *Recorder) Path() string { return r.opts.Path }

// Status says how the recording does. Any goroutine may ask.
func (r *Recorder) Status() Status { return *r.status.Load() }

// Close closes a recorder that was not run.
func (r *Recorder) Close() error { return r.file.finish() }

// Run writes until the context ends; then it writes what is left, and closes the
// file. It starts no goroutines. A disk that is full does not end it: it says so
// once on the timeline, tries again each second while the stores keep what comes,
// and writes down what they could not keep. The error says what is missing in the
// file at the end.
func (r *Recorder) Run(ctx context.Context) error {
	r.merged = newMerger(r.opts.Stores)
	defer r.merged.close()
	r.alarm = time.NewTimer(time.Hour)
	defer r.alarm.Stop()
	var events, logs <-chan struct{}
	if r.merged.events != nil {
		events = r.merged.events.Wake()
	}
	if r.merged.logs != nil {
		logs = r.merged.logs.Wake()
	}
	for {
		more := r.step()
		r.schedule()
		if more && ctx.Err() == nil {
			continue
		}
		if r.bursting() {
			_ = pause.For(ctx, breath) // its end is taken up below
		}
		var open bool
		select {
		case <-ctx.Done():
			return r.finish()
		case _, open = <-events:
			events = whileOpen(events, open)
		case _, open = <-logs:
			logs = whileOpen(logs, open)
		case <-r.alarm.C:
			r.alarmArmed = false
			r.ring()
		}
	}
}

// bursting reports whether things come in quick succession. To be woken for each
// of them would cost those who write to the stores more than the writing does, so
// they are let come together for a moment; what comes alone is written at once.
func (r *Recorder) bursting() bool {
	before := r.wrote
	r.wrote = time.Now()
	return r.wrote.Sub(before) < breath
}

// whileOpen drops the channel of a store that was closed.
func whileOpen(c <-chan struct{}, open bool) <-chan struct{} {
	if open {
		return c
	}
	return nil
}

// step writes a batch of what the stores have, and reports whether there is more
// that can be written.
func (r *Recorder) step() (more bool) {
	if r.failing != nil {
		return false
	}
	more, err := r.collect()
	if err == nil {
		err = r.write()
	}
	if err != nil {
		r.fail(err)
	}
	r.publish()
	return more && err == nil
}

// collect takes a batch of lines out of the stores, of no more than a whole part.
func (r *Recorder) collect() (more bool, err error) {
	most := int64(batchBytes)
	if r.file.limit > 0 {
		most = min(most, r.file.limit)
	}
	for int64(r.lines.buf.Len()) < most {
		ok, err := r.merged.next(r.lines)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// write puts the batch into the file. A compressed batch is held until the flush
// that brings it there.
func (r *Recorder) write() error {
	if r.lines.buf.Len() == 0 {
		return nil
	}
	if err := r.file.put(r.lines.buf.Bytes()); err != nil {
		return err
	}
	if r.file.packing {
		r.pending = append(r.pending, r.lines.buf.Bytes()...)
		r.unsaved = true
	}
	r.now.Events += r.lines.events
	r.now.Logs += r.lines.logs
	r.lines.reset()
	if len(r.pending) >= batchBytes {
		return r.flush()
	}
	return r.rotate()
}

// flush brings what is compressed into the file.
func (r *Recorder) flush() error {
	if err := r.file.flush(); err != nil {
		return err
	}
	r.unsaved = false
	r.pending = r.pending[:0]
	return r.rotate()
}

func (r *Recorder) rotate() error {
	if r.unsaved || !r.file.full() {
		return nil
	}
	return r.file.rotate()
}

// ring is the timer: a flush is due, or another try.
func (r *Recorder) ring() {
	if r.failing != nil {
		r.retry()
		return
	}
	if r.unsaved {
		if err := r.flush(); err != nil {
			r.fail(err)
		}
	}
}

// retry writes again what could not be written.
func (r *Recorder) retry() {
	err := r.again()
	if err != nil {
		r.failing = err
		return
	}
	r.failing = nil
	r.merged.refill() // what was overwritten meanwhile is known when it is read
	text := "the recording goes on; nothing was lost"
	if lost := r.merged.lost - r.lostBefore; lost > 0 {
		text = fmt.Sprintf("the recording goes on; %d events and log lines were lost", lost)
	}
	r.warn(text)
}

func (r *Recorder) again() error {
	if err := r.file.ready(); err != nil {
		return err
	}
	if len(r.pending) > 0 {
		r.file.forget()
		if err := errors.Join(r.file.put(r.pending), r.file.flush()); err != nil {
			return err
		}
		r.pending, r.unsaved = r.pending[:0], false
	}
	return r.write()
}

// fail says once that nothing can be written.
func (r *Recorder) fail(err error) {
	r.failing = err
	r.lostBefore = r.merged.lost
	r.publish()
	r.warn(fmt.Sprintf("cannot write the recording %s (%v): memory keeps what happens, and each second it is tried again", r.opts.Path, err))
}

func (r *Recorder) warn(text string) {
	if s := r.opts.Stores.Timeline; s != nil {
		s.Append(timeline.Event{Payload: timeline.Warning{ID: WarnDisk, Text: text}})
	}
}

// schedule sets the one timer.
func (r *Recorder) schedule() {
	switch {
	case r.alarmArmed:
	case r.failing != nil:
		r.arm(retryEvery)
	case r.unsaved:
		r.arm(flushEvery)
	}
}

func (r *Recorder) arm(d time.Duration) {
	r.alarm.Reset(d)
	r.alarmArmed = true
}

// finish writes what is left and closes the file.
func (r *Recorder) finish() error {
	if r.failing != nil {
		r.retry()
	}
	// What comes while this is at work is not waited for.
	for left := r.merged.left(r.opts.Stores); left > 0 && r.failing == nil; {
		before := r.merged.written
		if !r.step() {
			break
		}
		left -= min(left, r.merged.written-before)
	}
	var err error
	if r.failing == nil && r.unsaved {
		err = r.flush()
	}
	if r.failing != nil {
		err = &IncompleteError{Missing: r.unwritten(), Err: r.failing}
	}
	err = errors.Join(err, r.file.finish())
	r.publish()
	if err != nil {
		return fmt.Errorf("recording %s: %w", r.opts.Path, err)
	}
	return nil
}

func (r *Recorder) unwritten() uint64 {
	return r.merged.left(r.opts.Stores) + r.lines.events + r.lines.logs
}

func (r *Recorder) publish() {
	r.now.Bytes, r.now.Parts, r.now.Failing = r.file.good, r.file.parts, ""
	if r.failing != nil {
		r.now.Failing = r.failing.Error()
	}
	if r.merged != nil {
		r.now.Lost = r.merged.lost
	}
	s := r.now
	r.status.Store(&s)
}
