package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/logsink"
	"streamscope/timeline"
)

// Update implements [tea.Model]: it hands each message to whom it concerns.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.handle(msg)
	m.followSide()
	m.goAlong()
	m.scrub()
	return m, tea.Batch(cmd, m.rewind(), m.tick())
}

func (m *Model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case batchMsg:
		return m.onBatch(msg)
	case tickMsg:
		m.onTick(time.Time(msg))
	case tea.KeyPressMsg:
		return m.onKey(msg)
	case tea.PasteMsg:
		return m.onPaste(msg)
	case tea.MouseClickMsg:
		return m.onClick(msg)
	case tea.MouseMotionMsg:
		return m.onMotion(msg)
	case tea.MouseReleaseMsg:
		return m.onRelease()
	case tea.MouseWheelMsg:
		return m.onWheel(msg)
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		m.drag = drag{}
		m.rearrange()
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.restyle()
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.restyle()
	case lookMsg:
		return m.onLook(msg)
	case themeMsg:
		m.onTheme(msg)
	case compareMsg:
		return m.onComparison(msg)
	case playMsg:
		return m.onPlay(time.Time(msg))
	case answerMsg:
		return m.onAnswer(msg)
	case historyMsg:
		return m.onHistory(msg)
	case scanMsg:
		m.scanning = false
		return m.scan()
	case jobMsg:
		return m.onJob(msg)
	case tea.ResumeMsg:
		m.touch()
		return m.term.resumed
	}
	return nil
}

// tickMsg is the second that has begun.
type tickMsg time.Time

// tick asks for the next second, while something on the screen counts.
func (m *Model) tick() tea.Cmd {
	if m.ticking || !m.counting() {
		return nil
	}
	m.ticking = true
	return m.every(m.tickTime(), func(t time.Time) tea.Msg { return tickMsg(t) })
}

// counting reports whether anything on the screen changes with time alone.
func (m *Model) counting() bool {
	if m.toast.text != "" || m.reading {
		return true
	}
	if m.replay != nil {
		return false // its time is that of the playhead
	}
	for i := range m.state.Sessions {
		s := &m.state.Sessions[i]
		if s.Closed == "" && s.Conn != timeline.StateIdle && s.Conn != "" {
			return true
		}
	}
	return false
}

func (m *Model) onTick(now time.Time) {
	m.ticking = false
	if m.replay == nil {
		m.now = now
	}
	m.noteReading()
	switch t := &m.toast; {
	case t.text == "":
	case t.until.IsZero():
		t.until = now.Add(toastTime - m.tickTime())
	case now.After(t.until):
		*t = toast{}
	}
	m.touch()
}

// onBatch takes in what has happened.
func (m *Model) onBatch(msg batchMsg) tea.Cmd {
	if m.replay == nil {
		m.now = msg.now
	}
	m.touch()
	if msg.next > 0 {
		m.timeline.advance(msg.next)
		m.learn(msg.state)
	}
	m.noteReading()
	if msg.logs {
		m.syncLogs()
	}
	m.noticeLog()
	return tea.Batch(m.scan(), m.beginPlaying(), m.job(), m.bell())
}

// noticeLog gives the screen to a log that comes without events, as from a file
// or a pipe that is not ours, and takes it back when there are some.
func (m *Model) noticeLog() {
	only := m.o.Controller == nil && m.timeline.next <= 1 && m.logs.view.Counts().Total > 0
	if only == m.onlyLogs {
		return
	}
	m.onlyLogs = only
	if only {
		m.focus = paneLogs
	}
	if m.tour.on() && len(m.tour.steps) == m.tour.of {
		m.beginTour() // which is about something else now
	}
	m.rearrange()
}

// learn takes in the state that the events add up to. A recording shows that of
// its playhead.
func (m *Model) learn(state timeline.State) {
	if m.replay == nil {
		m.state = state
		m.chooseSession()
		m.narrowLogs()
		return
	}
	_, whole := m.replay.history.Advance()
	if m.session == "" && len(whole.Sessions) > 0 {
		m.state = whole
		m.chooseSession()
	}
	m.replay.shown = 0
}

// chooseSession shows the first session when there is one at last.
func (m *Model) chooseSession() {
	if _, ok := m.state.Session(m.session); ok {
		return
	}
	if len(m.state.Sessions) > 0 {
		m.showSession(m.state.Sessions[0].Name)
	}
}

func (m *Model) showSession(name string) {
	m.session = name
	m.timeline.setSession(name)
	m.tops = [paneCount]int{}
	m.narrowLogs()
	m.touch()
}

// narrowLogs shows the lines of the session on the screen, and those of none,
// as soon as there is more than one.
func (m *Model) narrowLogs() {
	name := ""
	if len(m.state.Sessions) > 1 {
		name = m.session
	}
	if name != m.logs.session {
		m.logs.session = name
		m.logs.view.SetSession(name)
		m.syncLogs()
	}
}

func (m *Model) syncLogs() {
	m.logs.view.Sync()
	m.scopes.refresh()
	m.touch()
}

// scanMsg says to go on looking at events.
type scanMsg struct{}

// scan looks at the events that are new to the timeline pane, and goes on with
// another message when there are many.
func (m *Model) scan() tea.Cmd {
	if m.scanning {
		return nil
	}
	m.touch()
	if !m.timeline.scan() {
		return nil
	}
	m.scanning = true
	return func() tea.Msg { return scanMsg{} }
}

// jobMsg is the result of a search through the log store.
type jobMsg struct{ result *logsink.Result }

// job runs what the log view wants done away from this goroutine.
func (m *Model) job() tea.Cmd {
	if m.jobRunning {
		return nil
	}
	job := m.logs.view.Job()
	if job == nil {
		return nil
	}
	m.jobRunning = true
	return func() tea.Msg { return jobMsg{job.Run(context.Background())} }
}

func (m *Model) onJob(msg jobMsg) tea.Cmd {
	m.jobRunning = false
	m.logs.view.Apply(msg.result)
	m.logs.touched++
	m.touch()
	return m.job()
}

// bell plays the busy tone once for each rejection as busy.
func (m *Model) bell() tea.Cmd {
	n := 0
	for i := range m.state.Sessions {
		n += m.state.Sessions[i].Tone.Count
	}
	play := n > m.tone && m.sound
	m.tone = n
	if !play {
		return nil
	}
	return m.bellPattern()
}

// bellPattern rings the terminal bell for as long as the official client's busy
// tone sounds: 0.5 s on and off for 1.5 s (protocol 7.4).
func (m *Model) bellPattern() tea.Cmd {
	ring := m.term.bell
	pause := tea.Tick(500*time.Millisecond, func(time.Time) tea.Msg { return nil })
	return tea.Sequence(ring, pause, ring, pause, ring)
}

// answerMsg is what came of something that the controller was asked for.
type answerMsg struct {
	what string
	err  error
	then func(*Model) tea.Cmd
	menu bool // then opens one that keys are kept for
}

// ask has the controller do something, away from this goroutine.
func (m *Model) ask(what string, do func(c Controller, session string) error) tea.Cmd {
	return m.askThen(what, func(c Controller, session string) (func(*Model) tea.Cmd, error) {
		return nil, do(c, session)
	})
}

// askThen is ask for questions with an answer: do returns what to do with it.
func (m *Model) askThen(what string, do func(c Controller, session string) (func(*Model) tea.Cmd, error)) tea.Cmd {
	c, session := m.o.Controller, m.session
	if c == nil {
		m.say(styleWarn, "this screen only looks at a record: there is nothing to control")
		return nil
	}
	return func() tea.Msg {
		then, err := do(c, session)
		return answerMsg{what: what, err: err, then: then}
	}
}

func (m *Model) onAnswer(msg answerMsg) tea.Cmd {
	if msg.menu {
		return m.onMenuAnswer(msg)
	}
	if msg.err != nil {
		m.say(styleBad, msg.what+": "+msg.err.Error())
		return nil
	}
	if msg.then == nil {
		m.say(styleMuted, msg.what)
		return nil
	}
	m.touch()
	return msg.then(m)
}
