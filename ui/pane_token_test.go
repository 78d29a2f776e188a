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

func TestTokenChangesItsWordWithItsColour(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.open()
	x.connect(1)
	x.WantScreen("there is time", "expires in 04:11")
	x.advance(3*time.Minute + 30*time.Second)
	x.WantScreen("under a minute the word changes too", "expires soon")
	x.advance(time.Minute)
	x.WantScreen("after it, it says so", "EXPIRED")
}

func TestTokenBenchShowsTheTokenOnlyWhenAsked(t *testing.T) {
	x := newHarness(t, 120, 36)
	x.connectedStory()
	x.ctl.token = testToken
	x.Press("t")
	x.WantScreen("the report is there", "Token bench", "user_id", "signature")
	x.WantNotOnScreen("the token is not", testToken[len(testToken)-30:])
	x.Press("V")
	x.wantAsked("V asks for it", "reveal")
	x.WantScreen("now it is", testToken[len(testToken)-16:])
	x.Press("esc", "t")
	x.WantNotOnScreen("closing forgets it", testToken[len(testToken)-16:])
	x.Press("s")
	x.Type("hunter2")
	x.WantNotOnScreen("a secret is never shown", "hunter2")
	x.WantScreen("its length is", "*******")
	x.Press("enter")
	if x.m.bench.field.in.Value() != "" {
		t.Error("the secret is kept after it was used")
	}
	x.Press("p")
	x.Type("another.token.altogether")
	x.Press("enter", "V")
	x.WantScreen("what is judged is what is shown", "another.token.altogether")
	x.WantNotOnScreen("not the one on the wire", testToken[len(testToken)-16:])
}

func TestGuestHasTheTokenThatTheServiceMade(t *testing.T) {
	x := newHarness(t, 120, 36)
	guest := opened()
	guest.User = timeline.User{ID: "visitor", Type: timeline.Guest}
	guest.TokenSource = "guest"
	theirs := token(x.now)
	theirs.UserID = "guest-1-visitor"
	x.event(0, guest, timeline.TokenLoading{Source: "guest", Load: 1}, timeline.TokenLoaded{Source: "guest", Load: 1, Token: theirs})
	x.WantScreen("the token says where it is from, and its user is right", "token from POST /guest", "user_id guest-1-visitor ✓")
	x.WantNotOnScreen("the id that was asked for is no mistake", "not for visitor")
}
