package main

import (
	"cmp"
	"fmt"
	"image/color"
	"io"
	"strings"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// The size of a cell in the picture, in pixels at its natural size.
const (
	cellWidth  = 8.43
	cellHeight = 17.0
	margin     = 12.0
	baseline   = 13.0 // of the text, from the top of its cell
)

// run of cells that look the same.
type span struct {
	x, width int
	text     string
	look     look
}

// look is what a cell asks of the terminal; empty colours are the terminal's own.
type look struct {
	text, ground         string
	bold, faint, italic  bool
	underlined, reversed bool
}

// cells reads lines with escape sequences into spans, one slice a line.
func cells(lines []string) [][]span {
	width := 0
	for _, l := range lines {
		width = max(width, lipgloss.Width(l))
	}
	canvas := lipgloss.NewCanvas(width, len(lines))
	canvas.Compose(lipgloss.NewLayer(strings.Join(lines, "\n")))
	rows := make([][]span, len(lines))
	for y := range lines {
		for x := 0; x < width; {
			cell := canvas.CellAt(x, y)
			one := span{x: x, width: 1, text: " "}
			if cell != nil && cell.Content != "" {
				one = span{x: x, width: max(cell.Width, 1), text: cell.Content, look: look{
					text: hex(cell.Style.Fg), ground: hex(cell.Style.Bg),
					bold: cell.Style.Attrs&uv.AttrBold != 0, faint: cell.Style.Attrs&uv.AttrFaint != 0,
					italic: cell.Style.Attrs&uv.AttrItalic != 0, reversed: cell.Style.Attrs&uv.AttrReverse != 0,
					underlined: cell.Style.Underline != 0,
				}}
			}
			rows[y] = join(rows[y], one)
			x += one.width
		}
	}
	return rows
}

// join adds a cell to a row: to the last span when it looks the same.
func join(row []span, one span) []span {
	if n := len(row); n > 0 && row[n-1].look == one.look && one.width == 1 && row[n-1].width == len([]rune(row[n-1].text)) {
		row[n-1].text += one.text
		row[n-1].width++
		return row
	}
	return append(row, one)
}

func hex(c color.Color) string {
	if c == nil {
		return ""
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// draw writes the picture.
func draw(w io.Writer, rows [][]span, t theme, title string) {
	columns := 0
	for _, row := range rows {
		if n := len(row); n > 0 {
			columns = max(columns, row[n-1].x+row[n-1].width)
		}
	}
	width, height := 2*margin+float64(columns)*cellWidth, 2*margin+float64(len(rows))*cellHeight
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" width="%.0f" role="img" aria-label="%s">`+"\n",
		width, height, width, escape(title))
	fmt.Fprintf(w, `<rect width="100%%" height="100%%" rx="8" fill="%s" stroke="%s"/>`+"\n", t.ground, t.frame)
	fmt.Fprintf(w, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="%s">`+"\n", t.text)
	for y, row := range rows {
		for _, s := range row {
			s.draw(w, y, t)
		}
	}
	fmt.Fprint(w, "</g>\n</svg>\n")
}

func (s span) draw(w io.Writer, y int, t theme) {
	text, ground := s.look.text, s.look.ground
	if s.look.reversed {
		text, ground = cmp.Or(ground, t.ground), cmp.Or(text, t.text)
	}
	x, top := margin+float64(s.x)*cellWidth, margin+float64(y)*cellHeight
	if ground != "" {
		fmt.Fprintf(w, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, top, float64(s.width)*cellWidth, cellHeight, ground)
	}
	if strings.TrimSpace(s.text) == "" {
		return
	}
	fmt.Fprintf(w, `<text x="%.1f" y="%.1f" textLength="%.1f"%s>%s</text>`+"\n",
		x, top+baseline, float64(s.width)*cellWidth, s.look.attributes(text), escape(keepBlanks(s.text)))
}

func (l look) attributes(text string) string {
	var b strings.Builder
	add := func(on bool, attribute string) {
		if on {
			b.WriteString(" " + attribute)
		}
	}
	add(text != "", `fill="`+text+`"`)
	add(l.bold, `font-weight="bold"`)
	add(l.faint, `opacity="0.6"`)
	add(l.italic, `font-style="italic"`)
	add(l.underlined, `text-decoration="underline"`)
	return b.String()
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// keepBlanks makes blanks ones that no renderer drops: a text is drawn as wide as
// its cells, and what is left of one without its blanks would be drawn out over them.
func keepBlanks(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }
