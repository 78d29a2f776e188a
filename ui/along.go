package ui

import "time"

// along is the cursor in time that the two lists share: where the one that leads
// is paused, the other goes too.
type along struct {
	at   time.Time // where both are
	logs bool      // the logs lead
	led  bool      // the other list is where it was taken
}

// goAlong takes the list that does not lead to the instant of the one that does:
// the focused one, or that which was focused last. When that follows again, the
// other does too, if it had been taken along.
func (m *Model) goAlong() {
	if m.onlyLogs || m.o.Compare != nil || m.timeline.Len() == 0 || m.logs.Len() == 0 {
		return
	}
	logs := m.onLogs()
	lead, other := &m.timeline.list, &m.logs.list
	if logs {
		lead, other = other, lead
	}
	a := &m.along
	if lead.follow {
		if a.led && other.anchor == 0 {
			other.end()
			m.touch()
		}
		*a = along{}
		return
	}
	at := m.instant(logs)
	changed := a.led && a.logs != logs // the focus; neither list has moved
	if at.IsZero() || other.anchor != 0 || a.led && !changed && at.Equal(a.at) {
		return
	}
	*a = along{at: at, logs: logs, led: true}
	if changed {
		return
	}
	if logs {
		m.timeline.list.selectSeq(lastBefore(m.o.Timeline, at))
	} else {
		m.logs.list.selectSeq(m.logs.before(at))
	}
	m.touch()
}

// instant is the time of the row under the cursor.
func (m *Model) instant(logs bool) time.Time {
	if logs {
		row, _ := m.logs.here()
		return row.Time()
	}
	e, _, _ := m.timeline.selected()
	return e.Time
}

// before is the number of the last row that is not after a time, or of the first.
func (p *logPane) before(t time.Time) uint64 {
	i := rowAt(p.view, t.Add(1), 0)
	return p.SeqAt(max(i-1, 0))
}

// pointAt puts a pointer in front of a row whose first cell is free: the cursor in
// time of a list that has not the focus.
func (l line) pointAt(here bool, g *glyphs) line {
	if here && len(l) > 0 && l[0].text == " " {
		l[0] = span{styleAccent, g.here}
	}
	return l
}
