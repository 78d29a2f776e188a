package logsink

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// memorySink keeps what it gets and fails or waits as it is told.
type memorySink struct {
	got    []Record
	closed int
	err    error
	hold   chan struct{} // if set, Write waits until it is closed or ctx is done
}

func (m *memorySink) Write(ctx context.Context, batch []Record) error {
	if m.hold != nil {
		select {
		case <-m.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.got = append(m.got, batch...)
	return m.err
}

func (m *memorySink) Flush(context.Context) error { return nil }
func (m *memorySink) Close() error                { m.closed++; return nil }

func (m *memorySink) messages() string {
	var out []string
	for _, r := range m.got {
		out = append(out, r.Message)
	}
	return strings.Join(out, " ")
}

// running starts an output in a bubble and returns a function that ends it and
// returns its error.
func running(t *testing.T, s *Store, out Output) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, s, out) }()
	return func() error {
		cancel()
		return <-done
	}
}

func TestOutputPassesWhatItsLevelsAndRouteLetThrough(t *testing.T) {
	tests := []struct {
		name string
		out  func(o *Output)
		want string
	}{
		{"everything without levels", func(*Output) {}, "c-debug c-error d-debug d-error"},
		{"its own level for one scope", func(o *Output) {
			o.Levels = NewLevels(Error)
			o.Levels.Set("coordinator", Trace)
		}, "c-debug c-error d-error"},
		{"a scope that is off", func(o *Output) {
			o.Levels = NewLevels(Trace)
			o.Levels.SetWord("coordinator", "verbose")
		}, "d-debug d-error"},
		{"only scopes whose sink it is", func(o *Output) {
			o.Route = NewLevels(Trace)
			o.Route.Configure(map[string]Change{"Dispatcher": {Sink: To("file")}})
		}, "d-debug d-error"},
		{"from a line on", func(o *Output) { o.From = 3 }, "d-debug d-error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewStore(StoreConfig{})
				for _, scope := range []string{"coordinator", "Dispatcher"} {
					for _, l := range []Level{Debug, Error} {
						s.Append(Record{Scope: scope, Level: l, Message: strings.ToLower(scope[:1]) + "-" + l.String()})
					}
				}
				sink := &memorySink{}
				out := Output{Name: "file", Sink: sink}
				tt.out(&out)
				stop := running(t, s, out)
				synctest.Wait()
				if got := sink.messages(); got != tt.want {
					t.Errorf("the sink got %q, want %q", got, tt.want)
				}
				if err := stop(); err != nil || sink.closed != 1 {
					t.Errorf("Run returned %v and closed the sink %d times, want no error and once", err, sink.closed)
				}
			})
		})
	}
}

func TestOutputFollowsTheStoreUntilItCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStore(StoreConfig{})
		sink := &memorySink{}
		done := make(chan error, 1)
		go func() { done <- Run(t.Context(), s, Output{Sink: sink}) }()
		s.Append(Record{Message: "a"})
		synctest.Wait()
		s.Append(Record{Message: "b"})
		s.Close()
		if err := <-done; err != nil || sink.messages() != "a b" {
			t.Errorf("got %q and error %v, want a b and none", sink.messages(), err)
		}
	})
}

func TestSlowSinkSeesADropRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStore(StoreConfig{Bytes: 1})
		sink := &memorySink{hold: make(chan struct{})}
		stop := running(t, s, Output{Sink: sink})
		s.Append(Record{Message: "first"})
		synctest.Wait()
		for range 3000 {
			s.Append(Record{Message: "x"})
		}
		close(sink.hold)
		synctest.Wait()
		var dropped, lines uint64
		for _, r := range sink.got[1:] {
			if dropped += r.Dropped; r.Dropped == 0 {
				lines++
			}
		}
		if dropped == 0 || dropped+lines != 3000 {
			t.Errorf("the sink saw %d lines and %d dropped, want 3000 in all and some dropped", lines, dropped)
		}
		if got := sink.got[1].Message; got != fmt.Sprintf("%d lines dropped", dropped) {
			t.Errorf("the drop record says %q", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestOutputEndsThoughItsSinkHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStore(StoreConfig{})
		sink := &memorySink{hold: make(chan struct{})}
		stop := running(t, s, Output{Name: "socket", Sink: sink})
		s.Append(Record{Message: "a"})
		synctest.Wait()
		s.Append(Record{Message: "b"})
		start := time.Now()
		err := stop()
		if took := time.Since(start); took != drainTime {
			t.Errorf("ending took %v, want %v", took, drainTime)
		}
		if err == nil || !strings.Contains(err.Error(), "no time to write the last 2 lines") {
			t.Errorf("error is %v, want one that counts 2 lines", err)
		}
	})
}

func TestBatchThatWasInterruptedIsWrittenAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStore(StoreConfig{})
		sink := &memorySink{hold: make(chan struct{})}
		stop := running(t, s, Output{Sink: sink})
		s.Append(Record{Message: "a"})
		synctest.Wait()
		time.AfterFunc(drainTime/2, func() { close(sink.hold) })
		if err := stop(); err != nil || sink.messages() != "a" {
			t.Errorf("got %q and error %v, want a and none", sink.messages(), err)
		}
	})
}

func TestSinkErrorEndsTheOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewStore(StoreConfig{})
		s.Append(Record{Message: "a"})
		full := errors.New("disk full")
		if err := Run(t.Context(), s, Output{Sink: &memorySink{err: full}}); !errors.Is(err, full) {
			t.Errorf("Run returned %v, want %v", err, full)
		}
	})
}

func TestWriterSink(t *testing.T) {
	when := time.Date(2026, 1, 2, 12, 4, 9, 131e6, time.UTC)
	r := Record{Seq: 1, Time: when, Level: Warn, Scope: "coordinator", Tags: "1", Session: "sara", Message: "a\x1b[31m\nb", Attrs: "code=40"}
	for _, tt := range []struct {
		format Format
		want   string
	}{
		{Plain, "12:04:09.131 WARN  sara [coordinator](1): a\\x1b[31m\\nb code=40\n"},
		{JSON, `{"kind":"log","seq":1,"time":"2026-01-02T12:04:09.131Z","level":"warn","scope":"coordinator","tags":["1"],"session":"sara","message":"a\u001b[31m\nb","attrs":{"code":40}}` + "\n"},
	} {
		var b strings.Builder
		sink := NewWriterSink(&b, tt.format)
		if err := errors.Join(sink.Write(t.Context(), []Record{r}), sink.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
		if b.String() != tt.want {
			t.Errorf("got  %q\nwant %q", b.String(), tt.want)
		}
	}
}

func TestFileSinkRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("from an earlier run\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sink, err := NewFileSink(FileOptions{Path: path, Bytes: 70, Keep: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 7 {
		if err := sink.Write(t.Context(), []Record{{Scope: "s", Message: fmt.Sprint("line ", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name()] = strings.ReplaceAll(string(text), "--:--:--.--- TRACE [s]: ", "")
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v), want 0600", f.Name(), info.Mode(), err)
		}
	}
	want := map[string]string{"log": "line 5\nline 6\n", "log.1": "line 3\nline 4\n", "log.2": "line 1\nline 2\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
}

func TestFileSinkThatKeepsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	sink, err := NewFileSink(FileOptions{Path: path, Bytes: 1, Keep: -1, Format: JSON})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"a", "b"} {
		if err := errors.Join(sink.Write(t.Context(), []Record{{Message: m}}), sink.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if want := `{"kind":"log","level":"trace","message":"b"}` + "\n"; err != nil || string(text) != want {
		t.Errorf("the file has %q (%v), want only the last line", text, err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("there are %d files (%v), want 1", len(files), err)
	}
}

// smallDisk is a file on a disk that has room for so many bytes.
type smallDisk struct {
	mu   sync.Mutex
	text []byte
	room int
}

// leave makes room for n more bytes.
func (d *smallDisk) leave(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = len(d.text) + n
}

func (d *smallDisk) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return string(d.text)
}

func (d *smallDisk) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(len(p), d.room-len(d.text))
	d.text = append(d.text, p[:n]...)
	if n < len(p) {
		return n, errors.New("no space left")
	}
	return n, nil
}

func (d *smallDisk) Truncate(size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.text = d.text[:size]
	return nil
}

func (d *smallDisk) Close() error { return nil }

// On a full disk no line is torn, and when there is room again it goes on.
func TestFileSinkWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		disk := &smallDisk{room: 50}
		sink := &FileSink{opts: FileOptions{Away: func(err error) { told = append(told, fmt.Sprint(err)) }}, file: disk}
		s := NewStore(StoreConfig{})
		stop := running(t, s, Output{Sink: sink})
		line := func(n int) string { return fmt.Sprintf("--:--:--.--- TRACE [s]: line %d\n", n) }
		var want strings.Builder
		for n := range 3 {
			s.Append(Record{Scope: "s", Message: fmt.Sprint("line ", n)})
			synctest.Wait()
			want.WriteString(line(n))
		}
		if got := disk.String(); got != line(0) {
			t.Errorf("there is room for one line, and it is whole: %q", got)
		}
		disk.leave(1000)
		time.Sleep(retryPause)
		synctest.Wait()
		if got := disk.String(); got != want.String() {
			t.Errorf("what has waited is written when there is room:\n%s\nwant\n%s", got, want.String())
		}
		disk.leave(0)
		s.Append(Record{Scope: "s", Message: "lost"})
		synctest.Wait()
		if err := stop(); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("what never had room is said at the end, got %v", err)
		}
		if diff := cmp.Diff([]string{"no space left", "<nil>", "no space left"}, told); diff != "" {
			t.Errorf("it is told once each (-want +got):\n%s", diff)
		}
	})
}

func TestFileSinkSaysWhatIsWrong(t *testing.T) {
	_, err := NewFileSink(FileOptions{Path: filepath.Join(t.TempDir(), "no", "log")})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v, want that the directory does not exist", err)
	}
}

func TestSocketAddresses(t *testing.T) {
	for _, tt := range []struct {
		address string
		ok      bool
	}{
		{"unix:/tmp/x.sock", true}, {"tcp:127.0.0.1:9000", true}, {"tcp:[::1]:9000", true}, {"tcp:localhost:9000", true},
		{"tcp:192.0.2.1:9000", false}, {"tcp:example.com:9000", false}, {"tcp:127.0.0.1", false}, {"unix:", false}, {"udp:127.0.0.1:1", false}, {"", false},
	} {
		if _, err := NewSocketSink(tt.address, nil); (err == nil) != tt.ok {
			t.Errorf("%q: error is %v, want ok %v", tt.address, err, tt.ok)
		}
	}
}

func TestSocketSinkThatTellsNobody(t *testing.T) {
	sink, err := NewSocketSink("unix:"+filepath.Join(t.TempDir(), "none"), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, away := errors.AsType[*AwayError](sink.Write(ctx, []Record{{Scope: "s", Message: "m"}})); !away {
		t.Error("that nobody is there is the error of the end")
	}
}

// The other end is away at first, takes one line, goes away, and comes back.
func TestSocketSinkConnectsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peers := make(chan net.Conn, 1)
		var refuse atomic.Int32
		refuse.Store(2)
		var told []string
		sink := &SocketSink{address: "unix:x", away: func(err error) { told = append(told, fmt.Sprint(err)) }, dial: func(context.Context) (net.Conn, error) {
			if refuse.Add(-1) >= 0 {
				return nil, errors.New("refused")
			}
			a, b := net.Pipe()
			peers <- b
			return a, nil
		}}
		s := NewStore(StoreConfig{})
		stop := running(t, s, Output{Sink: sink})
		start := time.Now()
		for i, want := range []string{"a", "b"} {
			s.Append(Record{Message: want})
			peer := <-peers
			var r Record
			line, err := bufio.NewReader(peer).ReadBytes('\n')
			if err == nil {
				err = json.Unmarshal(line, &r)
			}
			if err != nil || r.Message != want {
				t.Fatalf("the peer got %q (%v), want %q", r.Message, err, want)
			}
			if i == 0 {
				synctest.Wait()
			}
			_ = peer.Close()
		}
		if took := time.Since(start); took != 2*retryPause {
			t.Errorf("it took %v, want two pauses of %v: a connection that broke is replaced at once", took, retryPause)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		away := "nobody takes lines at unix:x: "
		if diff := cmp.Diff([]string{away + "refused", "<nil>", away + "io: read/write on closed pipe", "<nil>"}, told); diff != "" {
			t.Errorf("that the other end is away, and back, is told once each (-want +got):\n%s", diff)
		}
	})
}
