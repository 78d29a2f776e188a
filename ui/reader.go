package ui

import (
	"sort"
	"strconv"
	"strings"

	"streamscope/timeline"
)

// view is one way of showing what a reader is about: a tree, raw, hex.
type view struct {
	name  string
	build func(w int) []line
	// text is what copying takes; nil means the lines as they are.
	text func() string
	// tree is what can be walked through, below what build makes; nil where
	// there is only text.
	tree *tree
	// at is the row to begin at; nil for the first.
	at func(w int) int
}

// reader is an overlay to read and scroll: the frame inspector, the autopsy,
// the token bench.
type reader struct {
	title string
	g     *glyphs
	views []view
	view  int
	top   int
	// lines of the view, built for the width they were shown in: head of them
	// text, then one for each of the nodes.
	lines  []line
	head   int
	nodes  []int
	width  int
	height int
	// tallest is how many lines there were at most: the overlay does not shrink
	// while it is open.
	tallest int
	// live readers are built anew with every frame: they count down.
	live bool
	// event is what the reader is about, for what else can be done with it.
	event *timeline.Event
}

// tree is what can be walked through in the view on the screen, nil for none.
func (r *reader) tree() *tree { return r.views[r.view].tree }

// render returns the rows in sight.
func (r *reader) render(t *theme, w, h int) []string {
	if r.live {
		r.lines = nil
	}
	r.want(w)
	r.height = h
	r.clamp()
	out := make([]string, 0, h)
	under := -1
	if r.tree() != nil {
		under = r.head + r.row()
	}
	for i := r.top; i < min(r.top+h, len(r.lines)); i++ {
		out = append(out, t.render(r.lines[i], w, i == under))
	}
	for len(out) < h {
		out = append(out, spaces(w))
	}
	return out
}

// want is how many rows the reader needs when it is w cells wide.
func (r *reader) want(w int) int {
	if r.lines == nil || r.width != w {
		v := r.views[r.view]
		r.lines, r.width, r.nodes = v.build(w), w, nil
		r.head = len(r.lines)
		if v.tree != nil {
			r.nodes = v.tree.shown()
			for _, i := range r.nodes {
				r.lines = append(r.lines, v.tree.line(i, r.g))
			}
		}
		r.tallest = max(r.tallest, len(r.lines))
	}
	return r.tallest
}

// row is the index of the selected node among those that are shown.
func (r *reader) row() int {
	return max(sort.SearchInts(r.nodes, r.tree().sel+1)-1, 0)
}

func (r *reader) clamp() { r.top = max(min(r.top, len(r.lines)-r.height), 0) }

// invalidate builds the lines anew at the next frame.
func (r *reader) invalidate() { r.lines = nil }

func (r *reader) next(dir int) {
	n := len(r.views)
	r.show((r.view + dir + n) % n)
}

// show changes to a view.
func (r *reader) show(i int) {
	r.view, r.top = i, 0
	if at := r.views[i].at; at != nil && r.width > 0 {
		r.top = max(at(r.width)-2, 0)
	}
	r.invalidate()
}

func (r *reader) move(k motion) {
	if r.tree() != nil && r.lines != nil {
		r.walk(k)
		return
	}
	switch {
	case k.toTop:
		r.top = 0
	case k.toEnd:
		r.top = len(r.lines)
	case k.pages != 0:
		r.top += k.pages * max(r.height/max(k.share, 1), 1)
	default:
		r.top += k.rows
	}
	r.clamp()
}

// walk moves the selection of the tree, and the window with it.
func (r *reader) walk(k motion) {
	t, at := r.tree(), r.row()
	switch {
	case k.columns < 0:
		t.fold()
		r.invalidate()
		return
	case k.columns > 0:
		t.unfold()
		r.invalidate()
		return
	case k.toTop:
		at, r.top = 0, 0
	case k.toEnd:
		at = len(r.nodes) - 1
	case k.pages != 0:
		at += k.pages * max(r.height/max(k.share, 1), 1)
	default:
		at += k.rows
	}
	if at < 0 {
		r.top += at // what stands above the tree
	}
	at = min(max(at, 0), len(r.nodes)-1)
	t.sel = r.nodes[at]
	switch row := r.head + at; {
	case row < r.top:
		r.top = row
	case row >= r.top+r.height:
		r.top = row - r.height + 1
	}
	r.clamp()
}

// click selects the node in a row of the window; the selected one is folded or
// unfolded.
func (r *reader) click(y int) {
	i := r.top + y - r.head
	if r.tree() == nil || i < 0 || i >= len(r.nodes) {
		return
	}
	if t := r.tree(); t.sel == r.nodes[i] {
		t.toggle()
		r.invalidate()
		return
	}
	r.tree().sel = r.nodes[i]
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

// statusLine says where in the text we are, and which value is selected.
func (r *reader) statusLine() line {
	var l line
	if t := r.tree(); t != nil && len(t.nodes) > 0 {
		n := t.nodes[t.sel]
		l = l.add(styleAccent, cut(t.path(t.sel), max(r.width/2, 8), r.g.ellipsis)).
			add(styleMuted, " bytes "+strconv.Itoa(n.from)+"-"+strconv.Itoa(n.to))
	}
	if len(r.lines) > r.height {
		if len(l) > 0 {
			l = l.add(styleMuted, " · ")
		}
		l = l.add(styleMuted, strconv.Itoa(min(r.top+r.height, len(r.lines)))+"/"+strconv.Itoa(len(r.lines)))
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
	for part := range strings.SplitSeq(strings.TrimRight(value, "\n"), "\n") {
		for _, row := range wrapText(part, w-labelWidth) {
			out = append(out, line{{styleMuted, pad(label, labelWidth)}, {s, row}})
			label = ""
		}
	}
	return out
}
