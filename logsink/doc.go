// Package logsink is streamscope's log: a slog handler in front, a store that keeps
// everything in memory, a view that shows part of it, and sinks that write part of it
// elsewhere.
//
//	slog.Logger ─> Handler ─┐
//	                        ├─ redact ─> Store ─┬─> View ─────> log pane
//	lines of an app (tap) ──┘                   └─> Run(Sink) ─> file, standard error, socket
//
// # The model
//
// A line has a scope, which is the part of the program that speaks, and a level. The
// scopes are those of Stream's own clients ("coordinator", "client", "Call"), ours
// dotted below; the levels are Stream's:
//
//	0 trace  every frame                          slog -8
//	1 debug  every decision                       slog -4
//	2 info   what an operator would tell          slog  0
//	3 warn   what may need somebody               slog  4
//	4 error  what failed                          slog  8
//	5 off    lets nothing through; no line has it
//
// Everything is captured; levels are a view. [Levels] has exactly the semantics of
// Stream's logger (protocol.md section 8.1), and the same type decides what a [View]
// shows, what an [Output] writes, and, if wanted, what a [Handler] stores at all.
// Muting and soloing a scope are on top of levels, in the view, and do not change
// them.
//
// A [Store] keeps lines until they take more memory than it may use and then drops
// the oldest, and says how many. Text is kept in slabs of a thousand lines and the
// rest in columns, so that a line costs its text and 31 bytes, a change of level costs
// a pass over two columns, and a text filter is a search through the slabs. A [Row] is
// a look at a line where it lies; a [Record] is a copy.
//
// Secrets are masked as lines are appended ([Redact]), once, so that nothing behind
// the store can forget to. Control characters are kept and shown as escapes where a
// line is printed ([Record.String]; the screen uses wire.Clean likewise).
//
// # Ownership and concurrency
//
// Store, Levels and Handler may be used from any goroutine; they are mutexes around
// data and start nothing. A Cursor belongs to one reader. A View belongs to the
// goroutine that draws; what takes long it hands out as a [Job], which runs anywhere
// and whose [Result] comes back to it. [Run] is the life of a sink; its caller owns
// the goroutine. No reader ever makes a writer wait: one that is too slow is told how
// many lines it missed.
//
// # What it does not do
//
// It keeps nothing on disk but what a file sink writes, knows nothing of the timeline
// but the number of an event, and has no global logger.
package logsink
