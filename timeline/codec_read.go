package timeline

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxLine is the longest line of a recording that is read, in bytes. A longer
// one is skipped and counted.
const MaxLine = 16 << 20

// FormatError says that a file is not a recording that can be read.
type FormatError struct {
	Line    int    // where it was noticed, from 1
	Version int    // of the recording, 0 when it has none
	Reason  string // with what to do about it
}

// Error names the line and the reason.
func (e *FormatError) Error() string {
	return fmt.Sprintf("recording: line %d: %s", e.Line, e.Reason)
}

// Entry is one line of a recording: an event, or a log record when Log is not
// nil. Log is JSON of the log store; this package does not read it.
type Entry struct {
	Line  int
	Event Event
	Log   json.RawMessage
}

// Report says what a [Reader] has met so far.
type Report struct {
	Events, Logs int
	// Unknown counts events that were kept as [Unknown].
	Unknown int
	// Bad counts lines that were skipped because they are not JSON, are neither
	// an event nor a log record, or are too long; FirstBad is the first of them.
	Bad, FirstBad int
	// Torn says that the last line is incomplete: the writer was killed.
	Torn bool
}

// Reader reads a recording. It belongs to one goroutine.
type Reader struct {
	in     *bufio.Reader
	buf    []byte
	line   int
	header Header
	report Report
}

// NewReader reads the header. A file that is no recording, or of a newer
// version, gives a [*FormatError].
func NewReader(r io.Reader) (*Reader, error) {
	rd := &Reader{in: bufio.NewReaderSize(r, 64<<10)}
	first, whole, err := rd.readLine()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("recording: %w", err)
	}
	first = bytes.TrimPrefix(first, []byte("\ufeff"))
	if json.Unmarshal(first, &rd.header) != nil || rd.header.Version == 0 {
		return nil, notARecording(first, whole)
	}
	if rd.header.Version > FormatVersion {
		return nil, &FormatError{Line: 1, Version: rd.header.Version, Reason: fmt.Sprintf(
			"format version %d is newer than the %d that this streamscope reads; update streamscope to open it",
			rd.header.Version, FormatVersion)}
	}
	return rd, nil
}

func notARecording(first []byte, whole bool) error {
	e := &FormatError{Line: 1, Reason: "not a streamscope recording: its first line must hold \"streamscope_recording\""}
	switch {
	case len(first) == 0 && !whole:
		e.Reason = "the file is empty, or was cut before its first line was written"
	case bytes.HasPrefix(first, []byte("\x28\xb5\x2f\xfd")):
		e.Reason = "the file is compressed with zstd: give it a name that ends in .zst, or decompress it"
	case bytes.HasPrefix(first, []byte("\x1f\x8b")):
		e.Reason = "the file is compressed with gzip: decompress it first"
	}
	return e
}

// Header returns the first line.
func (rd *Reader) Header() Header { return rd.header }

// Report returns the counts up to the line that was read last.
func (rd *Reader) Report() Report { return rd.report }

// Next returns the next event or log record. At the end the error is [io.EOF];
// any other error is that of the input. What cannot be read is counted in the
// [Report] and skipped.
func (rd *Reader) Next() (Entry, error) {
	for {
		text, whole, err := rd.readLine()
		if err != nil && !errors.Is(err, io.EOF) {
			return Entry{}, fmt.Errorf("recording: line %d: %w", rd.line, err)
		}
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return Entry{}, io.EOF
		}
		if len(bytes.TrimSpace(text)) == 0 && whole {
			continue
		}
		if entry, ok := rd.parse(text); ok {
			return entry, nil
		}
		if !whole {
			rd.report.Torn = true
			return Entry{}, io.EOF
		}
		rd.skip()
	}
}

func (rd *Reader) skip() {
	rd.report.Bad++
	if rd.report.FirstBad == 0 {
		rd.report.FirstBad = rd.line
	}
}

// parse reads a line; a recording that was cut and appended to may hold a second
// header, which is passed over as a line that is neither event nor log.
func (rd *Reader) parse(text []byte) (Entry, bool) {
	var data json.RawMessage
	l := lineJSON{Data: &data}
	if json.Unmarshal(text, &l) != nil || l.Kind == "" && l.Log == nil {
		return Entry{}, false
	}
	if l.Log != nil {
		rd.report.Logs++
		return Entry{Line: rd.line, Log: l.Log}, true
	}
	payload, known := ReadPayload(l.Kind, data)
	if !known {
		rd.report.Unknown++
	}
	rd.report.Events++
	return Entry{Line: rd.line, Event: Event{
		Seq: l.Seq, Time: l.Time, Offset: l.Offset,
		Session: l.Session, Attempt: l.Attempt, Payload: payload,
	}}, true
}

// readLine returns the next line without its end, and whether it had one. A line
// that is too long is returned empty, counted as bad and passed over. The bytes
// are valid until the next call.
func (rd *Reader) readLine() (text []byte, whole bool, err error) {
	rd.line++
	rd.buf = rd.buf[:0]
	tooLong := false
	for {
		part, err := rd.in.ReadSlice('\n')
		if tooLong = tooLong || len(rd.buf)+len(part) > MaxLine; !tooLong {
			rd.buf = append(rd.buf, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if tooLong {
			rd.buf = rd.buf[:0]
			rd.skip()
		}
		return bytes.TrimSuffix(rd.buf, []byte("\n")), err == nil, err
	}
}
