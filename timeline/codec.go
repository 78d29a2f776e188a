package timeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"streamscope/internal/wire"
)

// FormatVersion is the version of the recording format that is written. It
// changes when an older reader would misread a line, not when kinds or members
// are added.
const FormatVersion = 1

// Header is the first line of a recording.
type Header struct {
	Version int       `json:"streamscope_recording"`
	Tool    string    `json:"tool"` // version of the program that wrote it
	Start   time.Time `json:"start"`
	User    string    `json:"user,omitempty"`
	BaseURL string    `json:"base_url,omitempty"`
	Source  Source    `json:"source,omitempty"`
	// Redacted names what was masked on the way in.
	Redacted []string `json:"redacted"`
}

// RedactedParts is the value of [Header.Redacted] for what is masked here.
func RedactedParts() []string { return []string{"tokens", "secrets", "authorization"} }

// lineJSON is a line of a recording: an event, or a log record in Log.
type lineJSON struct {
	Seq     uint64          `json:"seq,omitempty"`
	Time    time.Time       `json:"t,omitzero"`
	Offset  time.Duration   `json:"off_ns"`
	Session string          `json:"session,omitempty"`
	Attempt int             `json:"attempt,omitempty"`
	Kind    Kind            `json:"kind,omitempty"`
	Data    any             `json:"data,omitempty"`
	Log     json.RawMessage `json:"log,omitempty"`
}

type logLine struct {
	Log json.RawMessage `json:"log"`
}

// Writer writes a recording line by line, as things happen: each line is whole
// and goes out in one Write, so that a process that is killed leaves a readable
// file. It belongs to one goroutine.
type Writer struct {
	w   io.Writer
	buf bytes.Buffer
	enc *json.Encoder
}

// NewWriter writes the header, with [FormatVersion], and returns a writer for
// the lines after it.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	rec := newEncoder(w)
	h.Version = FormatVersion
	h.Start = h.Start.UTC()
	if h.Redacted == nil {
		h.Redacted = RedactedParts()
	}
	return rec, rec.write(h)
}

func newEncoder(w io.Writer) *Writer {
	rec := &Writer{w: w}
	rec.enc = json.NewEncoder(&rec.buf)
	rec.enc.SetEscapeHTML(false)
	return rec
}

// NewLineWriter returns a writer without a header, for output that is a stream
// of lines and not a file.
func NewLineWriter(w io.Writer) *Writer { return newEncoder(w) }

// WriteEvent writes one event.
func (rec *Writer) WriteEvent(e Event) error {
	l := lineJSON{
		Seq: e.Seq, Time: e.Time.UTC(), Offset: e.Offset,
		Session: e.Session, Attempt: e.Attempt, Kind: e.Kind(), Data: e.Payload,
	}
	if u, ok := e.Payload.(Unknown); ok {
		l.Data = u.Data
	}
	return rec.write(l)
}

// WriteLog writes one log record, which is JSON already.
func (rec *Writer) WriteLog(record json.RawMessage) error {
	return rec.write(logLine{Log: record})
}

func (rec *Writer) write(line any) error {
	rec.buf.Reset()
	if err := rec.enc.Encode(line); err != nil {
		return fmt.Errorf("timeline: encode: %w", err)
	}
	if _, err := rec.w.Write(wire.EscapeC1(rec.buf.Bytes())); err != nil {
		return fmt.Errorf("timeline: record: %w", err)
	}
	return nil
}
