package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/record"
	"streamscope/timeline"
)

// replayFlags are the flags of replay beyond those of the screen.
type replayFlags struct {
	json    bool
	text    bool
	summary bool
	follow  bool
	speed   float64
	session string
}

func (p *program) replayCommand() *cobra.Command {
	var f replayFlags
	var flags *sharedFlags
	c := p.command(&cobra.Command{
		Use:   "replay FILE|- [FILE]",
		Short: "Open a recording, or the log of another program",
		Long: "Open a recording in the screen: every instant of it as it was, forwards and\n" +
			"backwards. A file may be compressed (zstd, gzip), and parts of one recording\n" +
			"(FILE.1, FILE) are read as one. With - it comes from standard input, and the keys\n" +
			"from the terminal. What is no recording is read as a log: JSON lines, logfmt, or\n" +
			"the console of an app.\n\n" +
			"Up to 1 GiB of events is kept in memory, or timeline.memory_limit where that is set;\n" +
			"of a larger file the end.\n\n" +
			"--follow goes on reading while the file grows, as a session writes it.\n\n" +
			"Without a screen: --summary says what happened and what to do, --text and --json\n" +
			"print the lines, with --speed in the time that it took.\n\n" +
			"With two recordings it shows them side by side, at their first difference in what\n" +
			"matters (stages, frames, codes, requests, calls; not ids or times); n goes to the\n" +
			"next. With --text, or where there is no screen, the first difference is printed.\n" +
			"Recordings that differ end with exit code 7.",
		Example: "streamscope replay session.ndjson.zst\n" +
			"streamscope replay session.ndjson --summary\n" +
			"adb logcat | streamscope replay -\n" +
			"streamscope replay session.ndjson --json --speed 10 | jq .kind\n" +
			"streamscope replay good.ndjson bad.ndjson",
		GroupID: groupTools,
	}, takes{min: 1, max: 2, what: "a file, or - for standard input"}, func(ctx context.Context, args []string) error {
		if len(args) == 2 {
			return p.replayDiff(ctx, args, flags, f)
		}
		return p.replay(ctx, args[0], flags, f)
	})
	c.Flags().BoolVar(&f.json, "json", false, "print the lines of a recording; with --summary, one document")
	c.Flags().BoolVar(&f.text, "text", false, "print lines for people")
	c.Flags().BoolVar(&f.summary, "summary", false, "print what happened and what to do")
	c.Flags().BoolVar(&f.follow, "follow", false, "go on reading while the file grows")
	c.Flags().Float64Var(&f.speed, "speed", 0, "times the pace at which it happened; 0 is as fast as can be")
	c.Flags().StringVar(&f.session, "session", "", "of this session only, in the summary")
	flags = addScreenFlags(c)
	return c
}

// addScreenFlags defines those of the shared flags that a screen without a
// session has a use for.
func addScreenFlags(c *cobra.Command) *sharedFlags {
	return addFlags(c, func(k config.Key) bool {
		return strings.HasPrefix(k.Path, "ui.") || k.Path == "logs.levels" || strings.HasSuffix(k.Path, ".memory_limit")
	})
}

// check refuses flags that do not go together.
func (f replayFlags) check(from string) error {
	switch {
	case f.speed < 0:
		return usage("write a number such as 1 or 10", "--speed: %g is negative", f.speed)
	case f.text && (f.json || f.summary):
		return usage("leave out one of them", "--text: there is one form of output at a time")
	case f.speed > 0 && f.summary:
		return usage("leave out --speed", "--speed: a summary takes no time")
	case f.follow && f.summary:
		return usage("leave out --follow", "--follow: a summary is made of what there is")
	case f.follow && from == "-":
		return usage("leave out --follow", "--follow: standard input is followed by itself")
	case f.session != "" && !f.summary:
		return usage("add --summary", "--session: only a summary can be of one session")
	}
	return nil
}

// replay opens a recording and shows it in the form that was asked for.
func (p *program) replay(ctx context.Context, from string, flags *sharedFlags, f replayFlags) error {
	if err := f.check(from); err != nil {
		return err
	}
	headless := f.json || f.text || f.summary
	if !headless && !terminal(p.out) {
		if _, err := os.Stat(from); from != "-" && err != nil {
			return replayProblem(err)
		}
		return usage("use --summary for what happened and what to do, or --text or --json for its lines",
			"standard output is not a terminal, so there is no screen to draw on")
	}
	cfg, err := flags.loadToOpen(p)
	if err == nil && !headless {
		err = checkTheme(cfg.UI.ThemeFile)
	}
	if err != nil {
		return err
	}
	r, err := p.openReplay(ctx, from, f, cfg)
	if err != nil {
		return err
	}
	defer r.close()
	switch {
	case f.summary:
		err = p.replaySummary(ctx, r, f)
	case headless:
		err = p.replayLines(ctx, r, f)
	default:
		err = p.replayScreen(ctx, r, f, cfg)
	}
	if f.summary {
		return err // which says it itself
	}
	p.warn(r.name, r.report.Problems())
	return err
}

// openReplay opens the file, the growing file, or standard input.
func (p *program) openReplay(ctx context.Context, from string, f replayFlags, cfg config.Config) (*replay, error) {
	var source *record.Source
	var err error
	switch {
	case from == "-" && terminal(p.in):
		return nil, usage("pipe a recording or a log into it, or give a file", "standard input is the terminal, and nothing comes from there")
	case from == "-":
		source, err = record.OpenReader("standard input", waitable(p.in))
	case f.follow:
		var file *growing
		if file, err = openGrowing(ctx, from); err == nil {
			source, err = record.OpenReader(from, file)
		}
	default:
		source, err = record.Open(from)
	}
	if err != nil {
		return nil, replayProblem(err)
	}
	return newReplay(source, cfg), nil
}

// replayProblem says why a recording cannot be read, and what to do.
func replayProblem(err error) error {
	if err == nil {
		return nil
	}
	if foreign, ok := errors.AsType[*timeline.FormatError](err); ok {
		hint := "give a recording of streamscope (--record FILE), or a log that is text"
		if foreign.Version > 0 {
			hint = "update streamscope: streamscope version says which one this is"
		}
		return usage(hint, "%s", hide(err.Error()))
	}
	if _, ok := errors.AsType[*record.BombError](err); ok {
		return usage("decompress it yourself if you trust it", "%s", hide(err.Error()))
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		if errors.Is(err, fs.ErrNotExist) {
			return usage("give the path of a recording; sessions write one with --record FILE", "%s: there is no such file", hide(path.Path))
		}
		return usage("give the path of a file that can be read", "%s", hide(pathProblem(err)))
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &problem{code: exitFailed, what: fmt.Sprintf("the recording cannot be read on: %s", hide(err.Error()))}
}

// keysFrom is where the keys of a screen come from whose standard input is
// something else; nil is standard input.
func (p *program) keysFrom() (*os.File, error) {
	if terminal(p.in) {
		return nil, nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, usage("use --summary, --text or --json", "there is no terminal to take keys from")
	}
	return tty, nil
}
