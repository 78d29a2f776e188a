package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ExistsError says that a file was not written because it is there already.
type ExistsError struct{ Path string }

// Error names the file and what to do.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s is there already and is not overwritten: choose another name, or remove it first", e.Path)
}

// Is makes the error one of [fs.ErrExist].
func (e *ExistsError) Is(target error) bool { return target == fs.ErrExist }

// private is the mode of everything that is written here.
const private = 0o600

// packedSuffix is the end of a name that asks for compression.
const packedSuffix = ".zst"

// file is what a recording needs of an [os.File].
type file interface {
	io.WriteCloser
	io.Seeker
	Truncate(size int64) error
}

// opener opens a file for writing; the tests have one whose disk is full.
type opener func(path string, overwrite bool) (f file, regular bool, err error)

// openFile creates a file that only the user can read. One that is there and
// holds something is refused unless it may be overwritten; a pipe or a device is
// written to as it is.
func openFile(path string, overwrite bool) (file, bool, error) {
	flags := os.O_WRONLY | os.O_CREATE
	info, err := os.Stat(path)
	regular := err != nil || info.Mode().IsRegular()
	switch {
	case err != nil:
		flags |= os.O_EXCL
	case regular && info.Size() > 0 && !overwrite:
		return nil, false, &ExistsError{Path: path}
	case regular:
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, private)
	if errors.Is(err, fs.ErrExist) {
		return nil, false, &ExistsError{Path: path}
	}
	if err != nil {
		return nil, false, err
	}
	if regular {
		if err := f.Chmod(private); err != nil { // it may have been there with another mode
			return nil, false, errors.Join(err, f.Close())
		}
	}
	return f, regular, nil
}

// target is the file of a recording. What is put into it is whole lines. A write
// that fails is taken back, so that the file never has a torn line in its middle
// and the same lines can be put again.
type target struct {
	path    string
	header  []byte // the first line of each part
	limit   int64  // size at which a new part begins; 0 or less: never
	keep    int    // closed parts kept; 0: all
	open    opener
	packing bool

	file    file
	regular bool
	good    int64 // size up to the last lines that are whole in the file
	enc     *zstd.Encoder
	packed  bytes.Buffer // what enc has made and is not in the file yet
	// inFrame says that the file ends inside a frame.
	inFrame bool
	parts   int
}

// openTarget creates the file and writes its first line. Parts that an older
// recording of the same name has left count as the file itself.
func openTarget(t *target, overwrite bool) error {
	t.packing = strings.HasSuffix(t.path, packedSuffix)
	if err := t.clearParts(overwrite); err != nil {
		return err
	}
	if t.packing {
		enc, err := zstd.NewWriter(&t.packed, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
			zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return err
		}
		t.enc = enc
	}
	return t.begin(overwrite)
}

func (t *target) clearParts(overwrite bool) error {
	for n := 1; ; n++ {
		part := partName(t.path, n)
		if _, err := os.Lstat(part); err != nil {
			return nil
		}
		if !overwrite {
			return &ExistsError{Path: part}
		}
		if err := os.Remove(part); err != nil {
			return err
		}
	}
}

// begin opens the file and writes the header.
func (t *target) begin(overwrite bool) error {
	f, regular, err := t.open(t.path, overwrite)
	if err != nil {
		return err
	}
	t.file, t.regular, t.good, t.inFrame = f, regular, 0, false
	if t.packing {
		t.packed.Reset()
		t.enc.Reset(&t.packed)
	}
	if err := errors.Join(t.put(t.header), t.flush()); err != nil {
		t.file = nil // the next put tries again: there is an empty file at most
		return errors.Join(err, f.Close())
	}
	return nil
}

// ready makes sure that there is a file: the last rotation may have failed.
func (t *target) ready() error {
	if t.file == nil {
		return t.begin(false)
	}
	return nil
}

// put writes whole lines, now if the file is plain and with the next flush if it
// is compressed. After an error nothing of them is in the file.
func (t *target) put(lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	if err := t.ready(); err != nil {
		return err
	}
	if !t.packing {
		return t.write(lines)
	}
	_, err := t.enc.Write(lines)
	return err
}

// flush brings what was put into the file.
func (t *target) flush() error {
	if !t.packing {
		return nil
	}
	if err := t.enc.Flush(); err != nil {
		return err
	}
	if t.packed.Len() == 0 {
		return nil
	}
	if err := t.write(t.packed.Bytes()); err != nil {
		return err
	}
	t.packed.Reset()
	t.inFrame = true
	return nil
}

// lastBlock ends a frame of zstd that has no checksum: an empty raw block with
// the mark of the last one (RFC 8878, 3.1.1.2).
var lastBlock = []byte{1, 0, 0}

// forget drops what was put since the last flush that worked, so that it can be
// put again: the blocks that follow a lost one could not be read, so the frame in
// the file is ended and a new one begins.
func (t *target) forget() {
	if !t.packing {
		return
	}
	t.packed.Reset()
	if t.inFrame {
		t.packed.Write(lastBlock)
	}
	t.enc.Reset(&t.packed)
}

func (t *target) write(data []byte) error {
	n, err := t.file.Write(data)
	if err == nil {
		t.good += int64(n)
		return nil
	}
	if !t.regular || n == 0 {
		return err
	}
	_, seekErr := t.file.Seek(t.good, io.SeekStart)
	return errors.Join(err, t.file.Truncate(t.good), seekErr)
}

// full reports whether the next part is due.
func (t *target) full() bool { return t.limit > 0 && t.regular && t.good >= t.limit }

// rotate closes the file, moves each part one number on and begins a new file.
// It is called after a flush.
func (t *target) rotate() error {
	err := t.finish()
	t.file = nil
	if err != nil {
		return err
	}
	last := 1
	for exists(partName(t.path, last)) {
		last++
	}
	for n := last; n > 0; n-- {
		if t.keep > 0 && n > t.keep {
			if err := remove(partName(t.path, n-1)); err != nil {
				return t.resume(err)
			}
			continue
		}
		if err := os.Rename(partName(t.path, n-1), partName(t.path, n)); err != nil {
			return t.resume(err)
		}
	}
	t.parts++
	return t.begin(false)
}

// resume goes on with the file that could not be moved away, without a limit.
func (t *target) resume(why error) error {
	t.limit = 0
	f, err := os.OpenFile(t.path, os.O_WRONLY|os.O_APPEND, private)
	if err != nil {
		return errors.Join(why, err)
	}
	t.file = f
	if t.packing {
		t.packed.Reset()
		t.enc.Reset(&t.packed)
	}
	t.inFrame = false
	return nil
}

// finish ends the compressed frame and closes the file.
func (t *target) finish() error {
	if t.file == nil {
		return nil
	}
	var err error
	if t.packing {
		if err = t.enc.Close(); err == nil && t.packed.Len() > 0 {
			err = t.write(t.packed.Bytes())
		}
	}
	return errors.Join(err, t.file.Close())
}

// partName names the closed parts of a recording by age; 0 is the file itself.
func partName(path string, age int) string {
	if age == 0 {
		return path
	}
	return fmt.Sprintf("%s.%d", path, age)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
