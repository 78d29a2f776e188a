package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// reportCommand makes of a recording what is sent to somebody.
func (p *program) reportCommand() *cobra.Command {
	var as, session string
	var flags *sharedFlags
	names := reportNames()
	c := p.command(&cobra.Command{
		Use:   "report FILE|-",
		Short: "Make a report of a recording: Markdown for a ticket, HAR, or a table of attempts",
		Long: "Make of a recording what can be sent to somebody, on standard output: a report in\n" +
			"Markdown for a support ticket (verdict, what was tried, attempts, errors and what to\n" +
			"do, tokens by their shape, last frames), an HTTP archive (HAR 1.2) whose WebSocket\n" +
			"messages the network panel of a browser shows, or the attempts as a table (CSV).\n" +
			"Tokens and secrets are masked in all of them. The screen makes the same of a running\n" +
			"session with :export.",
		Example: "streamscope report session.ndjson.zst >ticket.md\n" +
			"streamscope report session.ndjson --as har >session.har",
		GroupID: groupTools,
	}, takes{min: 1, max: 1, what: "a file, or - for standard input"}, func(ctx context.Context, args []string) error {
		e, ok := exportOf(as)
		if !ok || e.write == nil {
			return usage("write one of "+strings.Join(names, ", "), "--as: there is no report called %q", hide(as))
		}
		return p.report(ctx, args[0], e, session, flags)
	})
	c.Flags().StringVar(&as, "as", names[0], "what to make: "+strings.Join(names, ", "))
	complete(c, "as", reportNames)
	c.Flags().StringVar(&session, "session", "", "on this session only")
	flags = addConfigFlag(c)
	return c
}

// reportNames are the exports that are reports, in the order of the menu.
func reportNames() []string {
	var names []string
	for _, e := range exports {
		if e.write != nil {
			names = append(names, e.Name)
		}
	}
	return names
}

// report writes one report on a recording.
func (p *program) report(ctx context.Context, from string, e export, session string, flags *sharedFlags) error {
	cfg, err := flags.loadToOpen(p)
	if err != nil {
		return err
	}
	r, err := p.openReplay(ctx, from, replayFlags{}, cfg)
	if err != nil {
		return err
	}
	defer r.close()
	state, o, err := r.reported(ctx, session)
	if err != nil {
		return err
	}
	p.warn(r.name, o.Notes) // which not every report has a place for
	return e.write(p.out, r.events.All(), state, o)
}
