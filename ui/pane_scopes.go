package ui

import (
	"streamscope/logsink"
)

// scopePane lists the scopes with their levels. The scopes appear by themselves
// when something logs under their name.
type scopePane struct {
	view   *logsink.View
	scopes []logsink.ScopeState
	sel    string // the selected scope's name
	top    int
	height int
}

// refresh reads the scopes again; a new one must not move the selection.
func (p *scopePane) refresh() {
	p.scopes = p.view.Scopes()
	if p.sel == "" && len(p.scopes) > 0 {
		p.sel = p.scopes[0].Name
	}
}

func (p *scopePane) index() int {
	for i, s := range p.scopes {
		if s.Name == p.sel {
			return i
		}
	}
	return 0
}

// selected is the scope that the level keys are about.
func (p *scopePane) selected() (logsink.ScopeState, bool) {
	if len(p.scopes) == 0 {
		return logsink.ScopeState{}, false
	}
	return p.scopes[p.index()], true
}

func (p *scopePane) move(n int) {
	if len(p.scopes) > 0 {
		p.sel = p.scopes[min(max(p.index()+n, 0), len(p.scopes)-1)].Name
	}
}

func (p *scopePane) click(y int) {
	if i := p.top + y; i >= 0 && i < len(p.scopes) {
		p.sel = p.scopes[i].Name
	}
}

// window keeps the selected scope in sight.
func (p *scopePane) window(h int) (from, to int) {
	p.height = h
	sel := p.index()
	p.top = min(p.top, sel)
	if sel >= p.top+h {
		p.top = sel - h + 1
	}
	p.top = max(min(p.top, len(p.scopes)-h), 0)
	return p.top, min(p.top+h, len(p.scopes))
}

func (p *scopePane) render(t *theme, w, h int, focused bool) []string {
	from, to := p.window(h)
	out := make([]string, 0, h)
	sel := p.index()
	for i := from; i < to; i++ {
		under := i == sel && focused
		out = append(out, t.render(p.row(p.scopes[i], w, i == sel, &t.glyphs), w, under))
	}
	return out
}

// row is a scope: its name, how many lines it has, and its level or the mark
// for an inherited one. The narrow list leaves the counts out.
func (p *scopePane) row(s logsink.ScopeState, w int, selected bool, g *glyphs) line {
	lead, leadStyle := " ", styleText
	if selected {
		lead, leadStyle = g.here, styleAccent
	}
	const levelWidth, countWidth = 5, 5
	level, levelSty, name := levelWord(s.Level), levelStyle(s.Level), styleText
	if s.Inherited {
		level, levelSty = g.inherit, styleMuted
	}
	tally := shortCount(keptLines(s))
	switch {
	case s.Muted:
		level, levelSty, name = "muted", styleWarn, styleMuted
	case s.Soloed:
		level, levelSty = "SOLO", styleOKStrong
	}
	if !s.Seen && s.Name != logsink.DefaultScope {
		tally, name = "never", styleWarn
	}
	room := w - 1 - 1 - levelWidth
	l := line{{leadStyle, lead}}
	if w > scopesWidthSlim {
		room -= countWidth + 1
		l = l.add(name, pad(cut(s.Name, room, g.ellipsis), room)).add(styleMuted, " "+padLeft(tally, countWidth))
	} else {
		l = l.add(name, pad(cut(s.Name, room, g.ellipsis), room))
	}
	return l.add(styleText, " ").add(levelSty, padLeft(level, levelWidth))
}

// keptLines is how many lines of a scope the store has.
func keptLines(s logsink.ScopeState) uint64 {
	var lines uint64
	for _, n := range s.Kept {
		lines += n
	}
	return lines
}

// hint is a remark about the selected scope, such as the name that the code
// uses for it.
func (p *scopePane) hint() string {
	if s, ok := p.selected(); ok {
		return s.Hint
	}
	return ""
}

// muteCounts tells apart what the muted scopes hide and what is hidden because
// others are shown alone. A line of a muted scope counts as muted.
func muteCounts(c logsink.Counts, scopes []logsink.ScopeState) (muted, alone int) {
	var lines uint64
	solo := false
	for _, s := range scopes {
		solo = solo || s.Soloed
		if s.Muted {
			lines += keptLines(s)
		}
	}
	if !solo {
		return c.ByMute, 0
	}
	muted = int(min(lines, uint64(c.ByMute)))
	return muted, c.ByMute - muted
}
