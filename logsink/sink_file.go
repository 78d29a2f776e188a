package logsink

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
// files.
type FileSink struct {
	opts FileOptions
	file *os.File
	buf  *bufio.Writer
	size int64
	line []byte
}

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
	if s.buf == nil {
		s.buf = bufio.NewWriterSize(f, 64<<10)
	} else {
		s.buf.Reset(f)
	}
	return nil
}

// Write appends the records to the file's buffer, rotating as needed.
func (s *FileSink) Write(_ context.Context, batch []Record) error {
	for _, r := range batch {
		if err := s.write(r); err != nil {
			return fmt.Errorf("log file: %w", err)
		}
	}
	return nil
}

func (s *FileSink) write(r Record) (err error) {
	if s.line, err = s.opts.Format.appendLine(s.line[:0], r); err != nil {
		return err
	}
	if n := int64(len(s.line)); s.opts.Bytes > 0 && s.size > 0 && s.size+n > s.opts.Bytes {
		if err := s.rotate(); err != nil {
			return err
		}
	}
	n, err := s.buf.Write(s.line)
	s.size += int64(n)
	return err
}

// rotate moves every file one number on and begins a new one.
func (s *FileSink) rotate() error {
	if err := s.buf.Flush(); err != nil {
		return err
	}
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
func (s *FileSink) Flush(context.Context) error {
	if err := s.buf.Flush(); err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	return nil
}

// Close flushes and closes the file.
func (s *FileSink) Close() error {
	if err := errors.Join(s.buf.Flush(), s.file.Close()); err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	return nil
}
