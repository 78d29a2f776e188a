package ui

import (
	"math"
	"sort"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/timeline"
)

// playTick is how often the playhead moves while a recording plays.
const playTick = 50 * time.Millisecond

// The speeds that a recording can be played at.
var speeds = []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 100}

// replay is the playhead of a recording. The row under the cursor of the
// timeline is the instant that everything shows: moving the cursor scrubs, and
// playing moves the cursor. States come from folding, as when it was live.
type replay struct {
	history *timeline.History
	// shown is the event whose state is on the screen.
	shown   uint64
	playing bool
	// begin says that it plays by itself as soon as there is a row.
	begin bool
	speed int // index of speeds
	// head is the offset of the playhead, last the tick that put it there.
	head  time.Duration
	last  time.Time
	marks barMarks
}

// usualSpeed is the index of the pace at which it happened.
const usualSpeed = 3

func newReplay(store *timeline.Store, speed float64) *replay {
	r := &replay{history: timeline.NewHistory(store), speed: usualSpeed, begin: speed > 0}
	for i, s := range speeds {
		if r.begin && math.Abs(s-speed) < math.Abs(speeds[r.speed]-speed) {
			r.speed = i
		}
	}
	return r
}

// beginPlaying plays a recording that was asked to play by itself.
func (m *Model) beginPlaying() tea.Cmd {
	if m.replay == nil || !m.replay.begin || m.timeline.Len() == 0 {
		return nil
	}
	m.replay.begin = false
	m.timeline.list.home()
	return m.togglePlay()
}

// scrub shows the instant of the selected row, when it is another one.
func (m *Model) scrub() {
	r := m.replay
	if r == nil {
		return
	}
	e, en, ok := m.timeline.selected()
	if !ok || e.Seq == r.shown {
		return
	}
	state, ok := r.history.StateAt(e.Seq)
	if !ok {
		return
	}
	r.shown = e.Seq
	m.state, m.now = state, e.Time
	if !r.playing {
		r.head = en.at
	}
	m.touch()
}

// playMsg moves the playhead on.
type playMsg time.Time

// togglePlay plays or pauses a recording; on a live screen it stops or resumes
// following.
func (m *Model) togglePlay() tea.Cmd {
	r := m.replay
	if r == nil {
		m.setFocusOnList()
		return m.toggleFollow()
	}
	r.playing = !r.playing
	if !r.playing {
		m.touch()
		return nil
	}
	if n := m.timeline.Len(); n > 0 {
		if i, _ := m.timeline.list.selected(); i == n-1 {
			m.timeline.list.home()
		}
	}
	r.last = time.Time{}
	m.scrub()
	if _, en, ok := m.timeline.selected(); ok {
		r.head = en.at
	}
	return m.play()
}

// setFocusOnList makes sure that the focused pane is a list.
func (m *Model) setFocusOnList() {
	if m.list() == nil {
		m.showList()
	}
}

func (m *Model) play() tea.Cmd {
	return m.every(m.playTime(), func(t time.Time) tea.Msg { return playMsg(t) })
}

// onPlay moves the playhead by the time that has passed, and the cursor with
// it.
func (m *Model) onPlay(now time.Time) tea.Cmd {
	r := m.replay
	if r == nil || !r.playing {
		return nil
	}
	if !r.last.IsZero() {
		r.head += time.Duration(float64(now.Sub(r.last)) * speeds[r.speed])
	}
	r.last = now
	rows := m.timeline.entries
	i := sort.Search(len(rows), func(i int) bool { return rows[i].at > r.head }) - 1
	if i >= 0 {
		m.timeline.list.selectIndex(i)
	}
	m.touch()
	if i >= len(rows)-1 && !m.reading {
		r.playing = false
		return nil
	}
	m.scrub()
	if e, ok := m.o.Timeline.At(r.shown); ok && i >= 0 {
		m.now = e.Time.Add(max(r.head-rows[i].at, 0))
	}
	return m.play()
}

func (m *Model) changeSpeed(by int) tea.Cmd {
	if m.replay == nil {
		return m.notARecording()
	}
	m.replay.speed = min(max(m.replay.speed+by, 0), len(speeds)-1)
	m.touch()
	return nil
}

// step goes one row on or back, whatever pane has the focus.
func (m *Model) step(by int) tea.Cmd {
	if m.replay == nil {
		return m.notARecording()
	}
	m.replay.playing = false
	m.timeline.list.move(by)
	return nil
}

func (m *Model) notARecording() tea.Cmd {
	m.say(styleMuted, "this is live; only a recording can be played and stepped")
	return nil
}
