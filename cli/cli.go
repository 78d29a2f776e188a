package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
)

// Main runs the command line and returns the exit code of the process. It never
// panics: a panic becomes a crash report and exit code 70.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			code = conclude(stderr, crashed(panicked{value: r, stack: debug.Stack()}))
		}
	}()
	obeyNoColor()
	stayLean()
	ctx, release := withSignals(context.Background())
	defer release()
	p := &program{in: stdin, out: stdout, err: stderr}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	p.adopt(root)
	err := fang.Execute(ctx, root,
		fang.WithVersion(versionText()),
		fang.WithoutManpage(), // ours has a date that a release can set
		fang.WithColorSchemeFunc(fang.AnsiColorScheme),
		fang.WithErrorHandler(func(w io.Writer, _ fang.Styles, err error) {
			printProblem(w, err.Error(), "run streamscope --help")
		}))
	if err != nil {
		return exitUsage // only what cobra itself refuses gets here
	}
	if bug, ok := errors.AsType[panicked](p.failure); ok {
		p.failure = crashed(bug)
	}
	code = conclude(stderr, p.failure)
	for _, err := range p.lost {
		code = cmp.Or(code, conclude(stderr, err))
	}
	return code
}

// program is one run of the command line. Commands store their failure in it
// and return nil to cobra: an error that reached fang would make it ask the
// terminal for its background before anything is printed.
type program struct {
	in       io.Reader
	out, err io.Writer
	failure  error
	lost     []error // what outputs could not write: told after everything else
}

// takes says how many arguments a command takes, and what they are called in
// the message that refuses others.
type takes struct {
	min, max int
	what     string
}

// command completes c: its arguments are checked here, its flag errors get a
// hint, and its failure is kept for the exit code.
func (p *program) command(c *cobra.Command, want takes, run func(ctx context.Context, args []string) error) *cobra.Command {
	c.Args = cobra.ArbitraryArgs
	c.DisableFlagsInUseLine = true
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		p.failure = usage("run "+c.CommandPath()+" --help for its flags", "%s", hide(err.Error()))
		return nil
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		if p.failure = want.check(c, args); p.failure == nil {
			p.failure = run(c.Context(), args)
		}
		return nil
	}
	return c
}

// check refuses the wrong number of arguments.
func (t takes) check(c *cobra.Command, args []string) error {
	help := "run " + c.CommandPath() + " --help"
	switch {
	case len(args) < t.min:
		return usage(help, "%s needs %s", c.CommandPath(), t.what)
	case len(args) <= t.max:
		return nil
	case c.HasSubCommands():
		if near := c.SuggestionsFor(args[0]); len(near) > 0 {
			help = "did you mean " + c.CommandPath() + " " + strings.Join(near, " or ") + "?"
		}
		return usage(help, "%s has no command %q", c.CommandPath(), hide(args[t.max]))
	case t.max == 0:
		return usage(help, "%s takes no arguments, got %q", c.CommandPath(), hide(args[0]))
	}
	return usage(help, "%s takes %s and nothing else, got %d arguments", c.CommandPath(), t.what, len(args))
}

// root builds the tree of commands.
func (p *program) root() *cobra.Command {
	var flags *sharedFlags
	var plain bool
	root := p.command(&cobra.Command{
		Use:     "streamscope",
		Short:   "See why a Stream Video user is not connected, not ringing, or not seeing events",
		Long:    rootLong(),
		Example: rootExamples,

		SuggestionsMinimumDistance: 2,
	}, takes{}, func(ctx context.Context, _ []string) error {
		if plain {
			return p.watch(ctx, flags, watchFlags{plain: true})
		}
		return p.runInteractive(ctx, flags)
	})
	root.Flags().BoolVar(&plain, "plain", false, "print what happens as lines that read well aloud, in place of the screen")
	flags = addShared(root)
	root.AddGroup(
		&cobra.Group{ID: groupSession, Title: "session"},
		&cobra.Group{ID: groupTools, Title: "tools"})
	root.SetHelpCommandGroupID(groupTools)
	root.SetCompletionCommandGroupID(groupTools)
	root.AddCommand(
		p.checkCommand(), p.watchCommand(),
		p.tokenCommand(), p.explainCommand(), p.serveCommand(), p.tapCommand(), p.scenarioCommand(), p.replayCommand(), p.reportCommand(),
		p.configCommand(), p.versionCommand(), p.manCommand())
	return root
}

// adopt has the commands that cobra adds refuse what they do not know, as ours do.
// They take the output that is set by then.
func (p *program) adopt(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			p.command(c, takes{}, func(context.Context, []string) error {
				return usage("run streamscope completion bash, fish, powershell or zsh", "streamscope completion needs a shell")
			})
		case "help":
			c.Run = nil
			p.command(c, takes{max: 1 << 10}, func(_ context.Context, args []string) error {
				of, rest, err := root.Find(args)
				if err != nil || len(rest) > 0 {
					return usage("run streamscope help for all commands", "there is no command %q", hide(strings.Join(args, " ")))
				}
				return of.Help()
			})
		}
	}
}

// The groups of the help.
const (
	groupSession = "session"
	groupTools   = "tools"
)

const rootExamples = `# open the interactive session: local, no account, no network
streamscope

# the same against your own app
streamscope --api-key KEY --user-id sara --token @token.txt

# connect once, print every stage and a verdict
streamscope check --api-key KEY --user-id sara --token-url https://example.com/token

# a local coordinator for an app in development or a CI job
streamscope serve`

// about is what the program is for.
const about = "See why a Stream Video user is not connected, not ringing, or not seeing events: " +
	"in under a minute, in one sentence, with the fix.\n\n" +
	"Without an API key and a profile the session is local: a real session against an embedded coordinator."

func rootLong() string {
	var b strings.Builder
	b.WriteString(about + "\n\nExit codes:\n")
	for _, row := range exitTable {
		fmt.Fprintf(&b, "  %-8s  %s\n", row.code, row.text)
	}
	return strings.TrimRight(b.String(), "\n")
}

// obeyNoColor makes any non-empty NO_COLOR count, as no-color.org wants: the
// colour libraries read it as a boolean and would ignore NO_COLOR=yes.
func obeyNoColor() {
	v := os.Getenv("NO_COLOR")
	if on, err := strconv.ParseBool(v); v != "" && (err != nil || !on) {
		os.Setenv("NO_COLOR", "1")
	}
}
