package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"streamscope/timeline"
)

// doing is a message that has the screen do something.
func doing(f func(*Model) tea.Cmd) tea.Msg { return answerMsg{then: f} }

func TestReducedMotionCountsSeldom(t *testing.T) {
	var asked []time.Duration
	x := newHarness(t, 120, 36, func(o *Options) { o.ReducedMotion = true })
	x.m.every = func(d time.Duration, _ func(time.Time) tea.Msg) tea.Cmd {
		asked = append(asked, d)
		return nil
	}
	x.m.ticking = false
	x.event(1, opened(), timeline.StateChanged{To: timeline.StateConnected})
	if len(asked) == 0 || asked[0] != calmTick {
		t.Errorf("what counts is counted every %v: %v", calmTick, asked)
	}
}

func TestReducedMotionDrawsNoSparkline(t *testing.T) {
	for _, calm := range []bool{false, true} {
		x := newHarness(t, 120, 36, func(o *Options) { o.ReducedMotion = calm })
		s := timeline.Session{Health: timeline.Health{RTTs: []time.Duration{time.Millisecond, 8 * time.Millisecond}}}
		var text strings.Builder
		for _, l := range livenessLines(s, x.m.paint(60, 20)) {
			text.WriteString(l.plain() + "\n")
		}
		if !strings.Contains(text.String(), "RTT 8.0 ms") {
			t.Errorf("the number is always there: %q", text.String())
		}
		if strings.Contains(text.String(), "█") == calm {
			t.Errorf("the sparkline is there unless motion is reduced (%v): %q", calm, text.String())
		}
	}
}

func TestProgressFollowsTheConnection(t *testing.T) {
	tests := []struct {
		conn timeline.ConnState
		calm bool
		want tea.ProgressBarState
	}{
		{timeline.StateIdle, false, tea.ProgressBarNone},
		{timeline.StateDialing, false, tea.ProgressBarIndeterminate},
		{timeline.StateDialing, true, tea.ProgressBarNone},
		{timeline.StateConnected, false, tea.ProgressBarNone},
		{timeline.StateBackoff, false, tea.ProgressBarWarning},
		{timeline.StateStalled, false, tea.ProgressBarError},
	}
	for _, tt := range tests {
		x := newHarness(t, 120, 36, func(o *Options) { o.ReducedMotion = tt.calm })
		x.event(1, opened(), timeline.StateChanged{To: tt.conn})
		if got := x.m.progress().state; got != tea.ProgressBarNone {
			t.Errorf("a terminal that was not asked shows no progress: %v", got)
		}
		x.m.progressive = true
		if got := x.m.progress().state; got != tt.want {
			t.Errorf("%s (reduced motion %v) shows %v, not %v", tt.conn, tt.calm, got, tt.want)
		}
	}
}

func TestOnlyTerminalsThatShowProgressAreTold(t *testing.T) {
	tests := []struct {
		env  []string
		want bool
	}{
		{nil, false},
		{[]string{"TERM=xterm-256color"}, false},
		{[]string{"WT_SESSION=1"}, true},
		{[]string{"WT_SESSION=1", "TMUX=/tmp/x"}, false},
		{[]string{"TERM_PROGRAM=ghostty"}, true},
		{[]string{"VTE_VERSION=7600"}, false},
		{[]string{"VTE_VERSION=8002"}, true},
	}
	for _, tt := range tests {
		if got := showsProgress(getenvOf(tt.env)); got != tt.want {
			t.Errorf("%v: %v", tt.env, got)
		}
	}
}

func TestPainterTellsProgressOnce(t *testing.T) {
	var out bytes.Buffer
	p := newPainter(&out, nil, colorprofile.TrueColor)
	pic := picture{rows: []string{"abc"}, w: 3, h: 1}
	if got := paintOnto(t, p, &out, pic); strings.Contains(got, "\x1b]9;") {
		t.Errorf("no progress is no sequence: %q", got)
	}
	pic.progress = progress{tea.ProgressBarError, 100}
	if got := paintOnto(t, p, &out, pic); got != "\x1b]9;4;2;100\x07" {
		t.Errorf("progress is told: %q", got)
	}
	if got := paintOnto(t, p, &out, pic); got != "" {
		t.Errorf("and not again: %q", got)
	}
	pic.progress = progress{}
	if got := paintOnto(t, p, &out, pic); got != "\x1b]9;4;0\x07" {
		t.Errorf("its end is told: %q", got)
	}
}

func TestTitleIsSavedAndRestored(t *testing.T) {
	if !strings.HasSuffix(enterScreen, saveTitle) || !strings.HasSuffix(leaveScreen, restoreTitle) {
		t.Error("the window's title is kept while the screen is there and restored after it")
	}
}
