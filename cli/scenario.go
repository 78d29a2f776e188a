package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"streamscope/scenario"
	"streamscope/scenarios"
)

// scenarioFlags are the flags of scenario.
type scenarioFlags struct {
	json    bool
	list    bool
	print   bool
	virtual bool
	junit   string
	record  string
	seed    uint64
	limit   time.Duration
}

func (p *program) scenarioCommand() *cobra.Command {
	var f scenarioFlags
	c := p.command(&cobra.Command{
		Use:   "scenario FILE|DIR|NAME",
		Short: "Run scripted fault scenarios; pass or fail",
		Long: "Run scenarios: lists of timed steps that break a connection on purpose and say what\n" +
			"must be seen then. Each one runs with sessions and a local coordinator of its own;\n" +
			"no account, no network. A name stands for one of those that come with streamscope.\n\n" +
			"With --virtual-time hours pass in moments: nothing waits for a clock.\n\n" +
			"It ends with exit code 7 when a scenario diverged from what it expects. What is\n" +
			"drawn at random comes from the seed: a scenario's own, or else the one that is\n" +
			"printed, which --seed gives again.",
		Example: "streamscope scenario --list\n" +
			"streamscope scenario server-deploy\n" +
			"streamscope scenario server-deploy --print > mine.yaml\n" +
			"streamscope scenario scenarios/ --virtual-time --junit report.xml",
		GroupID: groupTools,
	}, takes{min: 0, max: 1, what: "a file, a folder or the name of a scenario"}, func(ctx context.Context, args []string) error {
		switch {
		case f.list && len(args) == 0:
			return p.listScenarios(f.json)
		case f.list:
			return usage("run streamscope scenario --list alone", "--list takes nothing else, got %q", hide(args[0]))
		case len(args) == 0:
			return usage("see which there are with streamscope scenario --list", "streamscope scenario needs a file, a folder or a name")
		case f.print:
			return p.printScenario(args[0])
		}
		return p.scenario(ctx, args[0], f)
	})
	c.ValidArgsFunction = completeScenario
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document at the end")
	c.Flags().BoolVar(&f.list, "list", false, "list the scenarios that come with streamscope")
	c.Flags().BoolVar(&f.print, "print", false, "print the text of one that comes with streamscope, to begin your own with")
	c.Flags().BoolVar(&f.virtual, "virtual-time", false, "let time pass only when something is waited for")
	c.Flags().StringVar(&f.junit, "junit", "", "write a JUnit report to this file")
	c.Flags().StringVar(&f.record, "record", "", "write a recording to this file; of several scenarios, into this folder")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of scenarios that have none of their own; 0 draws one")
	c.Flags().DurationVar(&f.limit, "for", 0, "stop after this time")
	return c
}

// scenario runs what was asked for and reports.
func (p *program) scenario(ctx context.Context, what string, f scenarioFlags) error {
	if f.limit < 0 {
		return usage("write a duration such as 30s or 5m", "--for: %s is negative", f.limit)
	}
	all, err := loadScenarios(what)
	if err != nil {
		return err
	}
	if f.seed == 0 {
		f.seed = rand.Uint64N(1 << 53) // what every reader of JSON takes as it is
	}
	if err := f.prepare(len(all)); err != nil {
		return err
	}
	cancel := context.CancelFunc(func() {})
	if f.limit > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, f.limit, errTimeUp)
	}
	defer cancel()
	text := &scenarioText{out: p.out, quiet: f.json}
	results, err := f.runAll(ctx, all, text)
	if err := f.write(results); err != nil {
		return err
	}
	if f.json {
		if err := json.NewEncoder(p.out).Encode(scenario.NewReport(f.seed, results)); err != nil {
			return err
		}
	}
	text.summary(len(all), f.seed)
	return f.verdict(results, len(all), errors.Join(err, text.err))
}

// loadScenarios reads a file, a folder, or a scenario of the library by its name.
func loadScenarios(what string) ([]scenario.Scenario, error) {
	all, err := scenario.Load(what)
	switch {
	case err == nil:
		return all, nil
	case errors.Is(err, fs.ErrNotExist):
		if s, ok := libraryScenario(what); ok {
			return []scenario.Scenario{s}, nil
		}
		return nil, usage("give a file, a folder, or a name of streamscope scenario --list", "there is no scenario %q", hide(what))
	}
	return nil, usage("mend the file; streamscope scenario server-deploy --print shows one that is right", "%s", hideLines(err.Error()))
}

// libraryScenario finds a scenario that comes with the program.
func libraryScenario(name string) (scenario.Scenario, bool) {
	file, data := libraryText(name)
	if data == nil {
		return scenario.Scenario{}, false
	}
	s, err := scenario.Parse(file, data)
	return s, err == nil // a test parses them all
}

// libraryText is the file of a scenario that comes with the program, and nil
// without one of that name.
func libraryText(name string) (file string, data []byte) {
	file = strings.TrimSuffix(name, ".yaml") + ".yaml"
	if strings.ContainsAny(name, `/\`) {
		return file, nil
	}
	data, err := fs.ReadFile(scenarios.Files(), file)
	if err != nil {
		return file, nil
	}
	return file, data
}

// printScenario writes out a scenario that comes with the program.
func (p *program) printScenario(name string) error {
	_, data := libraryText(name)
	if data == nil {
		return usage("give a name of streamscope scenario --list", "no scenario %q comes with streamscope", hide(name))
	}
	_, err := p.out.Write(data)
	return err
}

// library is every scenario that comes with the program, by name.
func library() []scenario.Scenario {
	files, err := fs.Glob(scenarios.Files(), "*.yaml")
	if err != nil {
		return nil // the pattern is right
	}
	var all []scenario.Scenario
	for _, file := range files {
		if s, ok := libraryScenario(file); ok {
			all = append(all, s)
		}
	}
	return all
}

// listScenarios prints the library.
func (p *program) listScenarios(asJSON bool) error {
	type row struct {
		Name        string `json:"name"`
		Title       string `json:"title"`
		Description string `json:"description"`
	}
	rows := []row{}
	for _, s := range library() {
		rows = append(rows, row{s.Name, s.Title, s.Description})
	}
	if asJSON {
		return json.NewEncoder(p.out).Encode(rows)
	}
	for _, r := range rows {
		if _, err := fmt.Fprintf(p.out, "%-26s %s\n", r.Name, r.Title); err != nil {
			return err
		}
	}
	return nil
}

// prepare finds out that a report or a recording cannot be written before a
// scenario of an hour has been run.
func (f scenarioFlags) prepare(n int) error {
	if f.junit != "" {
		if err := writePrivate(f.junit, nil); err != nil {
			return usage("give the path of a file that can be written", "--junit: %s", pathProblem(err))
		}
	}
	if f.record != "" && n > 1 {
		if err := os.MkdirAll(f.record, 0o700); err != nil {
			return usage("give a folder: each scenario has a recording of its own", "--record: %s", pathProblem(err))
		}
	}
	return nil
}

// recording is the file for the recording of a scenario, empty for none.
func (f scenarioFlags) recording(s scenario.Scenario, n int) string {
	if f.record == "" || n == 1 {
		return f.record
	}
	return filepath.Join(f.record, fileName(s.Name)+".ndjson.zst")
}

// write writes the report for CI.
func (f scenarioFlags) write(results []scenario.Result) error {
	if f.junit == "" {
		return nil
	}
	var b strings.Builder
	if err := scenario.WriteJUnit(&b, results); err != nil {
		return err
	}
	if err := writePrivate(f.junit, []byte(b.String())); err != nil {
		return usage("give the path of a file that can be written", "--junit: %s", pathProblem(err))
	}
	return nil
}

// writePrivate writes a file that only the user can read.
func writePrivate(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// verdict is the exit of the command.
func (f scenarioFlags) verdict(results []scenario.Result, n int, err error) error {
	switch {
	case errors.Is(err, errTimeUp):
		return &problem{code: exitTimeout, what: fmt.Sprintf("%d of %d scenarios had ended after %s", passedOf(results), n, f.limit),
			hint: "give it longer with --for, or let no time pass with --virtual-time"}
	case err != nil:
		return err
	case passedOf(results) < n:
		return silent(exitDiverged)
	}
	return nil
}

// passedOf counts the scenarios that did what they say.
func passedOf(results []scenario.Result) int {
	n := 0
	for _, r := range results {
		if r.Passed() {
			n++
		}
	}
	return n
}
