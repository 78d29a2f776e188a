package ui

import (
	"fmt"
	"testing"

	"streamscope/logsink"
)

func TestLayoutTilesTheScreen(t *testing.T) {
	for w := minWidth; w <= 240; w += 7 {
		for h := minHeight; h <= 80; h += 3 {
			for focus := range paneCount {
				for _, zoom := range []bool{false, true} {
					a := arrangement{focus: focus, upper: paneToken, lower: paneTimeline, zoom: zoom}
					checkTiling(t, arrange(w, h, a), focus)
					a.tour = true
					checkTiling(t, arrange(w, h, a), focus)
					a.bar = true
					checkTiling(t, arrange(w, h, a), focus)
					for _, by := range []int{-500, -3, 3, 500} {
						for b := range borderCount {
							a.moved[b] = by
						}
						checkTiling(t, arrange(w, h, a), focus)
					}
				}
			}
		}
	}
}

// checkTiling fails unless every cell between header and footer belongs to one
// box, and the boxes are large enough to draw.
func checkTiling(t *testing.T, s screen, focus pane) {
	t.Helper()
	at := fmt.Sprintf("%dx%d focus %s", s.w, s.h, focus)
	cells := 0
	for i, p := range s.places {
		if p.rect.w < 10 || p.rect.h < 3 {
			t.Fatalf("%s: %s has no room: %+v", at, p.pane, p.rect)
		}
		if p.rect.x < 0 || p.rect.x+p.rect.w > s.w || p.rect.y+p.rect.h > s.footer.y {
			t.Fatalf("%s: %s is outside: %+v", at, p.pane, p.rect)
		}
		cells += p.rect.w * p.rect.h
		for _, q := range s.places[i+1:] {
			if overlap(p.rect, q.rect) {
				t.Fatalf("%s: %s lies over %s", at, p.pane, q.pane)
			}
		}
	}
	if want := s.w * (s.h - 2 - s.switcher.h - s.bar.h - s.tour.h); cells != want {
		t.Fatalf("%s: the boxes cover %d cells of %d", at, cells, want)
	}
}

func overlap(a, b rect) bool {
	return a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h
}

func TestLayoutShowsWhatFits(t *testing.T) {
	all := []pane{paneConnection, paneToken, paneCalls, paneTimeline, paneLogs, paneScopes}
	tests := []struct {
		name string
		w, h int
		a    arrangement
		want []pane
	}{
		{"full screen shows everything", 120, 36, arrangement{focus: paneTimeline}, all},
		{"wide screen shows everything side by side", 200, 60, arrangement{focus: paneTimeline}, all},
		{"tall and narrow screen stacks everything", 80, 60, arrangement{focus: paneTimeline}, all},
		{"tall and too narrow for two side by side stacks them", 64, 50, arrangement{focus: paneTimeline}, []pane{paneConnection, paneToken, paneTimeline, paneLogs}},
		{"with calls and scopes in their places", 64, 50, arrangement{focus: paneTimeline, upper: paneCalls, lower: paneScopes}, []pane{paneConnection, paneCalls, paneTimeline, paneScopes}},
		{"narrow and not high shows one", 64, 43, arrangement{focus: paneTimeline}, []pane{paneTimeline}},
		{"wide and low screen shows one list", 130, 30, arrangement{focus: paneTimeline, lower: paneTimeline}, []pane{paneConnection, paneToken, paneCalls, paneTimeline}},
		{"compact shows token and timeline", 80, 24, arrangement{focus: paneTimeline, upper: paneToken, lower: paneTimeline}, []pane{paneConnection, paneToken, paneTimeline}},
		{"compact shows calls and logs", 80, 24, arrangement{focus: paneScopes, upper: paneCalls, lower: paneScopes}, []pane{paneConnection, paneCalls, paneLogs, paneScopes}},
		{"smallest shows the focused pane", 60, 16, arrangement{focus: paneCalls}, []pane{paneCalls}},
		{"maximised shows the focused pane", 200, 60, arrangement{focus: paneLogs, zoom: true}, []pane{paneLogs}},
		{"too narrow shows nothing", 59, 40, arrangement{}, nil},
		{"too low shows nothing", 200, 15, arrangement{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := arrange(tt.w, tt.h, tt.a)
			var got []pane
			for _, p := range s.places {
				got = append(got, p.pane)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("arrange(%d, %d) shows %v, want %v", tt.w, tt.h, got, tt.want)
			}
			if s.tooSmall != (tt.want == nil) {
				t.Errorf("tooSmall is %v", s.tooSmall)
			}
		})
	}
}

func TestFocusMovesByKeys(t *testing.T) {
	x := newHarness(t, 80, 24)
	x.open()
	x.wantFocus("the timeline has the focus at first", paneTimeline)
	x.Press("tab")
	x.wantFocus("tab goes on", paneLogs)
	x.Press("shift+tab", "shift+tab")
	x.wantFocus("shift+tab goes back", paneCalls)
	x.WantScreen("the compact screen shows the focused pane", "reject when busy")
	x.Press("alt+1")
	x.wantFocus("alt+1 goes to the first", paneConnection)
	x.WantScreen("the footer names what is in force here", "enter autopsy")
	x.Press("z")
	x.WantScreen("z maximises", "Connection   Token   Calls")
	x.Press("esc")
	x.WantNotOnScreen("esc gives the others back", "Connection   Token   Calls")
}

func TestLogAloneHasTheScreen(t *testing.T) {
	x := newHarness(t, 80, 24, func(o *Options) { o.Replay, o.Controller = true, nil })
	t.Cleanup(x.m.close)
	x.log(logsink.Info, "client", "a line of somebody's log")
	x.wantFocus("a log without events is what there is to read", paneLogs)
	x.WantScreen("it is there with its scopes", "a line of somebody's", "Scopes")
	x.WantNotOnScreen("panes that can never show anything are not", "Connection")
	x.WantExact()
	x.Press("tab", "tab")
	x.WantScreen("they can be asked for", "Connection")
	x.event(0, opened())
	x.Press("alt+5")
	x.WantScreen("events bring them back", "Connection", "Timeline")
}
