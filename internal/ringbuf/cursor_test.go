package ringbuf_test

import "testing"

func woken(c interface{ Wake() <-chan struct{} }) bool {
	select {
	case _, open := <-c.Wake():
		return open
	default:
		return false
	}
}

func TestCursorIsWokenOnceForMany(t *testing.T) {
	r := newRing(-1, -1)
	c := r.Cursor(0)
	defer c.Close()
	if woken(c) {
		t.Error("a cursor with nothing to read is woken")
	}
	fill(r, 3)
	if !woken(c) {
		t.Error("an append does not wake the cursor")
	}
	if woken(c) {
		t.Error("three appends wake the cursor twice")
	}
	if batch, dropped := c.Next(nil); len(batch) != 3 || dropped != 0 {
		t.Errorf("got %d values and %d dropped, want 3 and 0", len(batch), dropped)
	}
	if batch, _ := c.Next(nil); len(batch) != 0 {
		t.Errorf("the second read returned %d values, want none", len(batch))
	}
}

func TestCursorStart(t *testing.T) {
	r := newRing(4, -1)
	fill(r, 10)
	_, next := r.Bounds()
	for _, tt := range []struct {
		name    string
		from    uint64
		n       int
		dropped uint64
		woken   bool
	}{
		{"zero is the oldest kept, and nothing counts as lost", 0, 4, 0, true},
		{"from the beginning, the loss is counted", 1, 4, 6, true},
		{"in the middle", 9, 2, 0, true},
		{"only what is to come", next, 0, 0, false},
		{"a number that is far ahead", next + 5, 0, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.Cursor(tt.from)
			defer c.Close()
			if got := woken(c); got != tt.woken {
				t.Errorf("woken at once: %v, want %v", got, tt.woken)
			}
			batch, dropped := c.Next(nil)
			if len(batch) != tt.n || dropped != tt.dropped {
				t.Errorf("got %d values and %d dropped, want %d and %d", len(batch), dropped, tt.n, tt.dropped)
			}
		})
	}
}

func TestCursorLearnsOfItsLoss(t *testing.T) {
	r := newRing(4, -1)
	c := r.Cursor(0)
	defer c.Close()
	fill(r, 2)
	c.Next(nil)
	fill(r, 9)
	batch, dropped := c.Next(nil)
	if dropped != 5 || len(batch) != 4 || batch[0].seq != 8 {
		t.Errorf("got %d dropped and %v, want 5 dropped and 8..11", dropped, batch)
	}
}

func TestNextNLeavesTheRest(t *testing.T) {
	r := newRing(-1, -1)
	c := r.Cursor(0)
	defer c.Close()
	fill(r, 2500)
	for _, want := range []int{1000, 1000, 500} {
		if !woken(c) {
			t.Fatal("a cursor with values left is not woken again")
		}
		if batch, _ := c.NextN(nil, 1000); len(batch) != want {
			t.Fatalf("got %d values, want %d", len(batch), want)
		}
	}
	if woken(c) {
		t.Error("a cursor that has read everything is woken")
	}
}

func TestNextAppendsToTheBuffer(t *testing.T) {
	r := newRing(-1, -1)
	c := r.Cursor(0)
	defer c.Close()
	fill(r, 1)
	if batch, _ := c.Next([]event{{text: "mine"}}); len(batch) != 2 || batch[0].text != "mine" || batch[1].seq != 1 {
		t.Errorf("got %v, want the caller's value and then number 1", batch)
	}
}

func TestClosedRingDrainsAndEndsItsCursors(t *testing.T) {
	r := newRing(-1, -1)
	c := r.Cursor(0)
	fill(r, 2)
	r.Close()
	<-c.Wake()
	if _, open := <-c.Wake(); open {
		t.Error("the wake channel stays open after the ring is closed")
	}
	if batch, _ := c.Next(nil); len(batch) != 2 {
		t.Errorf("got %d values after close, want the 2 that were left", len(batch))
	}
	c.Close()
	if _, open := <-r.Cursor(0).Wake(); open {
		t.Error("a cursor made after close has an open wake channel")
	}
}

func TestClosedCursorIsNotWoken(t *testing.T) {
	r := newRing(-1, -1)
	c := r.Cursor(0)
	c.Close()
	c.Close()
	fill(r, 1)
	if _, open := <-c.Wake(); open {
		t.Error("a closed cursor is woken by an append")
	}
}
