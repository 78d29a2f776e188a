// Package timeline is the vocabulary of streamscope: what happened ([Event] and
// its payloads), what it adds up to ([State]), and the one way from the first to
// the second ([Apply], [Fold]).
//
// There is one true timeline. Events are appended to a [Store] in the order in
// which they happened; every reader holds a cursor and only ever moves forward;
// "now" of one reader may be later than "now" of another. Everything that the
// state panes show is in State, so a live session, a recording and a headless
// command are the same code with another feed.
//
//	session loop ──Append──> Store ──cursor──> Fold ──> State ──> panes
//	recording ─────Reader──────────────────────┘
//
// The fold is pure: no clock, no logger, no I/O, no JSON of the wire. What needs
// the wire's JSON is decoded once, where a frame is read ([DecodeCall]).
// Countdowns are times in the state; the screen subtracts its own tick.
package timeline
