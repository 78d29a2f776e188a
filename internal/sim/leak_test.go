package sim

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

var bubbleOf = regexp.MustCompile(`synctest bubble \d+`)

// wantNobodyLeft requires that the test's goroutine is the last one in its
// bubble. The bubble itself would end the whole program for the same reason,
// without a word on which run it was.
func wantNobodyLeft(t *testing.T) {
	t.Helper()
	synctest.Wait()
	own := make([]byte, 256)
	bubble := bubbleOf.FindString(string(own[:runtime.Stack(own, false)]))
	if bubble == "" {
		t.Fatal("this is not a bubble")
	}
	buf := make([]byte, 4<<20)
	for i, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		header, _, _ := strings.Cut(stack, "\n")
		if i > 0 && bubbleOf.FindString(header) == bubble && !ofTheBubble(header, stack) {
			t.Errorf("a goroutine is left:\n%s", stack)
		}
	}
}

// ofTheBubble reports whether a goroutine is one of the two that the testing
// package needs for a bubble.
func ofTheBubble(header, stack string) bool {
	return strings.Contains(header, "[synctest.Run") || strings.Contains(stack, "testing/synctest.testingSynctestTest(")
}
