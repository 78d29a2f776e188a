package ui

import (
	"io"
	"time"

	"streamscope/logsink"
	"streamscope/timeline"
)

// Options is what the screen is made of. Timeline and Logs are required; every
// other zero value works.
type Options struct {
	Timeline *timeline.Store
	Logs     *logsink.Store
	// Levels decides what the log pane shows. Nil means the default scope at
	// info and nothing configured.
	Levels *logsink.Levels
	// Controller carries out what the keys ask for. Nil makes a screen that
	// only looks, as for a recording.
	Controller Controller
	// Saver writes down what is shown where there is no Controller to do it. It may
	// be a [Reporter] and an [Exporter] besides.
	Saver Saver
	// Replay says that the stores hold a recording: the row under the cursor of
	// the timeline is then the instant that everything shows, and it can be
	// played.
	Replay bool
	// Speed starts playing a recording from its first event, at the nearest of
	// the speeds there are. Zero means paused at the end.
	Speed float64
	// Reading says how much of the recording has been read, from 0 to 1, and
	// false when all of it has been. It is asked while it says true, and may be
	// called from any goroutine. Nil means that there is nothing to read.
	Reading func() (share float64, more bool)
	// Compare waits until two recordings have been read, and says how they go
	// together; false means that the screen is of no use any more. It is called
	// once, away from the screen's goroutine, and wants Replay. Nil means that
	// there is one recording.
	Compare func() (Comparison, bool)
	// CompareNames are what the two are called.
	CompareNames [2]string
	// Title says what feeds the screen: local, direct, tap, replay.
	Title string
	// Without are actions, by their ID, that make no sense with this source, each
	// with the reason. They are not offered; who presses their key is told why.
	Without map[string]string
	// Waiting is what the connection pane says while there is no session: what
	// is awaited, and what the user has to do for it. Empty means that a user or
	// profile can be opened.
	Waiting string
	// Recording is the path of the recording that is being written; empty for
	// none. Quitting asks first while there is one.
	Recording string
	// Look is how the screen looks and which keys it has at the start.
	Look
	// Looks brings another look while the screen is open. Nil means that there is
	// none.
	Looks <-chan Look
	// NoColor uses weight and reversal in place of colours.
	NoColor bool
	// ReducedMotion draws nothing that only moves, and repaints seldom what
	// changes by itself.
	ReducedMotion bool
	// Tour shows a line with the next thing to try, as on the first start.
	Tour bool
	// TourDone is called when the user has ended the tour, or come to its end: it
	// is not to begin by itself again. It is called away from the screen's
	// goroutine, once for each tour. Nil means that nobody remembers.
	TourDone func()
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// FPS lets Bubble Tea paint on a ticker, that often. Zero means that we paint
	// ourselves, when there is something new, where the terminal allows it.
	FPS int

	// Input, Output, Environ, Width and Height stand in for the terminal in
	// tests. Zero means the real one.
	Input         io.Reader
	Output        io.Writer
	Environ       []string
	Width, Height int
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Levels == nil {
		o.Levels = logsink.NewLevels(logsink.Info)
	}
	if o.Theme == "" {
		o.Theme = "auto"
	}
	if o.FPS <= 0 {
		o.FPS = 60
	}
	return o
}
