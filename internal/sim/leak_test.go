package sim

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

var bubbleOf = regexp.MustCompile(`synctest bubble \d+`)

// leftBehind returns the stacks of the goroutines in the caller's bubble that
// are not the caller's, when nothing more will happen in it. The bubble itself
// would end the whole program for their sake, without a word on which run it was.
func leftBehind() []string {
	synctest.Wait()
	own := make([]byte, 256)
	bubble := bubbleOf.FindString(string(own[:runtime.Stack(own, false)]))
	buf := make([]byte, 4<<20)
	var left []string
	for i, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		header, _, _ := strings.Cut(stack, "\n")
		if i > 0 && bubbleOf.FindString(header) == bubble && !ofTheBubble(header, stack) {
			left = append(left, stack)
		}
	}
	return left
}

// ofTheBubble reports whether a goroutine is one of the two that the testing
// package needs for a bubble.
func ofTheBubble(header, stack string) bool {
	return strings.Contains(header, "[synctest.Run") || strings.Contains(stack, "testing/synctest.testingSynctestTest(")
}

// TestLeftBehindIsNoticed leaves a goroutine behind, for a while.
func TestLeftBehindIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if left := leftBehind(); len(left) != 0 {
			t.Errorf("nobody is left yet, got %q", left)
		}
		release := make(chan struct{})
		go func() { <-release }()
		if left := leftBehind(); len(left) != 1 {
			t.Errorf("one is left, got %q", left)
		}
		close(release)
	})
}
