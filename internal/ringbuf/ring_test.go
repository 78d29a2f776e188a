package ringbuf_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"streamscope/internal/ringbuf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type event struct {
	seq  uint64
	text string
}

func newRing(entries int, bytes int64) *ringbuf.Ring[event] {
	return ringbuf.New(ringbuf.Config[event]{
		Entries: entries,
		Bytes:   bytes,
		Size:    func(e *event) int { return len(e.text) },
		Stamp:   func(e *event, seq uint64) { e.seq = seq },
	})
}

func fill(r *ringbuf.Ring[event], n int) {
	for range n {
		r.Append(event{text: "ten bytes."})
	}
}

func wantBounds(t *testing.T, what string, r *ringbuf.Ring[event], first, next uint64) {
	t.Helper()
	if f, n := r.Bounds(); f != first || n != next {
		t.Errorf("%s: bounds %d..%d, want %d..%d", what, f, n, first, next)
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name        string
		entries     int
		bytes       int64
		appends     int
		first, next uint64
		size        int64
	}{
		{"an empty ring starts at 1", 5, 100, 0, 1, 1, 0},
		{"below both limits all is kept", 5, 100, 5, 1, 6, 50},
		{"the limit in entries drops the oldest", 5, 100, 7, 3, 8, 50},
		{"the limit in bytes drops the oldest", 50, 35, 7, 5, 8, 30},
		{"the newest is kept though it is too large", 5, 3, 2, 2, 3, 10},
		{"negative means no limit", -1, -1, 3000, 1, 3001, 30000},
		{"limits hold across chunks", 1500, -1, 5000, 3501, 5001, 15000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRing(tt.entries, tt.bytes)
			fill(r, tt.appends)
			wantBounds(t, tt.name, r, tt.first, tt.next)
			if got := r.Bytes(); got != tt.size {
				t.Errorf("bytes: got %d, want %d", got, tt.size)
			}
			if got, want := r.Len(), int(tt.next-tt.first); got != want {
				t.Errorf("len: got %d, want %d", got, want)
			}
		})
	}
}

func TestAt(t *testing.T) {
	r := newRing(1500, -1)
	fill(r, 4000)
	for _, tt := range []struct {
		seq uint64
		ok  bool
	}{{0, false}, {1, false}, {2500, false}, {2501, true}, {3072, true}, {3073, true}, {4000, true}, {4001, false}} {
		got, ok := r.At(tt.seq)
		if ok != tt.ok {
			t.Errorf("At(%d) is there: %v, want %v", tt.seq, ok, tt.ok)
		}
		if ok && got.seq != tt.seq {
			t.Errorf("At(%d) has the number %d", tt.seq, got.seq)
		}
	}
}

func TestRange(t *testing.T) {
	r := newRing(3000, -1)
	fill(r, 4000)
	for _, tt := range []struct {
		name           string
		from, to       uint64
		first, last, n uint64
	}{
		{"what is gone is skipped", 0, 1100, 1001, 1099, 99},
		{"all that is kept", 1, 1 << 60, 1001, 4000, 3000},
		{"a part in one chunk", 2000, 2010, 2000, 2009, 10},
		{"nothing before the first", 1, 500, 0, 0, 0},
		{"nothing after the last", 4001, 5000, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var first, last, n uint64
			for seq, e := range r.Range(tt.from, tt.to) {
				if seq != e.seq {
					t.Fatalf("number %d given for value %d", seq, e.seq)
				}
				if n++; first == 0 {
					first = seq
				}
				last = seq
			}
			if first != tt.first || last != tt.last || n != tt.n {
				t.Errorf("got %d..%d (%d), want %d..%d (%d)", first, last, n, tt.first, tt.last, tt.n)
			}
		})
	}
}

func TestRangeShowsWhatIsOverwrittenMeanwhile(t *testing.T) {
	r := newRing(2048, -1)
	fill(r, 2048)
	var got []uint64
	for seq := range r.Range(1, 2049) {
		if len(got) == 0 {
			fill(r, 2000)
		}
		got = append(got, seq)
	}
	// The first chunk was copied before the ring moved on; of the second only
	// 2001..2048 was left.
	if want := 1024 + 48; len(got) != want {
		t.Fatalf("got %d values, want %d", len(got), want)
	}
	if got[1024] != 2001 {
		t.Errorf("after the gap comes %d, want 2001", got[1024])
	}
}

func TestRangeStopsWhenTheBodyBreaks(t *testing.T) {
	r := newRing(-1, -1)
	fill(r, 10)
	n := 0
	for range r.Range(1, 11) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("body ran %d times, want 3", n)
	}
}

func TestClosedRingIgnoresAppends(t *testing.T) {
	r := newRing(5, -1)
	fill(r, 2)
	r.Close()
	r.Close()
	if seq := r.Append(event{}); seq != 0 {
		t.Errorf("append after close returned %d, want 0", seq)
	}
	wantBounds(t, "a closed ring can be read", r, 1, 3)
}

// The ring is compared with a slice that is trimmed by the same rules.
func TestRingAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.IntRange(1, 3000).Draw(t, "entries")
		limit := rapid.Int64Range(1, 20000).Draw(t, "bytes")
		r := ringbuf.New(ringbuf.Config[int]{Entries: entries, Bytes: limit, Size: func(v *int) int { return *v }})
		c := r.Cursor(0)
		defer c.Close()
		var model []int
		var next, seen, dropped uint64 = 1, 0, 0
		var sum int64
		for range rapid.IntRange(1, 8).Draw(t, "rounds") {
			for range rapid.IntRange(0, 1500).Draw(t, "appends") {
				v := int(next % 17)
				if got := r.Append(v); got != next {
					t.Fatalf("append returned %d, want %d", got, next)
				}
				next++
				model = append(model, v)
				sum += int64(v)
				for len(model) > 1 && (len(model) > entries || sum > limit) {
					sum -= int64(model[0])
					model = model[1:]
				}
			}
			var got []int
			for _, v := range r.Range(0, next) {
				got = append(got, v)
			}
			if diff := cmp.Diff(model, got); len(model)+len(got) > 0 && diff != "" {
				t.Fatalf("contents differ (-want +got):\n%s", diff)
			}
			batch, d := c.Next(nil)
			seen += uint64(len(batch))
			if dropped += d; seen+dropped != next-1 {
				t.Fatalf("seen %d and dropped %d of %d", seen, dropped, next-1)
			}
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	const writers, each = 4, 5000
	r := newRing(2000, -1)
	var wg, readers sync.WaitGroup
	for range 3 {
		c := r.Cursor(1)
		readers.Go(func() {
			var seen, lost uint64
			var batch []event
			for open := true; open; {
				_, open = <-c.Wake()
				var d uint64
				batch, d = c.Next(batch[:0])
				for i, e := range batch {
					if want := c.Pos() - uint64(len(batch)-i); e.seq != want {
						t.Errorf("out of order: got %d, want %d", e.seq, want)
						return
					}
				}
				seen, lost = seen+uint64(len(batch)), lost+d
			}
			if seen+lost != writers*each {
				t.Errorf("seen %d and lost %d, want %d in all", seen, lost, writers*each)
			}
		})
	}
	for range writers {
		wg.Go(func() { fill(r, each) })
	}
	wg.Wait()
	r.Close()
	readers.Wait()
}

func TestAppendDoesNotAllocateWhenWarm(t *testing.T) {
	r := newRing(4096, -1)
	c := r.Cursor(0)
	defer c.Close()
	fill(r, 10000)
	if n := testing.AllocsPerRun(5000, func() { r.Append(event{text: "x"}) }); n != 0 {
		t.Errorf("append allocates %v times, want 0", n)
	}
}
