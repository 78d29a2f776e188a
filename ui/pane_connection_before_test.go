package ui

import (
	"strings"
	"testing"
	"time"

	"streamscope/timeline"
)

func TestAttemptsBeforeFillTheRoom(t *testing.T) {
	at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
	refused := &timeline.Failure{Op: "dial", Stage: timeline.StageTCP, Text: "connect: connection refused"}
	s := timeline.Session{Attempts: []timeline.Attempt{
		{N: 1, Started: at(0), Ended: at(1), End: timeline.AttemptEnded{By: timeline.ByNetwork, Failure: refused}},
		{N: 2, Started: at(2), ConnectedAt: at(3), Ended: at(68), End: timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006}},
		{N: 3, Started: at(70), ConnectedAt: at(71)},
	}}
	p := paint{now: at(100), g: &unicodeGlyphs, w: 80, h: 30}
	got := plainRows(beforeLines(s, p, 10))
	want := []string{
		"", "Attempts before",
		"#3   12:01:10  ✓ connected",
		"#2   12:00:02  ✓ up 65 s · 1006 abnormal closure",
		"#1   12:00:00  ✗ connection refused",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the newest comes first, each with its end:\n%s", strings.Join(got, "\n"))
	}
	if got := len(beforeLines(s, p, 4)); got != 4 {
		t.Errorf("what has no room is left out: %d rows", got)
	}
	if beforeLines(s, p, 2) != nil {
		t.Error("a heading alone says nothing")
	}
}

func TestSlowHandshakeSaysWhenItIsGivenUp(t *testing.T) {
	s := timeline.Session{Conn: timeline.StateAuthenticating, Opened: timeline.SessionOpened{ConnectTimeout: 15 * time.Second}}
	s.Attempt.N = 1
	s.Attempt.Stages[timeline.StageTCP].Started = epoch
	for after, want := range map[time.Duration]string{
		time.Second: "", 3 * time.Second: "the client gives up in 12 s", 15 * time.Second: "",
	} {
		got := plainRows([]line{patienceLine(s, paint{now: epoch.Add(after), g: &unicodeGlyphs, w: 60})})
		if got[0] != want {
			t.Errorf("after %v: %q, want %q", after, got[0], want)
		}
	}
}

func TestTheRowOfTheHealthCheckStays(t *testing.T) {
	s := timeline.Session{Conn: timeline.StateConnected}
	s.Health = timeline.Health{LastFrame: epoch, LastPing: epoch, Awaiting: true}
	for after, want := range map[time.Duration]string{
		time.Second: "health check sent", 3 * time.Second: "health check unanswered for 3 s",
	} {
		rows := plainRows(livenessLines(s, paint{now: epoch.Add(after), g: &unicodeGlyphs, w: 60}))
		if got := rows[len(rows)-1]; got != want {
			t.Errorf("after %v: %q, want %q", after, got, want)
		}
	}
}
