package ui

import "strings"

// view is one way of showing what a reader is about: pretty, raw, hex.
type view struct {
	name  string
	build func(w int) []line
	// text is what copying takes; empty means the lines as they are.
	text func() string
}

// reader is an overlay to read and scroll: the frame inspector, the autopsy,
// the token bench.
type reader struct {
	title string
	views []view
	view  int
	top   int
	// lines of the view, built for the width they were shown in.
	lines  []line
	width  int
	height int
	// live readers are built anew with every frame: they count down.
	live bool
}

// render returns the rows in sight.
func (r *reader) render(t *theme, w, h int) []string {
	if r.live {
		r.lines = nil
	}
	r.want(w)
	r.height = h
	r.clamp()
	out := make([]string, 0, h)
	for i := r.top; i < min(r.top+h, len(r.lines)); i++ {
		out = append(out, t.render(r.lines[i], w, false))
	}
	for len(out) < h {
		out = append(out, spaces(w))
	}
	return out
}

// want is how many rows the view has when it is w cells wide.
func (r *reader) want(w int) int {
	if r.lines == nil || r.width != w {
		r.lines, r.width = r.views[r.view].build(w), w
	}
	return len(r.lines)
}

func (r *reader) clamp() { r.top = max(min(r.top, len(r.lines)-r.height), 0) }

// invalidate builds the lines anew at the next frame.
func (r *reader) invalidate() { r.lines = nil }

func (r *reader) next(dir int) {
	n := len(r.views)
	r.view = (r.view + dir + n) % n
	r.top = 0
	r.invalidate()
}

func (r *reader) move(k motion) {
	switch {
	case k.toTop:
		r.top = 0
	case k.toEnd:
		r.top = len(r.lines)
	case k.pages != 0:
		r.top += k.pages * max(r.height/k.share, 1)
	default:
		r.top += k.rows
	}
	r.clamp()
}

// text is what the view would put on the clipboard or into a file.
func (r *reader) text() string {
	v := r.views[r.view]
	if v.text != nil {
		return v.text()
	}
	var out strings.Builder
	for _, l := range v.build(max(r.width, 100)) {
		out.WriteString(clean(l.plain()) + "\n")
	}
	return out.String()
}

// titleLine names the views, with the one on the screen first among equals.
func (r *reader) titleLine() line {
	l := line{}
	if len(r.views) < 2 {
		return l
	}
	for i, v := range r.views {
		sty := styleMuted
		if i == r.view {
			sty = styleFocus
		}
		l = l.add(styleText, " ").add(sty, v.name)
	}
	return l
}

// heading and field lines are what the readers are made of.
func heading(text string) []line { return []line{nil, say(styleTitle, text)} }

// pair is a label and a value, wrapped under itself.
func pair(label, value string, s style, w int) []line {
	const labelWidth = 16
	if value == "" {
		return nil
	}
	var out []line
	for i, row := range wrapText(value, w-labelWidth) {
		if i > 0 {
			label = ""
		}
		out = append(out, line{{styleMuted, pad(label, labelWidth)}, {s, row}})
	}
	return out
}
