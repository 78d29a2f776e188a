package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLinesHaveTheForm(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.FixedZone("", 3600))
	for _, n := range []int{0, 7, 49, 499, 999_999} {
		line := string(appendLine(nil, n, at))
		if len(line) != lineLength+1 || !strings.HasSuffix(line, "\n") {
			t.Errorf("a line is %d bytes and its end; got %q", lineLength, line)
		}
		fields := strings.Fields(line)
		if fields[0] != "2026-01-02T02:04:05.678900Z" || fields[1] != levelOf(n) || !slices.Contains(scopes, fields[2]) {
			t.Errorf("a line begins with time, level and scope; got %q", line)
		}
		if !json.Valid([]byte(line[strings.Index(line, "{"):])) {
			t.Errorf("a line ends with a JSON object; got %q", line)
		}
		if got, ok := parseID(line); !ok || got != n || !strings.Contains(line, lineID(n)) {
			t.Errorf("line %d says so; got %d in %q", n, got, line)
		}
	}
}

func TestParseIDRefuses(t *testing.T) {
	for _, text := range []string{"", "line 00000012", "line 00000x123", "12:00 INFO client hello"} {
		if n, ok := parseID(text); ok {
			t.Errorf("%q says no number; got %d", text, n)
		}
	}
}

func TestAges(t *testing.T) {
	begin := time.Unix(0, 0)
	at := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Millisecond) }
	// Lines 0 to 9 are written at 0 ms, 10 to 19 at 10 ms; the screen shows the
	// first ten at 4 ms and everything at 16 ms.
	log := []sent{{10, at(0)}, {20, at(10)}}
	sights := []sight{{9, at(4)}, {19, at(16)}}
	got := ages(log, sights, at(0), at(20))
	want := []float64{
		0, 0, 0, 0, 0, 0, 0, // 4 to 10 ms: there is nothing newer
		1, 2, 3, 4, 5, // 11 to 15 ms: line 10 is not there
		0, 0, 0, 0,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the age is how long the first line has been missing: want %v, got %v", want, got)
	}
}
