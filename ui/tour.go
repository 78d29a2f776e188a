package ui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// The tour is one line above the footer with the next thing to try. Doing it
// brings the next one, in whatever order; one key ends it for good.

// tourStep is one thing to try. In its text {id} stands for the key of an
// action; it is done when one of its actions was run.
type tourStep struct {
	text string
	done []string
}

var (
	tourFocus  = tourStep{"{focus.next} goes from pane to pane", []string{"focus."}}
	tourOpen   = tourStep{"{open} opens what is selected", []string{"open"}}
	tourSearch = tourStep{"{search} searches the list, {filter} hides the rest", []string{"search", "filter"}}
	tourHelp   = tourStep{"{help} lists all keys, {palette} finds all by name", []string{"help", "palette"}}
)

// tourSteps are what there is to try: on a live screen, with a recording, or with
// a log and nothing else.
func tourSteps(live, onlyLogs bool) []tourStep {
	switch {
	case onlyLogs:
		return []tourStep{
			{"{level.trace} to {level.error} choose how much is shown", []string{"level."}},
			tourSearch,
			{"{error.next} and {error.prev} go from error to error", []string{"error."}},
			tourOpen, tourFocus, tourHelp,
		}
	case !live:
		return []tourStep{
			{"{play} plays, {step.next} and {step.prev} go row by row", []string{"play", "step."}},
			tourFocus, tourOpen,
			{"{autopsy} shows every attempt, stage by stage", []string{"autopsy"}},
			tourSearch, tourHelp,
		}
	}
	return []tourStep{
		tourFocus, tourOpen,
		{"{faults} breaks the connection on purpose", []string{"faults"}},
		{"{autopsy} shows every attempt, stage by stage", []string{"autopsy"}},
		{"{ring} rings, {busy} rejects rings while busy", []string{"ring", "busy"}},
		tourSearch, tourHelp,
	}
}

// tour is how far the user has come. The zero value is over.
type tour struct {
	steps []tourStep // what is left
	of    int
}

func (t *tour) on() bool { return len(t.steps) > 0 }

// beginTour starts from the first step. Steps whose keys were taken away are
// left out: they could not be tried.
func (m *Model) beginTour() {
	m.tour.steps = slices.DeleteFunc(tourSteps(m.o.Controller != nil, m.onlyLogs), func(s tourStep) bool {
		return strings.Contains(m.tourText(s), "{}")
	})
	m.tour.of = len(m.tour.steps)
	m.rearrange()
}

// tourText is the step with its keys; {} stands where an action has none.
func (m *Model) tourText(s tourStep) string {
	var b strings.Builder
	for rest := s.text; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			break
		}
		id, tail, _ := strings.Cut(after, "}")
		b.WriteString(firstNonEmpty(m.keys.key(id), "{}"))
		rest = tail
	}
	return b.String()
}

// tried notes that an action was run.
func (m *Model) tried(id string) tea.Cmd {
	if !m.tour.on() {
		return nil
	}
	m.tour.steps = slices.DeleteFunc(m.tour.steps, func(s tourStep) bool {
		return slices.ContainsFunc(s.done, func(d string) bool {
			return d == id || strings.HasSuffix(d, ".") && strings.HasPrefix(id, d)
		})
	})
	if m.tour.on() {
		return nil
	}
	return m.tourOver("that was the tour; it is in the commands if you want it again")
}

// toggleTour ends the tour for good, or begins it again.
func (m *Model) toggleTour() tea.Cmd {
	if !m.tour.on() {
		m.beginTour()
		return nil
	}
	return m.tourOver("no tour from now on; " + firstNonEmpty(m.keys.key("tour"), "the commands") + " begins it again")
}

func (m *Model) tourOver(word string) tea.Cmd {
	m.tour = tour{}
	m.rearrange()
	m.say(styleMuted, word)
	done := m.o.TourDone
	if done == nil {
		return nil
	}
	return func() tea.Msg {
		done()
		return nil
	}
}

// drawTour is the line with the next thing to try.
func (m *Model) drawTour() string {
	wide := m.w >= compactWidth
	right := say(styleText, " ")
	if wide {
		right = right.add(styleMuted, strconv.Itoa(m.tour.of-len(m.tour.steps)+1)+"/"+strconv.Itoa(m.tour.of)+" · ")
	}
	if key := m.keys.key("tour"); key != "" {
		right = right.add(styleKey, key).add(styleMuted, either(wide, " ends the tour ", " ends it "))
	}
	left := line{{styleText, " "}, {styleAccent, m.th.glyphs.here + " try "}, {styleText, m.tourText(m.tour.steps[0])}}
	room := max(m.w-right.width(), 0)
	return m.th.render(left, room, false) + m.th.render(right, m.w-room, false)
}

func tourActions() []action {
	return []action{
		{"tour", []string{"ctrl+t"}, groupScreen, anywhere, "tour", "End the tour of first steps for good, or begin it again.", (*Model).toggleTour},
	}
}
