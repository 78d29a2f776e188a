package record

import (
	"bytes"

	"streamscope/logsink"
	"streamscope/timeline"
)

// encoder collects lines of a recording, each whole, until they are written.
type encoder struct {
	buf    bytes.Buffer
	lines  *timeline.Writer // writes into buf
	events uint64
	logs   uint64
}

func newEncoder() *encoder {
	e := &encoder{}
	e.lines = timeline.NewLineWriter(&e.buf)
	return e
}

func (e *encoder) event(event timeline.Event) error {
	e.events++
	if f, ok := event.Payload.(timeline.Frame); ok {
		if out, ok := appendFrame(e.buf.AvailableBuffer(), &event, &f); ok {
			_, err := e.buf.Write(out)
			return err
		}
	}
	return e.lines.WriteEvent(event)
}

func (e *encoder) record(r logsink.Record) error {
	e.logs++
	if out, ok := appendLog(e.buf.AvailableBuffer(), &r); ok {
		_, err := e.buf.Write(out)
		return err
	}
	data, err := r.MarshalJSON()
	if err != nil {
		return err
	}
	return e.lines.WriteLog(data)
}

// reset forgets the lines, and the counts of them.
func (e *encoder) reset() {
	e.buf.Reset()
	e.events, e.logs = 0, 0
}

// headerLine is the first line of a recording, and of each of its parts.
func headerLine(h timeline.Header) ([]byte, error) {
	var b bytes.Buffer
	if _, err := timeline.NewWriter(&b, h); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
