package cli

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/fault"
	"streamscope/scenario"
	"streamscope/session"
	"streamscope/timeline"
)

// TestEveryFaultIsScored arms each fault of the menu at each place that can cause
// it, gives it its cue, and sees our session do what the official client does.
func TestEveryFaultIsScored(t *testing.T) {
	for _, f := range offered() {
		for _, at := range []fault.Site{fault.Coordinator, fault.Dialer} {
			t.Run(fmt.Sprintf("%s at %s", f, at), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { testScored(t, f, at) })
			})
		}
	}
}

func testScored(t *testing.T, f fault.Fault, at fault.Site) {
	h := newHome(t)
	defer func() {
		if err := h.rig.close(errQuit); err != nil {
			t.Error(err)
		}
	}()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go scenario.KeepScore(ctx, h.rig.events)
	h.away(at == fault.Dialer)
	if _, ok := h.rig.site(h.rig.endsOf("sara"), f); !ok {
		t.Skip("not there")
	}
	if err := h.rig.arm("sara", f.String()); err != nil {
		t.Fatal(err)
	}
	h.away(false)
	synctest.Wait()
	cue(t, h, f, at)
	time.Sleep(70 * time.Second)
	for e := range h.rig.events.All() {
		if p, ok := e.Payload.(timeline.FaultScored); ok {
			if p.Score != scenario.ScoreSeen {
				t.Errorf("%s %s after %s: %s", f, p.Score, p.After, p.Detail)
			}
			return
		}
	}
	t.Errorf("%s is scored", f)
}

// away says whether the session counts as one that connects elsewhere, where only
// its own end can misbehave.
func (h *home) away(yes bool) {
	h.rig.mu.Lock()
	defer h.rig.mu.Unlock()
	e := h.rig.ends["sara"]
	e.away = yes
	h.rig.ends["sara"] = e
}

// cue does what a fault waits for.
func cue(t *testing.T, h *home, f fault.Fault, at fault.Site) {
	var err error
	switch {
	case f.Waits() == fault.CueToken, f.Kind == fault.ClockSkew && at == fault.Dialer:
		err = h.s.RefreshToken()
	case f.Waits() == fault.CueConnect, f.Kind == fault.ExpireToken, f.Kind == fault.ClockSkew:
		err = h.s.Reconnect()
	case f.Waits() == fault.CueRequest:
		err = h.s.Ring(session.RingOptions{Type: "default", ID: "lunch", Members: []string{"jack"}})
	case f.Type == "call.ring":
		err = h.local.ring("jack", "sara")
	case strings.HasPrefix(f.Type, "call."):
		c := &controller{rig: h.rig}
		err = c.RingOut("sara", map[string]string{"call.accepted": "nina (accepts)", "call.rejected": "nina (declines)"}[f.Type])
	}
	if err != nil {
		t.Fatal(err)
	}
}
