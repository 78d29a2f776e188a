package record

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

func stores() Stores {
	return Stores{
		Timeline: timeline.NewStore(timeline.Options{Start: start}),
		Logs:     logsink.NewStore(logsink.StoreConfig{}),
	}
}

func note(s Stores, text string) {
	s.Timeline.Append(timeline.Event{Session: "sara", Payload: timeline.Note{Text: text}})
}

func logLine(s Stores, text string) {
	s.Logs.Append(logsink.Record{Time: time.Now(), Level: logsink.Info, Scope: "client", Message: text})
}

// running starts a recorder; the function it returns ends it.
func running(t *testing.T, o Options) (*Recorder, func() error) {
	t.Helper()
	r, err := Create(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	return r, func() error {
		cancel()
		return <-ended
	}
}

// load reads a file into new stores.
func load(t testing.TB, path string) (Stores, Report) {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	into := stores()
	report, err := s.Load(t.Context(), into, nil)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return into, report
}

// texts lists the notes of a timeline and the messages of a log.
func texts(s Stores) (out []string) {
	for e := range s.Timeline.All() {
		switch p := e.Payload.(type) {
		case timeline.Note:
			out = append(out, p.Text)
		case timeline.Warning:
			out = append(out, p.ID)
		case timeline.Dropped:
			out = append(out, "dropped")
		}
	}
	for row := range s.Logs.Range(0, ^uint64(0)) {
		out = append(out, "log "+row.Message())
	}
	return out
}

func wantTexts(t *testing.T, what string, s Stores, want string) {
	t.Helper()
	if got := strings.Join(texts(s), ", "); got != want {
		t.Errorf("%s\n got %s\nwant %s", what, got, want)
	}
}

func TestARecordingIsInTheOrderOfTime(t *testing.T) {
	for _, name := range []string{"r.ndjson", "r.ndjson.zst"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := stores()
				path := filepath.Join(t.TempDir(), name)
				note(s, "before the recording")
				_, stop := running(t, Options{Path: path, Header: timeline.Header{Tool: "t", User: "sara"}, Stores: s})
				for _, text := range []string{"one", "two", "three"} {
					time.Sleep(time.Second)
					note(s, text)
					time.Sleep(time.Second)
					logLine(s, text)
				}
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				back, report := load(t, path)
				wantTexts(t, "everything comes back", back, "before the recording, one, two, three, log one, log two, log three")
				if report.Problems() != nil {
					t.Errorf("problems %q", report.Problems())
				}
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
				}
				if name == "r.ndjson" {
					wantOrder(t, path, "before the recording", `"one"`, `message":"one"`, `"two"`, `message":"two"`)
				}
			})
		})
	}
}

func wantOrder(t *testing.T, path string, texts ...string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rest := string(data)
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			t.Fatalf("%q is not in the file after the texts before it:\n%s", text, data)
		}
		rest = after
	}
}

func TestAKilledRecorderLeavesWhatWasFlushed(t *testing.T) {
	for _, name := range []string{"r.ndjson", "r.ndjson.zst"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := stores()
				path := filepath.Join(t.TempDir(), name)
				_, stop := running(t, Options{Path: path, Stores: s})
				note(s, "one")
				time.Sleep(flushEvery + time.Millisecond)
				note(s, "two")
				time.Sleep(flushEvery + time.Millisecond)
				synctest.Wait()
				file, err := os.ReadFile(path) // as it would be after a kill
				if err != nil {
					t.Fatal(err)
				}
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				killed := filepath.Join(t.TempDir(), name)
				for _, torn := range []int{0, 1} {
					if err := os.WriteFile(killed, file[:len(file)-torn], 0o600); err != nil {
						t.Fatal(err)
					}
					back, report := load(t, killed)
					if got := strings.Join(texts(back), ","); torn == 0 && got != "one,two" || !strings.HasPrefix(got, "one") {
						t.Errorf("%d bytes short: got %q", torn, got)
					}
					if name == "r.ndjson.zst" && !report.Torn {
						t.Errorf("%d bytes short: the report does not say so: %+v", torn, report)
					}
				}
			})
		})
	}
}

func TestNothingIsWrittenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.ndjson")
	for _, there := range []string{path, path + ".1"} {
		if err := os.WriteFile(there, []byte("precious"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Create(Options{Path: path, Stores: stores()})
		if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), there) || !strings.Contains(err.Error(), "choose another name") {
			t.Errorf("with %s there, the error is %v", filepath.Base(there), err)
		}
		if _, err := SaveLast(path, 0, timeline.Header{}, stores(), false); !errors.Is(err, fs.ErrExist) {
			t.Errorf("with %s there, saving gives %v", filepath.Base(there), err)
		}
		if _, err := SaveLast(path, 0, timeline.Header{}, stores(), true); there != path && !errors.Is(err, fs.ErrExist) {
			t.Errorf("with %s there, saving over it gives %v", filepath.Base(there), err)
			continue
		} else if there == path {
			if err := os.WriteFile(there, []byte("precious"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(there); err != nil || string(got) != "precious" {
			t.Fatalf("the file holds %q, %v", got, err)
		}
		r, err := Create(Options{Path: path, Stores: stores(), Overwrite: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v, want 0600 also where it was another", info.Mode(), err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestParts(t *testing.T) {
	for _, name := range []string{"r.ndjson", "r.ndjson.zst"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := stores()
				path := filepath.Join(t.TempDir(), name)
				r, stop := running(t, Options{Path: path, Stores: s, MaxBytes: 150})
				var want []string
				for _, text := range []string{"one", "two", "three", "four", "five"} {
					note(s, text)
					want = append(want, text)
					time.Sleep(2 * flushEvery)
				}
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				if n := r.Status().Parts; n < 2 {
					t.Errorf("%d parts were filled, want several", n)
				}
				back, report := load(t, path)
				wantTexts(t, "parts are read as one", back, strings.Join(want, ", "))
				if report.Headers != r.Status().Parts || report.Bad != 0 || report.Torn {
					t.Errorf("report %+v, want %d further headers and nothing bad", report, r.Status().Parts)
				}
			})
		})
	}
}

func TestOldPartsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stores()
		path := filepath.Join(t.TempDir(), "r.ndjson")
		_, stop := running(t, Options{Path: path, Stores: s, MaxBytes: 1, Keep: 2})
		for _, text := range []string{"one", "two", "three", "four"} {
			note(s, text)
			time.Sleep(time.Second)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		back, _ := load(t, path)
		wantTexts(t, "two closed parts are kept beside the file, which is new", back, "three, four")
	})
}

// disk is a file whose disk has little room.
type disk struct {
	file
	room *atomic.Int64
}

// small returns an opener of files on a disk with the room.
func small(room *atomic.Int64) opener {
	return func(path string, over bool) (file, bool, error) {
		f, regular, err := openFile(path, over)
		return disk{f, room}, regular, err
	}
}

func (d disk) Write(p []byte) (int, error) {
	n := min(len(p), int(d.room.Load()))
	d.room.Add(-int64(n))
	n, err := d.file.Write(p[:n])
	if err == nil && n < len(p) {
		err = syscall.ENOSPC
	}
	return n, err
}

func TestAFullDiskLosesNothingThatMemoryKeeps(t *testing.T) {
	for _, name := range []string{"r.ndjson", "r.ndjson.zst"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := stores()
				path := filepath.Join(t.TempDir(), name)
				var room atomic.Int64
				room.Store(4000)
				r, stop := running(t, Options{Path: path, Stores: s, open: small(&room)})
				note(s, "one")
				time.Sleep(time.Second)
				room.Store(10)
				note(s, "two")
				time.Sleep(3500 * time.Millisecond)
				note(s, "three")
				synctest.Wait()
				if got := r.Status().Failing; !strings.Contains(got, "no space left") {
					t.Errorf("while the disk is full, the status says %q", got)
				}
				room.Store(1 << 20)
				time.Sleep(2 * time.Second)
				note(s, "four")
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				back, report := load(t, path)
				wantTexts(t, "nothing is missing, and both ends of the trouble are told once", back,
					"one, two, recording, three, recording, four")
				if len(report.Problems()) > 0 {
					t.Errorf("problems %q", report.Problems())
				}
			})
		})
	}
}

func TestWhatMemoryCouldNotKeepIsWrittenDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Stores{Timeline: timeline.NewStore(timeline.Options{Start: start, MaxEvents: 8}), Logs: logsink.NewStore(logsink.StoreConfig{})}
		path := filepath.Join(t.TempDir(), "r.ndjson")
		var room atomic.Int64
		room.Store(1 << 20)
		r, stop := running(t, Options{Path: path, Stores: s, open: small(&room)})
		note(s, "one")
		time.Sleep(time.Second)
		room.Store(0)
		for range 6000 {
			note(s, "lost")
			synctest.Wait()
		}
		room.Store(1 << 20)
		time.Sleep(2 * time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		_, report := load(t, path)
		if lost := r.Status().Lost; lost == 0 || report.Lost != lost {
			t.Errorf("the status says that %d were lost, the file %d", lost, report.Lost)
		}
		if got := int(report.Lost) + report.Events; got != 6000+1+3 {
			t.Errorf("%d events are lost or there, want 6000 and the first, two warnings and the line about the loss", got)
		}
	})
}

func TestADiskThatStaysFullIsToldAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stores()
		var room atomic.Int64
		room.Store(1 << 20)
		_, stop := running(t, Options{Path: filepath.Join(t.TempDir(), "r.ndjson"), Stores: s, open: small(&room)})
		synctest.Wait()
		room.Store(0)
		note(s, "one")
		synctest.Wait()
		err := stop()
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "2 events and log lines are not in the file") {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestSaveLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stores()
		add := func(attempt int, p timeline.Payload) {
			s.Timeline.Append(timeline.Event{Session: "sara", Attempt: attempt, Payload: p})
			time.Sleep(time.Second)
		}
		add(0, timeline.SessionOpened{Source: timeline.SourceLocal, User: timeline.User{ID: "sara"}})
		add(1, timeline.AttemptStarted{URL: "ws://old"})
		add(1, timeline.AttemptEnded{By: timeline.ByServer})
		add(2, timeline.AttemptStarted{URL: "ws://new"})
		add(2, timeline.StageChanged{Stage: timeline.StageTCP, Progress: timeline.Passed})
		add(0, timeline.StateChanged{From: timeline.StateIdle, To: timeline.StateDialing})
		add(0, timeline.StateChanged{From: timeline.StateDialing, To: timeline.StateConnected})
		logLine(s, "old")
		note(s, "old")
		time.Sleep(time.Hour)
		note(s, "new")
		logLine(s, "new")
		want := timeline.Fold(timeline.State{}, collect(s.Timeline))
		path := filepath.Join(t.TempDir(), "last.ndjson.zst")
		saved, err := SaveLast(path, 5*time.Minute, timeline.Header{User: "sara"}, s, false)
		if err != nil || saved.Logs != 1 || saved.Path != path {
			t.Fatalf("saved %+v, %v", saved, err)
		}
		back, _ := load(t, path)
		wantTexts(t, "what is older is left out", back, "new, log new")
		got := timeline.Fold(timeline.State{}, collect(back.Timeline))
		a, _ := want.Session("sara")
		b, _ := got.Session("sara")
		if a.Conn != b.Conn || a.Attempt.URL != b.Attempt.URL || b.Attempt.Stages[timeline.StageTCP].Progress != timeline.Passed || a.Opened.Source != b.Opened.Source {
			t.Errorf("the state is %v %+v, was %v %+v", b.Conn, b.Attempt, a.Conn, a.Attempt)
		}
		if _, err := SaveLast(path, 0, timeline.Header{}, s, true); err != nil {
			t.Fatal(err)
		}
		back, _ = load(t, path)
		wantTexts(t, "no time means everything", back, "old, new, log old, log new")
		if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
			t.Errorf("%d files are left, %v", len(files), err)
		}
	})
}

func collect(s *timeline.Store) (out []timeline.Event) {
	for e := range s.All() {
		out = append(out, e)
	}
	return out
}

func TestAutoSave(t *testing.T) {
	s := stores()
	note(s, "one")
	dir := filepath.Join(t.TempDir(), "new")
	seen := map[string]bool{}
	for range 3 {
		path, err := AutoSave(dir, timeline.Header{}, s)
		if err != nil || seen[path] {
			t.Fatalf("saved to %s, %v", path, err)
		}
		seen[path] = true
		back, _ := load(t, path)
		wantTexts(t, "a crash keeps what was there", back, "one")
	}
}

func TestRecordingsHoldNoSecrets(t *testing.T) {
	const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoic2FyYSJ9.k3hQm7TzXvRwB1nYpLsD8fGjA0cUeKiO5tW2qZrNabc"
	s := stores()
	frame, _ := timeline.DecodeFrame(timeline.Out, "text", []byte(`{"token":"`+jwt+`"}`), 0)
	s.Timeline.Append(timeline.Event{Payload: frame})
	s.Logs.Append(logsink.Record{Message: "sent " + jwt})
	path := filepath.Join(t.TempDir(), "r.ndjson")
	if _, err := SaveLast(path, 0, timeline.Header{}, s, false); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || bytes.Contains(data, []byte(jwt[:60])) {
		t.Errorf("the token is in the file (%v)", err)
	}
}

func TestADiskThatIsFullWhenAPartBegins(t *testing.T) {
	for _, name := range []string{"r.ndjson", "r.ndjson.zst"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := stores()
				path := filepath.Join(t.TempDir(), name)
				opened := 0
				r, stop := running(t, Options{Path: path, Stores: s, MaxBytes: 150, open: func(path string, over bool) (file, bool, error) {
					opened++
					if opened == 2 || opened == 3 {
						return nil, false, syscall.ENOSPC
					}
					return openFile(path, over)
				}})
				var want []string
				for _, text := range []string{"one", "two", "three"} {
					note(s, text)
					want = append(want, text)
					time.Sleep(5 * time.Second)
				}
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				back, report := load(t, path)
				got := slices.DeleteFunc(texts(back), func(s string) bool { return s == WarnDisk })
				if strings.Join(got, ",") != strings.Join(want, ",") || len(report.Problems()) > 0 || r.Status().Lost > 0 {
					t.Errorf("got %q, problems %q", texts(back), report.Problems())
				}
				if n := len(texts(back)) - len(got); n != 2 {
					t.Errorf("it was told %d times, want once that it stopped and once that it goes on", n)
				}
			})
		})
	}
}
