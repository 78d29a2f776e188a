package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"

	"streamscope/internal/pause"
	"streamscope/internal/redact"
	"streamscope/logsink"
)

// errLoaded says that a source was given to a second Load.
var errLoaded = errors.New("this source was loaded before; open it again")

// Load reads the source into the stores and returns when it is over, or the
// context is. It appends while it reads, so that a screen can show the beginning
// at once, and what comes from a pipe when it comes. After each piece it calls
// progress, if that is not nil, with how much of the input was read and how much
// there is, 0 if that is not known.
//
// Times and offsets of events stay as they were recorded; the numbers of events
// are new, and log records follow them. Secrets that the recording was made
// without masking are masked. What could not be read is in the report, as far as
// it came also when the error is not nil. A source is loaded once.
//
// Load reads and decodes in goroutines of its own. All of them have ended when it
// returns, except after the end of the context while the input keeps a reader
// waiting: that one ends when the read does.
func (s *Source) Load(ctx context.Context, into Stores, progress func(done, total int64)) (Report, error) {
	if !s.loaded.CompareAndSwap(false, true) {
		return Report{}, errLoaded
	}
	l := loader{source: s, into: into, progress: progress, queue: make(chan *chunk, queued), work: make(chan *chunk, queued), used: make(chan []logsink.Record, queued)}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := l.start(ctx); err != nil {
		return Report{}, err
	}
	err := l.run(ctx)
	cancel()
	l.workers.Wait()
	if err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
	}
	return l.report, err
}

// queued is how many chunks are on their way; with the size of a chunk it bounds
// the memory of a load.
const queued = 8

// maxDecoders is how many goroutines decode.
const maxDecoders = 4

// loader is one load: one goroutine splits the input, some decode, and the one
// that called Load puts the results into the stores in their order.
type loader struct {
	source   *Source
	into     Stores
	progress func(done, total int64)
	queue    chan *chunk           // in the order of the input
	work     chan *chunk           // the same, for whoever is free
	used     chan []logsink.Record // back to the decoders, when they are stored
	workers  sync.WaitGroup

	report Report
	last   time.Duration // offset of the last event
	shift  []shift
	held   *logsink.Record // the last line of a log, which may go on
}

// start finds out what the source is and starts the goroutines.
func (l *loader) start(ctx context.Context) error {
	begun := make(chan error, 1)
	go func() {
		defer close(l.queue)
		defer close(l.work)
		err := l.source.sniff()
		begun <- err
		if err == nil {
			l.split(ctx)
		}
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-begun:
		if err != nil {
			return err
		}
	}
	for range min(runtime.GOMAXPROCS(0), maxDecoders) {
		d, err := newDecoder(l.source.Kind())
		if err != nil {
			return err
		}
		d.used = l.used
		l.workers.Go(func() { l.decode(ctx, d) })
	}
	return nil
}

// decode decodes chunks until there are no more, or nobody wants them.
func (l *loader) decode(ctx context.Context, d *decoder) {
	for {
		select {
		case c, ok := <-l.work:
			if !ok {
				return
			}
			c.done <- d.guarded(c)
		case <-ctx.Done():
			return
		}
	}
}

// guarded is decode with a net under it: a panic in a goroutine of ours would end
// the program with the terminal as it is.
func (d *decoder) guarded(c *chunk) (out decoded) {
	defer func() {
		if v := recover(); v != nil {
			out = decoded{thrown: fmt.Errorf("decoding the lines from %d on: %v\n%s", c.line, v, debug.Stack())}
		}
	}()
	return d.decode(c)
}

// split reads the input until it or the context is over.
func (l *loader) split(ctx context.Context) {
	in := newSplitter(l.source.first, l.source.ended, l.source.in)
	for {
		c := in.next()
		for _, to := range []chan *chunk{l.work, l.queue} {
			select {
			case to <- &c:
			case <-ctx.Done():
				return
			}
		}
		if c.err != nil {
			return
		}
		if l.source.live && len(c.text) < trickle && pause.For(ctx, tricklePace) != nil {
			return
		}
	}
}

// A live input that trickles is left to itself for a moment after each piece: its
// next lines come together then, and cost one round through the goroutines and not
// one each. The pause is far below what a person sees, and nobody who writes more
// than trickle in it waits.
const (
	trickle     = 4 << 10
	tricklePace = 4 * time.Millisecond
)

// run takes the chunks in their order.
func (l *loader) run(ctx context.Context) error {
	defer l.release()
	for {
		c, err := l.take(ctx)
		if c == nil {
			return err
		}
		select {
		case d := <-c.done:
			if d.thrown != nil {
				panic(d.thrown) // here, where whoever called Load can catch it
			}
			l.store(d)
		case <-ctx.Done():
			return ctx.Err()
		}
		if l.progress != nil {
			l.progress(l.source.done.Load(), l.source.total)
		}
		switch {
		case c.err == nil:
		case !ended(c.err):
			return c.err
		default:
			l.end(c.err)
			return nil
		}
	}
}

// end notes how the input ended.
func (l *loader) end(err error) {
	if damaged, ok := errors.AsType[*damagedError](err); ok {
		l.report.Damaged = damaged.err.Error()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		l.report.Torn = true
	}
}

// take returns the next chunk; nil at the end. Before it waits for a live
// input it lets go of the line that it holds back.
func (l *loader) take(ctx context.Context) (*chunk, error) {
	select {
	case c := <-l.queue:
		return c, nil
	default:
		if l.source.live {
			l.release()
		}
	}
	select {
	case c := <-l.queue:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *loader) store(d decoded) {
	l.report.add(d.report)
	if l.into.Timeline != nil {
		for _, e := range d.events {
			if e.Offset < l.last {
				l.report.Disordered++
			}
			l.last = e.Offset
			old := e.Seq
			l.moved(old, l.into.Timeline.Restore(e).Seq)
		}
	}
	if l.into.Logs == nil || len(d.records) == 0 {
		return
	}
	if l.source.Kind() == KindLog {
		l.storeLog(d)
		return
	}
	for i := range d.records {
		d.records[i].Event = l.now(d.records[i].Event)
	}
	l.append(d.records)
}

// append stores lines that were redacted one by one. Those that have become one
// message are looked at as a whole: a key may stand on one and its value on the
// next.
func (l *loader) append(records []logsink.Record) {
	for i := range records {
		if r := &records[i]; strings.IndexByte(r.Message, '\n') >= 0 {
			r.Message = redact.Text(r.Message)
		}
	}
	l.into.Logs.AppendAll(records)
}

// storeLog stores the lines of a log but for the last, which may go on.
func (l *loader) storeLog(d decoded) {
	records := d.records
	if d.continues && l.held != nil {
		l.held.Message += "\n" + records[0].Message
		records = records[1:]
	}
	if len(records) == 0 {
		return
	}
	l.release()
	last := len(records) - 1
	l.append(records[:last])
	l.held = new(records[last])
	clear(d.records) // they hold on to the text of the chunk
	select {
	case l.used <- d.records:
	default:
	}
}

// release stores the line that was held back.
func (l *loader) release() {
	if l.held != nil {
		l.append([]logsink.Record{*l.held})
		l.held = nil
	}
}

// shift says that events from an old number on have numbers that differ by some
// distance.
type shift struct {
	from uint64
	by   uint64 // new less old, modulo 2^64
}

func (l *loader) moved(old, now uint64) {
	by := now - old
	if n := len(l.shift); n == 0 || l.shift[n-1].by != by && l.shift[n-1].from < old {
		l.shift = append(l.shift, shift{from: old, by: by})
	}
}

// now returns the number that an event has here, 0 if there is no such event.
func (l *loader) now(old uint64) uint64 {
	i := sort.Search(len(l.shift), func(i int) bool { return l.shift[i].from > old })
	if old == 0 || i == 0 {
		return 0
	}
	return old + l.shift[i-1].by
}
