package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"streamscope/timeline"
)

// Kind is what a file or stream was found to be.
type Kind int

// The kinds of sources.
const (
	// KindUnknown is a source whose first line has not been read.
	KindUnknown Kind = iota
	// KindRecording is a recording with its header.
	KindRecording
	// KindLines is lines of a recording without the header.
	KindLines
	// KindLog is a log of somebody else.
	KindLog
)

// String names the kind for people.
func (k Kind) String() string {
	switch k {
	case KindRecording:
		return "recording"
	case KindLines:
		return "lines of a recording"
	case KindLog:
		return "log"
	}
	return "unknown"
}

// MaxLine is the longest line that is read, in bytes; longer ones are passed over
// and counted.
const MaxLine = timeline.MaxLine

// Source is an opened recording or log. Load reads it, once; the other methods
// may be called from any goroutine.
type Source struct {
	name   string
	in     io.Reader
	close  func() error
	live   bool         // more may come after a pause
	total  int64        // size of what is read, 0 if not known
	done   atomic.Int64 // how much of it was read
	first  []byte       // read while the kind was found out
	ended  error        // what the reader said then
	found  atomic.Pointer[found]
	loaded atomic.Bool
}

// found is what the first line says.
type found struct {
	kind   Kind
	header timeline.Header
}

// Open opens a file: plain, zstd or gzip, whatever its name. Parts that a
// recording has left when it grew (FILE.2, FILE.1, FILE) are read as one. Files
// that are neither a recording nor text give a [*timeline.FormatError].
func Open(path string) (*Source, error) {
	s := &Source{name: path}
	p, total, err := openParts(path, &s.done)
	if err != nil {
		return nil, err
	}
	s.in, s.close, s.total = p, p.Close, total
	if err := s.sniff(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return s, nil
}

// OpenReader reads a stream, such as standard input; the name is for messages.
// Nothing is read before [Source.Load]. If r can be closed, [Source.Close] does
// it.
func OpenReader(name string, r io.Reader) (*Source, error) {
	s := &Source{name: name, live: true, close: func() error { return nil }}
	if c, ok := r.(io.Closer); ok {
		s.close = c.Close
	}
	s.in = &unpacker{raw: &counted{in: r, n: &s.done}}
	return s, nil
}

// Name returns the path, or the name that the stream was given.
func (s *Source) Name() string { return s.name }

// Kind says what the source is; KindUnknown before the first line was read.
func (s *Source) Kind() Kind {
	if f := s.found.Load(); f != nil {
		return f.kind
	}
	return KindUnknown
}

// Header returns the first line of a recording, and false if there is none or it
// was not read yet.
func (s *Source) Header() (timeline.Header, bool) {
	f := s.found.Load()
	if f == nil || f.kind != KindRecording {
		return timeline.Header{}, false
	}
	return f.header, true
}

// Close closes the file.
func (s *Source) Close() error { return s.close() }

// sniffBytes is as much as is looked at to tell what a source is.
const sniffBytes = 1 << 20

// sniff reads the first line and says what the source is.
func (s *Source) sniff() error {
	if s.found.Load() != nil {
		return nil
	}
	buf := make([]byte, 0, 4<<10)
	for s.ended == nil && len(buf) < sniffBytes && !bytes.Contains(bytes.TrimLeft(buf, "\r\n \t"), []byte("\n")) {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		var n int
		n, s.ended = s.in.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
	}
	s.first = bytes.TrimPrefix(buf, []byte("\ufeff"))
	if s.ended != nil && (!ended(s.ended) || len(buf) == 0 && !errors.Is(s.ended, io.EOF)) {
		return fmt.Errorf("%s: %w", s.name, s.ended)
	}
	line, _, _ := bytes.Cut(bytes.TrimLeft(s.first, "\r\n \t"), []byte("\n"))
	f, err := recognise(line, s.first)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.found.Store(f)
	return nil
}

// recognise tells a source by its first line, and by what was read so far.
func recognise(line, all []byte) (*found, error) {
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return nil, refuse("there is nothing in it: it was cut before its first line was written, or never written to")
	case bytes.HasPrefix(line, []byte("\xff\xfe")), bytes.HasPrefix(line, []byte("\xfe\xff")):
		return nil, refuse("it is UTF-16 text (what > of PowerShell writes): save it as UTF-8")
	case bytes.HasPrefix(line, []byte("PK\x03\x04")):
		return nil, refuse("it is a zip archive: unpack it and open the file in it")
	case binary(line):
		return nil, refuse("it is not text: recordings are lines of JSON, plain or compressed with zstd or gzip")
	case bytes.Contains(line, []byte(`"streamscope_recording"`)):
		rd, err := timeline.NewReader(bytes.NewReader(line))
		if err != nil {
			return nil, err
		}
		return &found{kind: KindRecording, header: rd.Header()}, nil
	case har(all):
		return nil, refuse("it is a HAR file: those are written for browsers, and hold less than a recording; open the recording")
	case recordedLine(line):
		return &found{kind: KindLines}, nil
	}
	return &found{kind: KindLog}, nil
}

func refuse(reason string) error { return &timeline.FormatError{Line: 1, Reason: reason} }

// binary reports whether a line is no text: it has zero bytes, or is mostly not
// UTF-8.
func binary(line []byte) bool {
	line = line[:min(len(line), 4<<10)]
	if bytes.IndexByte(line, 0) >= 0 {
		return true
	}
	bad := 0
	for rest := line; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 || r < ' ' && !strings.ContainsRune("\t\r\x1b", r) {
			bad++
		}
		rest = rest[n:]
	}
	return bad*10 > len(line)
}

// har reports whether the text begins as an HTTP archive does.
func har(text []byte) bool {
	compact := bytes.Join(bytes.Fields(text[:min(len(text), 200)]), nil)
	return bytes.HasPrefix(compact, []byte(`{"log":{"version"`)) || bytes.HasPrefix(compact, []byte(`{"log":{"creator"`))
}

// recordedLine reports whether a line is an event or log record of ours.
func recordedLine(line []byte) bool {
	var l struct {
		Kind string          `json:"kind"`
		Off  *int64          `json:"off_ns"`
		Log  json.RawMessage `json:"log"`
	}
	return json.Unmarshal(line, &l) == nil && (l.Kind != "" && l.Off != nil || bytes.HasPrefix(l.Log, []byte(`{"kind":"log"`)))
}

// openParts opens a file with its older parts in front.
func openParts(path string, done *atomic.Int64) (*parts, int64, error) {
	p := &parts{done: done}
	var total int64
	names := []string{path}
	for n := 1; ; n++ {
		info, err := os.Stat(partName(path, n))
		if err != nil || !info.Mode().IsRegular() {
			break
		}
		names = append(names, partName(path, n))
		total += info.Size()
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if info.IsDir() {
		return nil, 0, &os.PathError{Op: "open", Path: path, Err: errors.New("is a directory")}
	}
	for i := len(names) - 1; i >= 0; i-- {
		p.names = append(p.names, names[i])
	}
	if !info.Mode().IsRegular() {
		return p, 0, p.next()
	}
	return p, total + info.Size(), p.next()
}
