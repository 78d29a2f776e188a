package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"streamscope/timeline"
)

// Reduced motion: what changes by itself changes seldom, and nothing is drawn
// that only moves. What answers a key is as quick as ever.
const (
	calmPause    = 250 * time.Millisecond // between paints
	calmTick     = 2 * time.Second        // between counts of a countdown
	calmPlayTick = 500 * time.Millisecond // between steps of a playhead
	readingTick  = 100 * time.Millisecond // between looks at how far a recording is read
)

// tickTime is how often what counts is counted.
func (m *Model) tickTime() time.Duration {
	if m.reading && !m.o.ReducedMotion {
		return readingTick
	}
	return either(m.o.ReducedMotion, calmTick, time.Second)
}

// playTime is how often the playhead of a recording that plays is moved.
func (m *Model) playTime() time.Duration {
	return either(m.o.ReducedMotion, calmPlayTick, playTick)
}

// progress is what the terminal shows in its tab or task bar.
type progress struct {
	state tea.ProgressBarState
	value int // per cent
}

// progress of what the session is about to do, or of the recording that plays.
func (m *Model) progress() progress {
	if !m.progressive {
		return progress{}
	}
	if m.reading {
		return progress{tea.ProgressBarDefault, int(m.read * 100)}
	}
	if m.replay != nil {
		rows := m.timeline.entries
		if !m.replay.playing || len(rows) == 0 || rows[len(rows)-1].at <= 0 {
			return progress{}
		}
		share := m.replay.head * 100 / rows[len(rows)-1].at
		return progress{tea.ProgressBarDefault, int(min(max(share, 0), 100))}
	}
	switch m.current().Conn {
	case timeline.StateLoadingToken, timeline.StateDialing, timeline.StateAuthenticating:
		if m.o.ReducedMotion {
			return progress{} // terminals move this one
		}
		return progress{tea.ProgressBarIndeterminate, 0}
	case timeline.StateBackoff, timeline.StateOffline:
		return progress{tea.ProgressBarWarning, 100}
	case timeline.StateStalled, timeline.StateFailed:
		return progress{tea.ProgressBarError, 100}
	}
	return progress{}
}

// sequence is what tells the terminal.
func (p progress) sequence() string {
	switch p.state {
	case tea.ProgressBarDefault:
		return ansi.SetProgressBar(p.value)
	case tea.ProgressBarError:
		return ansi.SetErrorProgressBar(p.value)
	case tea.ProgressBarWarning:
		return ansi.SetWarningProgressBar(p.value)
	case tea.ProgressBarIndeterminate:
		return ansi.SetIndeterminateProgressBar
	}
	return ansi.ResetProgressBar
}

// showsProgress reports whether the terminal is one that shows progress. Others
// take the same sequence for a notification that they pop up.
func showsProgress(getenv func(string) string) bool {
	if multiplexerOf(getenv) != muxNone {
		return false
	}
	return getenv("WT_SESSION") != "" || getenv("ConEmuANSI") == "ON" || getenv("TERM_PROGRAM") == "ghostty" ||
		getenv("TERM") == "xterm-ghostty" || vteProgress(getenv("VTE_VERSION"))
}

// vteProgress reports whether a version of VTE, as 8000 for 0.80, shows it.
func vteProgress(version string) bool { return len(version) >= 4 && version >= "8000" }

// getenvOf looks variables up in a list like that of os.Environ.
func getenvOf(env []string) func(string) string {
	return func(name string) string {
		for _, kv := range env {
			if len(kv) > len(name) && kv[len(name)] == '=' && kv[:len(name)] == name {
				return kv[len(name)+1:]
			}
		}
		return ""
	}
}

// saveTitle and restoreTitle keep the window's title while the screen is there.
// A terminal without a memory for titles is left with none.
const (
	saveTitle    = "\x1b[22;0t"
	restoreTitle = "\x1b]2;\x07\x1b[23;0t"
)
