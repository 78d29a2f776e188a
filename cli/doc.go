// Package cli is the command line: it turns flags, environment and files into
// settings, wires the parts of streamscope together, runs them, and ends the
// process with an exit code that scripts can rely on.
//
// # Model
//
// [Main] builds a tree of commands. A command never prints its own failure and
// never exits: it returns an error, and conclude turns that into one message (what
// is wrong, and a hint line that says what to do) and an exit code. Data goes to
// standard output, words to standard error.
//
// Commands with a session share a rig: the timeline and the log store, the
// manager of the sessions, and, in a local session, the embedded coordinator on
// a loopback port. What shows or keeps the record (the screen, watch, a
// recording, a log file) reads the stores by cursor; nothing is pushed.
//
//	settings ─> rig ─┬─ manager ── sessions ──┬─> timeline.Store ─┬─> ui.Run
//	                 ├─ local coordinator ────┤                   ├─> printer (watch, recording)
//	                 └─ faults, renewal ──────┴─> logsink.Store ──┴─> follow (check, watch)
//
// A scenario has a rig of its own, in the command, or uses the screen's. In
// virtual time its whole world is one testing/synctest bubble with a network in
// memory (virtual.go). A replay has only the two stores and what reads them.
//
// # Ownership and concurrency
//
// Every goroutine belongs to a crew, which makes an error of a panic and ends
// the others. The rig has two: the sessions' and the outputs'. They end in the
// order that loses nothing: sessions disconnect (close 1000, a second at most),
// the coordinator closes, the outputs write what is left. The screen runs in the
// goroutine of Main; it has given the terminal back before any of that.
//
// A panic anywhere ends the run in the same way and becomes a crash report,
// redacted, in a file of the user's own.
//
// # What it does not do
//
// It knows nothing of the protocol and draws nothing. It imports everything and
// is imported by main only.
package cli
