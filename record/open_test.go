package record

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"streamscope/logsink"
	"streamscope/timeline"
)

const head = `{"streamscope_recording":1,"tool":"t","start":"2026-01-02T12:00:00Z","redacted":[]}` + "\n"

// from loads a text as a stream.
func from(t testing.TB, text string) (Stores, Report, error) {
	t.Helper()
	s, err := OpenReader("test", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	into := stores()
	report, err := s.Load(t.Context(), into, nil)
	return into, report, err
}

func TestTheScannerReadsWhatTheCodecReads(t *testing.T) {
	golden, err := os.ReadFile("../timeline/testdata/version1.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	text := string(golden) + string(trafficFile(t, 2000))
	d, err := newDecoder(KindRecording)
	if err != nil {
		t.Fatal(err)
	}
	fast := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		d.out = decoded{}
		if !d.fast(line) {
			continue
		}
		fast++
		quick := d.out
		d.out = decoded{}
		if !d.slow(line) {
			t.Fatalf("only the scanner reads %s", line)
		}
		if diff := cmp.Diff(d.out.events, quick.events); diff != "" {
			t.Fatalf("(-codec +scanner):\n%s", diff)
		}
	}
	if fast < 1500 {
		t.Errorf("the scanner reads %d lines, want all frames", fast)
	}
}

func TestOwnRecordingsComeBackAsTheyWere(t *testing.T) {
	path := "../timeline/testdata/version1.ndjson"
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	codec, err := timeline.NewReader(bytes.NewReader(golden))
	if err != nil {
		t.Fatal(err)
	}
	var want []timeline.Event
	for {
		entry, err := codec.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Log == nil {
			entry.Event.Seq = uint64(len(want) + 1)
			want = append(want, entry.Event)
		}
	}
	back, report := load(t, path)
	if diff := cmp.Diff(want, collect(back.Timeline)); diff != "" {
		t.Errorf("(-codec +loaded):\n%s", diff)
	}
	if report.Masked+report.Bad+report.Unknown != 0 || report.Torn {
		t.Errorf("report %+v, problems %q", report, report.Problems())
	}
}

func TestTheScannerLeavesTheRestToTheCodec(t *testing.T) {
	d, err := newDecoder(KindRecording)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`{"off_ns":1,"kind":"frame","data":{"dir":"in","op":"text","size":1.5}}`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"in","op":"text","size":1,"body":{"base64":"AA=="}}}`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"in","size":1,"body":"\ud83d\ude00"}}`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"in","size":1,"brand_new":true}}`,
		`{"off_ns":01,"kind":"frame","data":{"dir":"in"}}`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"in"}} `,
		`{"off_ns":1,"kind":"frame","data":{"dir":"in"}},`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"i` + "\x01" + `n"}}`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"i` + "\xff" + `n"}}`,
		`{"off_ns":1,"kind":"frame","data":{"dir":"in"}`,
		`{"off_ns":1,"kind":"frame"}`,
		`{"t":"2026-01-02T12:00:00+02:00","off_ns":1,"kind":"frame","data":{"dir":"in"}}`,
		`{"log":{"kind":"log","level":"info","message":"x","attrs":{"a":1}}}`,
		`{"log":{"kind":"log","level":"loud","message":"x"}}`,
	} {
		if d.fast(line) {
			t.Errorf("the scanner takes %q", line)
		}
	}
}

func TestWhatIsWrongIsCountedAndTheRestIsRead(t *testing.T) {
	ok := func(text string) string {
		return `{"seq":1,"t":"2026-01-02T12:00:00Z","off_ns":1,"kind":"note","data":{"text":"` + text + `"}}` + "\n"
	}
	long := strings.Repeat("x", MaxLine+10) + "\n"
	tests := []struct {
		name, in, want string
		report         Report
		problem        string
	}{
		{"nothing wrong", head + ok("a") + ok("b"), "a, b", Report{Lines: 3, Events: 2}, ""},
		{"a torn last line", head + ok("a") + ok("b")[:40], "a", Report{Lines: 3, Events: 1, Torn: true, TornLine: 3}, "last line (3) is torn"},
		{"no last line end", head + ok("a") + strings.TrimSpace(ok("b")), "a, b", Report{Lines: 3, Events: 2}, ""},
		{"line ends of Windows", strings.ReplaceAll(head+ok("a"), "\n", "\r\n"), "a", Report{Lines: 2, Events: 1}, ""},
		{"bad lines", head + "x\n" + ok("a") + "{}\n\n" + ok("b")[:30] + "\n" + ok("c"), "a, c",
			Report{Lines: 7, Events: 2, Bad: 3, BadLines: []int{2, 4, 6}}, "3 lines could not be read and were skipped: line 2, 4, 6"},
		{"a line that is too long", head + long + ok("a"), "a", Report{Lines: 2, Events: 1, Bad: 1, TooLong: 1, BadLines: []int{2}}, "line 2"},
		{"two files in one", head + ok("a") + head + ok("b"), "a, b", Report{Lines: 4, Events: 2, Headers: 1}, ""},
		{"an unknown kind", head + `{"off_ns":1,"kind":"new","data":{"x":1}}` + "\n", "", Report{Lines: 2, Events: 1, Unknown: 1}, "update streamscope"},
		{"a secret", head + ok("Bearer abcdefghijklmnopqrstuvwxyz012345"), "Bearer …012345", Report{Lines: 2, Events: 1, Masked: 1}, "were masked here"},
		{"lost events", head + `{"off_ns":1,"kind":"dropped","data":{"count":7}}` + "\n", "dropped", Report{Lines: 2, Events: 1, Lost: 7}, "7 events or lines are missing"},
		{"no header", ok("a"), "a", Report{Lines: 1, Events: 1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, report, err := from(t, tt.in)
			if err != nil {
				t.Fatal(err)
			}
			wantTexts(t, "what is read", got, tt.want)
			if diff := cmp.Diff(tt.report, report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if problems := strings.Join(report.Problems(), "; "); !strings.Contains(problems, tt.problem) || tt.problem == "" && problems != "" {
				t.Errorf("problems %q, want %q", problems, tt.problem)
			}
		})
	}
}

func TestFilesThatAreNoRecordingsSayWhatTheyAre(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", "there is nothing in it"},
		{"blank lines", "\n\n", "there is nothing in it"},
		{"a newer version", `{"streamscope_recording":9}` + "\n", "version 9 is newer than the 1 that this streamscope reads; update"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not text"},
		{"UTF-16", "\xff\xfe{\x00\"\x00", "UTF-16"},
		{"an archive", "PK\x03\x04abcdefg", "zip"},
		{"a HAR file", "{\n  \"log\": {\n    \"version\": \"1.2\"", "HAR"},
		{"a HAR file on one line", `{"log":{"version":"1.2"}}`, "HAR"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(path, []byte(tt.in), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path)
			if _, ok := errors.AsType[*timeline.FormatError](err); !ok || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("the error is %v, want it to name the file and say %q", err, tt.want)
			}
		})
	}
}

func TestCompressedFiles(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(w, head+`{"off_ns":1,"kind":"note","data":{"text":"a"}}`+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	back, report, err := from(t, zipped.String())
	if err != nil || report.Problems() != nil {
		t.Fatal(report, err)
	}
	wantTexts(t, "gzip is read whatever the name", back, "a")
	_, report, err = from(t, zipped.String()[:zipped.Len()-9])
	if err != nil || !report.Torn {
		t.Errorf("gzip that ends early: %+v, %v", report, err)
	}
}

// blank gives line ends for ever.
type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

func TestAZipBombIsNotReadToItsEnd(t *testing.T) {
	packed := pack(t, append([]byte(head), bytes.Repeat([]byte(strings.Repeat("x", 1<<20)+"\n"), 100)...))
	_, _, err := from(t, string(packed))
	bomb, ok := errors.AsType[*BombError](err)
	if !ok || bomb.Unpacked > bombSlack+1<<20 {
		t.Errorf("the error is %v after %+v of %d bytes", err, bomb, 100<<20)
	}
}

func TestNumbersOfEventsAreThoseOfTheStore(t *testing.T) {
	event := func(seq int) string {
		return fmt.Sprintf(`{"seq":%d,"t":"2026-01-02T12:00:00Z","off_ns":1,"kind":"note","data":{"text":"n%d"}}`+"\n", seq, seq)
	}
	line := func(seq int) string {
		return fmt.Sprintf(`{"log":{"kind":"log","level":"info","scope":"a","event":%d,"message":"of %d"}}`+"\n", seq, seq)
	}
	back, _, err := from(t, head+line(3)+event(5)+line(5)+event(6)+event(20)+event(21)+line(21)+line(6))
	if err != nil {
		t.Fatal(err)
	}
	for row := range back.Logs.Range(0, ^uint64(0)) {
		e, ok := back.Timeline.At(row.Event())
		if row.Message() == "of 3" {
			if row.Event() != 0 {
				t.Errorf("a line of an event that is not there has the number %d", row.Event())
			}
			continue
		}
		if want := strings.Replace(row.Message(), "of ", "n", 1); !ok || e.Payload.(timeline.Note).Text != want {
			t.Errorf("%s belongs to event %d: %+v, %v", row.Message(), row.Event(), e.Payload, ok)
		}
	}
}

func TestALivePipeIsSeenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		s, err := OpenReader("pipe", r)
		if err != nil {
			t.Fatal(err)
		}
		into := stores()
		ended := make(chan error, 1)
		go func() {
			_, err := s.Load(t.Context(), into, nil)
			ended <- err
		}()
		for _, step := range []struct{ write, want string }{
			{"[client]: one\n[client]: tw", "log one"},
			{"o\n", "log one, log two"},
			{"[client]: three\n  at a\n  at b\n", "log one, log two, log three\n  at a\n  at b"},
		} {
			if _, err := io.WriteString(w, step.write); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			wantTexts(t, "after "+step.write, into, step.want)
		}
		if s.Kind() != KindLog {
			t.Errorf("kind %v", s.Kind())
		}
		w.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestALoadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		s, err := OpenReader("pipe", r)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() { _, _ = io.WriteString(w, "[client]: one\n") }()
		if _, err := s.Load(ctx, stores(), nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the load ends with %v", err)
		}
		if _, err := s.Load(t.Context(), stores(), nil); !errors.Is(err, errLoaded) {
			t.Errorf("a second load ends with %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestMemoryOfALoadIsBounded(t *testing.T) {
	into := Stores{Timeline: timeline.NewStore(timeline.Options{MaxEvents: 100}), Logs: logsink.NewStore(logsink.StoreConfig{Bytes: 1 << 20})}
	s, err := OpenReader("long", io.MultiReader(strings.NewReader("x\n"), io.LimitReader(blank{}, 4<<20)))
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	report, err := s.Load(t.Context(), into, func(done, _ int64) { got = int(done) })
	if err != nil || report.Logs != 1 || got != 4<<20+2 {
		t.Errorf("report %+v, %v after %d bytes", report, err, got)
	}
}

func FuzzScanner(f *testing.F) {
	for line := range strings.Lines(string(trafficFile(f, 12))) {
		f.Add(strings.TrimSuffix(line, "\n"))
	}
	f.Add(`{"log":{"kind":"log","seq":1,"time":"2026-01-02T12:00:00.5Z","level":"warn","scope":"a","session":"s","event":3,"message":"m\u0041\n"}}`)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "\n") {
			return
		}
		d, err := newDecoder(KindRecording)
		if err != nil {
			t.Fatal(err)
		}
		if !d.fast(line) {
			return
		}
		quick := d.out
		d.out = decoded{}
		if !d.slow(line) {
			t.Fatalf("only the scanner reads %q", line)
		}
		if diff := cmp.Diff(d.out.events, quick.events); diff != "" {
			t.Errorf("events (-codec +scanner):\n%s", diff)
		}
		if diff := cmp.Diff(d.out.records, quick.records); diff != "" {
			t.Errorf("log records (-codec +scanner):\n%s", diff)
		}
	})
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(head + `{"off_ns":1,"kind":"frame","data":{"dir":"in","size":3,"body":"\"a\\n\""}}` + "\n{"))
	f.Add(pack(f, []byte(head)))
	f.Add([]byte("2026-01-01T00:00:00Z INFO [a](b): c {\"d\":1}\n\tat x\n{\"level\":30,\"msg\":\"m\",\"time\":1}\n"))
	f.Add([]byte(`{"log":{"kind":"log","level":"info","message":"\u001b[31m","event":1}}`))
	f.Add([]byte("{\"\":\"\\"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := OpenReader("fuzz", bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		into := stores()
		report, err := s.Load(t.Context(), into, nil)
		if err == nil && s.Kind() == KindUnknown {
			t.Error("it was read and is of no kind")
		}
		if into.Timeline.Len() != report.Events || len(report.BadLines) > keptLines || report.Bad < len(report.BadLines) {
			t.Errorf("%d events are in the store, report %+v", into.Timeline.Len(), report)
		}
		for row := range into.Logs.Range(0, ^uint64(0)) {
			if strings.ContainsFunc(row.Record().String(), func(r rune) bool { return r < ' ' }) {
				t.Errorf("a line has control characters: %q", row.Record().String())
			}
		}
	})
}

// TestDamagedDataIsReadUpToTheDamage writes over bytes in the middle of a
// compressed part; the part after it is read all the same.
func TestDamagedDataIsReadUpToTheDamage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r.ndjson.zst")
	packed := pack(t, trafficFile(t, 20_000))
	for i := range 64 {
		packed[len(packed)/2+i] ^= 0x5a
	}
	for name, data := range map[string][]byte{path + ".1": packed, path: pack(t, trafficFile(t, 10))} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, report := load(t, path)
	if report.Events < 1000 || report.Events >= 20_010 {
		t.Errorf("what is before the damage is read, and the next part; got %d events", report.Events)
	}
	if last := report.Headers; last != 1 {
		t.Errorf("the next part is read with its header, got %d more headers", last)
	}
	if got := strings.Join(report.Problems(), "\n"); !strings.Contains(got, "the compressed data is damaged (") {
		t.Errorf("the damage is told, got %q", got)
	}
}

// TestControlCharactersAreEscaped writes what JSON lets stand and terminals obey.
func TestControlCharactersAreEscaped(t *testing.T) {
	e := newEncoder()
	at := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	frame := timeline.Frame{Dir: timeline.In, Op: "text", Body: timeline.Body("{\"x\":\"\u009b2J é\"}")}
	if err := errors.Join(
		e.event(timeline.Event{Seq: 1, Time: at, Session: "sara", Payload: frame}),
		e.event(timeline.Event{Seq: 2, Time: at, Session: "sara", Payload: timeline.Note{Text: "\u0085"}}),
		e.record(logsink.Record{Seq: 1, Time: at, Level: logsink.Info, Message: "\u009b31m", Attrs: "a=\u009b"}),
	); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(e.buf.String()) {
		if i := strings.IndexFunc(line, func(r rune) bool { return r >= 0x80 && r < 0xa0 }); i >= 0 {
			t.Errorf("no control character is in the line as it is: %q", line)
		}
	}
	back, _, err := from(t, head+e.buf.String())
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := back.Timeline.At(1); string(got.Payload.(timeline.Frame).Body) != string(frame.Body) {
		t.Errorf("what is read is what was written, got %q", got.Payload)
	}
}

func TestDisorderIsTold(t *testing.T) {
	line := func(seq, off int) string {
		return fmt.Sprintf(`{"seq":%d,"t":"2026-01-02T12:00:00Z","off_ns":%d,"session":"sara","kind":"note","data":{"text":"x"}}`+"\n", seq, off)
	}
	into, report, err := from(t, head+line(1, 10)+line(3, 30)+line(2, 20)+line(4, 40)+line(5, 0))
	if err != nil || into.Timeline.Len() != 5 {
		t.Fatalf("all of it is read, got %d events, %v", into.Timeline.Len(), err)
	}
	if got := strings.Join(report.Problems(), "\n"); !strings.Contains(got, "out of order in 2 places") {
		t.Errorf("that it is out of order is told, got %q", got)
	}
}
