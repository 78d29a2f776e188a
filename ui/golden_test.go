package ui

import (
	"fmt"
	"regexp"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"streamscope/internal/uitest"
	"streamscope/timeline"
)

// The chosen states of the screen at the chosen sizes. Each golden is the plain
// text of the whole screen.
func TestGoldens(t *testing.T) {
	sizes := []struct{ w, h int }{{60, 16}, {80, 24}, {120, 36}, {200, 60}}
	stories := []struct {
		name string
		play func(*harness)
	}{
		{"connected", (*harness).connectedStory},
		{"failed_at_dns", (*harness).failAtDNS},
		{"busy_reject", (*harness).busyStory},
		{"faults_armed", func(x *harness) {
			x.connectedStory()
			x.event(0, timeline.FaultArmed{Fault: timeline.Fault{ID: "1", Kind: "close", Title: "Close with 1000", Where: "coordinator", Expect: "The client ignores it."}})
			x.Press("x")
		}},
		{"help", func(x *harness) { x.connectedStory(); x.Press("?") }},
		{"palette", func(x *harness) { x.connectedStory(); x.Press(":"); x.Type("token") }},
		{"empty", func(*harness) {}},
	}
	for _, story := range stories {
		for _, size := range sizes {
			name := fmt.Sprintf("%s_%dx%d", story.name, size.w, size.h)
			t.Run(name, func(t *testing.T) {
				x := newHarness(t, size.w, size.h)
				story.play(x)
				x.WantExact()
				uitest.Golden(t, name, x.Text())
			})
		}
	}
}

// Pictures that need one size only.
func TestGoldenOverlays(t *testing.T) {
	stories := []struct {
		name string
		play func(*harness)
	}{
		{"autopsy", func(x *harness) { x.failAtDNS(); x.Press("alt+1", "enter") }},
		{"frame_inspector", func(x *harness) { x.connectedStory(); x.Press("k", "enter") }},
		{"token_bench", func(x *harness) { x.connectedStory(); x.Press("t") }},
		{"confirm", func(x *harness) { x.connectedStory(); x.Press("d") }},
		{"ascii", func(x *harness) { x.busyStory() }},
		{"calls_maximised", func(x *harness) { x.busyStory(); x.Press("alt+3", "z") }},
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			x := newHarness(t, 120, 36, func(o *Options) { o.ASCII = story.name == "ascii" })
			story.play(x)
			x.WantExact()
			uitest.Golden(t, story.name, x.Text())
		})
	}
}

// sgr is what switches colours and weights.
var sgr = regexp.MustCompile(`\x1b\[([0-9;:]*)m`)

// Every theme at a size and in a mode of its own, with its colours: {1;31} stands
// for the sequence that a terminal gets.
func TestGoldenThemes(t *testing.T) {
	stories := []struct {
		name, theme string
		dark        bool
		profile     colorprofile.Profile
		w, h        int
		play        func(*harness)
	}{
		{"session", "dark", true, colorprofile.TrueColor, 120, 36, (*harness).busyStory},
		{"inspector", "light", false, colorprofile.TrueColor, 80, 24, func(x *harness) { x.connectedStory(); x.Press("k", "enter") }},
		{"autopsy", "contrast", true, colorprofile.TrueColor, 200, 60, func(x *harness) { x.failAtDNS(); x.Press("A") }},
		{"autopsy", "contrast", false, colorprofile.ANSI256, 80, 24, func(x *harness) { x.failAtDNS(); x.Press("A") }},
		{"faults", "auto", true, colorprofile.ANSI, 80, 24, func(x *harness) { x.connectedStory(); x.Press("x") }},
		{"range", "auto", false, colorprofile.ANSI, 60, 16, func(x *harness) { x.connectedStory(); x.Press("v", "k", "k") }},
		{"search", "none", true, colorprofile.TrueColor, 120, 36, func(x *harness) { x.connectedStory(); x.Press("/"); x.Type("call"); x.Press("enter") }},
	}
	for _, s := range stories {
		name := fmt.Sprintf("theme_%s_%v_%s", s.theme, s.profile, s.name)
		t.Run(name, func(t *testing.T) {
			x := newHarness(t, s.w, s.h, func(o *Options) { o.Theme = s.theme })
			x.m.dark = s.dark
			x.Send(tea.ColorProfileMsg{Profile: s.profile})
			s.play(x)
			x.WantExact()
			uitest.Golden(t, name, sgr.ReplaceAllString(x.View().Content, "{$1}"))
		})
	}
}
