package ui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// openCopies lists the forms in which what is selected can be copied.
func (m *Model) openCopies() tea.Cmd {
	e, ok := m.eventHere()
	if !ok {
		return m.copySelected()
	}
	var t *tree
	if m.reader != nil {
		t = m.reader.tree()
	}
	return m.openOver(newPicker("Copy", "type to find a form; enter copies it", m.copyItems(e, t)))
}

// eventHere is the event that is being looked at: in the inspector, or under
// the cursor of the timeline.
func (m *Model) eventHere() (timeline.Event, bool) {
	if m.reader != nil {
		if m.reader.event == nil {
			return timeline.Event{}, false
		}
		return *m.reader.event, true
	}
	if m.focus != paneTimeline {
		return timeline.Event{}, false
	}
	e, _, ok := m.timeline.selected()
	return e, ok
}

func (m *Model) copyItems(e timeline.Event, t *tree) []item {
	var items []item
	add := func(name, detail, text string) {
		if text != "" {
			items = append(items, item{text: name, detail: detail, run: func(m *Model) tea.Cmd { return m.copyText(text) }})
		}
	}
	if t != nil {
		path, value := t.path(t.sel), t.plainValue(t.sel)
		if t.sel > 0 {
			add("value", "of "+path, value)
			add("path", path, path)
		}
	}
	body := string(bodyOf(e))
	add("payload", "as it came, "+sizeText(len(body)), body)
	if body != "" {
		add("pretty", "indented", pretty([]byte(body)))
	}
	if r, ok := m.requestOf(e); ok {
		add("curl", "the request again; the token comes from $STREAM_TOKEN", curl(m.sessionOf(e), r))
	}
	add("row", "the line of the timeline", clockTime(e.Time)+" "+clean(timeline.Describe(e).String()))
	add("number", "of the event in the record", strconv.FormatUint(e.Seq, 10))
	return items
}

// requestOf is the request that an event is, or answers.
func (m *Model) requestOf(e timeline.Event) (timeline.HTTPRequest, bool) {
	if r, ok := e.Payload.(timeline.HTTPRequest); ok {
		return r, true
	}
	if _, ok := e.Payload.(timeline.HTTPResponse); ok {
		o, _ := counterpart(m.o.Timeline, e)
		r, ok := o.Payload.(timeline.HTTPRequest)
		return r, ok
	}
	return timeline.HTTPRequest{}, false
}

// openOver puts a menu above what is there; closing it comes back.
func (m *Model) openOver(p *picker) tea.Cmd {
	m.under = m.mode
	m.mode, m.picker = modeMenu, p
	return nil
}
