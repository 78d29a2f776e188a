package cli

import (
	"os"
	"runtime/debug"

	"streamscope/record"
)

// How much garbage there may be for what is kept, in percent.
const (
	// leanPercent is less than half of what Go has by default. Most of what is kept
	// is text, which the collector does not look into: 1,000,000 log lines take
	// 0.75 s of processor time to read either way, and 45 MB less.
	leanPercent = 40
	// readingPercent is for recordings, whose events are kept and are full of
	// pointers: 1,000,000 of them take 2.6 s in place of 3.1 s, and 100 MB more
	// until all have been read.
	readingPercent = 100
)

// stayLean keeps memory near what the stores hold.
func stayLean() { collectAt(leanPercent) }

// collectSeldom has the garbage collector come seldom until undo is called, where
// what is read is a recording.
func collectSeldom(kind record.Kind) (undo func()) {
	if kind != record.KindRecording && kind != record.KindLines {
		return func() {}
	}
	return collectAt(readingPercent)
}

// collectAt sets the pace of the collector, unless the user has.
func collectAt(percent int) (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(was) }
}
