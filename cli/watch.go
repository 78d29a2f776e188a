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
	json   bool
	plain  bool // lines that read well aloud; for --plain of the screen
	limit  time.Duration
	until  string
	filter []string
	jq     string
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
			"--filter prints only lines with a text, without it (!text), or that match a\n" +
			"/regular expression/; a line has to pass all of them.\n\n" +
			"With --json each line is what a recording holds. --jq prints what an expression\n" +
			"makes of each such line.",
		Example: "streamscope watch --for 10s\n" +
			"streamscope watch --profile staging --until call.ring --for 2m\n" +
			"streamscope watch --filter call. --filter '!health'\n" +
			"streamscope watch --jq 'select(.kind == \"frame\") | .type'\n" +
			"streamscope watch --json --log default=trace > session.ndjson",
		GroupID: groupSession,
	}, takes{}, func(ctx context.Context, _ []string) error {
		return p.watch(ctx, flags, f)
	})
	f.addTo(c)
	flags = addShared(c)
	return c
}

// addTo defines the flags.
func (f *watchFlags) addTo(c *cobra.Command) {
	c.Flags().BoolVar(&f.json, "json", false, "print JSON, one event or log record a line")
	c.Flags().DurationVar(&f.limit, "for", 0, "end after this time")
	c.Flags().StringVar(&f.until, "until", "", "end when this was seen: a kind, an event or a state")
	c.Flags().StringArrayVar(&f.filter, "filter", nil, "only lines with this text, !without it, or that match /regexp/ (repeatable)")
	c.Flags().StringVar(&f.jq, "jq", "", "print what this jq expression makes of each JSON line")
}

// check refuses values and flags that mean nothing.
func (f watchFlags) check() error {
	if f.limit < 0 {
		return usage("write a duration such as 30s or 5m", "--for: %s is negative", f.limit)
	}
	if f.json && f.jq != "" {
		return usage("leave out --json", "--jq: it reads the JSON lines, and prints its own")
	}
	return checkUntil(f.until)
}

// watch runs a session and prints it until it is told to end, or ends.
func (p *program) watch(ctx context.Context, flags *sharedFlags, f watchFlags) error {
	if err := f.check(); err != nil {
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
	if err == nil {
		err = p.accompanyConfig(r, set, flags, false)
	}
	if err != nil {
		return errors.Join(err, p.close(r, err))
	}
	r.printTo(to)
	if f.plain {
		r.accompany(s)
	}
	if !set.config.Connection.NoConnect {
		if err := s.Connect(); err != nil {
			return errors.Join(err, p.close(r, err))
		}
	}
	limit, cancel := f.limited(r.sessions.ctx)
	defer cancel()
	var now timeline.Session
	_, why := follow(limit, r.events, func(state timeline.State, batch []timeline.Event) bool {
		now, _ = state.Session(s.Name())
		return now.Conn == timeline.StateFailed || f.until != "" && slices.ContainsFunc(batch, f.seen)
	})
	err = p.close(r, reason(why))
	p.autosave(r, set, err)
	if err != nil {
		return err
	}
	return f.verdict(now, why)
}

// printTo prints everything as it comes.
func (r *rig) printTo(to lines) {
	r.output("standard output", func(ctx context.Context) error {
		err := newPrinter(to, r, r.levels).run(ctx)
		if err != nil {
			r.sessions.cancel(err) // nobody reads it any more: it is why the watch ends
		}
		return nil
	})
}

// limited is a context that ends when the time is up.
func (f watchFlags) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, f.limit, errTimeUp)
}

// lines is how a watch prints: text, what jq makes of it, or a recording with its
// header, so that what was saved can be opened. A filter stands before them.
func (f watchFlags) lines(out io.Writer, header timeline.Header) (to lines, err error) {
	switch {
	case f.jq != "":
		to, err = newJQ(out, f.jq)
	case f.json:
		var recording *timeline.Writer
		recording, err = timeline.NewWriter(out, header)
		to = recordingLines{recording}
	case f.plain:
		to = plainLines{out}
	default:
		to = textLines{out}
	}
	if err != nil {
		return nil, err
	}
	return newSieve(to, f.filter)
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
