package record_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"streamscope/logsink"
	"streamscope/record"
	"streamscope/timeline"
)

// A recording is written while things happen, and read into stores again.
func Example() {
	dir, err := os.MkdirTemp("", "record")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	start := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	live := record.Stores{Timeline: timeline.NewStore(timeline.Options{Start: start}), Logs: logsink.NewStore(logsink.StoreConfig{})}
	path := filepath.Join(dir, "session.ndjson.zst")
	recorder, err := record.Create(record.Options{Path: path, Stores: live, Header: timeline.Header{User: "sara", Start: start}})
	if err != nil {
		fmt.Println(err)
		return
	}
	live.Timeline.Append(timeline.Event{Time: start, Session: "sara", Payload: timeline.Mark{Text: "here"}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // what is in the stores is written all the same
	if err := recorder.Run(ctx); err != nil {
		fmt.Println(err)
		return
	}

	source, err := record.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer source.Close()
	header, _ := source.Header()
	again := record.Stores{Timeline: timeline.NewStore(timeline.Options{Start: header.Start})}
	report, err := source.Load(context.Background(), again, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for e := range again.Timeline.All() {
		fmt.Println(header.User, e.Seq, timeline.Describe(e))
	}
	fmt.Println(report.Events, report.Problems())
	// Output:
	// sara 1 mark here
	// 1 []
}

// The log of an app is opened with the same call.
func ExampleOpenReader() {
	console := "2026-01-02T12:00:00Z WARN [coordinator](1): WS failed {\"code\":40}\n"
	source, err := record.OpenReader("app.log", strings.NewReader(console))
	if err != nil {
		fmt.Println(err)
		return
	}
	logs := logsink.NewStore(logsink.StoreConfig{})
	if _, err := source.Load(context.Background(), record.Stores{Logs: logs}, nil); err != nil {
		fmt.Println(err)
		return
	}
	for row := range logs.Range(0, logs.Dropped()+2) {
		fmt.Println(source.Kind(), row.Level(), row.Scope(), row.Tags(), row.Message(), row.Attrs())
	}
	// Output: log warn coordinator 1 WS failed code=40
}

// Any Go program that logs with slog can be opened: its JSON lines, or those of the
// text handler, come in through a file or a pipe (app | streamscope replay -). The
// attribute scope becomes the scope, and the levels are those of slog, with -8 for
// trace.
func ExampleOpenReader_slog() {
	var lines bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{Level: logsink.SlogTrace}))
	payments := log.With("scope", "payments")
	payments.Log(context.Background(), logsink.SlogTrace, "frame", "size", 12)
	payments.Warn("slow", "took", "3s")

	source, err := record.OpenReader("standard input", &lines)
	if err != nil {
		fmt.Println(err)
		return
	}
	logs := logsink.NewStore(logsink.StoreConfig{})
	if _, err := source.Load(context.Background(), record.Stores{Logs: logs}, nil); err != nil {
		fmt.Println(err)
		return
	}
	for row := range logs.Range(0, 3) {
		fmt.Println(row.Level(), row.Scope(), row.Message(), row.Attrs())
	}
	// Output:
	// trace payments frame size=12
	// warn payments slow took=3s
}
