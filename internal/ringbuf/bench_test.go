package ringbuf_test

import "testing"

// Budget: 120 ns and 0 allocations a value with two cursors attached (two shared
// cores).
func BenchmarkAppend(b *testing.B) {
	for _, bb := range []struct {
		name    string
		cursors int
	}{{"cursors=0", 0}, {"cursors=2", 2}} {
		b.Run(bb.name, func(b *testing.B) {
			r := newRing(1<<16, -1)
			for range bb.cursors {
				c := r.Cursor(0)
				defer c.Close()
			}
			fill(r, 1<<17)
			b.ReportAllocs()
			for b.Loop() {
				r.Append(event{text: "ten bytes."})
			}
		})
	}
}

// Budget: 0.1 ms for a new cursor that takes 10,000 values into a buffer that is used
// again; 2 allocations, both the cursor's own.
func BenchmarkCursorNext(b *testing.B) {
	r := newRing(1<<16, -1)
	fill(r, 10000)
	buf := make([]event, 0, 10000)
	b.ReportAllocs()
	for b.Loop() {
		c := r.Cursor(0)
		buf, _ = c.Next(buf[:0])
		c.Close()
	}
	if len(buf) != 10000 {
		b.Fatalf("read %d values, want 10000", len(buf))
	}
}

// Budget: 60 ns and 0 allocations.
func BenchmarkAt(b *testing.B) {
	r := newRing(1<<16, -1)
	fill(r, 1<<16)
	b.ReportAllocs()
	seq := uint64(1)
	for b.Loop() {
		if _, ok := r.At(seq); !ok {
			b.Fatal("value is gone")
		}
		seq = seq%(1<<16) + 1
	}
}
