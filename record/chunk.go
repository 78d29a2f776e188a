package record

import (
	"bytes"
	"errors"
	"io"
)

// Sizes of what is read at a time. The first piece is small, so that there is
// something to show at once.
const (
	firstChunk = 32 << 10
	chunkSize  = 256 << 10
)

// chunk is some whole lines.
type chunk struct {
	line int    // number of the first line, from 1
	text []byte // not written to any more
	// long are the numbers of lines before this chunk that were passed over
	// because of their length.
	long []int
	// torn says that the last line has no end and that the input is over.
	torn bool
	err  error // why the input is over, with the last chunk; io.EOF is none
	done chan decoded
}

// splitter cuts an input into chunks. It hands on what has come without waiting
// for more, so that a live input is seen at once.
type splitter struct {
	in    io.Reader
	buf   []byte // buf[begin:end] was read and not handed on
	begin int
	end   int
	line  int
	size  int
	// skipping says that the input is inside a line that is too long.
	skipping bool
	long     []int
	over     error // what the input said at its end
}

// newSplitter starts with what was read already, and how that reading ended.
func newSplitter(first []byte, ended error, in io.Reader) *splitter {
	return &splitter{in: in, buf: first, end: len(first), over: ended, line: 1, size: firstChunk}
}

// next returns the next chunk; the last one has an error, and possibly no text.
func (s *splitter) next() chunk {
	for {
		if text := s.lines(); len(text) > 0 {
			return s.chunk(text)
		}
		if s.over != nil {
			c := s.chunk(s.buf[s.begin:s.end])
			s.begin = s.end
			c.torn, c.err = len(c.text) > 0, s.over
			return c
		}
		s.read()
	}
}

func (s *splitter) chunk(text []byte) chunk {
	c := chunk{line: s.line, text: text, long: s.long, done: make(chan decoded, 1)}
	s.line += bytes.Count(text, []byte("\n"))
	s.long = nil
	return c
}

// lines takes the whole lines that are in the buffer.
func (s *splitter) lines() []byte {
	have := s.buf[s.begin:s.end]
	if s.skipping {
		i := bytes.IndexByte(have, '\n')
		if i < 0 {
			s.begin = s.end
			return nil
		}
		s.begin += i + 1
		s.skipping = false
		s.line++
		have = have[i+1:]
	}
	i := bytes.LastIndexByte(have, '\n')
	if i < 0 {
		s.tooLong(len(have))
		return nil
	}
	s.begin += i + 1
	return have[:i+1]
}

// tooLong gives up a line that has grown too long.
func (s *splitter) tooLong(n int) {
	if n <= MaxLine {
		return
	}
	s.long = append(s.long, s.line)
	s.skipping = true
	s.begin = s.end
}

// read reads into the rest of the buffer, or into a new one.
func (s *splitter) read() {
	if s.end == len(s.buf) {
		left := s.buf[s.begin:s.end]
		buf := make([]byte, max(s.size, 2*len(left)))
		s.size = chunkSize
		s.end = copy(buf, left)
		s.begin, s.buf = 0, buf
	}
	n, err := s.in.Read(s.buf[s.end:])
	s.end += n
	s.over = err
	if n == 0 && err == nil {
		s.over = errNoProgress
	}
}

var errNoProgress = errors.New("the input gives nothing and does not end")
