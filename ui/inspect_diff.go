package ui

import (
	"slices"

	"streamscope/timeline"
)

// lookBack is how many events are looked at for one that belongs to another.
const lookBack = 5000

// sameKind reports whether two events are worth comparing: the same type of
// frame in the same direction, the same request.
func sameKind(a, b timeline.Event) bool {
	if a.Session != b.Session {
		return false
	}
	switch p := a.Payload.(type) {
	case timeline.Frame:
		q, ok := b.Payload.(timeline.Frame)
		return ok && p.Dir == q.Dir && p.Type == q.Type && p.Type != ""
	case timeline.HTTPRequest:
		q, ok := b.Payload.(timeline.HTTPRequest)
		return ok && p.Method == q.Method && p.Path == q.Path
	case timeline.HTTPResponse:
		q, ok := b.Payload.(timeline.HTTPResponse)
		return ok && p.Method == q.Method && p.Path == q.Path
	}
	return false
}

// previousAlike is the last event before e that is worth comparing to it.
func previousAlike(store *timeline.Store, e timeline.Event) (timeline.Event, bool) {
	for seq := e.Seq - 1; seq > 0 && e.Seq-seq < lookBack; seq-- {
		b, ok := store.At(seq)
		if !ok {
			break
		}
		if sameKind(b, e) && len(bodyOf(b)) > 0 {
			return b, true
		}
	}
	return timeline.Event{}, false
}

// leaves are the values of a tree that hold no others, by their paths, and the
// paths in the order of the text.
func (t *tree) leaves() (values map[string]string, order []string) {
	values = map[string]string{}
	for i, n := range t.nodes {
		if n.kids == 0 {
			path := t.path(i)
			values[path] = t.raw(i)
			order = append(order, path)
		}
	}
	return values, order
}

// diffLines say what is other than in the frame before: + is new, - is gone,
// ~ has changed.
func diffLines(before, after *tree, what string, g *glyphs, w int) []line {
	old, oldOrder := before.leaves()
	now, order := after.leaves()
	var out []line
	same := 0
	for _, path := range order {
		was, known := old[path]
		switch {
		case !known:
			out = append(out, changeLine("+", styleOK, path, line{{styleOK, now[path]}}, w)...)
		case was != now[path]:
			out = append(out, changeLine("~", styleWarn, path, line{{styleMuted, was + " " + g.to + " "}, {styleText, now[path]}}, w)...)
		default:
			same++
		}
	}
	for _, path := range oldOrder {
		if _, kept := now[path]; !kept {
			out = append(out, changeLine("-", styleBad, path, line{{styleMuted, old[path]}}, w)...)
		}
	}
	head := line{{styleMuted, "against " + what + ": "}}
	if len(out) == 0 {
		return []line{head.add(styleOK, "the same, "+plural(same, "value"))}
	}
	return append([]line{head.add(styleText, plural(same, "value")+" the same"), nil}, out...)
}

func changeLine(sign string, s style, path string, values line, w int) []line {
	l := line{{s, sign + " "}, {styleAccent, path + "  "}}
	return wrapLine(append(l, values...), w, 4)
}

// addDiff adds a view, in a place, of what is other than in another event, if
// that is JSON.
func (r *reader) addDiff(at int, name string, past timeline.Event, build func(before *tree, w int) []line) {
	if before, ok := parseTree(bodyOf(past)); ok {
		r.views = slices.Insert(r.views, at, view{name: name, build: func(w int) []line { return build(before, w) }})
	}
}
