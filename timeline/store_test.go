package timeline_test

import (
	"sync"
	"testing"
	"time"

	"streamscope/timeline"
)

var start = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func at(offset time.Duration) time.Time { return start.Add(offset) }

func note(offset time.Duration, text string) timeline.Event {
	return timeline.Event{Time: at(offset), Session: "sara", Payload: timeline.Note{Text: text}}
}

func TestAppendNumbersAndMeasuresFromTheStart(t *testing.T) {
	s := timeline.NewStore(timeline.Options{Start: start})
	first := s.Append(note(time.Second, "a"))
	second := s.Append(note(3*time.Second, "b"))
	if first.Seq != 1 || second.Seq != 2 {
		t.Errorf("events are numbered %d and %d, want 1 and 2", first.Seq, second.Seq)
	}
	if second.Offset != 3*time.Second {
		t.Errorf("the offset is %v, want 3s", second.Offset)
	}
	got, ok := s.At(2)
	if !ok || got != second {
		t.Errorf("At(2) = %v, %v, want what Append returned", got, ok)
	}
}

func TestOffsetsNeverGoBack(t *testing.T) {
	s := timeline.NewStore(timeline.Options{Start: start})
	s.Append(note(3*time.Second, "late"))
	e := s.Append(note(time.Second, "measured before, appended after"))
	if e.Offset != 3*time.Second {
		t.Errorf("the offset is %v, want that of the event before, 3s", e.Offset)
	}
}

func TestRestoreKeepsTheRecordedTimes(t *testing.T) {
	s := timeline.NewStore(timeline.Options{Start: start.Add(time.Hour)})
	want := note(time.Second, "recorded")
	want.Offset, want.Seq = 7*time.Second, 99
	got := s.Restore(want)
	want.Seq = 1
	if got != want {
		t.Errorf("Restore gave %v, want %v", got, want)
	}
}

func TestCursorReportsWhatWasOverwritten(t *testing.T) {
	s := timeline.NewStore(timeline.Options{MaxEvents: 3, Start: start})
	c := s.Cursor(0)
	defer c.Close()
	for i := range 5 {
		s.Append(note(time.Duration(i)*time.Second, "x"))
	}
	got := c.Next([]timeline.Event{note(0, "kept in the buffer")})
	if len(got) != 5 {
		t.Fatalf("the cursor gave %d events, want the one before, a loss and three", len(got))
	}
	loss, ok := got[1].Payload.(timeline.Dropped)
	if !ok || loss.Count != 2 || got[1].Seq != 2 {
		t.Errorf("the second event is %v, want a loss of 2 numbered 2", got[1])
	}
	if got[2].Seq != 3 || got[4].Seq != 5 {
		t.Errorf("what follows is numbered %d to %d, want 3 to 5", got[2].Seq, got[4].Seq)
	}
	if got = c.Next(nil); len(got) != 0 {
		t.Errorf("read again, the cursor gave %d events, want none", len(got))
	}
}

func TestBytesLimitTheStore(t *testing.T) {
	s := timeline.NewStore(timeline.Options{MaxBytes: 10_000, Start: start})
	for range 10 {
		s.Append(timeline.Event{Payload: timeline.Frame{Body: make([]byte, 4000)}})
	}
	if s.Bytes() > 10_000 {
		t.Errorf("the store holds %d bytes, want at most 10000", s.Bytes())
	}
	if first, next := s.Bounds(); next != 11 || first != 9 {
		t.Errorf("the store holds %d to %d, want 9 to 11", first, next)
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	s := timeline.NewStore(timeline.Options{})
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 500 {
				s.Append(timeline.Event{Payload: timeline.Note{Text: "x"}})
			}
		})
	}
	writers.Wait()
	var seq uint64
	var last time.Duration
	for e := range s.All() {
		seq++
		if e.Seq != seq || e.Offset < last {
			t.Fatalf("event %d is numbered %d at %v after %v", seq, e.Seq, e.Offset, last)
		}
		last = e.Offset
	}
	if seq != 4000 {
		t.Errorf("the store holds %d events, want 4000", seq)
	}
}

func TestACloseWakesTheReader(t *testing.T) {
	s := timeline.NewStore(timeline.Options{})
	c := s.Cursor(0)
	s.Append(note(0, "last"))
	s.Close()
	<-c.Wake()
	if got := c.Next(nil); len(got) != 1 {
		t.Errorf("after the close the cursor gave %d events, want 1", len(got))
	}
	if _, open := <-c.Wake(); open {
		t.Error("the wake channel is open after the store was closed")
	}
	if e := s.Append(note(0, "too late")); e.Seq != 0 {
		t.Errorf("an event was stored after the close as %d", e.Seq)
	}
}
