package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"streamscope/explain"
	"streamscope/logsink"
	"streamscope/timeline"
)

// mode says who gets the keys. There is one at a time.
type mode int

const (
	modeNormal  mode = iota
	modeSearch       // typing what to search for, in the footer
	modeNote         // typing a note for the record, in the footer
	modeJQ           // typing a jq expression about the frame in the inspector
	modeSend         // typing a frame to send by hand
	modeHelp         // the keys, to read and to run
	modePalette      // every action by name
	modeMenu         // a choice: faults, rings, reasons, sessions
	modeFilters      // the filters of a list
	modeDetail       // the frame inspector or a log line
	modeAutopsy      // the lanes of all attempts
	modeBench        // the token bench
	modeConfirm      // a question before something destructive
)

// Model is the whole screen: the one tea.Model. It belongs to the goroutine of
// the program; nothing in it is touched from elsewhere.
type Model struct {
	o    Options
	keys *keymap

	// What the terminal is.
	th      *theme
	user    *userTheme // colours from a file, nil for none
	look    Look       // of the configuration, as it was last
	profile colorprofile.Profile
	dark    bool
	mouse   bool
	sound   bool
	w, h    int

	// What is known. now is the time of the last message that carried one; the
	// screen never reads a clock.
	now     time.Time
	state   timeline.State
	session string
	known   map[explain.Facts]explain.Entry
	ticking bool
	// every is [tea.Every]; tests, which send their own ticks, put nothing here.
	every func(time.Duration, func(time.Time) tea.Msg) tea.Cmd
	tone  int // busy tones that the bell has played

	// Where the user is.
	mode  mode
	under mode // what a menu that lies above a reader comes back to
	focus pane
	upper pane
	lower pane
	zoom  bool
	// onlyLogs says that the record is a log and nothing else.
	onlyLogs bool
	screen   screen
	moved    moves
	drag     drag
	tour     tour
	toast    toast

	timeline *timelinePane
	logs     *logPane
	scopes   *scopePane
	tops     [paneCount]int // first line shown of the state panes
	heights  [paneCount]int // lines that the state panes have

	prompt   field
	picker   *picker
	reader   *reader
	bench    bench
	question question

	replay *replay // nil on a live screen
	// reading says that a recording is still being read, and read how much of it
	// has been.
	reading bool
	read    float64
	compare *comparison // two recordings, once they have been read; nil for one
	along   along       // the instant that both lists are at
	past    moment      // what the panes show of a live session while a list is paused

	// The frame as it was drawn last, until something changes. rows are never
	// written to once they are drawn.
	dirty  bool
	rows   []string
	frame  string
	cursor *tea.Cursor
	term   terminalCommands
	// clipboard writes this machine's own; nil where there is none, and in tests.
	clipboard func(string) error
	// mux is what stands between the terminal and us; progressive says that the
	// terminal shows progress.
	mux         multiplexer
	progressive bool
	// opening says that a menu is asked for and not yet on the screen, and waiting
	// holds what was pressed since.
	opening bool
	waiting []tea.Msg
	// scanning says that a message to go on with is under way.
	scanning, jobRunning bool
}

// toast is one line of news about what the user asked for.
type toast struct {
	text  string
	style style
	until time.Time // zero until the first tick in a recording, whose time is its own
}

const toastTime = 5 * time.Second

// New returns the screen without a program around it. An error in Options.Keys
// leaves the default keys in force; [CheckKeys] tells of it.
func New(o Options) *Model {
	o = o.withDefaults()
	keys, err := newKeymap(o.Keys)
	if err != nil {
		keys, _ = newKeymap(nil)
	}
	view := logsink.NewView(o.Logs, o.Levels)
	m := &Model{
		o: o, keys: keys.deny(o.Without), profile: colorprofile.TrueColor, dark: true,
		look: o.Look, mouse: o.Mouse, sound: o.Sound, w: o.Width, h: o.Height,
		every: tea.Every,
		now:   o.Now(), upper: paneToken, lower: paneTimeline, focus: paneTimeline,
		timeline: newTimelinePane(o.Timeline), logs: newLogPane(view), scopes: &scopePane{view: view},
		known: map[explain.Facts]explain.Entry{},
		dirty: true,
	}
	m.term = m.bubbleTea()
	if o.Replay {
		m.replay = newReplay(o.Timeline, o.Speed)
	}
	m.restyle()
	m.scopes.refresh()
	m.noteReading()
	m.rearrange()
	if o.Tour {
		m.beginTour()
	}
	return m
}

// Init implements [tea.Model].
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.askBackground(), m.tick(), m.awaitComparison())
}

// askBackground asks the terminal for its background where the theme goes by it.
func (m *Model) askBackground() tea.Cmd {
	if m.o.Theme != "auto" || m.o.NoColor {
		return nil
	}
	return m.term.background
}

// restyle makes the theme for what the terminal is now.
func (m *Model) restyle() {
	name := m.o.Theme
	if m.o.NoColor {
		name = "none"
	}
	m.th = newTheme(name, m.dark, m.profile, m.o.ASCII, m.user)
	m.touch()
}

// touch says that the frame is out of date.
func (m *Model) touch() { m.dirty = true }

// rearrange computes the rectangles for what the size and the focus are now.
func (m *Model) rearrange() {
	switch m.focus {
	case paneToken, paneCalls:
		m.upper = m.focus
	case paneTimeline, paneLogs, paneScopes:
		m.lower = m.focus
	}
	m.screen = arrange(m.w, m.h, arrangement{focus: m.focus, upper: m.upper, lower: m.lower, zoom: m.zoom,
		bar: m.replay != nil && !m.onlyLogs, onlyLogs: m.onlyLogs, moved: m.moved, tour: m.tour.on(), two: m.o.Compare != nil, side: m.activeSide()})
	m.touch()
}

// current is the state of the session on the screen.
func (m *Model) current() timeline.Session {
	s, _ := m.state.Session(m.session)
	return s
}

// paint is what a state pane of that size may know.
func (m *Model) paint(w, h int) paint {
	_, now := m.shown()
	return paint{now: now, g: &m.th.glyphs, key: m.keys.key, w: w, h: h, known: m.known, calm: m.o.ReducedMotion, record: m.o.Controller == nil}
}

// say shows one line of news for a while.
func (m *Model) say(s style, text string) {
	m.toast = toast{text: text, style: s}
	if m.replay == nil {
		m.toast.until = m.now.Add(toastTime)
	}
	m.touch()
}

// close lets go of the stores.
func (m *Model) close() {
	switch {
	case m.compare != nil:
		for _, s := range m.compare.sides {
			s.replay.history.Close()
		}
	case m.replay != nil:
		m.replay.history.Close()
	}
	if m.past.history != nil {
		m.past.history.Close()
	}
}

// place is where keys are looked up: the focused pane, or what lies above it.
func (m *Model) place() where {
	switch m.mode {
	case modeNormal:
		return 1 << m.focus
	case modeDetail, modeAutopsy:
		return inDetail
	case modeBench:
		return inBench
	case modeConfirm:
		return inConfirm
	}
	return inMenu
}
