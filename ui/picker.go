package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"
)

// item is one line of a menu.
type item struct {
	mark   string // a glyph in front: armed, in force
	key    string // the key that does the same
	text   string
	detail string // beside the text, muted
	about  string // under the list while the item is selected
	group  string // a heading where it changes
	run    func(*Model) tea.Cmd
	remove func(*Model) tea.Cmd
	// pinned items stay whatever is typed.
	pinned bool
}

// picker is a menu with a line to type into: the palette, the help, the faults,
// the filters. Typing narrows it down.
type picker struct {
	title string
	empty string // what to say when there is nothing
	none  string // what to say when nothing matches
	hint  string // under the title
	field field
	items []item
	shown []int
	sel   int
	top   int
	rows  int   // that fit, from the last drawing
	below int   // rows under those, from the last drawing
	drawn []int // the item of each row of the list that was drawn last; -1 for a heading
	// typed makes an item of what was typed, for menus that take any text.
	typed func(text string) (item, bool)
	// grouped menus show headings and keep their order.
	grouped bool
}

func newPicker(title, placeholder string, items []item) *picker {
	p := &picker{title: title, field: newField(placeholder), items: items}
	p.narrow()
	return p
}

// itemSource lets the fuzzy search see the names of the items.
type itemSource []item

func (s itemSource) String(i int) string { return s[i].text }
func (s itemSource) Len() int            { return len(s) }

// find returns the items that are meant, the best first: by their key, by their
// name, or by a word of what they do.
func (p *picker) find(query string) []int {
	var out []int
	seen := make([]bool, len(p.items))
	add := func(i int) {
		if !seen[i] && !p.items[i].pinned {
			seen[i] = true
			out = append(out, i)
		}
	}
	for i, it := range p.items {
		if slices.Contains(strings.Fields(it.key), query) {
			add(i)
		}
	}
	for _, m := range fuzzy.FindFrom(query, itemSource(p.items)) {
		add(m.Index)
	}
	for i, it := range p.items {
		if strings.Contains(lower(it.detail), lower(query)) {
			add(i)
		}
	}
	return out
}

// narrow computes which items are shown for what was typed.
func (p *picker) narrow() {
	query := strings.TrimSpace(p.field.value())
	p.shown = p.shown[:0]
	if query == "" {
		for i := range p.items {
			p.shown = append(p.shown, i)
		}
	} else {
		for i, it := range p.items {
			if it.pinned {
				p.shown = append(p.shown, i)
			}
		}
		p.shown = append(p.shown, p.find(query)...)
		if p.grouped {
			slices.Sort(p.shown)
		}
	}
	p.sel, p.top = 0, 0
}

// visible are the items on the screen, the typed one first.
func (p *picker) visible() []item {
	var out []item
	if p.typed != nil {
		if it, ok := p.typed(strings.TrimSpace(p.field.value())); ok {
			out = append(out, it)
		}
	}
	for _, i := range p.shown {
		out = append(out, p.items[i])
	}
	return out
}

// cancels is what the cancel key does: it takes back what is typed, then closes.
func (p *picker) cancels() string { return either(p.field.value() == "", "close", "clear") }

func (p *picker) selected() (item, bool) {
	all := p.visible()
	if len(all) == 0 {
		return item{}, false
	}
	return all[min(p.sel, len(all)-1)], true
}

func (p *picker) move(n int) {
	p.sel = min(max(p.sel+n, 0), max(len(p.visible())-1, 0))
}

// height is how many rows the menu takes with nothing typed.
func (p *picker) height(w int) int {
	keys, names := columns(p.items, w)
	_, about := p.about(p.items, w, 1<<10, keys+names+4, "")
	return 2 + max(len(p.items), 3) + about
}

// render draws the menu as the rows of an overlay, and tells where the cursor
// of the input is.
func (p *picker) render(t *theme, w, h int) (rows []string, cursor int) {
	g := &t.glyphs
	value, column := p.field.show(w - 3)
	prompt := line{{styleAccent, g.here + " "}, {styleText, value}}
	if value == "" {
		prompt = prompt.add(styleMuted, p.field.in.Placeholder)
	}
	rows = append(rows, t.render(prompt, w, false))
	all := p.visible()
	p.sel = min(p.sel, max(len(all)-1, 0))
	keyWidth, textWidth := columns(all, w)
	about, aboutHeight := p.about(all, w, h, keyWidth+textWidth+4, g.ellipsis)
	room := max(h-2-aboutHeight, 1)
	rows = append(rows, t.render(say(styleBorder, strings.Repeat(g.horizontal, w)), w, false))
	rows = append(rows, p.listRows(t, all, w, room, keyWidth, textWidth)...)
	if aboutHeight > 0 {
		for len(rows) < h-aboutHeight {
			rows = append(rows, spaces(w))
		}
		rows = append(rows, t.render(say(styleBorder, strings.Repeat(g.horizontal, w)), w, false))
		for i := range aboutHeight - 1 {
			var l line
			if i < len(about) {
				l = about[i]
			}
			rows = append(rows, t.render(l, w, false))
		}
	}
	for len(rows) < h {
		rows = append(rows, spaces(w))
	}
	return rows[:h], 2 + column
}

// columns are how wide the keys and the names are.
func columns(all []item, w int) (keys, names int) {
	details := 0
	for _, it := range all {
		keys = max(keys, min(width(it.key), 16))
		names = max(names, width(it.text))
		details = max(details, width(it.detail))
	}
	// What stands beside the names keeps half of the row, or what it needs of that.
	return keys, min(names, max(w/2, w-keys-details-6))
}

// about is what stands under the list for the selected item: what there is to
// say beside its row, or the part of the row that has no room. It has its lines
// as soon as any item needs them, so that nothing moves with the selection.
func (p *picker) about(all []item, w, h, before int, ellipsis string) (text []line, height int) {
	for i, it := range all {
		said := firstNonEmpty(it.about, it.detail)
		if said == "" {
			continue
		}
		rows := aboutRows(said, w)
		if i == p.sel {
			text = rows
		}
		if it.about != "" || before+width(it.detail) > w {
			height = max(height, len(rows)+1)
		}
	}
	height = min(height, 6, max((h-2)/3, 3), max(h-3, 0))
	if room := max(height-1, 0); room > 0 && len(text) > room {
		last := text[room-1]
		text[room-1] = say(last[0].style, cut(last.plain(), w-2, "")+" "+ellipsis)
	}
	return text, height
}

// aboutRows wraps what there is to say. What ends it in brackets is to be typed
// as it stands, and is not broken.
func aboutRows(said string, w int) []line {
	text, option, found := strings.Cut(said, "  [")
	if !found {
		return sentence(styleText, said, w)
	}
	option = "[" + option
	rows := sentence(styleText, text, w)
	if text == "" {
		return []line{say(styleText, option)}
	}
	last := &rows[len(rows)-1]
	if last.width()+2+width(option) <= w {
		*last = last.add(styleText, "  "+option)
		return rows
	}
	return append(rows, say(styleText, option))
}

func (p *picker) listRows(t *theme, all []item, w, room, keyWidth, textWidth int) []string {
	p.below, p.drawn = 0, p.drawn[:0]
	if len(all) == 0 {
		words := firstNonEmpty(p.none, "nothing matches")
		if len(p.items) == 0 {
			words = firstNonEmpty(p.empty, words)
		}
		return []string{t.render(say(styleMuted, words), w, false)}
	}
	type drawn struct {
		row   line
		index int
	}
	var list []drawn
	group := ""
	at := 0
	for i, it := range all {
		if p.grouped && it.group != group {
			group = it.group
			list = append(list, drawn{say(styleTitle, group), -1})
		}
		if i == p.sel {
			at = len(list)
		}
		list = append(list, drawn{it.row(keyWidth, textWidth), i})
	}
	p.rows = room
	p.top = min(p.top, at)
	if p.sel == 0 {
		p.top = 0
	}
	if at >= p.top+room {
		p.top = at - room + 1
	}
	p.top = max(min(p.top, len(list)-room), 0)
	p.below = max(len(list)-p.top-room, 0)
	var rows []string
	for _, d := range list[p.top:min(p.top+room, len(list))] {
		rows = append(rows, t.render(d.row, w, d.index == p.sel))
		p.drawn = append(p.drawn, d.index)
	}
	return rows
}

func (it item) row(keyWidth, textWidth int) line {
	l := line{}
	if it.mark != "" {
		l = l.add(styleOKStrong, pad(it.mark, 2))
	}
	if keyWidth > 0 {
		l = l.add(styleKey, pad(it.key, keyWidth)).add(styleText, "  ")
	}
	if it.detail == "" {
		return l.add(styleText, it.text)
	}
	return l.add(styleText, pad(cut(it.text, textWidth, "…"), textWidth)).add(styleMuted, "  "+it.detail)
}

// click selects the item at a row of the list and reports whether there is one.
func (p *picker) click(y int) bool {
	y -= 2 // the line to type into, and the one under it
	if y < 0 || y >= len(p.drawn) || p.drawn[y] < 0 {
		return false
	}
	p.sel = p.drawn[y]
	return true
}
