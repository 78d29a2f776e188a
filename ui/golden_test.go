package ui

import (
	"fmt"
	"testing"

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
