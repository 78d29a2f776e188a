package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"

	"streamscope/timeline"
)

// record starts writing the recording to a file that only the user can read,
// each line as it happens. A name that ends in .zst is compressed.
func (r *rig) record(path string, header timeline.Header) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		err = f.Chmod(0o600) // it may have been there with another mode
	}
	if err != nil {
		return usage("give the path of a file that can be written", "--record: %s", pathProblem(err))
	}
	out, err := compressor(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	to, err := timeline.NewWriter(out, header)
	if err != nil {
		return errors.Join(err, out.Close())
	}
	lines := newPrinter(recordingLines{to}, r, nil)
	r.output("the recording", func(ctx context.Context) error {
		return errors.Join(lines.run(ctx), out.Close())
	})
	return nil
}

// compressor writes to the file, compressed when its name says so. Closing it
// closes the file.
func compressor(f *os.File) (io.WriteCloser, error) {
	if !strings.HasSuffix(f.Name(), ".zst") {
		return f, nil
	}
	enc, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return compressed{enc, f}, nil
}

// compressed flushes after each line, so that a process that is killed leaves a
// file that can be read up to there.
type compressed struct {
	enc  *zstd.Encoder
	file *os.File
}

func (c compressed) Write(line []byte) (int, error) {
	n, err := c.enc.Write(line)
	if err == nil {
		err = c.enc.Flush()
	}
	return n, err
}

func (c compressed) Close() error { return errors.Join(c.enc.Close(), c.file.Close()) }
