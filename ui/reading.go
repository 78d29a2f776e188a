package ui

import (
	"strconv"
	"strings"
)

// noteReading asks how far the reading of the recording is. What has been read
// still has to be listed; only then is all of it there.
func (m *Model) noteReading() {
	if m.o.Reading == nil {
		return
	}
	share, more := m.o.Reading()
	listed := m.timeline.scanned >= m.timeline.next
	if !more && listed {
		m.o.Reading = nil
	}
	m.reading, m.read = m.o.Reading != nil, share
	m.touch()
}

// readingLine is the bar of how far the reading is.
func (m *Model) readingLine(w int) line {
	text := " reading " + m.readShare()
	if n := len(m.timeline.entries); n > 0 && w > 60 {
		text += " " + m.th.glyphs.pending + " " + count(uint64(n)) + " rows"
	}
	bar := max(w-width(text), 0)
	done := min(int(m.read*float64(bar)), bar)
	return line{
		{styleFocus, strings.Repeat(m.th.glyphs.full, done)},
		{styleMuted, strings.Repeat(m.th.glyphs.empty, bar-done)},
		{styleText, text},
	}
}

func (m *Model) readShare() string { return strconv.Itoa(int(m.read*100)) + "%" }
