package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// style names a role on the screen. Panes never name a colour.
type style uint8

const (
	styleText style = iota
	styleStrong
	styleMuted
	styleAccent
	styleOK
	styleWarn
	styleBad
	styleOKStrong
	styleWarnStrong
	styleBadStrong
	styleTitle
	styleBorder
	styleFocus
	styleKey
	styleMatch
	styleBar
	styleCount
)

// theme is a palette made into escape sequences, with the glyphs that go with
// it. It is immutable; another background makes another theme.
type theme struct {
	name   string
	glyphs glyphs
	ascii  bool
	// normal holds the sequence that switches a style on, selected the one for
	// the row under the cursor. Empty means the terminal's own.
	normal   [styleCount]string
	selected [styleCount]string
}

const sgrReset = "\x1b[m"

// palette has a colour for each role; nil is the terminal's own.
type palette struct {
	muted, accent, ok, warn, bad, border, bar, selection color.Color
	// A theme of ours leaves these to others: text and title to the terminal,
	// focus and key to accent.
	text, title, focus, key color.Color
}

func hexPalette(muted, accent, ok, warn, bad, border, bar, selection string) palette {
	return paletteOf(
		lipgloss.Color(muted), lipgloss.Color(accent), lipgloss.Color(ok), lipgloss.Color(warn),
		lipgloss.Color(bad), lipgloss.Color(border), lipgloss.Color(bar), lipgloss.Color(selection))
}

func paletteOf(muted, accent, ok, warn, bad, border, bar, selection color.Color) palette {
	return palette{
		muted: muted, accent: accent, ok: ok, warn: warn, bad: bad, border: border, bar: bar, selection: selection,
		focus: accent, key: accent,
	}
}

// paletteFor picks the colours. Terminals of 16 colours get indices that keep
// their contrast there, not the nearest neighbour of a fine shade.
func paletteFor(name string, dark bool, profile colorprofile.Profile) palette {
	basic := profile == colorprofile.ANSI
	switch {
	case name == "contrast" && dark && !basic:
		return hexPalette("#dedede", "#8fd8ff", "#8cf58c", "#ffe066", "#ffa8a8", "#ffffff", "#8fd8ff", "#00326e")
	case name == "contrast" && !basic:
		return hexPalette("#2b2b2b", "#002f8a", "#00501a", "#5c3500", "#85000f", "#000000", "#002f8a", "#cfe4ff")
	case name == "contrast" && dark:
		return paletteOf(ansi.White, ansi.BrightCyan, ansi.BrightGreen, ansi.BrightYellow, ansi.BrightRed,
			ansi.BrightWhite, ansi.BrightCyan, nil)
	case name == "contrast":
		return paletteOf(nil, ansi.Blue, ansi.Green, ansi.Magenta, ansi.Red, nil, ansi.Blue, nil)
	case basic && dark:
		return paletteOf(ansi.White, ansi.BrightCyan, ansi.BrightGreen, ansi.BrightYellow, ansi.BrightRed,
			ansi.White, ansi.Cyan, nil)
	case basic:
		return paletteOf(ansi.BrightBlack, ansi.Blue, ansi.Green, ansi.Magenta, ansi.Red, ansi.BrightBlack, ansi.Blue, nil)
	case dark:
		return hexPalette("#8b93a1", "#7cb7ff", "#6fd69a", "#f2b866", "#ff7b7b", "#4b5462", "#7cb7ff", "#2b3648")
	default:
		return hexPalette("#697180", "#0b57c2", "#0f7a3d", "#99590a", "#c2182b", "#b4bac4", "#0b57c2", "#dbe6f6")
	}
}

// newTheme makes the theme called name: auto, dark, light, contrast or none.
// dark is the terminal's answer to the background query; user, which may be
// nil, has colours of its own.
func newTheme(name string, dark bool, profile colorprofile.Profile, ascii bool, user *userTheme) *theme {
	t := &theme{name: name, glyphs: unicodeGlyphs}
	if ascii {
		t.glyphs, t.ascii = asciiGlyphs, true
	}
	if user != nil && user.base != "" && name == "auto" {
		name = user.base
	}
	switch name {
	case "dark":
		dark = true
	case "light":
		dark = false
	}
	if name == "none" || profile <= colorprofile.ASCII {
		t.name = "none"
		t.colourless()
		return t
	}
	p := user.over(paletteFor(name, dark, profile))
	fg := [styleCount]color.Color{
		styleText: p.text, styleStrong: p.text, styleMatch: p.text, styleMuted: p.muted, styleAccent: p.accent, styleOK: p.ok, styleWarn: p.warn, styleBad: p.bad,
		styleOKStrong: p.ok, styleWarnStrong: p.warn, styleBadStrong: p.bad,
		styleTitle: p.title, styleBorder: p.border, styleFocus: p.focus, styleKey: p.key, styleBar: p.bar,
	}
	for s := range styleCount {
		st := decorated(s)
		if fg[s] != nil {
			st = st.ForegroundColor(fg[s])
		}
		t.normal[s] = sequence(st)
		if p.selection == nil {
			t.selected[s] = sequence(st.Reverse(true))
			continue
		}
		t.selected[s] = sequence(st.BackgroundColor(p.selection))
	}
	return t
}

// colourless makes do with weight and reversal; grey is a colour too.
func (t *theme) colourless() {
	for s := range styleCount {
		t.normal[s] = sequence(decorated(s))
		t.selected[s] = sequence(decorated(s).Reverse(true))
	}
}

func decorated(s style) ansi.Style {
	var st ansi.Style
	switch s {
	case styleStrong, styleOKStrong, styleWarnStrong, styleBadStrong, styleTitle, styleKey, styleFocus:
		st = st.Bold()
	case styleMatch:
		st = st.Reverse(true)
	}
	return st
}

func sequence(s ansi.Style) string {
	if len(s) == 0 {
		return ""
	}
	return s.String()
}

// write appends text in style s to b. text must be clean.
func (t *theme) write(b *strings.Builder, s style, text string, under bool) {
	if text == "" {
		return
	}
	sgr := t.normal[s]
	if under {
		sgr = t.selected[s]
	}
	if sgr == "" {
		b.WriteString(text)
		return
	}
	b.WriteString(sgr)
	b.WriteString(text)
	b.WriteString(sgrReset)
}

// render returns the line in exactly w cells. under says that the line is the
// one under the cursor.
func (t *theme) render(l line, w int, under bool) string {
	var b strings.Builder
	b.Grow(w + 16*len(l))
	t.renderTo(&b, l, w, under)
	return b.String()
}

func (t *theme) renderTo(b *strings.Builder, l line, w int, under bool) {
	free := w
	for i, s := range l {
		if free <= 0 {
			return
		}
		text := clean(s.text)
		if t.ascii {
			text = asciiFold(text)
		}
		n := len(text)
		if !isPlain(text) {
			n = ansi.StringWidth(text)
		}
		if n > free {
			text = cut(text, free, t.glyphs.ellipsis)
			n = width(text)
		} else if n == free && anyText(l[i+1:]) {
			text = cut(text, free-1, "") + t.glyphs.ellipsis
			n = width(text)
		}
		t.write(b, s.style, text, under)
		free -= n
		if n == 0 {
			continue
		}
	}
	if free > 0 {
		t.write(b, styleText, spaces(free), under)
	}
}

func anyText(l line) bool {
	for _, s := range l {
		if s.text != "" {
			return true
		}
	}
	return false
}
