package ui

import (
	"time"

	"streamscope/explain"
	"streamscope/timeline"
)

// Controller carries out what the keys ask for. Whoever wires the screen to its
// source (a session, a proxy, a recording) implements it.
//
// The screen calls it from command goroutines, never from Update, and possibly
// from several at a time. A method asks for something and returns; what comes
// of it arrives as events in the timeline. An error is shown as one line and
// should say what to do instead. session is the name in the timeline's events.
type Controller interface {
	Connector
	Ringer
	Faulter
	Tokener
	Keeper
}

// Connector changes the connection and the options of a session.
type Connector interface {
	Connect(session string) error
	Disconnect(session string) error
	// Reconnect dials now: it cuts a backoff short, or drops a socket that is
	// up and dials again.
	Reconnect(session string) error
	SetOnline(session string, online bool) error
	SetRejectWhenBusy(session string, on bool) error
	SetPolicy(session string, policy timeline.Policy) error
	// SetLuckyWatchdog chooses whether the session notices a silent server, as
	// few official clients do, or stays deaf, as most (trap K2).
	SetLuckyWatchdog(session string, lucky bool) error
	// Open opens another of the configured profiles as a session of its own, and
	// returns its name.
	Open(profile string) (session string, err error)
	// Profiles are the names that Open takes, and what each one is.
	Profiles() []Choice
}

// Ringer makes rings and answers them.
type Ringer interface {
	// Peers are the users who can ring this session and be rung by it. An
	// empty list means that nobody can be made to ring from here.
	Peers(session string) []Choice
	// RingMe makes the peer ring the session's user.
	RingMe(session, from string) error
	// RingOut makes the session's user ring the peer.
	RingOut(session, to string) error
	Accept(session, cid string) error
	// Decline rejects a ring with one of Stream's reasons or any other text.
	Decline(session, cid, reason string) error
	Leave(session, cid string) error
	End(session, cid string) error
}

// Faulter breaks the connection on purpose.
type Faulter interface {
	// Faults are the faults that can be armed here, in the order of the menu.
	Faults(session string) []timeline.Fault
	ArmFault(session string, fault timeline.Fault) error
	ClearFault(session, id string) error
	ClearFaults(session string) error
}

// Tokener knows the tokens themselves, which the timeline never holds.
type Tokener interface {
	RefreshToken(session string) error
	// Inspect judges a token: the one on the wire when raw is empty. Neither
	// raw nor secret may be kept, logged or returned.
	Inspect(session, raw, secret string) (explain.TokenReport, error)
	// Reveal returns the token on the wire, whole. It is called only when the
	// user presses the reveal key.
	Reveal(session string) (string, error)
}

// Keeper writes down what the user wants to keep.
type Keeper interface {
	Saver
	// Mark puts the user's note into the timeline.
	Mark(session, text string) error
}

// Saver writes files of what is on the screen.
type Saver interface {
	// Save writes text to a file of the user's own, mode 0600, under a name
	// made from what, and returns the path.
	Save(what, text string) (path string, err error)
}

// Reporter is what a [Saver] may be besides: it reports on a part of the record.
type Reporter interface {
	// Report writes a report (Markdown) about a session from one instant to
	// another, both included, and returns the path of the file, mode 0600. Zero
	// times mean the whole record.
	Report(session string, from, to time.Time) (path string, err error)
}

// Exporter is what a [Saver] may be besides: it writes the record down in
// other forms.
type Exporter interface {
	// Exports are the forms: a report, an archive, the last minutes.
	Exports() []Choice
	// Export writes one of them for a session and returns the path of the file,
	// mode 0600. The form "record" begins a recording, which ends with the
	// program; "last D" is a recording of that time up to now.
	Export(session, name string) (path string, err error)
}

// Director is what a [Controller] may be besides: it carries scenarios out.
type Director interface {
	// Scenarios are the ones that ship and those that are at hand.
	Scenarios() []Choice
	// RunScenario begins one, by its name or by the path of a file, and returns.
	// Each step is told on the timeline as it passes or fails.
	RunScenario(name string) error
	// StopScenario ends the one that is running.
	StopScenario() error
}

// Sender is what a [Controller] may be besides: it sends what the user typed.
type Sender interface {
	// SendFrame puts a text frame on the socket of a session, as it is. It is
	// marked in the record as the user's own.
	SendFrame(session, text string) error
}

// Choice is one line of a menu that the controller fills.
type Choice struct {
	Name   string // what the controller is given back
	Detail string // what it is, in a few words
}
