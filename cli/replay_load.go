package cli

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"streamscope/config"
	"streamscope/internal/pause"
	"streamscope/logsink"
	"streamscope/record"
	"streamscope/timeline"
)

// replay is a recording on its way into the two stores.
type replay struct {
	name   string
	source *record.Source
	events *timeline.Store
	logs   *logsink.Store
	report record.Report // valid when load has returned
	// How much of the file has been read, and whether that is all.
	done, total atomic.Int64 // total is -1 before the first piece
	loaded      atomic.Bool
}

func newReplay(source *record.Source, cfg config.Config) *replay {
	var start time.Time
	if h, ok := source.Header(); ok {
		start = h.Start
	}
	r := &replay{
		name: source.Name(), source: source,
		events: timeline.NewStore(timeline.Options{MaxEvents: -1, MaxBytes: int64(cfg.Timeline.MemoryLimit), Start: start}),
		logs:   logsink.NewStore(logsink.StoreConfig{Bytes: int64(cfg.Logs.MemoryLimit)}),
	}
	r.total.Store(-1)
	return r
}

// openedLimit is how much memory the events of an opened recording may take, if
// nobody has set a limit: what is enough for an endless session would hide most
// of a file that somebody wants to look at.
const openedLimit = 1 << 30

// loadToOpen loads the configuration for opening a recording.
func (f *sharedFlags) loadToOpen(p *program) (config.Config, error) {
	cfg, origins, err := f.load(p, "")
	if origins.Of("timeline.memory_limit").Kind == config.FromDefault {
		cfg.Timeline.MemoryLimit = openedLimit
	}
	return cfg, err
}

// load reads the whole of it. After each piece it calls progress, and waits for
// it: whoever takes things out of the stores there misses nothing, however large
// the recording is.
func (r *replay) load(ctx context.Context, progress func()) error {
	defer r.loaded.Store(true)
	defer collectSeldom(r.source.Kind())()
	report, err := r.source.Load(ctx, record.Stores{Timeline: r.events, Logs: r.logs}, func(done, total int64) {
		r.done.Store(done)
		r.total.Store(total)
		progress()
	})
	r.report = report
	return err
}

// reading says how much of the recording has been read, and whether there is
// more to come. Of what has no known size, such as a pipe, that cannot be said.
func (r *replay) reading() (share float64, more bool) {
	if r.loaded.Load() {
		return 1, false
	}
	total := r.total.Load()
	switch total {
	case -1:
		return 0, true
	case 0:
		return 0, false
	}
	return min(float64(r.done.Load())/float64(total), 1), true
}

func (r *replay) close() {
	r.events.Close()
	r.logs.Close()
	_ = r.source.Close() // it was only read
}

// header is the first line of what is made of it.
func (r *replay) header() timeline.Header {
	if h, ok := r.source.Header(); ok {
		return h
	}
	h := timeline.Header{Tool: versionText(), Source: timeline.SourceReplay}
	for e := range r.events.All() {
		h.Start = e.Time
		break
	}
	if h.Start.IsZero() {
		for row := range r.logs.Range(0, ^uint64(0)) {
			h.Start = row.Time()
			break
		}
	}
	return h
}

// growing reads a file that somebody still writes: at its end it waits for more,
// and when another file has taken its name it goes on with that one. Its Read is
// called from one goroutine; it ends with ctx.
type growing struct {
	ctx  context.Context
	path string
	file *os.File
}

// growPoll is how often a file is looked at that does not grow.
const growPoll = 100 * time.Millisecond

func openGrowing(ctx context.Context, path string) (*growing, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &growing{ctx: ctx, path: path, file: f}, nil
}

// Read implements [io.Reader].
func (g *growing) Read(p []byte) (int, error) {
	for {
		n, err := g.file.Read(p)
		if n > 0 || err != nil && err != io.EOF || len(p) == 0 {
			return n, err
		}
		replaced, err := g.replaced()
		if err != nil {
			return 0, err
		}
		if replaced {
			continue
		}
		if err := pause.For(g.ctx, growPoll); err != nil {
			return 0, io.EOF // what was read up to now is what there is
		}
	}
}

// replaced goes on with the file that has the name now, when that is another. A
// recording that has grown to its limit is renamed, and a new one begun.
func (g *growing) replaced() (bool, error) {
	now, err := os.Stat(g.path)
	if err != nil {
		return false, nil // between the two names
	}
	was, err := g.file.Stat()
	if err != nil || os.SameFile(now, was) {
		return false, err
	}
	next, err := os.Open(g.path)
	if err != nil {
		return false, nil // it will be looked at again
	}
	err = g.file.Close()
	g.file = next
	return true, err
}

// Close implements [io.Closer].
func (g *growing) Close() error { return g.file.Close() }

// pacer lets what was recorded come at the pace at which it happened.
type pacer struct {
	to    lines
	ctx   context.Context
	speed float64 // 0: does not wait

	first time.Time // of the recording
	began time.Time // here
}

// event implements [lines].
func (p *pacer) event(e timeline.Event) error {
	if err := p.wait(e.Time); err != nil {
		return err
	}
	return p.to.event(e)
}

// record implements [lines].
func (p *pacer) record(r logsink.Record) error {
	if err := p.wait(r.Time); err != nil {
		return err
	}
	return p.to.record(r)
}

// wait returns when it is time for what happened at an instant of the recording.
func (p *pacer) wait(at time.Time) error {
	switch {
	case p.speed <= 0 || at.IsZero():
		return context.Cause(p.ctx)
	case p.first.IsZero():
		p.first, p.began = at, time.Now()
		return context.Cause(p.ctx)
	}
	due := time.Duration(float64(at.Sub(p.first)) / p.speed)
	return pause.For(p.ctx, max(0, due-time.Since(p.began)))
}
