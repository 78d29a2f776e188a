package logsink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"streamscope/internal/pause"
)

// Defaults of [FileOptions].
const (
	DefaultFileBytes = 64 << 20
	DefaultFileKeep  = 3
)

// FileOptions are the settings of a [FileSink].
type FileOptions struct {
	// Path is the file. It is created with mode 0600 if it is not there, and
	// appended to if it is.
	Path string
	// Format is the form of the lines; zero means Plain.
	Format Format
	// Bytes is the size at which the file is renamed to Path.1, Path.1 to Path.2
	// and so on, and a new one is begun. Zero means DefaultFileBytes; a negative
	// number means never.
	Bytes int64
	// Away is called when the file cannot be written, as on a full disk: once, and
	// with nil when it can be again. Nil means that nobody is told.
	Away func(err error)
	// Keep is the number of files kept beside Path. Zero means DefaultFileKeep; a
	// negative number means none.
	Keep int
}

func (o FileOptions) withDefaults() FileOptions {
	if o.Bytes == 0 {
		o.Bytes = DefaultFileBytes
	}
	if o.Keep == 0 {
		o.Keep = DefaultFileKeep
	}
	o.Keep = max(o.Keep, 0)
	return o
}

// FileSink is a [Sink] that writes lines to a file that nobody else may read, and
// begins a new one when it has grown too large. Lines are never torn between two
// files. While the disk is full it waits and tries once a second; the store keeps
// the lines meanwhile, and what it has to drop is reported as a record later.
type FileSink struct {
	opts FileOptions
	file interface {
		io.WriteCloser
		Truncate(size int64) error
	}
	size    int64  // what is in the file, whole lines
	pending []byte // whole lines that are not
	failing bool
}

// fileBuffer is how much is gathered before it is written, in bytes.
const fileBuffer = 64 << 10

var _ Sink = (*FileSink)(nil)

// NewFileSink opens the file. An existing file that others may read is made private.
func NewFileSink(o FileOptions) (*FileSink, error) {
	s := &FileSink{opts: o.withDefaults()}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	return s, nil
}

func (s *FileSink) open() error {
	const private = 0o600
	f, err := os.OpenFile(s.opts.Path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, private)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm() != private {
		err = f.Chmod(private)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	s.file, s.size = f, info.Size()
	return nil
}

// Write appends the records to what is pending, rotating as needed.
func (s *FileSink) Write(ctx context.Context, batch []Record) error {
	for _, r := range batch {
		if err := s.write(ctx, r); err != nil {
			return fmt.Errorf("log file: %w", err)
		}
	}
	return nil
}

func (s *FileSink) write(ctx context.Context, r Record) (err error) {
	before := len(s.pending)
	if s.pending, err = s.opts.Format.appendLine(s.pending, r); err != nil {
		return err
	}
	switch grown := s.size + int64(before); {
	case s.opts.Bytes > 0 && grown > 0 && s.size+int64(len(s.pending)) > s.opts.Bytes:
		line := slices.Clone(s.pending[before:])
		s.pending = s.pending[:before]
		err = s.flush(ctx)
		s.pending = append(s.pending, line...)
		if err == nil {
			return s.rotate()
		}
	case len(s.pending) >= fileBuffer:
		err = s.flush(ctx)
	}
	if ctx.Err() != nil {
		return nil // what is pending stays, and Flush says why
	}
	return err
}

// flush writes what is pending. When that fails it tries again until ctx is done.
func (s *FileSink) flush(ctx context.Context) error {
	for {
		err := s.put()
		if s.opts.Away != nil && s.failing != (err != nil) {
			s.opts.Away(err)
		}
		s.failing = err != nil
		if err == nil {
			return nil
		}
		if pause.For(ctx, retryPause) != nil {
			return err
		}
	}
}

// put writes what is pending. Of a line that was torn nothing is left in the file.
func (s *FileSink) put() error {
	if len(s.pending) == 0 {
		return nil
	}
	n, err := s.file.Write(s.pending)
	if err != nil && s.file.Truncate(s.size) == nil {
		return err
	}
	s.size += int64(n)
	s.pending = s.pending[:copy(s.pending, s.pending[n:])]
	return err
}

// rotate moves every file one number on and begins a new one.
func (s *FileSink) rotate() error {
	if err := s.file.Close(); err != nil {
		return err
	}
	if s.opts.Keep == 0 {
		if err := os.Remove(s.opts.Path); err != nil {
			return err
		}
		return s.open()
	}
	for i := s.opts.Keep - 1; i >= 0; i-- {
		err := os.Rename(s.name(i), s.name(i+1))
		if err != nil && (i == 0 || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	return s.open()
}

// name returns the name of a file by age; 0 is the one that is written to.
func (s *FileSink) name(age int) string {
	if age == 0 {
		return s.opts.Path
	}
	return fmt.Sprintf("%s.%d", s.opts.Path, age)
}

// Flush hands what is buffered to the operating system.
func (s *FileSink) Flush(ctx context.Context) error {
	if err := s.flush(ctx); err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	return nil
}

// Close flushes and closes the file.
func (s *FileSink) Close() error {
	if err := errors.Join(s.put(), s.file.Close()); err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	return nil
}
