package cli

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

// TestAGrowingFileIsReadOn follows a file through new lines, a new file of the
// same name, and the end.
func TestAGrowingFileIsReadOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "session.ndjson")
		write := func(text string) {
			t.Helper()
			f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(text); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		write("one\ntwo\n")
		ctx, cancel := context.WithCancel(t.Context())
		g, err := openGrowing(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan string)
		go func() {
			defer close(got)
			for lines := bufio.NewScanner(g); lines.Scan(); {
				got <- lines.Text()
			}
		}()
		want := func(what string, lines ...string) {
			t.Helper()
			for _, line := range lines {
				if have := <-got; have != line {
					t.Errorf("%s: got %q, want %q", what, have, line)
				}
			}
		}
		want("what is there", "one", "two")
		time.Sleep(time.Minute)
		write("thr")
		time.Sleep(time.Second)
		write("ee\n")
		want("what is written in pieces", "three")
		if err := os.Rename(path, path+".1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		write("four\n")
		want("the next part", "four")
		cancel()
		if line, open := <-got; open {
			t.Errorf("the file ends with the context, got %q", line)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestThePaceIsThatOfTheRecording prints three events of 10 s at ten times the
// pace.
func TestThePaceIsThatOfTheRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := &pacer{to: textLines{&out}, ctx: t.Context(), speed: 10}
		recorded := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		began := time.Now()
		for i, want := range []time.Duration{0, 500 * time.Millisecond, time.Second} {
			at := recorded.Add(time.Duration(i) * 5 * time.Second)
			if err := p.event(timeline.Event{Time: at, Payload: timeline.Note{Text: "x"}}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != want {
				t.Errorf("event %d comes after %s, want %s", i, took, want)
			}
		}
		if err := p.record(logsink.Record{Time: recorded, Message: "late"}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("what is late already does not wait, got %s", took)
		}
		if n := strings.Count(out.String(), "\n"); n != 4 {
			t.Errorf("%d lines are printed, want 4", n)
		}
	})
}
