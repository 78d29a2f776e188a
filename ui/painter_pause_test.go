package ui

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/colorprofile"
)

// startPainter runs a painter in a bubble and tells what is on its terminal.
func startPainter(t *testing.T) (p *painter, shows func(string) bool) {
	out := &output{}
	p = newPainter(out, []string{"TERM=xterm-256color"}, colorprofile.TrueColor)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p, func(text string) bool {
		synctest.Wait()
		return strings.Contains(out.String(), text)
	}
}

func oneRow(text string) picture { return picture{rows: []string{pad(text, 20)}, w: 20, h: 1} }

func TestWhatComesByItselfWaitsForThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, shows := startPainter(t)
		time.Sleep(time.Second)
		p.show(oneRow("alpha"))
		if !shows("alpha") {
			t.Error("after a quiet time a picture is painted at once")
		}
		p.show(oneRow("bravo"))
		if shows("bravo") {
			t.Error("the next one waits for the pause")
		}
		time.Sleep(paintPause)
		if !shows("bravo") {
			t.Error("when the pause is over it is painted")
		}
	})
}

func TestAnswerToAKeyDoesNotWaitForThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, shows := startPainter(t)
		time.Sleep(time.Second)
		p.show(oneRow("alpha"))
		shows("alpha")
		p.show(oneRow("bravo"))
		p.hurry(oneRow("charlie"))
		if !shows("charlie") {
			t.Error("the answer to a key is painted within the pause")
		}
		if shows("bravo") {
			t.Error("the picture that it replaced is never painted")
		}
		p.show(oneRow("delta"))
		if shows("delta") {
			t.Error("what comes by itself afterwards waits again")
		}
		time.Sleep(paintPause)
		if !shows("delta") {
			t.Error("but not for longer than the pause")
		}
	})
}
