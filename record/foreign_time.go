package record

import (
	"strings"
	"time"
)

// stampForms are the forms of times at the front of a line.
var stampForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05.999999999",
	"2006/01/02 15:04:05.999999999", "01-02 15:04:05.999999999", "15:04:05.999999999",
}

// stamps reads the times of a log, line after line. The zero value is ready.
type stamps struct {
	form int // of stampForms, which matched last
	day  struct {
		text string // of the date that was read last
		unix int64  // when that day began
	}
}

// leading takes a time off the front: with a date or without, in brackets or not.
// Times without a zone are taken as they stand, in UTC.
func (f *stamps) leading(s string) (time.Time, string) {
	trimmed := blanks.skip(s)
	body, bracketed := strings.CutPrefix(trimmed, "[")
	if body == "" || body[0] < '0' || body[0] > '9' {
		return time.Time{}, s
	}
	if bracketed {
		stamp, rest, ok := strings.Cut(body, "]")
		if t, parsed := f.read(stamp); ok && parsed {
			return t, gap.skip(rest)
		}
		return time.Time{}, s
	}
	end := 0
	for range 3 { // a stamp has at most two blanks
		next := blanks.index(body[end:])
		if next < 0 {
			break
		}
		if t, ok := f.read(body[:end+next]); ok {
			return f.longest(body, end+next, t)
		}
		end += next + 1
	}
	return time.Time{}, s
}

// longest takes a zone that follows after a blank into the time.
func (f *stamps) longest(body string, end int, t time.Time) (time.Time, string) {
	rest := blankBar.skip(body[end:])
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		if next := blanks.index(rest); next > 0 {
			if zoned, ok := f.read(body[:end] + " " + rest[:next]); ok {
				return zoned, blankBar.skip(rest[next:])
			}
		}
	}
	return t, rest
}

// read reads a time.
func (f *stamps) read(s string) (time.Time, bool) {
	s = strings.TrimSuffix(s, ":")
	if len(s) < len("15:04:05") || len(s) > 40 || strings.IndexByte(s, ':') < 0 {
		return time.Time{}, false
	}
	if t, ok := f.quick(s); ok {
		return t, true
	}
	return f.parse(s)
}

// parse reads a time as the library does, first in the form that the one before had.
func (f *stamps) parse(s string) (time.Time, bool) {
	s = strings.Replace(s, ",", ".", 1) // the decimal sign of some loggers
	if t, err := time.Parse(stampForms[f.form], s); err == nil {
		return t, true
	}
	for i, form := range stampForms {
		if t, err := time.Parse(form, s); err == nil {
			f.form = i
			return t, true
		}
	}
	return time.Time{}, false
}

// quick reads 2006-01-02 15:04:05.999 with T or a blank in the middle, with Z or
// without. What it does not take is left to the library, which is the reference
// and some ten times slower.
func (f *stamps) quick(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02 15:04:05") || s[10] != 'T' && s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	if f.day.text != s[:10] {
		day, err := time.Parse(time.DateOnly, s[:10])
		if err != nil {
			return time.Time{}, false
		}
		f.day.text, f.day.unix = strings.Clone(s[:10]), day.Unix()
	}
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return time.Time{}, false
	}
	rest := strings.TrimSuffix(s[19:], "Z")
	nanos := 0
	if rest != "" {
		if rest[0] != '.' && rest[0] != ',' || len(rest) == 1 || len(rest) > len(".999999999") {
			return time.Time{}, false
		}
		if nanos = digits(rest[1:]); nanos < 0 {
			return time.Time{}, false
		}
		for range len(".999999999") - len(rest) {
			nanos *= 10
		}
	}
	return time.Unix(f.day.unix+int64(hour*3600+minute*60+second), int64(nanos)).UTC(), true
}

// digits returns the number that a text of digits is, and -1 for any other.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return -1
		}
		n = n*10 + int(d)
	}
	return n
}
