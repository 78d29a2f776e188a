package record

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

// Limits for compressed input. A recording of nothing but health checks shrinks
// to a hundredth or so; what grows a thousand times was made to hurt.
const (
	bombRatio = 1000
	bombSlack = 64 << 20  // growth that is not looked at
	maxWindow = 128 << 20 // memory that a compressed file can ask for
)

// BombError says that a file is not read on because it grows beyond reason when
// it is decompressed.
type BombError struct {
	Packed, Unpacked int64 // bytes read and made of them so far
}

// Error gives the sizes.
func (e *BombError) Error() string {
	return fmt.Sprintf("%d bytes became %d when decompressed: no recording does that, so the rest is not read", e.Packed, e.Unpacked)
}

// damagedError says that compressed data makes no sense from some place on. What
// came before is good.
type damagedError struct{ err error }

func (e *damagedError) Error() string { return "the compressed data is damaged: " + e.err.Error() }
func (e *damagedError) Unwrap() error { return e.err }

// ended reports whether an error of a reader means that there is nothing more,
// for good or ill, rather than that reading failed.
func ended(err error) bool {
	_, damaged := errors.AsType[*damagedError](err)
	return damaged || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// counted counts what is read.
type counted struct {
	in    io.Reader
	n     *atomic.Int64
	total int64
	err   error // the last of in
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	c.total += int64(n)
	c.err = err
	return n, err
}

// unpacker decompresses what is compressed, by the first bytes, and hands on the
// rest as it is. Data that ends within a compressed frame, as a killed recorder
// leaves it, ends with [io.ErrUnexpectedEOF] after all that can be had of it.
type unpacker struct {
	raw  *counted
	out  io.Reader
	made int64
	zip  *zstd.Decoder
}

func (u *unpacker) Read(p []byte) (int, error) {
	if u.out == nil {
		if err := u.begin(); err != nil {
			return 0, err
		}
	}
	n, err := u.out.Read(p)
	u.made += int64(n)
	if u.made > bombSlack && u.made/bombRatio > u.raw.total {
		return 0, &BombError{Packed: u.raw.total, Unpacked: u.made}
	}
	if err != nil && !ended(err) && (u.raw.err == nil || errors.Is(u.raw.err, io.EOF)) {
		err = &damagedError{err}
	}
	return n, err
}

func (u *unpacker) begin() error {
	in := bufio.NewReaderSize(u.raw, 64<<10)
	magic, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.Equal(magic, []byte("\x28\xb5\x2f\xfd")):
		u.zip, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		u.out = u.zip
		return err
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		u.out, err = gzip.NewReader(in)
		return err
	}
	u.out = in
	return nil
}

func (u *unpacker) close() {
	if u.zip != nil {
		u.zip.Close()
	}
}

// parts reads files one after the other, each decompressed by itself, with a line
// end between two.
type parts struct {
	names []string // still to be opened
	done  *atomic.Int64
	in    *unpacker
	// damage is what one of them had; the others are read all the same.
	damage error

	mu     sync.Mutex // guards file and closed
	file   *os.File
	closed bool
}

func (p *parts) next() error {
	if p.in != nil {
		p.in.close()
	}
	f, err := os.Open(p.names[0])
	if err != nil {
		return err
	}
	p.names = p.names[1:]
	p.in = &unpacker{raw: &counted{in: f, n: p.done}}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.Join(os.ErrClosed, f.Close())
	}
	old := p.file
	p.file = f
	if old != nil {
		return old.Close()
	}
	return nil
}

func (p *parts) Read(buf []byte) (int, error) {
	n, err := p.in.Read(buf)
	if bad, ok := errors.AsType[*damagedError](err); ok {
		p.damage = bad
	}
	switch {
	case err == nil || n > 0 || !ended(err):
		return n, err
	case len(p.names) > 0:
	case p.damage != nil:
		return n, p.damage
	default:
		return n, err
	}
	if err := p.next(); err != nil {
		return 0, err
	}
	return copy(buf, "\n"), nil
}

// Close closes the file that is open; a read that waits for it ends.
func (p *parts) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.file == nil {
		return nil
	}
	f := p.file
	p.file = nil
	return f.Close()
}
