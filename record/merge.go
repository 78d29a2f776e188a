package record

import (
	"fmt"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

// take is how many events or lines are copied out of a store at a time.
const take = 2048

// merger reads the two stores as one stream in the order of time. What a store
// has overwritten before it was read is in the stream as a count.
type merger struct {
	events *timeline.Cursor // nil: there is none
	logs   *logsink.Cursor

	eventBuf, nextEvents []timeline.Event
	rowBuf, nextRows     []logsink.Row
	lostRows             uint64 // to be told before the next row

	written uint64 // lines given to the encoder
	lost    uint64 // events and lines that were overwritten before they were read
}

func newMerger(s Stores) *merger {
	m := &merger{}
	if s.Timeline != nil {
		m.events = s.Timeline.Cursor(1)
	}
	if s.Logs != nil {
		m.logs = s.Logs.Cursor(1)
	}
	return m
}

func (m *merger) close() {
	if m.events != nil {
		m.events.Close()
	}
	if m.logs != nil {
		m.logs.Close()
	}
}

// next writes the next line to the encoder and reports whether there was one.
func (m *merger) next(to *encoder) (bool, error) {
	m.refill()
	m.written++
	if m.lostRows > 0 {
		n := m.lostRows
		m.lostRows = 0
		return true, to.record(lostLines(n, m.rowTime()))
	}
	switch {
	case len(m.nextEvents) == 0 && len(m.nextRows) == 0:
		m.written--
		return false, nil
	case len(m.nextEvents) == 0, len(m.nextRows) > 0 && m.nextRows[0].Time().Before(m.nextEvents[0].Time):
		row := m.nextRows[0]
		m.nextRows = m.nextRows[1:]
		return true, to.record(row.Record())
	}
	e := m.nextEvents[0]
	m.nextEvents = m.nextEvents[1:]
	return true, to.event(e)
}

// refill takes more of whatever has run out, so that the two heads are the
// oldest of their stores.
func (m *merger) refill() {
	if m.events != nil && len(m.nextEvents) == 0 {
		clear(m.eventBuf) // what was written needs no memory any more
		m.eventBuf = m.events.NextN(m.eventBuf[:0], take)
		m.nextEvents = m.eventBuf
		m.lost += lostEvents(m.nextEvents)
	}
	if m.logs != nil && len(m.nextRows) == 0 {
		var dropped uint64
		m.rowBuf, dropped = m.logs.NextN(m.rowBuf[:0], take)
		m.nextRows = m.rowBuf
		m.lostRows += dropped
		m.lost += dropped
	}
}

// lostEvents is the count at the head of a batch, if there is one.
func lostEvents(batch []timeline.Event) uint64 {
	if len(batch) == 0 {
		return 0
	}
	d, _ := batch[0].Payload.(timeline.Dropped)
	return d.Count
}

func (m *merger) rowTime() time.Time {
	if len(m.nextRows) > 0 {
		return m.nextRows[0].Time()
	}
	return time.Time{}
}

// left counts what the stores hold beyond what was read.
func (m *merger) left(s Stores) (n uint64) {
	n = uint64(len(m.nextEvents) + len(m.nextRows))
	if m.events != nil {
		_, next := s.Timeline.Bounds()
		n += next - min(next, m.events.Pos())
	}
	if m.logs != nil {
		_, next := s.Logs.Bounds()
		n += next - min(next, m.logs.Pos())
	}
	return n
}

// lostLines stands in a recording for log lines that were overwritten.
func lostLines(n uint64, at time.Time) logsink.Record {
	return logsink.Record{
		Time: at, Level: logsink.Warn, Scope: "logsink",
		Message: fmt.Sprintf("%d lines dropped", n), Dropped: n,
	}
}
