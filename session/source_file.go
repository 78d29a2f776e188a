package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxTokenText is the size of an answer that cannot be a token any more, bytes.
const maxTokenText = 64 << 10

// FileSource reads a token from a file, again for each load.
type FileSource struct {
	Path string
}

var _ TokenSource = FileSource{}

// Token implements [TokenSource]. The line breaks at the end are not part of the
// token; everything else is given as it is.
func (s FileSource) Token(ctx context.Context) (string, error) {
	text, err := s.read()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return "", &Error{Op: "token", Err: err}
	}
	return text, nil
}

func (s FileSource) read() (string, error) {
	info, err := os.Stat(s.Path)
	if err != nil {
		return "", err
	}
	// A pipe could block for ever, and gives its token only once.
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", s.Path)
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTokenText+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > maxTokenText:
		return "", fmt.Errorf("%s is larger than any token (%d KiB)", s.Path, maxTokenText>>10)
	}
	trimmed := strings.TrimRight(string(text), "\r\n")
	if trimmed == "" {
		return "", errors.New(s.Path + " is empty")
	}
	return trimmed, nil
}

// Kind implements [TokenSource].
func (FileSource) Kind() string { return "file" }

// Refreshable implements [TokenSource].
func (FileSource) Refreshable() bool { return true }
