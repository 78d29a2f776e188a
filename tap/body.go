package tap

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"

	"streamscope/internal/wire"
)

// maxBody is how much of a body is read to be shown; all of it is passed on.
const maxBody = 1 << 20

// peek reads the beginning of a body and returns it with the whole.
func peek(body io.ReadCloser) ([]byte, io.ReadCloser, error) {
	if body == nil || body == http.NoBody {
		return nil, body, nil
	}
	head, err := io.ReadAll(io.LimitReader(body, maxBody))
	if err != nil {
		return nil, nil, err
	}
	return head, struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), body), body}, nil
}

// followed keeps the beginning of what is read.
type followed struct {
	io.ReadCloser
	head []byte
	size int
	done func(head []byte, size int)
}

// Read implements [io.Reader].
func (f *followed) Read(b []byte) (int, error) {
	n, err := f.ReadCloser.Read(b)
	f.size += n
	f.head = append(f.head, b[:min(n, maxBody-len(f.head))]...)
	if err != nil {
		f.done(f.head, f.size)
	}
	return n, err
}

// Close implements [io.Closer]. An answer that the app did not take to its end is
// one as well.
func (f *followed) Close() error {
	f.done(f.head, f.size)
	return f.ReadCloser.Close()
}

// decompress is a body as it reads; as it is where its encoding is not ours to read.
func decompress(h http.Header, body []byte) []byte {
	var r io.Reader
	var err error
	switch strings.ToLower(h.Get("Content-Encoding")) {
	case "gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(body))
	case "", "identity":
		return body
	default:
		return []byte("(" + wire.Clean(h.Get("Content-Encoding")) + ": not read)")
	}
	if err != nil {
		return body
	}
	text, err := io.ReadAll(io.LimitReader(r, maxBody))
	if err != nil && len(text) == 0 {
		return body
	}
	return text
}
