package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lineLength is how long the lines are that peers were measured with, the end
// of the line not counted.
const lineLength = 161

// lineID is how a line says which it is.
func lineID(n int) string { return fmt.Sprintf("line %09d", n) }

// levelOf gives a stream the look of a real one: most of it does not matter.
func levelOf(n int) string {
	switch {
	case n%500 == 499:
		return "ERROR"
	case n%50 == 49:
		return "WARN"
	case n%8 == 7:
		return "DEBUG"
	}
	return "INFO"
}

// scopes are those of the official client.
var scopes = []string{"coordinator", "client", "Dispatcher", "Call"}

// appendLine writes line n in the form TIME LEVEL scope message {json}.
func appendLine(b []byte, n int, at time.Time) []byte {
	from := len(b)
	b = at.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	b = append(b, ' ')
	b = append(b, levelOf(n)...)
	b = append(b, ' ')
	b = append(b, scopes[n/3%len(scopes)]...)
	b = append(b, " line "...)
	digits := strconv.Itoa(n)
	b = append(b, "000000000"[min(len(digits), 9):]...)
	b = append(b, digits...)
	b = append(b, " client:post - Response - 201 after "...)
	b = strconv.AppendInt(b, int64(n%97), 10)
	b = append(b, " ms {\"attempt\":1,\"pad\":\""...)
	for len(b)-from < lineLength-2 {
		b = append(b, 'x')
	}
	return append(b, "\"}\n"...)
}

// parseID finds the number of a line in what is shown of it.
func parseID(text string) (int, bool) {
	_, rest, ok := strings.Cut(text, "line ")
	if !ok || len(rest) < 9 {
		return 0, false
	}
	n, err := strconv.Atoi(rest[:9])
	return n, err == nil
}

// writeLines writes a file of n lines, a microsecond apart.
func writeLines(path string, n int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	at, buf := time.Now(), make([]byte, 0, 256)
	for i := range n {
		buf = appendLine(buf[:0], i, at.Add(time.Duration(i)*time.Microsecond))
		if _, err := w.Write(buf); err != nil {
			break
		}
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// sent says that every line before next had been written at a time.
type sent struct {
	next int
	at   time.Time
}

// feeder writes lines at a rate, a thousand times a second.
type feeder struct {
	w    io.Writer
	rate int
	next int // number of the next line
	log  []sent
	// held is the time that writes took: a writer that is never held back does
	// not wait.
	held time.Duration
}

// pour feeds until ctx ends or nobody reads any more. The log is of this call
// only.
func (f *feeder) pour(ctx context.Context) error {
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	begin, first := time.Now(), f.next
	f.log, f.held = nil, 0
	var buf []byte
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-beat.C:
			buf = buf[:0]
			for due := first + int(now.Sub(begin).Seconds()*float64(f.rate)); f.next < due; f.next++ {
				buf = appendLine(buf, f.next, now)
			}
		}
		if len(buf) == 0 {
			continue
		}
		at := time.Now()
		if _, err := f.w.Write(buf); err != nil {
			return err
		}
		f.held += time.Since(at)
		f.log = append(f.log, sent{f.next, at})
	}
}

// sight says that a line was the newest on the screen from a time on.
type sight struct {
	line int
	at   time.Time
}

// ages looks at the screen once a millisecond and returns how old its newest
// line was, in ms: how long ago the first line was written that is not on it. A
// screen that shows everything is 0 old.
func ages(log []sent, sights []sight, from, to time.Time) []float64 {
	var out []float64
	seen := 0
	for t := from; t.Before(to); t = t.Add(time.Millisecond) {
		for seen < len(sights) && !sights[seen].at.After(t) {
			seen++
		}
		if seen == 0 {
			continue
		}
		missing := sights[seen-1].line + 1
		i, _ := slices.BinarySearchFunc(log, missing, func(s sent, line int) int { return s.next - 1 - line })
		age := 0.0
		if i < len(log) && log[i].at.Before(t) {
			age = ms(t.Sub(log[i].at))
		}
		out = append(out, age)
	}
	return out
}
