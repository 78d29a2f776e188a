package logsink

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What goes in comes out, as long as it is kept, and the counts agree with it.
func TestStoreAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewStore(StoreConfig{Bytes: rapid.Int64Range(1, 400<<10).Draw(t, "bytes")})
		var model []Record
		seen := map[string][numLevels]uint64{}
		lines := rapid.SliceOfN(rapid.Custom(testLine), 1, 30).Draw(t, "lines")
		for i := range rapid.IntRange(0, 6000).Draw(t, "n") {
			r := lines[i%len(lines)]
			r.Seq, r.Time, r.Event = uint64(i+1), time.Unix(int64(i), 5), uint64(i%3)
			if got := s.Append(r); got != r.Seq {
				t.Fatalf("append returned %d, want %d", got, r.Seq)
			}
			model = append(model, r)
			n := seen[r.Scope]
			n[r.Level]++
			seen[r.Scope] = n
		}
		first, next := s.Bounds()
		if next != uint64(len(model)+1) {
			t.Fatalf("next is %d, want %d", next, len(model)+1)
		}
		model = model[first-1:]
		var got []Record
		for r := range s.Range(0, next) {
			got = append(got, r.Record())
		}
		if diff := cmp.Diff(model, got); len(model)+len(got) > 0 && diff != "" {
			t.Fatalf("lines differ (-want +got):\n%s", diff)
		}
		kept := map[string][numLevels]uint64{}
		for _, r := range model {
			n := kept[r.Scope]
			n[r.Level]++
			kept[r.Scope] = n
		}
		for _, c := range s.Scopes() {
			if c.Seen != seen[c.Name] || c.Kept != kept[c.Name] {
				t.Fatalf("%s: got %v, want %v seen and %v kept", c.Name, c, seen[c.Name], kept[c.Name])
			}
		}
	})
}

func TestStoreKeepsItsLimit(t *testing.T) {
	const limit = 1 << 20
	s := NewStore(StoreConfig{Bytes: limit})
	for i := range 50000 {
		s.Append(benchLine(i))
		if n := s.Bytes(); n > limit+300<<10 {
			t.Fatalf("after %d lines the store takes %d bytes, limit %d and one chunk", i, n, limit)
		}
	}
	if s.Dropped() == 0 || s.Len() == 0 || uint64(s.Len())+s.Dropped() != 50000 {
		t.Errorf("%d lines kept and %d dropped, want 50000 in all and some of both", s.Len(), s.Dropped())
	}
}

// design.md section 12: a line costs its text and at most 48 bytes.
func TestMemoryOfALine(t *testing.T) {
	s := NewStore(StoreConfig{})
	text := 0
	const lines = 100_000
	for i := range lines {
		r := benchLine(i)
		text += len(r.Message) + len(r.Attrs)
		s.Append(r)
	}
	if over := float64(s.Bytes()-int64(text)) / lines; over > 48 {
		t.Errorf("a line costs its text and %.1f bytes, want at most 48", over)
	}
}

func TestRowsStayValidAfterTheirLineWasDropped(t *testing.T) {
	s := NewStore(StoreConfig{Bytes: 1})
	s.Append(Record{Scope: "a", Message: "kept", Tags: "1", Attrs: "k=v", Level: Warn})
	row, ok := s.Row(1)
	if !ok {
		t.Fatal("the line is not there")
	}
	for range 5000 {
		s.Append(Record{Scope: "b", Message: "other"})
	}
	if _, ok := s.Row(1); ok {
		t.Fatal("the line was not dropped")
	}
	if got := row.Record().String(); got != "--:--:--.--- WARN  [a](1): kept k=v" {
		t.Errorf("the row says %q", got)
	}
	if (Row{}).OK() || !row.OK() {
		t.Error("OK does not tell a row from none")
	}
}

func TestRepeats(t *testing.T) {
	s := NewStore(StoreConfig{})
	for _, m := range []string{"a", "a", "b", "a", "ab", "ab"} {
		s.Append(Record{Message: m})
	}
	s.Append(Record{Message: "ab", Level: Warn})
	s.Append(Record{Message: "ab", Level: Warn, Scope: "x"})
	var got []bool
	for r := range s.Range(0, 100) {
		got = append(got, r.Repeat())
	}
	if want := []bool{false, true, false, false, false, true, false, false}; !cmp.Equal(got, want) {
		t.Errorf("repeats are %v, want %v", got, want)
	}
}

func TestLongLinesAreCutVisibly(t *testing.T) {
	s := NewStore(StoreConfig{})
	s.Append(Record{Message: strings.Repeat("é", maxText), Attrs: "k=v", Tags: strings.Repeat("t", 2000)})
	r, _ := s.Row(1)
	if got := r.Message(); len(got) > maxText+40 || !strings.HasSuffix(got, fmt.Sprintf("… (%d bytes cut)", maxText)) {
		t.Errorf("message has %d bytes and ends in %q", len(got), got[len(got)-40:])
	}
	if got := r.Attrs(); got != "… (3 bytes cut)" {
		t.Errorf("attrs are %q, want a note", got)
	}
	if got := r.Tags(); !strings.HasSuffix(got, "bytes cut)") {
		t.Errorf("tags have %d bytes and no note", len(got))
	}
}

func TestTooManyScopesLoseNothing(t *testing.T) {
	s := NewStore(StoreConfig{})
	for i := range maxNames + 10 {
		s.Append(Record{Scope: fmt.Sprint("scope", i), Message: "m"})
	}
	r, _ := s.Row(maxNames + 10)
	if want := fmt.Sprintf("[scope%d]: m", maxNames+9); r.Scope() != overflowName || r.Message() != want {
		t.Errorf("got scope %q and message %q, want %q and %q", r.Scope(), r.Message(), overflowName, want)
	}
}

func TestStoreRedactsEverything(t *testing.T) {
	s := NewStore(StoreConfig{})
	s.Append(Record{Scope: jwt, Tags: jwt, Session: jwt, Message: jwt, Attrs: "k=" + jwt})
	r, _ := s.Row(1)
	if part := leaked(sig, fmt.Sprint(r.Record(), s.Scopes())); part != "" {
		t.Errorf("%q survives", part)
	}
}

func TestLevelsOutOfRangeAreKeptInRange(t *testing.T) {
	s := NewStore(StoreConfig{})
	s.Append(Record{Level: -3})
	s.Append(Record{Level: 100})
	a, _ := s.Row(1)
	b, _ := s.Row(2)
	if a.Level() != Trace || b.Level() != Error {
		t.Errorf("got %v and %v, want trace and error", a.Level(), b.Level())
	}
}

func TestCursor(t *testing.T) {
	s := NewStore(StoreConfig{})
	c := s.Cursor(0)
	s.Append(Record{Message: "a"})
	s.Append(Record{Message: "b"})
	<-c.Wake()
	select {
	case <-c.Wake():
		t.Error("two lines wake the cursor twice")
	default:
	}
	if rows, dropped := c.NextN(nil, 1); len(rows) != 1 || rows[0].Message() != "a" || dropped != 0 {
		t.Errorf("got %d rows and %d dropped, want line a", len(rows), dropped)
	}
	<-c.Wake()
	if rows, _ := c.Next(nil); len(rows) != 1 || rows[0].Message() != "b" || c.Pos() != 3 {
		t.Errorf("got %d rows, position %d, want line b and 3", len(rows), c.Pos())
	}
	s.Close()
	s.Close()
	if _, open := <-c.Wake(); open {
		t.Error("the wake channel is open after Close")
	}
	if s.Append(Record{}) != 0 {
		t.Error("a closed store takes lines")
	}
	c.Close()
	if _, open := <-s.Cursor(0).Wake(); open {
		t.Error("a cursor of a closed store has an open wake channel")
	}
}

func TestCursorCountsItsLoss(t *testing.T) {
	s := NewStore(StoreConfig{Bytes: 1})
	c := s.Cursor(0)
	defer c.Close()
	for range 3000 {
		s.Append(Record{Message: "x"})
	}
	rows, dropped := c.Next(nil)
	if first, _ := s.Bounds(); dropped != first-1 || uint64(len(rows))+dropped != 3000 {
		t.Errorf("got %d rows and %d dropped", len(rows), dropped)
	}
}

func TestConcurrentStore(t *testing.T) {
	s := NewStore(StoreConfig{Bytes: 400 << 10})
	v := NewView(s, NewLevels(Trace))
	var writers, readers sync.WaitGroup
	for w := range 3 {
		writers.Go(func() {
			for i := range 4000 {
				s.Append(Record{Scope: fmt.Sprint("s", i%7), Level: Level(w), Message: fmt.Sprintf("line %d of %d", i, w)})
			}
		})
	}
	for range 2 {
		c := s.Cursor(1)
		readers.Go(func() {
			var rows []Row
			var total uint64
			for open := true; open; {
				_, open = <-c.Wake()
				var d uint64
				rows, d = c.Next(rows[:0])
				total += uint64(len(rows)) + d
				for _, r := range rows {
					if !strings.HasPrefix(r.Text(), "line ") || r.Scope() == "" {
						t.Errorf("torn row %q", r.Text())
						return
					}
				}
			}
			if total != 12000 {
				t.Errorf("a reader counted %d lines, want 12000", total)
			}
		})
	}
	if err := v.SetFilters([]Filter{{Expr: "of 1"}}); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		v.Sync()
		if job := v.Job(); job != nil {
			v.Apply(job.Run(t.Context()))
		}
		for _, r := range v.Rows(v.Len()-20, v.Len()) {
			if r.Level() != 1 {
				t.Fatalf("a row of level %v passes the filter", r.Level())
			}
		}
	}
	writers.Wait()
	s.Close()
	readers.Wait()
}

func TestAppendDoesNotAllocateWhenWarm(t *testing.T) {
	s := NewStore(StoreConfig{Bytes: 1 << 20})
	lines := benchLines(512)
	i := 0
	one := func() {
		s.Append(lines[i%len(lines)])
		i++
	}
	for range 20000 {
		one()
	}
	if n := testing.AllocsPerRun(5000, one); n != 0 {
		t.Errorf("append allocates %v times a line, want 0", n)
	}
}

func TestAppendAllKeepsWhatAppendKeeps(t *testing.T) {
	lines := benchLines(3000)
	lines[7].Tags, lines[8].Session, lines[9].Time = "1,rpc", "sara", time.Time{}
	lines[2000].Message = strings.Repeat("x", maxText+9)
	one, all := NewStore(StoreConfig{}), NewStore(StoreConfig{})
	c := all.Cursor(0)
	defer c.Close()
	for _, r := range lines {
		one.Append(r)
	}
	all.AppendAll(lines)
	select {
	case <-c.Wake():
	default:
		t.Error("the cursor was not woken")
	}
	for seq := uint64(1); seq <= 3000; seq++ {
		want, _ := one.Row(seq)
		got, ok := all.Row(seq)
		if !ok || got.Record() != want.Record() || got.Repeat() != want.Repeat() {
			t.Fatalf("line %d is %v, want %v", seq, got.Record(), want.Record())
		}
	}
	if diff := cmp.Diff(one.Scopes(), all.Scopes()); diff != "" {
		t.Errorf("counts (-one by one +all):\n%s", diff)
	}
	all.Close()
	if all.AppendAll(lines); all.Len() != 3000 {
		t.Errorf("a closed store took lines: it has %d", all.Len())
	}
}
