package ui

import (
	"bytes"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// paintOnto paints a picture and returns what was written.
func paintOnto(t testing.TB, p *painter, out *bytes.Buffer, pic picture) string {
	t.Helper()
	out.Reset()
	p.show(pic)
	if err := p.paint(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPainterWritesOnlyWhatChanged(t *testing.T) {
	var out bytes.Buffer
	p := newPainter(&out, []string{"TERM=xterm-256color"}, colorprofile.TrueColor)
	pic := picture{rows: []string{pad("first row 00:00:01", 60), pad("second", 60)}, w: 60, h: 2}
	if got := paintOnto(t, p, &out, pic); !strings.Contains(got, "first row") || !strings.Contains(got, "second") {
		t.Fatalf("the first picture is written whole: %q", got)
	}
	if got := paintOnto(t, p, &out, pic); got != "" {
		t.Errorf("the same picture writes nothing: %q", got)
	}
	pic.rows = []string{pad("first row 00:00:02", 60), pic.rows[1]}
	if got := paintOnto(t, p, &out, pic); ansi.Strip(got) != "2" {
		t.Errorf("a digit writes a digit: %q", got)
	}
	pic.rows = []string{pad("First row 00:00:02", 50) + "         x", pic.rows[1]}
	if got := ansi.Strip(paintOnto(t, p, &out, pic)); !strings.Contains(got, "F") || !strings.Contains(got, "x") || len(got) > 8 {
		t.Errorf("two changes far apart do not write what is between: %q", got)
	}
	p.again()
	if got := paintOnto(t, p, &out, pic); !strings.Contains(got, "second") {
		t.Errorf("a redraw writes everything: %q", got)
	}
}

func TestPainterSwitchesModes(t *testing.T) {
	var out bytes.Buffer
	p := newPainter(&out, nil, colorprofile.TrueColor)
	pic := picture{rows: []string{"abc"}, w: 3, h: 1, mouse: true, title: "streamscope"}
	got := paintOnto(t, p, &out, pic)
	if !strings.Contains(got, mouseOn) || !strings.Contains(got, "streamscope") {
		t.Errorf("mouse and title are switched on: %q", got)
	}
	pic.mouse, pic.cursor = false, tea.NewCursor(1, 0)
	got = paintOnto(t, p, &out, pic)
	if !strings.Contains(got, mouseOff) || !strings.Contains(got, ansi.SetModeTextCursorEnable) {
		t.Errorf("the mouse goes, the cursor comes: %q", got)
	}
	p.hold(true)
	pic.rows = []string{"xyz"}
	if got = paintOnto(t, p, &out, pic); got != "" {
		t.Errorf("nothing is written while the terminal is not ours: %q", got)
	}
	p.hold(false)
	if err := p.paint(); err != nil || !strings.Contains(ansi.Strip(out.String()), "xyz") {
		t.Errorf("afterwards everything is: %q, %v", out.String(), err)
	}
}

// However pictures follow each other, the cells of the painter are those of the
// last picture.
func TestPainterKeepsUpWithEveryPicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		p := newPainter(&out, nil, colorprofile.TrueColor)
		const w, h = 40, 16
		rows := make([]string, h)
		for i := range rows {
			rows[i] = spaces(w)
		}
		th := newTheme("dark", true, colorprofile.TrueColor, false, nil)
		for range rapid.IntRange(1, 12).Draw(t, "pictures") {
			rows = append([]string{}, rows...)
			for range rapid.IntRange(0, h).Draw(t, "changes") {
				l := line{{styleText, drawText(t)}, {styleBad, drawText(t)}, {styleMuted, drawText(t)}}
				rows[rapid.IntRange(0, h-1).Draw(t, "row")] = th.render(l, w, rapid.Bool().Draw(t, "under"))
			}
			p.show(picture{rows: rows, w: w, h: h})
			if err := p.paint(); err != nil {
				t.Fatal(err)
			}
			fresh := newPainter(&out, nil, colorprofile.TrueColor)
			fresh.show(picture{rows: rows, w: w, h: h})
			if err := fresh.paint(); err != nil {
				t.Fatal(err)
			}
			for y := range h {
				if got, want := p.cells.Line(y).Render(), fresh.cells.Line(y).Render(); got != want {
					t.Fatalf("row %d is %q, not %q", y, got, want)
				}
			}
		}
	})
}
