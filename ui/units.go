package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// either is the first when cond holds, else the second.
func either[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

func lower(s string) string { return strings.ToLower(s) }

// upClock writes a time that has passed: 00:12:31, and days before it.
func upClock(d time.Duration) string {
	d = max(d, 0).Truncate(time.Second)
	days := int(d / (24 * time.Hour))
	d -= time.Duration(days) * 24 * time.Hour
	s := fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	if days > 0 {
		return strconv.Itoa(days) + "d " + s
	}
	return s
}

// downClock writes what remains: 04:12 under an hour, 1:04:12 above, 3d 04h
// above a day. What is over is shown with a minus. It counts seconds that are
// whole, as the sentences of [explain.Countdown] do.
func downClock(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	d = d.Truncate(time.Second)
	switch {
	case d >= 24*time.Hour:
		return fmt.Sprintf("%s%dd %02dh", sign, int(d.Hours())/24, int(d.Hours())%24)
	case d >= time.Hour:
		return fmt.Sprintf("%s%d:%02d:%02d", sign, int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%s%02d:%02d", sign, int(d.Minutes()), int(d.Seconds())%60)
}

// shortSpan writes a duration in the few cells of a lane: milliseconds without
// a unit, seconds with one.
func shortSpan(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d <= 0:
		return "0"
	case ms < 9.95:
		return strconv.FormatFloat(ms, 'f', 1, 64)
	case ms < 999.5:
		return strconv.FormatFloat(ms, 'f', 0, 64)
	case d < 100*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	}
	return strconv.Itoa(int(d.Minutes())) + "m"
}

// millis writes a duration in milliseconds or seconds, with the unit.
func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d < 0:
		return "-" + millis(-d)
	case ms < 9.95:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 999.5:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// inSeconds writes a short countdown or age: tenths under ten seconds.
func inSeconds(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 2*time.Minute:
		return strconv.Itoa(int((d+time.Second/2)/time.Second)) + " s"
	}
	return downClock(d)
}

// wholeSeconds writes an age without tenths, which would not be true between
// two ticks.
func wholeSeconds(d time.Duration) string {
	d = max(d, 0)
	if d < 2*time.Minute {
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
	return downClock(d)
}

// clockTime is a wall time of day, with milliseconds.
func clockTime(t time.Time) string {
	if t.IsZero() {
		return "            "
	}
	return t.Format("15:04:05.000")
}

// fullTime is a wall time with its date.
func fullTime(t time.Time) string {
	if t.IsZero() {
		return "the line does not say"
	}
	return t.Format("2006-01-02 15:04:05.000")
}

// dayTime is a wall time of day to the second.
func dayTime(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.Format("15:04:05")
}

// deltaTime is the distance to the row before, as wide as clockTime.
func deltaTime(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	switch {
	case d < time.Minute:
		return padLeft("+"+strconv.FormatFloat(d.Seconds(), 'f', 3, 64), 12)
	}
	return padLeft("+"+downClock(d), 12)
}

// skewText writes the distance of two clocks with its sign.
func skewText(d time.Duration) string {
	if d.Abs() < 50*time.Millisecond {
		return "0.0 s"
	}
	return fmt.Sprintf("%+.1f s", d.Seconds())
}

// count writes a number with separators: 12,408.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// sizeText writes a number of bytes.
func sizeText(n int) string {
	switch {
	case n < 1000:
		return strconv.Itoa(n) + " B"
	case n < 1000*1000:
		return strconv.FormatFloat(float64(n)/1000, 'f', 1, 64) + " kB"
	}
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
}

// plural joins a number and a noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// average and percentile of a few measurements; 0 for none.
func average(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	var sum time.Duration
	for _, d := range ds {
		sum += d
	}
	return sum / time.Duration(len(ds))
}

func percentile(ds []time.Duration, p int) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(ds))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// sparkline draws the last n measurements between zero and their largest.
func (g *glyphs) sparkline(ds []time.Duration, n int) string {
	if len(ds) > n {
		ds = ds[len(ds)-n:]
	}
	if len(ds) == 0 {
		return ""
	}
	top := max(slices.Max(ds), 1)
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(g.sparks[min(int(int64(d)*int64(len(g.sparks))/int64(top)), len(g.sparks)-1)])
	}
	return b.String()
}

// bar draws a share of w cells.
func (g *glyphs) bar(part, whole time.Duration, w int) (full, empty string) {
	n := 0
	if whole > 0 && part > 0 {
		n = min(int(int64(part)*int64(w)/int64(whole)), w)
		if n == 0 {
			n = 1
		}
	}
	return strings.Repeat(g.full, n), strings.Repeat(g.empty, w-n)
}

func matchCount(n int) string {
	if n == 1 {
		return "1 match"
	}
	return count(uint64(n)) + " matches"
}

// shortCount writes a number in at most five cells: 9999, 12k, 3.1M.
func shortCount(n uint64) string {
	switch {
	case n < 10_000:
		return strconv.FormatUint(n, 10)
	case n < 1_000_000:
		return strconv.FormatUint(n/1000, 10) + "k"
	case n < 100_000_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + "M"
	}
	return strconv.FormatUint(n/1_000_000, 10) + "M"
}
