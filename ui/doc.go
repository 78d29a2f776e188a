// Package ui is the interactive screen: one Bubble Tea model that shows a
// timeline and a log store, and asks a [Controller] for what the keys mean.
//
// # The model
//
//	timeline.Store ─cursor─┐                       ┌─> state panes (connection, token, calls)
//	                       feed ─batch─> Model ────┼─> timeline pane
//	logsink.Store ──cursor─┘      ↑                └─> logs and scopes (logsink.View)
//	                       keys, mouse, size, tick
//
// The feed waits at both stores, folds what has come, and sends one message a
// frame at most. [Model] is the only model: panes are plain structs with
// methods, a mode says who gets the keys, a focus says which pane they are
// about. Everything that the state panes show is in timeline.State.
//
// The layout is one pure function of size and focus. A pane makes lines of
// styled spans; the theme turns a line into cells of an exact width, cleaning
// its text on the way: no text reaches the terminal by another path. Rows of
// the lists are kept once drawn, and a frame is drawn only when something has
// changed. Time on the screen is that of the last tick or batch, never that of
// a clock read while drawing.
//
// # Painting
//
// Bubble Tea reads the keys and runs the loop. Where the terminal allows it we
// paint ourselves, when there is something new: at once after a key, even under load; 8 ms
// apart what comes by itself; never while nothing changes. Bubble Tea's own renderer looks for a
// new frame on a ticker; it is used in tests, and where there is no terminal of
// ours to take. A cell-by-cell comparison decides what is written.
//
// # Recordings
//
// The screen of a recording is the same, with another meaning of now: the row
// under the cursor of the timeline. States come from folding to it.
//
// # Ownership
//
// The model belongs to the goroutine of the program. The feed belongs to the
// goroutine that [Run] starts and waits for. Calls of the controller run in
// commands and bring their answers back as messages; answers that come after
// their overlay was closed are dropped.
//
// # What it does not do
//
// It does no I/O in Update, keeps no token and no secret (the token bench holds
// what the user reveals or pastes until it is closed), and knows nothing of
// sessions, servers or proxies beyond the [Controller] interface. Ending what
// is connected is the caller's business once [Run] has returned.
package ui
