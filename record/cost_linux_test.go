package record

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"streamscope/timeline"
)

// threadTime is the processor time of this thread: what others do on the machine
// does not count.
func threadTime(tb testing.TB) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(t.Nano())
}

// Budget: with a recorder at work, taking in frames and their log lines costs at
// most 5% more. Slices with and without one take turns in the same run, each of
// the frames of 50 ms at 20,000 a second, and the median of the ratios is told.
func BenchmarkRecordingCost(b *testing.B) {
	const slice = 1000
	body := traffic(4)
	for _, name := range []string{"r.ndjson", "r.ndjson.zst"} {
		b.Run(name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			off, on := stores(), stores()
			r, err := Create(Options{Path: filepath.Join(b.TempDir(), name), Stores: on})
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			go func() { ended <- r.Run(ctx) }()
			frame := []byte(body.Payload.(timeline.Frame).Body)
			take := func(s Stores) time.Duration {
				began := threadTime(b)
				for range slice {
					session(s, frame)
				}
				return threadTime(b) - began
			}
			var ratios []float64
			var events uint64
			for b.Loop() {
				without := take(off)
				with := take(on)
				events += slice
				for r.Status().Events < events { // so that it does not disturb the other slice
					runtime.Gosched()
				}
				ratios = append(ratios, float64(with)/float64(max(without, 1)))
			}
			cancel()
			if err := <-ended; err != nil {
				b.Error(err)
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2]*100-100, "%more")
			b.ReportMetric(float64(r.Status().Lost), "lost")
		})
	}
}
