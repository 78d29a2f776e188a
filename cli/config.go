package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/ui"
)

func (p *program) configCommand() *cobra.Command {
	c := p.command(&cobra.Command{
		Use:     "config",
		Short:   "Make, check and show the configuration: values and their origins, keys, paths, schema",
		GroupID: groupTools,
	}, takes{}, func(context.Context, []string) error {
		return usage("run streamscope config init, validate, print, blame, keys, paths or schema", "streamscope config needs a command")
	})
	c.AddCommand(
		p.configInitCommand(), p.configValidateCommand(), p.configBlameCommand(),
		p.loaded(&cobra.Command{
			Use:   "print",
			Short: "Print the configuration in force, and where each value came from",
			Long: "Print the configuration in force as YAML, with where each value came from. It is\n" +
				"valid as a configuration file. Secrets are masked.",
			Example: "streamscope config print --profile staging",
		}, func(cfg config.Config, origins config.Origins) error { return config.Print(p.out, cfg, origins) }),
		p.loaded(&cobra.Command{
			Use:   "keys",
			Short: "Print every action, its ID and its keys",
		}, func(cfg config.Config, _ config.Origins) error { return p.printKeys(cfg.UI.Keys) }),
		p.command(&cobra.Command{
			Use:   "paths",
			Short: "Print the files that are read and written",
		}, takes{}, func(context.Context, []string) error { return p.printPaths() }),
		p.command(&cobra.Command{
			Use:   "schema",
			Short: "Print the JSON Schema of the configuration file",
		}, takes{}, func(context.Context, []string) error { return p.printSchema() }))
	return c
}

// configValidateCommand says whether the file is right, profiles included.
func (p *program) configValidateCommand() *cobra.Command {
	return p.loaded(&cobra.Command{
		Use:   "validate",
		Short: "Check the configuration file, every profile included",
		Long: "Check the configuration file: every key, every value, every profile, the keys of\n" +
			"the screen. What is wrong is printed with its place, all of it, and the exit code\n" +
			"is 2. No secret is looked up, and nothing connects.",
	}, func(cfg config.Config, origins config.Origins) error {
		if err := checkTheme(cfg.UI.ThemeFile); err != nil {
			return err
		}
		if origins.File == "" {
			_, err := fmt.Fprintln(p.out, "there is no configuration file; streamscope config init writes one")
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s is valid; profiles: %s\n", origins.File, orNone(origins.Profiles))
		return err
	})
}

// orNone is a list in words.
func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return hide(strings.Join(names, ", "))
}

// configBlameCommand says who has set what.
func (p *program) configBlameCommand() *cobra.Command {
	var flags *sharedFlags
	c := p.command(&cobra.Command{
		Use:   "blame [KEY]",
		Short: "Print what was set, and by whom: flag, variable, profile or line of the file",
		Example: "streamscope config blame\n" +
			"streamscope config blame connection.token --profile staging",
	}, takes{max: 1, what: "a key or the beginning of one"}, func(_ context.Context, args []string) error {
		cfg, origins, err := flags.load(p, "")
		if err != nil {
			return err
		}
		prefix := strings.Join(args, "")
		found, err := config.Blame(p.out, cfg, origins, prefix)
		if err != nil || found {
			return err
		}
		if prefix != "" {
			return usage("streamscope config print shows every key", "no key is called %q", hide(prefix))
		}
		_, err = fmt.Fprintln(p.out, "nothing was set: every value is the default")
		return err
	})
	flags = addShared(c)
	return c
}

// loaded completes a command that works on the configuration in force.
func (p *program) loaded(c *cobra.Command, run func(cfg config.Config, origins config.Origins) error) *cobra.Command {
	var flags *sharedFlags
	p.command(c, takes{}, func(context.Context, []string) error {
		cfg, origins, err := flags.load(p, "")
		if err != nil {
			return err
		}
		return run(cfg, origins)
	})
	flags = addShared(c)
	return c
}

func (p *program) printSchema() error {
	schema, err := config.Schema()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, strings.TrimRight(string(schema), "\n"))
	return err
}

// printKeys prints the key table as Markdown: it reads well as text, and the
// README holds the same.
func (p *program) printKeys(remap map[string][]string) error {
	table, err := keyTable(remap)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(p.out, table)
	return err
}

// keyTable is every action with its keys, as Markdown.
func keyTable(remap map[string][]string) (string, error) {
	rows, err := ui.KeyTable(remap)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	group := ""
	for _, row := range rows {
		if row.Group != group {
			group = row.Group
			fmt.Fprintf(&b, "\n**%s**\n\n| keys | ID | what it does |\n| --- | --- | --- |\n", group)
		}
		keys := make([]string, len(row.Keys))
		for i, key := range row.Keys {
			keys[i] = "`" + key + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(keys, " "), row.ID, strings.ReplaceAll(row.Help, "|", `\|`))
	}
	return strings.TrimLeft(b.String(), "\n"), nil
}

// printPaths prints what is read and written, and whether it is there.
func (p *program) printPaths() error {
	for _, path := range config.Paths(os.Environ()) {
		there := "not there"
		if path.Exists {
			there = "there"
		}
		if _, err := fmt.Fprintf(p.out, "%-16s %-9s %s\n", path.What, there, path.Path); err != nil {
			return err
		}
	}
	return nil
}
