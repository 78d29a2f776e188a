package logsink_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"streamscope/logsink"
)

// A pane shows what its levels let through; lowering a level reveals the past.
func ExampleView() {
	store := logsink.NewStore(logsink.StoreConfig{})
	log := slog.New(logsink.NewHandler(store, logsink.HandlerOptions{}))
	coordinator := log.With(logsink.Scope("coordinator"))
	coordinator.Debug("Dispatching event: health.check")
	coordinator.Warn("WS failed", "code", 1006)
	log.With(logsink.Scope("client")).Info("Rejecting call because user is busy")

	view := logsink.NewView(store, logsink.NewLevels(logsink.Warn))
	show := func() {
		for _, row := range view.Rows(0, view.Len()) {
			fmt.Println(row.Level(), row.Scope(), row.Text())
		}
		fmt.Println("hidden by levels:", view.Counts().ByLevels)
	}
	show()

	view.Levels().Set("coordinator", logsink.Debug)
	view.Sync()
	show()

	// Output:
	// warn coordinator WS failed code=1006
	// hidden by levels: 2
	// debug coordinator Dispatching event: health.check
	// warn coordinator WS failed code=1006
	// hidden by levels: 1
}

// A text filter looks at the lines around the screen at once; what is left is a job
// for another goroutine, whose result the owner of the view applies.
func ExampleView_Job() {
	store := logsink.NewStore(logsink.StoreConfig{})
	for i := range 300_000 {
		store.Append(logsink.Record{Level: logsink.Info, Scope: "coordinator", Message: fmt.Sprintf("request %d of the client", i)})
	}
	view := logsink.NewView(store, logsink.NewLevels(logsink.Info))
	if err := view.SetFilters([]logsink.Filter{{Expr: "/request [0-9]*777 /"}}); err != nil {
		fmt.Println(err)
	}
	fmt.Println("newest:", view.Row(view.Len()-1).Text())
	results := make(chan *logsink.Result)
	for job := view.Job(); job != nil; job = view.Job() {
		go func() { results <- job.Run(context.Background()) }()
		view.Apply(<-results)
	}
	fmt.Println("all:", view.Len(), "pending:", view.Counts().Pending)
	// Output:
	// newest: request 299777 of the client
	// all: 300 pending: 0
}

// A sink reads at its own pace and has its own levels.
func ExampleRun() {
	store := logsink.NewStore(logsink.StoreConfig{})
	levels := logsink.NewLevels(logsink.Error)
	levels.Set("coordinator", logsink.Info)
	out := logsink.Output{Name: "stdout", Sink: logsink.NewWriterSink(os.Stdout, logsink.Plain), Levels: levels}
	done := make(chan error)
	go func() { done <- logsink.Run(context.Background(), store, out) }()

	store.Append(logsink.Record{Level: logsink.Info, Scope: "coordinator", Message: "token is " + strings.Repeat("eyJ0.", 9) + "abcdef"})
	store.Append(logsink.Record{Level: logsink.Warn, Scope: "client", Message: "not shown"})
	store.Close()
	fmt.Println(<-done)
	// Output:
	// --:--:--.--- INFO  [coordinator]: token is eyJ….….….….….…abcdef
	// <nil>
}
