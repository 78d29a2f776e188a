package main

import (
	"strings"
	"testing"
)

func TestPictureShowsWhatWasCaptured(t *testing.T) {
	screen := "plain \x1b[1;31mred\x1b[0m <b>\n\x1b[7mturned\x1b[0m ┌─┐\n"
	var out strings.Builder
	if err := run(strings.NewReader(screen), &out, "light", "a & b"); err != nil {
		t.Fatal(err)
	}
	svg := out.String()
	for _, want := range []string{
		`aria-label="a &amp; b"`, ">plain\u00a0</text>", `font-weight="bold">red</text>`, "&lt;b&gt;", "┌─┐",
		`fill="` + themes["light"].text + `"/>`, // the ground of turned text is the colour of plain text
		`fill="` + themes["light"].ground + `">turned</text>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the picture lacks %s:\n%s", want, svg)
		}
	}
	if strings.Contains(svg, "\x1b") {
		t.Error("an escape sequence got into the picture")
	}
}

func TestPictureRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ in, theme, want string }{
		"no such theme": {"x", "pink", "use dark or light"},
		"an empty pane": {"\n", "dark", "nothing was captured"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(strings.NewReader(tt.in), &strings.Builder{}, tt.theme, "")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
