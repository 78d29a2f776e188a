package ui

import (
	"strings"
	"testing"
	"time"

	"streamscope/explain"
	"streamscope/timeline"
)

func TestCountdownAndVerdictShowTheSameSecond(t *testing.T) {
	tests := []struct {
		name       string
		left, skew time.Duration
	}{
		{"just under a second boundary", 83*time.Second + 999*time.Millisecond, 0},
		{"just above one", 83*time.Second + time.Millisecond, 0},
		{"Stream's clock is ahead", 83*time.Second + time.Millisecond, 2 * time.Second},
		{"Stream's clock is behind", 83*time.Second + 999*time.Millisecond, -30 * time.Millisecond},
		{"nearly over", 4900 * time.Millisecond, 0},
		{"over", -50600 * time.Millisecond, 0},
		{"over by Stream's clock only", 500 * time.Millisecond, 1700 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newHarness(t, 120, 36)
			x.open()
			s := x.m.current()
			s.Clock = timeline.Clock{Source: "date", Skew: tt.skew}
			p := x.m.paint(80, 20)
			info := token(p.now)
			info.ExpiresAt = p.now.Add(tt.left)
			want := explain.Countdown((tt.left - tt.skew).Abs())
			if got := expiryLine(info, p.now.Add(tt.skew), p).plain(); !strings.Contains(got, want) {
				t.Errorf("the countdown says %q, not %s", got, want)
			}
			if got := tokenVerdict(s, info, p.now).Sentence; !strings.Contains(got, want) {
				t.Errorf("the verdict says %q, not %s", got, want)
			}
		})
	}
}
