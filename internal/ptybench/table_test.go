package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	var hundred []float64
	for i := range 100 {
		hundred = append(hundred, float64(100-i))
	}
	for q, want := range map[float64]float64{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := quantile(hundred, q); got != want {
			t.Errorf("of 1 to 100, %v do not exceed %v; got %v", q, want, got)
		}
	}
	if got := quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("nothing has no median; got %v", got)
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		expectation string
		row         row
		want        string
	}{
		{"a most that is kept", row{values: []float64{8}, judged: 1, budget: 8}, "met"},
		{"a most that is not", row{values: []float64{20}, judged: 1, budget: 8}, "MISSED: 2.5 times"},
		{"only the judged quantile counts", row{values: []float64{1, 1, 90}, judged: 0.5, budget: 8}, "met"},
		{"a least that is kept", row{values: []float64{9}, judged: 1, budget: 8, atLeast: true}, "met"},
		{"a least that is not", row{values: []float64{4}, judged: 1, budget: 8, atLeast: true}, "MISSED: 50% of it"},
		{"nothing to judge by", row{values: []float64{4}}, ""},
		{"nothing to judge", row{budget: 8}, "not measured"},
	} {
		if got := c.row.verdict(); got != c.want {
			t.Errorf("%s: want %q, got %q", c.expectation, c.want, got)
		}
	}
}

func TestRowIsPrinted(t *testing.T) {
	var b strings.Builder
	row{what: "key", unit: "ms", values: []float64{1.234, 12.34, 1234}, judged: 0.99, budget: 20, peers: "lnav 5", note: "stretch"}.print(&b)
	const want = "| key | 1.23 ms | 12.3 ms | 1,234 ms | 1,234 ms | 3 | p99 ≤ 20 ms | MISSED: 61.7 times; stretch | lnav 5 |\n"
	if b.String() != want {
		t.Errorf("a row of the table is\n%sgot\n%s", want, b.String())
	}
}

func TestParseStat(t *testing.T) {
	const stat = "42 (a) b (c) S 1 42 42 34816 42 4194304 900 0 0 0 150 25 7 7 20 0 9 0 8000 1 2"
	got, err := parseStat(stat)
	if err != nil || got != 1750*time.Millisecond {
		t.Errorf("user and system time are summed, whatever the name of the program; got %v, %v", got, err)
	}
	for _, bad := range []string{"", "42 (a) S 1", strings.Replace(stat, " 150 ", " x ", 1)} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q is refused", bad)
		}
	}
}

func TestParsePeak(t *testing.T) {
	got, err := parsePeak("Name:\tx\nVmPeak:\t  999999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n")
	if err != nil || got != 2 {
		t.Errorf("the peak is 2 MiB; got %v, %v", got, err)
	}
	if _, err := parsePeak("Name:\tx\n"); err == nil {
		t.Error("a status without the peak is an error")
	}
}
