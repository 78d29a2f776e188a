// Package timeline is the vocabulary of streamscope: what happened ([Event] and
// its payloads), what it adds up to ([State]), and the one way from the first to
// the second ([Apply], [Fold]).
//
// # Model
//
// There is one true timeline. Events are appended to a [Store] in the order in
// which they happened; every reader holds a [Cursor] and only ever moves forward;
// "now" of one reader may be later than "now" of another. Everything that the
// state panes show is in State, so a live session, a recording and a headless
// command are the same code with another feed.
//
//	session loop ──Append──> Store ──cursor──> Fold ──> State ──> panes
//	recording ─────Reader──────────────────────┘
//
// The fold is pure: no clock, no logger, no I/O, no JSON of the wire. What needs
// the wire's JSON is decoded and redacted once, where a message is read
// ([DecodeFrame], [NewRequest], [NewResponse]). Countdowns are times in the state;
// who shows them passes the time to functions such as [Session.DeafIn].
//
// # Kinds of events
//
//   - about a session: session.opened, session.closed, state, switch, action,
//     network, warning, note, mark, dropped
//   - about its attempts: attempt.started, attempt.stage, attempt.ended, backoff,
//     connect.failed, app
//   - about its token and clock: token.loading, token.loaded, token.failed,
//     token.sent, clock
//   - over the wire: frame, close, http.request, http.response
//   - about calls: call.event, call.state, ring.decision, busy.tone
//   - about faults: fault.armed, fault.hit, fault.cleared, fault.scored
//
// Sockets can overlap, as those of the official client do: an event changes the
// attempt whose number it bears. A session that is ours tells its state and that
// of its calls; the state of somebody else's client is read from its traffic.
//
// # Traps
//
// Part of the fold is to recognise the traps of the official client (K1 to K27,
// protocol 4.6) by one rule each. What a trap means is told by the dictionary.
//
// # Recordings
//
// [Writer] and [Reader] are the recording format: a header line, then one line of
// JSON an event or log record. See [Header] and [Report].
//
// # Ownership and concurrency
//
// A Store may be used from any goroutine; a Cursor, a [History], a Writer and a
// Reader belong to one each. Events and States are values that do not change:
// they may be kept, compared and handed on.
//
// # What it does not do
//
// It knows no sockets, starts no goroutines, explains nothing, and does not read
// log records: they pass through recordings as they are.
package timeline
