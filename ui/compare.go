package ui

import (
	"cmp"
	"slices"
	"sort"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// Comparison is two recordings that are shown side by side.
type Comparison struct {
	Stores [2]*timeline.Store
	// Same are the numbers of events that are the same step in both.
	Same [][2]uint64
	// Partings are where they are not the same, in the order of time.
	Partings []Parting
}

// Parting is a place where two recordings are not the same.
type Parting struct {
	// Where says in words where it is.
	Where string
	// Sessions are the names of the session in each.
	Sessions [2]string
	// Events are the numbers of its events in each; one may have none.
	Events [2][]uint64
	// At is the first of them, or the last step before it.
	At [2]uint64
}

// side is one of two recordings: all of the screen that there is one of each of.
type side struct {
	name    string
	store   *timeline.Store
	pane    *timelinePane
	replay  *replay
	session string
}

// comparison is the screen of two recordings. One of them is the active one: to
// the keys it is the recording on the screen. The other follows its cursor.
type comparison struct {
	sides    [2]side
	active   int
	partings []Parting
	at       int    // the parting that was gone to last
	on       bool   // the cursor has not been moved since
	followed uint64 // the row that the other side was put beside last
	// steps are the pairs of events that are the same, by their numbers in each.
	steps [2][][2]uint64
}

// compareMsg brings two recordings that have been read and compared.
type compareMsg struct{ c *comparison }

// awaitComparison waits for the two recordings, away from this goroutine.
func (m *Model) awaitComparison() tea.Cmd {
	load, names := m.o.Compare, m.o.CompareNames
	if load == nil {
		return nil
	}
	return func() tea.Msg {
		given, ok := load()
		if !ok {
			return tea.QuitMsg{}
		}
		return compareMsg{newComparison(given, names)}
	}
}

func newComparison(given Comparison, names [2]string) *comparison {
	c := &comparison{partings: given.Partings}
	for i := range c.sides {
		s := &c.sides[i]
		*s = side{name: names[i], store: given.Stores[i], pane: newTimelinePane(given.Stores[i]), replay: newReplay(given.Stores[i], 0)}
		_, whole := s.replay.history.Advance()
		if len(whole.Sessions) > 0 {
			s.session = whole.Sessions[0].Name
		}
		_, next := s.store.Bounds()
		s.pane.parted = map[uint64]bool{}
		for _, p := range c.partings {
			for _, seq := range p.Events[i] {
				s.pane.parted[seq] = true
			}
		}
		s.pane.advance(next)
		s.show(s.session)
		c.steps[i] = slices.Clone(given.Same)
		slices.SortFunc(c.steps[i], func(a, b [2]uint64) int { return cmp.Compare(a[i], b[i]) })
	}
	return c
}

// show lists the events of a session.
func (s *side) show(session string) {
	s.session = session
	s.pane.setSession(session)
	for s.pane.scan() {
	}
}

// onComparison shows two recordings, at their first difference.
func (m *Model) onComparison(msg compareMsg) tea.Cmd {
	m.close()
	m.compare, m.o.Reading, m.reading = msg.c, nil, false
	m.session = ""
	m.take(0)
	m.rearrange()
	if len(m.compare.partings) > 0 {
		m.toParting(0)
	}
	return nil
}

// take makes a side the active one.
func (m *Model) take(i int) {
	c := m.compare
	if m.session != "" {
		c.sides[c.active].session = m.session
	}
	c.active = i
	s := &c.sides[i]
	m.timeline, m.replay, m.o.Timeline, m.session = s.pane, s.replay, s.store, s.session
	m.state, m.replay.shown = s.replay.history.State(), 0
	here, _ := m.here()
	c.followed = here.first
	m.touch()
}

// otherSide goes to the other recording.
func (m *Model) otherSide() tea.Cmd {
	if m.compare == nil {
		return nil
	}
	m.replay.playing = false
	m.take(1 - m.compare.active)
	m.rearrange()
	return m.scan()
}

// nextParting goes to the next difference, or the one before.
func (m *Model) nextParting(dir int) tea.Cmd {
	c := m.compare
	here, ok := m.here()
	if !ok || len(c.partings) == 0 {
		m.say(styleOK, "there is no difference that matters")
		return nil
	}
	next := c.at + dir
	if !c.on {
		next = c.nearest(here, dir)
	}
	if next < 0 || next >= len(c.partings) {
		m.say(styleMuted, "no difference "+further(dir))
		return nil
	}
	m.toParting(next)
	return nil
}

// nearest is the next parting after a row of the active side, or the one before.
func (c *comparison) nearest(from entry, dir int) int {
	best := -1
	for i, p := range c.partings {
		at := p.At[c.active]
		switch {
		case dir > 0 && at > from.last && (best < 0 || at < c.partings[best].At[c.active]):
			best = i
		case dir < 0 && at < from.first && (best < 0 || at >= c.partings[best].At[c.active]):
			best = i
		}
	}
	if best < 0 && dir > 0 {
		return len(c.partings)
	}
	return best
}

// toParting puts the cursors of both sides on a difference.
func (m *Model) toParting(n int) {
	c := m.compare
	p := c.partings[n]
	for i := range c.sides {
		s := &c.sides[i]
		if name := p.Sessions[i]; name != "" && name != s.session {
			s.show(name)
		}
		s.pane.list.selectSeq(p.At[i])
	}
	m.session = c.sides[c.active].session
	here, _ := m.here()
	c.at, c.on, c.followed = n, true, here.first
	m.touch()
}

// followSide keeps the other side where the active one is.
func (m *Model) followSide() {
	c := m.compare
	if c == nil {
		return
	}
	here, ok := m.here()
	if ok && here.first != c.followed {
		c.sides[1-c.active].pane.list.selectSeq(c.partner(here.last))
		c.on, c.followed = false, here.first
	}
	m.alignOther()
}

// partner is the event of the other side that goes with one of the active side,
// or with the last step before it.
func (c *comparison) partner(seq uint64) uint64 {
	steps := c.steps[c.active]
	i := sort.Search(len(steps), func(i int) bool { return steps[i][c.active] > seq })
	if i == 0 {
		return 0
	}
	return steps[i-1][1-c.active]
}

// alignOther puts the cursor of the other side on the same line of the screen.
func (m *Model) alignOther() {
	c := m.compare
	from, _ := m.timeline.list.window(max(m.timeline.list.height, 1))
	sel, _ := m.timeline.list.selected()
	l := &c.sides[1-c.active].pane.list
	if i, ok := l.selected(); ok {
		if top := l.src.SeqAt(max(i-(sel-from), 0)); top != l.topSeq {
			l.topSeq = top
			m.touch()
		}
	}
}

// counterEvent is the event of the other recording that the one under the cursor
// is compared with.
func (m *Model) counterEvent(e timeline.Event) (timeline.Event, bool) {
	if m.compare == nil {
		return timeline.Event{}, false
	}
	c := m.compare
	other := &c.sides[1-c.active]
	if i, ok := other.pane.list.selected(); ok {
		past, ok := other.store.At(other.pane.entries[i].last)
		return past, ok && past.Kind() == e.Kind()
	}
	return timeline.Event{}, false
}

// partingLine is the line under the header: which difference this is.
func (m *Model) partingLine() line {
	c := m.compare
	l := line{{styleText, " "}}
	if m.replay.playing {
		l = l.add(styleStrong, "playing ").add(styleMuted, m.replay.pace()+"  ")
	}
	switch n := len(c.partings); {
	case n == 0:
		return l.add(styleOK, m.th.glyphs.ok+" no difference: the same connections, requests, calls and codes")
	case !c.on:
		return l.add(styleBadStrong, plural(n, "difference")).add(styleMuted, ""+m.keys.offer("; ", "search.next", " goes to the next from here"))
	default:
		l = l.add(styleBadStrong, "difference "+count(uint64(c.at+1))+" of "+count(uint64(n)))
	}
	p := c.partings[c.at]
	l = l.add(styleText, "  "+p.Where)
	for i := range p.Events {
		if len(p.Events[i]) == 0 {
			l = l.add(styleMuted, ", only in ").add(styleStrong, c.sides[1-i].name)
		}
	}
	return l
}

// activeSide is the recording that the keys are about.
func (m *Model) activeSide() int {
	if m.compare == nil {
		return 0
	}
	return m.compare.active
}

// timelineOf is the timeline of a side.
func (m *Model) timelineOf(side int) *timelinePane {
	if m.compare == nil {
		return m.timeline
	}
	return m.compare.sides[side].pane
}

// compareHints are the keys that two recordings are looked through with.
func (m *Model) compareHints() []hint {
	k := m.keys.key
	return []hint{{k("search.next"), "next difference"}, {k("search.prev"), "previous"}, {k("focus.next"), "other side"},
		{k("open"), "details"}, {k("search"), "search"}, {k("filter"), "filter"}, {k("autopsy"), "autopsy"}, {k("play"), "play/pause"},
		{k("zoom"), "maximise"}, {k("help"), "help"}, {k("palette"), "commands"}}
}

// titleOf is what stands on the wall of a pane: its name, or that of its
// recording.
func (m *Model) titleOf(pl place) string {
	if m.o.Compare == nil || pl.pane != paneTimeline {
		return pl.pane.String()
	}
	return clean(m.o.CompareNames[pl.side])
}

// stepTwo goes to the next pane: both timelines are one.
func (m *Model) stepTwo(dir int) tea.Cmd {
	first := 1 - max(dir, 0) // the side that is come to first
	switch {
	case m.focus == paneTimeline && (m.compare.active == 1) != (dir > 0):
		return m.otherSide()
	case m.focus == paneTimeline:
		return m.setFocus(either(dir > 0, paneConnection, paneCalls))
	}
	next := (m.focus + pane(dir) + paneTimeline + 1) % (paneTimeline + 1)
	if next == paneTimeline && m.compare.active != first {
		m.otherSide()
	}
	return m.setFocus(next)
}

// inspectRow opens an event; beside another recording, with what is other there.
func (m *Model) inspectRow(en entry, e timeline.Event) *reader {
	r := inspectEvent(m.o.Timeline, m.sessionOf(e), en, e, &m.th.glyphs)
	past, ok := m.counterEvent(e)
	if !ok {
		return r
	}
	if now, ok := parseTree(bodyOf(e)); ok {
		name := m.compare.sides[1-m.compare.active].name
		r.addDiff(1, "other side", past, func(before *tree, w int) []line {
			return diffLines(before, now, "event "+strconv.FormatUint(past.Seq, 10)+" of "+clean(name), &m.th.glyphs, w)
		})
	}
	return r
}
