package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// moment is the past on a live screen: while a list is paused, the panes of the
// state show what held when the selected row came, and say so. The header goes
// on telling how things are.
type moment struct {
	history *timeline.History
	loading bool
	// seq is the event whose state is shown; 0 for the present.
	seq   uint64
	at    time.Time
	state timeline.State
}

// foldAtOnce is how many events are folded without leaving Update: a few
// milliseconds.
const foldAtOnce = 20_000

// historyMsg brings the history of a long record, folded elsewhere.
type historyMsg struct{ history *timeline.History }

// rewind shows the state of the selected row's instant while its list is
// paused, and the present otherwise.
func (m *Model) rewind() tea.Cmd {
	if m.replay != nil {
		return nil
	}
	seq, at := m.pausedAt()
	if seq == 0 {
		m.present()
		return nil
	}
	p := &m.past
	if seq == p.seq && !at.After(p.at) && !at.Before(p.at) {
		return nil
	}
	if p.history == nil {
		return m.loadHistory()
	}
	p.history.Advance()
	state, ok := p.history.StateAt(seq)
	if !ok {
		m.present()
		return nil
	}
	p.seq, p.at, p.state = seq, at, state
	m.touch()
	return nil
}

// present goes back to how things are.
func (m *Model) present() {
	if m.past.seq != 0 {
		m.past.seq, m.past.state = 0, timeline.State{}
		m.touch()
	}
}

// loadHistory folds what there is, elsewhere if that takes long.
func (m *Model) loadHistory() tea.Cmd {
	p := &m.past
	if p.loading {
		return nil
	}
	store := m.o.Timeline
	if store.Len() <= foldAtOnce {
		p.history = timeline.NewHistory(store)
		return m.rewind()
	}
	p.loading = true
	return func() tea.Msg {
		h := timeline.NewHistory(store)
		h.Advance()
		return historyMsg{h}
	}
}

func (m *Model) onHistory(msg historyMsg) tea.Cmd {
	m.past.loading = false
	m.past.history = msg.history
	return m.rewind()
}

// pausedAt is the event that the selected row stands for, and its time: 0 while
// the list that was focused last is following.
func (m *Model) pausedAt() (seq uint64, at time.Time) {
	if !m.onLogs() {
		if m.timeline.list.follow {
			return 0, at
		}
		e, _, ok := m.timeline.selected()
		if !ok {
			return 0, at
		}
		return e.Seq, e.Time
	}
	row, ok := m.logs.here()
	if m.logs.list.follow || !ok {
		return 0, at
	}
	if row.Event() > 0 {
		return row.Event(), row.Time()
	}
	return lastBefore(m.o.Timeline, row.Time()), row.Time()
}

// lastBefore is the last event that had come by a time; 0 for none.
func lastBefore(store *timeline.Store, t time.Time) uint64 {
	lo, hi := store.Bounds()
	first := lo
	for lo < hi {
		mid := lo + (hi-lo)/2
		if e, ok := store.At(mid); ok && e.Time.After(t) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if lo == first {
		return 0
	}
	return lo - 1
}

// shown is the state that the panes show, and the time it is of.
func (m *Model) shown() (timeline.State, time.Time) {
	if m.past.seq != 0 {
		return m.past.state, m.past.at
	}
	return m.state, m.now
}

// pastLabel says that a pane shows the past; nil while it does not.
func (m *Model) pastLabel(w int) line {
	if m.past.seq == 0 {
		return nil
	}
	text := "as of " + dayTime(m.past.at)
	if w < 24 {
		text = dayTime(m.past.at)
	}
	return say(styleWarnStrong, text)
}
