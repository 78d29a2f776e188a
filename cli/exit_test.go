package cli

import (
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

func TestOutputThatCannotBeWrittenIsNoBug(t *testing.T) {
	var said strings.Builder
	full := &fs.PathError{Op: "write", Path: "out.ndjson", Err: syscall.ENOSPC}
	if code := conclude(&said, full); code != exitFailed {
		t.Errorf("a full disk ends with %d, got %d", exitFailed, code)
	}
	if text := said.String(); !strings.Contains(text, "the output cannot be written: out.ndjson") || strings.Contains(text, "not expected") {
		t.Errorf("it says that the output cannot be written and asks for no report, got %q", text)
	}
}
