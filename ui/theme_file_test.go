package ui

import (
	"context"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"streamscope/internal/uitest"
	"streamscope/timeline"
)

func TestThemeFileIsReadStrictly(t *testing.T) {
	tests := []struct {
		name, file string
		wrong      []string // what the error says; nil for none
	}{
		{"nothing", "", nil},
		{"colours of every kind", "base: light\naccent: \"#0af\"\nok: 34\nwarn: yellow\nbad: bright-red\ntext: default\n", nil},
		{"JSON", `{"accent": "#7cb7ff", "border": 8}`, nil},
		{"one role", "muted: 7", nil},
		{"a role that does not exist", "accent: red\nacent: blue\n", []string{"t.yaml:2:", `"acent"`, "accent, ", "selection"}},
		{"a colour that is none", "\n\nok: greenish\n", []string{"t.yaml:3:", `"greenish"`, "bright-green", "#rrggbb"}},
		{"a hash without quotes", "ok: #00ff00\n", []string{"t.yaml:1:", "in quotes"}},
		{"a number too large", "ok: 256\n", []string{"t.yaml:1:", "0 to 255"}},
		{"a base that does not exist", "base: solarized\n", []string{"t.yaml:1:", "dark, light, contrast"}},
		{"a list in place of a colour", "ok: [1, 2]\n", []string{"t.yaml:1:", "one colour"}},
		{"no mapping", "- red\n- blue\n", []string{"t.yaml", "roles with their colours"}},
		{"every mistake at once", "ok: x\nbad: y\n", []string{"t.yaml:1:", "t.yaml:2:"}},
		{"not YAML", "ok: [", []string{"t.yaml"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseTheme("t.yaml", []byte(tt.file))
			if (err != nil) != (tt.wrong != nil) {
				t.Fatalf("the error is %v", err)
			}
			for _, word := range tt.wrong {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error does not say %q: %v", word, err)
				}
			}
		})
	}
}

func TestThemeFileColoursTheScreen(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.event(0, opened())
	user, err := parseTheme("t.yaml", []byte("bad: \"#123456\"\nmuted: 9\n"))
	if err != nil {
		t.Fatal(err)
	}
	x.Send(themeMsg{user: user})
	x.WantScreen("it is said", "theme file was read again")
	x.event(1, timeline.StateChanged{To: timeline.StateFailed})
	col, row := x.find(string(timeline.StateFailed))
	cell := uitest.Cell(x.View().Content, 120, 36, col, row)
	if r, g, b, _ := cell.Style.Fg.RGBA(); r>>8 != 0x12 || g>>8 != 0x34 || b>>8 != 0x56 {
		t.Errorf("what is bad has the colour of the file: %v", cell.Style.Fg)
	}
	user, _ = parseTheme("t.yaml", []byte("accent: \"#00ff00\"\nkey: \"#0000ff\"\n"))
	x.Send(themeMsg{user: user})
	for what, want := range map[string]struct {
		at style
		is string
	}{"focus follows the accent": {styleFocus, "0;255;0"}, "unless it has a colour of its own": {styleKey, "0;0;255"}} {
		if got := x.m.th.normal[want.at]; !strings.Contains(got, want.is) {
			t.Errorf("%s: %q", what, got)
		}
	}
	before := x.m.th
	_, err = parseTheme("t.yaml", []byte("bad: nope\n"))
	x.Send(themeMsg{err: err})
	x.WantScreen("a mistake is told with its line", "t.yaml:1:")
	if x.m.th != before {
		t.Error("a mistake leaves the colours as they were")
	}
}

func TestThemeFileIsWatched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theme.yaml")
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("ok: red\n", epoch)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var got []themeMsg
		look := Look{ThemeFile: path}
		done := make(chan struct{})
		go func() {
			defer close(done)
			watchLook(ctx, look, nil, func(msg tea.Msg) { got = append(got, msg.(themeMsg)) })
		}()
		time.Sleep(5*time.Second + themeFilePause/2) // between two looks at the file
		write("ok: red\n", epoch.Add(time.Second))
		time.Sleep(5 * time.Second)
		write("ok: green\n", epoch.Add(2*time.Second))
		time.Sleep(5 * time.Second)
		write("ok: grin\n", epoch.Add(3*time.Second))
		time.Sleep(5 * time.Second)
		cancel()
		<-done
		if len(got) != 2 || got[0].err != nil || got[1].err == nil {
			t.Errorf("the file is read when its contents change, once each time: %+v", got)
		}
	})
}

func TestThemeFileThatCannotBeUsedStopsTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "theme.yaml")
	if err := os.WriteFile(path, []byte("nonsense: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := newHarness(t, 80, 24)
	o := x.m.o
	o.ThemeFile = path
	if err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "theme.yaml:1:") {
		t.Errorf("the screen does not begin, and the line is named: %v", err)
	}
}

// contrast of two colours as WCAG 2 defines it.
func contrast(a, b color.Color) float64 {
	luminance := func(c color.Color) float64 {
		r, g, bl, _ := c.RGBA()
		lin := func(v uint32) float64 {
			f := float64(v) / 0xffff
			if f <= 0.04045 {
				return f / 12.92
			}
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(bl)
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestColoursCanBeReadOnTheirBackgrounds(t *testing.T) {
	tests := []struct {
		theme   string
		dark    bool
		grounds []color.Color
		least   float64
	}{
		{"dark", true, []color.Color{color.Black, color.RGBA{0x1e, 0x1e, 0x1e, 0xff}}, 4.5},
		{"light", false, []color.Color{color.White, color.RGBA{0xfa, 0xfa, 0xfa, 0xff}}, 4.5},
		{"contrast", true, []color.Color{color.Black, color.RGBA{0x1e, 0x1e, 0x1e, 0xff}}, 7},
		{"contrast", false, []color.Color{color.White, color.RGBA{0xf0, 0xf0, 0xf0, 0xff}}, 7},
	}
	for _, tt := range tests {
		p := paletteFor(tt.theme, tt.dark, colorprofile.TrueColor)
		roles := map[string]color.Color{"muted": p.muted, "accent": p.accent, "ok": p.ok, "warn": p.warn, "bad": p.bad}
		for role, c := range roles {
			for _, ground := range tt.grounds {
				if got := contrast(c, ground); got < tt.least {
					t.Errorf("%s (dark %v): %s on %v has a contrast of %.1f, less than %.1f", tt.theme, tt.dark, role, ground, got, tt.least)
				}
			}
			if got, least := contrast(c, p.selection), tt.least*2/3; got < least {
				t.Errorf("%s (dark %v): %s under the cursor has a contrast of %.1f, less than %.1f", tt.theme, tt.dark, role, got, least)
			}
		}
	}
}

// Sixteen colours are the terminal's own: no role may vanish in a ground that
// people choose, and the row under the cursor must not depend on one.
func TestSixteenColoursAreIndices(t *testing.T) {
	for _, name := range []string{"auto", "contrast"} {
		for _, dark := range []bool{true, false} {
			p := paletteFor(name, dark, colorprofile.ANSI)
			if p.selection != nil {
				t.Errorf("%s (dark %v): the row under the cursor is reversed, not coloured", name, dark)
			}
			th := newTheme(name, dark, colorprofile.ANSI, false, nil)
			for s := range styleCount {
				for _, seq := range []string{th.normal[s], th.selected[s]} {
					if strings.Contains(seq, "38;") || strings.Contains(seq, "48;") {
						t.Errorf("%s (dark %v): style %d asks for a colour that the terminal has not: %q", name, dark, s, seq)
					}
				}
			}
		}
	}
}

func TestThemeNamesCycle(t *testing.T) {
	x := newHarness(t, 80, 24)
	x.event(0, opened())
	for range themeNames {
		x.Send(doing(func(m *Model) tea.Cmd { return m.nextTheme() }))
		x.WantExact()
	}
	if x.m.o.Theme != "dark" {
		t.Errorf("after all of them the first comes again: %s", x.m.o.Theme)
	}
}
