package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"streamscope/timeline"
)

// watchFlags are the flags of watch beyond the shared ones.
type watchFlags struct {
	json  bool
	limit time.Duration
	until string
}

func (p *program) watchCommand() *cobra.Command {
	var f watchFlags
	var flags *sharedFlags
	c := p.command(&cobra.Command{
		Use:   "watch",
		Short: "Run a session without a screen: events and logs as lines",
		Long: "Run a session without a screen and print its events and log records as lines, as\n" +
			"they happen. It ends when the session fails, with --for after a while, with\n" +
			"--until when something was seen; each time with a proper disconnect.\n\n" +
			"--until takes a kind of event (attempt.started), an event of the server\n" +
			"(call.ring) or a state (connected). With --for it fails with exit code 6 when\n" +
			"the time is up first.\n\n" +
			"With --json each line is what a recording holds.",
		Example: "streamscope watch --for 10s\n" +
			"streamscope watch --profile staging --until call.ring --for 2m\n" +
			"streamscope watch --json --log default=trace > session.ndjson",
		GroupID: groupSession,
	}, takes{}, func(ctx context.Context, _ []string) error {
		return p.watch(ctx, flags, f)
	})
	c.Flags().BoolVar(&f.json, "json", false, "print JSON, one event or log record a line")
	c.Flags().DurationVar(&f.limit, "for", 0, "end after this time")
	c.Flags().StringVar(&f.until, "until", "", "end when this was seen: a kind, an event or a state")
	flags = addShared(c)
	return c
}

// watch runs a session and prints it until it is told to end, or ends.
func (p *program) watch(ctx context.Context, flags *sharedFlags, f watchFlags) error {
	if f.limit < 0 {
		return usage("write a duration such as 30s or 5m", "--for: %s is negative", f.limit)
	}
	if err := checkUntil(f.until); err != nil {
		return err
	}
	set, err := flags.settings(ctx, p, "")
	if err != nil {
		return err
	}
	r, s, err := p.openFirst(ctx, set)
	if err != nil {
		return err
	}
	to, err := f.lines(p.out, set.header(r))
	if err != nil {
		return errors.Join(err, r.close(err))
	}
	r.output("standard output", newPrinter(to, r, r.levels).run)
	if !set.config.Connection.NoConnect {
		if err := s.Connect(); err != nil {
			return errors.Join(err, r.close(err))
		}
	}
	limit, cancel := r.sessions.ctx, context.CancelFunc(func() {})
	if f.limit > 0 {
		limit, cancel = context.WithTimeoutCause(limit, f.limit, errTimeUp)
	}
	defer cancel()
	var now timeline.Session
	_, why := follow(limit, r.events, func(state timeline.State, batch []timeline.Event) bool {
		now, _ = state.Session(s.Name())
		return now.Conn == timeline.StateFailed || f.until != "" && slices.ContainsFunc(batch, f.seen)
	})
	if err := r.close(reason(why)); err != nil {
		return err
	}
	return f.verdict(now, why)
}

// lines is how a watch prints: text, or a recording with its header, so that
// what was saved can be opened.
func (f watchFlags) lines(out io.Writer, header timeline.Header) (lines, error) {
	if !f.json {
		return textLines{out}, nil
	}
	to, err := timeline.NewWriter(out, header)
	return recordingLines{to}, err
}

// reason is what the session's end is told to be.
func reason(why error) error {
	if why == nil {
		return errQuit
	}
	return why
}

// seen reports whether an event is the awaited one.
func (f watchFlags) seen(e timeline.Event) bool {
	if string(e.Kind()) == f.until {
		return true
	}
	switch p := e.Payload.(type) {
	case timeline.Frame:
		return p.Dir == timeline.In && p.Type == f.until
	case timeline.StateChanged:
		return string(p.To) == f.until
	}
	return false
}

// verdict is the exit of a watch: what it waited for, and how the session ended.
func (f watchFlags) verdict(s timeline.Session, why error) error {
	switch {
	case errors.Is(why, errTimeUp) && f.until != "":
		return &problem{code: exitTimeout, what: fmt.Sprintf("no %s within %s", f.until, f.limit),
			hint: "the session was " + string(s.Conn) + "; give it longer with --for, or see why with streamscope check"}
	case why != nil && !errors.Is(why, errTimeUp):
		return why
	case s.Conn == timeline.StateFailed, s.Conn == timeline.StateStalled:
		return failedSession(s)
	}
	return nil
}

// failedSession says in one line why the session is over.
func failedSession(s timeline.Session) error {
	f := outcome(s, nil)
	r := makeReport(s, nil, f)
	return &problem{code: exitFor(*f), what: r.Verdict, hint: r.fix}
}

// checkUntil refuses a word that nothing can match. Events of the server have a
// dot in their names, and new ones are possible.
func checkUntil(word string) error {
	states := []timeline.ConnState{
		timeline.StateIdle, timeline.StateLoadingToken, timeline.StateDialing, timeline.StateAuthenticating,
		timeline.StateConnected, timeline.StateBackoff, timeline.StateStalled, timeline.StateOffline,
		timeline.StateDisconnected, timeline.StateFailed, timeline.StateNoSocket,
	}
	switch {
	case word == "", strings.Contains(word, "."),
		slices.Contains(states, timeline.ConnState(word)), slices.Contains(timeline.Kinds(), timeline.Kind(word)):
		return nil
	}
	return usage("use a kind such as attempt.ended, an event of the server such as call.ring, or a state such as connected",
		"--until: nothing is called %q", word)
}
