package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"streamscope/logsink"
	"streamscope/timeline"
)

var start = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// traffic returns what a busy session gives: health checks, call events that
// differ, requests and answers, state changes.
func traffic(i int) timeline.Event {
	e := timeline.Event{
		Time: start.Add(time.Duration(i) * 7 * time.Millisecond), Offset: time.Duration(i) * 7 * time.Millisecond,
		Session: "sara", Attempt: 1 + i/100000,
	}
	frame := func(dir timeline.Direction, body string) timeline.Payload {
		f, _ := timeline.DecodeFrame(dir, "text", []byte(body), 0)
		return f
	}
	at := e.Time.Format(time.RFC3339Nano)
	switch i % 10 {
	case 0:
		e.Payload = frame(timeline.Out, fmt.Sprintf(`[{"type":"health.check","client_id":"sara--%08x"}]`, i/100000))
	case 1:
		e.Payload = frame(timeline.In, fmt.Sprintf(`{"type":"health.check","connection_id":"6f1d2c3b-0000-4000-8000-%012x","cid":"*","created_at":"%s"}`, i/100000, at))
	case 2:
		e.Payload = timeline.HTTPRequest{ID: fmt.Sprint(i), Method: "POST", Path: fmt.Sprintf("/video/call/default/c%d/accept", i/50), Op: "accept", CID: fmt.Sprintf("default:c%d", i/50)}
	case 3:
		e.Payload = timeline.HTTPResponse{ID: fmt.Sprint(i - 1), Method: "POST", Path: fmt.Sprintf("/video/call/default/c%d/accept", i/50), Status: 201, Took: time.Duration(i%40) * time.Millisecond, Body: timeline.Body(fmt.Sprintf(`{"duration":"%d.5ms"}`, i%40)), CID: fmt.Sprintf("default:c%d", i/50)}
	default:
		e.Payload = frame(timeline.In, fmt.Sprintf(`{"type":"call.session_participant_joined","call_cid":"default:c%d","session_id":"%08x-1111","created_at":"%s","participant":{"user":{"id":"user%d","name":"User Number %d","role":"user","language":"en","teams":[],"custom":{}},"user_session_id":"%016x","role":"user","joined_at":"%s"}}`, i/50, i/50, at, i%97, i%97, uint64(i)*2654435761, at))
	}
	return e
}

func trafficFile(tb testing.TB, n int) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := timeline.NewWriter(&b, timeline.Header{Tool: "test", Start: start, User: "sara"})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		e := traffic(i)
		e.Seq = uint64(i + 1)
		if err := w.WriteEvent(e); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

// Budget: 3 s on two shared cores for 1,000,000 events, and the first piece in
// the store within 300 ms.
func BenchmarkLoad(b *testing.B) {
	const n = 1_000_000
	plain := trafficFile(b, n)
	dir := b.TempDir()
	for name, data := range map[string][]byte{"plain": plain, "zstd": pack(b, plain)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("events=1M/%s", name), func(b *testing.B) {
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				var first time.Duration
				began := time.Now()
				into := Stores{Timeline: timeline.NewStore(timeline.Options{Start: start, MaxBytes: -1}), Logs: logsink.NewStore(logsink.StoreConfig{})}
				s, err := Open(path)
				if err != nil {
					b.Fatal(err)
				}
				report, err := s.Load(b.Context(), into, func(_, _ int64) {
					if first == 0 {
						first = time.Since(began)
					}
				})
				if err != nil || report.Events != n {
					b.Fatal(report, err)
				}
				b.ReportMetric(float64(first.Microseconds())/1000, "ms-to-first")
			}
			b.ReportMetric(float64(len(data))/float64(len(plain)), "size/plain")
		})
	}
}

func pack(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	enc, err := zstd.NewWriter(&b)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.Copy(enc, bytes.NewReader(data)); err != nil {
		tb.Fatal(err)
	}
	if err := enc.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// What a decoder makes of lines, on one core.
func BenchmarkDecode(b *testing.B) {
	text := trafficFile(b, 10_000)
	b.SetBytes(int64(len(text)))
	d, err := newDecoder(KindRecording)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d.decode(&chunk{line: 1, text: text})
	}
}

// session is what a session does with a frame: decode it, keep it, say so in the
// log.
func session(s Stores, body []byte) {
	f, _ := timeline.DecodeFrame(timeline.In, "text", body, 0)
	e := s.Timeline.Append(timeline.Event{Session: "sara", Attempt: 1, Payload: f})
	s.Logs.Append(logsink.Record{Time: e.Time, Level: logsink.Trace, Scope: "coordinator", Session: "sara", Event: e.Seq, Message: "frame received", Attrs: "type=call.session_participant_joined size=200"})
}

// Budget: with a recorder at work, ingest at a pace far beyond what a server sends
// (20,000 frames a second, each with a log line) costs at most 5% more.
// The number to look at is the time an ingest takes, on against off; cpu-us is what
// writing a frame and its log line costs on the recorder's side.
func BenchmarkRecord(b *testing.B) {
	body := []byte(`{"type":"call.session_participant_joined","call_cid":"default:c1","session_id":"00000001-1111","created_at":"2026-01-02T12:00:00Z","participant":{"user":{"id":"sara","role":"user"},"user_session_id":"0123456789abcdef"}}`)
	for _, name := range []string{"off", "r.ndjson", "r.ndjson.zst"} {
		b.Run(name, func(b *testing.B) {
			s := stores()
			var stop func()
			if name != "off" {
				r, err := Create(Options{Path: filepath.Join(b.TempDir(), name), Stores: s})
				if err != nil {
					b.Fatal(err)
				}
				ctx, cancel := context.WithCancel(b.Context())
				ended := make(chan error, 1)
				go func() { ended <- r.Run(ctx) }()
				stop = func() {
					cancel()
					if err := <-ended; err != nil {
						b.Error(err)
					}
					b.ReportMetric(float64(r.Status().Lost), "lost")
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				session(s, body)
			}
			if stop != nil {
				stop()
			}
		})
	}
}

// What the recorder does with a frame and its log line.
func BenchmarkEncode(b *testing.B) {
	body := []byte(`{"type":"call.session_participant_joined","call_cid":"default:c1","session_id":"00000001-1111","created_at":"2026-01-02T12:00:00Z","participant":{"user":{"id":"sara","role":"user"},"user_session_id":"0123456789abcdef"}}`)
	s := stores()
	session(s, body)
	e, _ := s.Timeline.At(1)
	row, _ := s.Logs.Row(1)
	to := newEncoder()
	for b.Loop() {
		to.reset()
		if err := errors.Join(to.event(e), to.record(row.Record())); err != nil {
			b.Fatal(err)
		}
	}
}

// Budget: 1,000,000 lines a second through a pipe (design section 12), on two
// shared cores, with decoding on each of them.
func BenchmarkForeign(b *testing.B) {
	for name, line := range map[string]string{
		"console": "[coordinator](1): connection:_connect() - waiting for the token of the user, which the app gives, attempt %d\n",
		"stamped": "2026-01-02T12:04:09.131Z DEBUG [coordinator](1): client:post - Response - 201 of request number %d of the session\n",
		"json":    `{"time":"2026-01-02T12:04:09.131Z","level":"INFO","msg":"client:post - Response - 201","scope":"coordinator","n":%d}` + "\n",
		"object":  `2026-01-02T12:04:09.131000Z INFO coordinator line %09d client:post - Response - 201 after 40 ms {"attempt":1,"pad":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}` + "\n",
		"text":    "a line of a log of which nothing is known, and that has a hundred and some bytes, as those have, number %d\n",
	} {
		b.Run(name, func(b *testing.B) {
			var text bytes.Buffer
			const n = 10_000
			for i := range n {
				fmt.Fprintf(&text, line, i)
			}
			d, err := newDecoder(KindLog)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				d.decode(&chunk{line: 1, text: text.Bytes()})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/line")
		})
	}
}

// Budget: 1,000,000 lines a second from a pipe into the store, with both cores.
func BenchmarkLoadLog(b *testing.B) {
	const n = 200_000
	var text bytes.Buffer
	for i := range n {
		fmt.Fprintf(&text, `2026-01-02T12:04:09.131000Z INFO coordinator line %09d client:post - Response - 201 after 40 ms {"attempt":1,"pad":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}`+"\n", i)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		s, err := OpenReader("pipe", bytes.NewReader(text.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		if report, err := s.Load(b.Context(), Stores{Logs: logsink.NewStore(logsink.StoreConfig{})}, nil); err != nil || report.Logs != n {
			b.Fatal(report, err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "lines/s")
}
