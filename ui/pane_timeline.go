package ui

import (
	"slices"
	"time"

	"streamscope/timeline"
)

// scanStep is how many events are looked at for one message, so that a new
// filter over a long record does not make a key wait.
const scanStep = 5_000

// entry is one row of the timeline: an event, or several of a kind next to each
// other that count as one.
type entry struct {
	first, last uint64
	count       int
	severity    timeline.Severity
	turn        bool // the connection came into another state
	fold        string
	at          time.Duration // of the last event, and never less than in the row before
}

// timelinePane lists the wire and the decisions. It keeps the numbers of the
// events that it shows; the events stay in the store.
type timelinePane struct {
	store   *timeline.Store
	list    rowlist
	cache   rowCache
	entries []entry
	// scanned is the number of the next event to look at; next is one more than
	// the last event that a batch announced.
	scanned, next uint64
	session       string
	filters       []filterRule
	matchers      []*matcher
	hidden        uint64 // rows that a filter keeps off the screen
	search        *matcher
	matches       int
	marks         map[uint64]bool
	parted        map[uint64]bool // events that another recording does not have so
	unfolded      bool
	clock         clock
	wrap          bool
	column        int
	bar           scrollbar
	revision      uint64
}

func newTimelinePane(store *timeline.Store) *timelinePane {
	p := &timelinePane{store: store, marks: map[uint64]bool{}, scanned: 1, next: 1}
	p.list = newRowlist(p)
	return p
}

// Len, SeqAt and IndexOf make the pane the source of its list.
func (p *timelinePane) Len() int { return len(p.entries) }

// SeqAt returns the number of a row: that of the first event in it.
func (p *timelinePane) SeqAt(i int) uint64 { return p.entries[i].first }

// IndexOf returns the row that holds an event, or the one after it.
func (p *timelinePane) IndexOf(seq uint64) int {
	i, _ := slices.BinarySearchFunc(p.entries, seq, func(e entry, seq uint64) int {
		if e.last < seq {
			return -1
		}
		return 1
	})
	return i
}

// reset looks at every event again: another session, another filter.
func (p *timelinePane) reset() {
	p.entries = nil
	p.scanned, p.hidden, p.matches = 0, 0, 0
	p.revision++
}

func (p *timelinePane) setSession(name string) {
	if p.session != name {
		p.session = name
		p.reset()
	}
}

// advance takes in events up to a number; scan does the work.
func (p *timelinePane) advance(next uint64) { p.next = max(p.next, next) }

// scan looks at the events that have come, some at a time, and reports whether
// there are more.
func (p *timelinePane) scan() (more bool) {
	first, _ := p.store.Bounds()
	p.evict(first)
	from := max(p.scanned, first)
	to := min(p.next, from+scanStep)
	for e := range p.store.Range(from, to) {
		p.take(e)
	}
	p.scanned = max(to, p.scanned)
	return p.scanned < p.next
}

// evict forgets rows whose events the store no longer has.
func (p *timelinePane) evict(first uint64) {
	n := 0
	for n < len(p.entries) && p.entries[n].last < first {
		delete(p.marks, p.entries[n].first)
		n++
	}
	if n > 0 {
		p.entries = p.entries[n:]
	}
}

func (p *timelinePane) take(e timeline.Event) {
	if e.Session != "" && p.session != "" && e.Session != p.session {
		return
	}
	row := timeline.Describe(e)
	if row.Echo || !p.unfolded && stageBegins(e) {
		return
	}
	if !p.wanted(e, row) {
		p.hidden++
		return
	}
	at := e.Offset
	if n := len(p.entries); n > 0 {
		last := &p.entries[n-1]
		at = max(at, last.at) // recordings may have been put into another order
		if row.Fold != "" && !p.unfolded && last.fold == row.Fold {
			last.last, last.count, last.at = e.Seq, last.count+1, at
			last.severity = max(last.severity, row.Severity)
			return
		}
	}
	if p.search != nil && p.search.match(row.Text, bodyOf(e)) {
		p.matches++
	}
	p.entries = append(p.entries, entry{first: e.Seq, last: e.Seq, count: 1, severity: row.Severity, turn: turns(e), fold: row.Fold, at: at})
}

// turns reports whether an event brings the connection into another state.
func turns(e timeline.Event) bool {
	_, ok := e.Payload.(timeline.StateChanged)
	return ok
}

// stageBegins reports whether an event only says that a stage has begun: the
// lane shows it, and the next row tells how it went.
func stageBegins(e timeline.Event) bool {
	st, ok := e.Payload.(timeline.StageChanged)
	return ok && st.Progress == timeline.Started
}

func (p *timelinePane) wanted(e timeline.Event, row timeline.Row) bool {
	for _, m := range p.matchers {
		if !m.match(row.Text, bodyOf(e)) {
			return false
		}
	}
	return true
}

// bodyOf is the JSON that belongs to an event.
func bodyOf(e timeline.Event) []byte {
	switch p := e.Payload.(type) {
	case timeline.Frame:
		return p.Body
	case timeline.HTTPRequest:
		return p.Body
	case timeline.HTTPResponse:
		return p.Body
	}
	return nil
}

// setFilters replaces the filters; the error is about the first that cannot be
// read, and nothing changes then.
func (p *timelinePane) setFilters(rules []filterRule) error {
	var all []*matcher
	for _, r := range rules {
		m, err := parseMatcher(r.expr)
		if err != nil {
			return err
		}
		if !r.off {
			all = append(all, m)
		}
	}
	p.filters, p.matchers = rules, all
	p.reset()
	return nil
}

// setSearch marks what matches; an empty expression marks nothing.
func (p *timelinePane) setSearch(expr string) error {
	p.revision++
	p.search, p.matches = nil, 0
	if expr == "" {
		return nil
	}
	m, err := parseMatcher(expr)
	if err != nil {
		return err
	}
	p.search = m
	for i := range p.entries {
		if p.matchesRow(i) {
			p.matches++
		}
	}
	return nil
}

func (p *timelinePane) matchesRow(i int) bool {
	e, ok := p.store.At(p.entries[i].last)
	return ok && p.search.match(timeline.Describe(e).Text, bodyOf(e))
}

// nextWhere selects the next row in a direction that wanted accepts.
func (p *timelinePane) nextWhere(dir int, wanted func(i int) bool) bool {
	sel, ok := p.list.selected()
	if !ok {
		return false
	}
	for i := sel + dir; i >= 0 && i < len(p.entries); i += dir {
		if wanted(i) {
			p.list.selectIndex(i)
			return true
		}
	}
	return false
}

func (p *timelinePane) nextMatch(dir int) bool {
	return p.search != nil && p.nextWhere(dir, p.matchesRow)
}

func (p *timelinePane) nextSeverity(least timeline.Severity, dir int) bool {
	return p.nextWhere(dir, func(i int) bool { return p.entries[i].severity >= least })
}

// nextTurn selects the next row at which the connection changed its state.
func (p *timelinePane) nextTurn(dir int) bool {
	return p.nextWhere(dir, func(i int) bool { return p.entries[i].turn })
}

// marked reports whether a row was marked here, or is a note in the record.
func (p *timelinePane) marked(i int) bool {
	if p.marks[p.entries[i].first] {
		return true
	}
	e, ok := p.store.At(p.entries[i].first)
	return ok && e.Kind() == timeline.KindMark
}

func (p *timelinePane) nextMark() bool {
	marked := p.marked
	if p.nextWhere(1, marked) {
		return true
	}
	for i := range p.entries {
		if marked(i) {
			p.list.selectIndex(i)
			return true
		}
	}
	return false
}

// selected returns the event under the cursor.
func (p *timelinePane) selected() (timeline.Event, entry, bool) {
	i, ok := p.list.selected()
	if !ok {
		return timeline.Event{}, entry{}, false
	}
	e, ok := p.store.At(p.entries[i].last)
	return e, p.entries[i], ok
}

func (p *timelinePane) toggleMark() {
	if i, ok := p.list.selected(); ok {
		seq := p.entries[i].first
		if p.marks[seq] {
			delete(p.marks, seq)
		} else {
			p.marks[seq] = true
		}
		p.revision++
	}
}

// at selects the row nearest to a time.
func (p *timelinePane) at(t time.Time) {
	i, _ := slices.BinarySearchFunc(p.entries, t, func(en entry, t time.Time) int {
		e, ok := p.store.At(en.last)
		if !ok {
			return -1
		}
		return e.Time.Compare(t)
	})
	if len(p.entries) > 0 {
		p.list.selectSeq(p.entries[min(i, len(p.entries)-1)].first)
	}
}
