package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

func TestCleanTakesOutWhatMovesTheCursor(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays", "call.ring from jack", "call.ring from jack"},
		{"letters of other scripts stay", "Zoë 名前", "Zoë 名前"},
		{"escape sequences lose their escape", "a\x1b[2Jb", "a·[2Jb"},
		{"line ends become blanks", "a\nb\tc\r\nd", "a b c d"},
		{"C1 control characters go", "a\u009bb", "a·b"},
		{"marks that turn the writing direction go", "a\u202eb", "a·b"},
		{"bytes that are not UTF-8 go", "a\xffb", "a·b"},
		{"sequences of uncertain width go", "a👨‍👩‍👧b", "a·b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := clean(tt.in); got != tt.want {
				t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestRenderedLineHasExactWidth(t *testing.T) {
	th := newTheme("dark", true, colorprofile.TrueColor, false, nil)
	lines := []line{
		nil,
		say(styleText, "short"),
		say(styleBad, strings.Repeat("long ", 30)),
		{{styleMuted, "a"}, {styleOK, "名前名前名前"}, {styleBad, "b\x1b[31m"}},
		{{styleMuted, "exactly ten"[:10]}, {styleText, "more"}},
		{{styleText, strings.Repeat("é", 50)}, {styleText, strings.Repeat("名", 50)}},
	}
	for _, l := range lines {
		for w := range 40 {
			got := th.render(l, w, w%2 == 0)
			if n := ansi.StringWidth(got); n != w {
				t.Errorf("render(%q, %d) is %d cells wide: %q", l.plain(), w, n, got)
			}
		}
	}
}

func TestWhatIsCutShowsAnEllipsis(t *testing.T) {
	th := newTheme("none", true, colorprofile.ASCII, false, nil)
	tests := []struct {
		name string
		in   line
		w    int
		want string
	}{
		{"inside a span", say(styleText, "abcdef"), 4, "abc…"},
		{"between spans", line{{styleText, "abcd"}, {styleText, "ef"}}, 4, "abc…"},
		{"nothing is cut", line{{styleText, "abcd"}, {styleText, ""}}, 4, "abcd"},
		{"one cell", say(styleText, "ab"), 1, "…"},
	}
	for _, tt := range tests {
		if got := th.render(tt.in, tt.w, false); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestThemeNoneHasNoColours(t *testing.T) {
	th := newTheme("none", true, colorprofile.TrueColor, false, nil)
	for s := range styleCount {
		for _, sgr := range []string{th.normal[s], th.selected[s]} {
			if strings.ContainsAny(sgr, "345") && sgr != "" {
				t.Errorf("style %d uses a colour: %q", s, sgr)
			}
		}
	}
}

func TestUnits(t *testing.T) {
	tests := []struct{ got, want string }{
		{upClock(12*time.Minute + 31*time.Second), "00:12:31"},
		{upClock(49*time.Hour + 61*time.Second), "2d 01:01:01"},
		{downClock(4*time.Minute + 12*time.Second), "04:12"},
		{downClock(64 * time.Minute), "1:04:00"},
		{downClock(-5 * time.Second), "-00:05"},
		{shortSpan(2100 * time.Microsecond), "2.1"},
		{shortSpan(24 * time.Millisecond), "24"},
		{shortSpan(1234 * time.Millisecond), "1.2s"},
		{shortSpan(10 * time.Minute), "10m"},
		{millis(23 * time.Millisecond), "23 ms"},
		{inSeconds(3200 * time.Millisecond), "3.2 s"},
		{inSeconds(31 * time.Second), "31 s"},
		{wholeSeconds(3900 * time.Millisecond), "3 s"},
		{skewText(200 * time.Millisecond), "+0.2 s"},
		{skewText(-1500 * time.Millisecond), "-1.5 s"},
		{count(12408), "12,408"},
		{count(999), "999"},
		{shortCount(31_000), "31k"},
		{shortCount(3_100_000), "3.1M"},
		{sizeText(2048), "2.0 kB"},
		{plural(1, "fault"), "1 fault"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestIdentifiersAreShortened(t *testing.T) {
	const uuid = "be8b0d63-7e40-454c-aea3-31f491d1cde4"
	tests := []struct{ got, want string }{
		{shortUUIDs("call.ring  default:" + uuid + " from jack"), "call.ring  default:be8b0d…cde4 from jack"},
		{shortUUIDs(uuid + uuid), "be8b0d…cde4be8b0d…cde4"},
		{shortUUIDs("no-identifier-in-this-text-at-all-however-long-it-is"), "no-identifier-in-this-text-at-all-however-long-it-is"},
		{shortUUIDs(uuid[:35]), uuid[:35]},
		{shortCID("default:standup"), "default:standup"},
		{shortCID("default:" + uuid), "default:be8b0d…cde4"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
