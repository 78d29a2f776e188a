//go:build unix

package cli

import (
	"io"
	"os"
	"strings"
	"testing"
)

func TestAPipeIsWaitedForAndGivenBackAsItWas(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	in, ok := waitable(r).(waited)
	if !ok {
		t.Fatal("a pipe can be waited for")
	}
	if _, err := io.WriteString(w, "onetwo"); err != nil {
		t.Fatal(err)
	}
	three := make([]byte, 3)
	if _, err := io.ReadFull(in, three); err != nil || string(three) != "one" {
		t.Errorf("read %q, %v", three, err)
	}
	read := make(chan error, 1)
	if _, err := io.ReadFull(in, three); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := in.Read(three) // there is nothing left
		read <- err
	}()
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := <-read; err == nil {
		t.Error("a reader that waits is let go")
	}
	w.Close()
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("the pipe is as it was: %q, %v", rest, err)
	}
}

func TestOnlyPipesAreWaitedFor(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, in := range []io.Reader{file, strings.NewReader("x")} {
		if got := waitable(in); got != in {
			t.Errorf("%T became %T", in, got)
		}
	}
}
