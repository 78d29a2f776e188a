package cli

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"streamscope/config"
)

// sharedFlags are the flags that every command with a session takes. They come
// from the table of package config, which also knows their variables and keys;
// what is typed is handed to it as text, so that a mistake is reported the same
// way wherever it was made.
type sharedFlags struct {
	set   *pflag.FlagSet
	names []string
}

// addShared defines the shared flags on a command.
func addShared(c *cobra.Command) *sharedFlags {
	return addFlags(c, func(config.Key) bool { return true })
}

// addFlags defines those of the shared flags that a command has a use for.
func addFlags(c *cobra.Command, takes func(config.Key) bool) *sharedFlags {
	f := &sharedFlags{set: c.Flags()}
	f.set.String("config", "", "Read this configuration file.")
	for _, k := range config.Keys() {
		if k.Flag == "" || !takes(k) {
			continue
		}
		f.names = append(f.names, k.Flag)
		switch {
		case k.Default == "true" || k.Default == "false":
			f.set.Bool(k.Flag, k.Default == "true", flagDoc(k))
		case strings.HasPrefix(k.Default, "{") && k.Flag == "log":
			f.set.StringArray(k.Flag, nil, "Level of a scope, SCOPE=LEVEL (repeatable): trace, debug, info, warn, error, off.")
		default:
			f.set.String(k.Flag, shownDefault(k), flagDoc(k))
		}
		completeKey(c, f, k)
	}
	f.set.Bool("no-color", false, "Use no colours.")
	return f
}

// addConfigFlag defines only the flag of the configuration file, on a command
// that takes its defaults from there.
func addConfigFlag(c *cobra.Command) *sharedFlags {
	f := &sharedFlags{set: c.Flags()}
	f.set.String("config", "", "Read this configuration file.")
	return f
}

// flagDoc is a key's line for the help, with the words that it takes. The help
// capitalises the first word and would make Api of API.
func flagDoc(k config.Key) string {
	doc := k.Doc
	if k.Flag == "token" {
		doc = "A token: its text, @FILE, or - for standard input; or env:NAME, file:PATH, cmd:COMMAND. It cannot be refreshed."
	}
	if first, _, _ := strings.Cut(doc, " "); len(first) > 1 && strings.ToUpper(first) == first {
		doc = "The " + doc
	}
	if len(k.Words) > 0 {
		doc += " One of " + strings.Join(k.Words, ", ") + "."
	}
	return doc
}

// shownDefault is the default as the help shows it.
func shownDefault(k config.Key) string {
	if k.Default == `""` || k.Default == "{}" {
		return ""
	}
	return k.Default
}

// given reports whether a flag stands on the command line.
func (f *sharedFlags) given(name string) bool { return f.set.Changed(name) }

// text is the value of a flag.
func (f *sharedFlags) text(name string) string { return f.set.Lookup(name).Value.String() }

// typed are the flags that stand on the command line, as config wants them.
func (f *sharedFlags) typed() map[string][]string {
	typed := make(map[string][]string)
	f.set.Visit(func(flag *pflag.Flag) {
		if !slices.Contains(f.names, flag.Name) {
			return
		}
		typed[flag.Name] = []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			typed[flag.Name] = list.GetSlice()
		}
	})
	return typed
}

// load reads every layer of the configuration and prints what was noticed on the
// way; for a profile that was chosen later it prints nothing, as there is a screen.
func (f *sharedFlags) load(p *program, profile string) (config.Config, config.Origins, error) {
	cfg, origins, err := f.read(f.sources(p, profile))
	if err != nil || profile != "" {
		return cfg, origins, err
	}
	for _, w := range origins.Warnings {
		printProblem(p.err, "warning: "+w.Text, w.Hint)
	}
	return cfg, origins, nil
}

// sources are the layers. With a profile that was chosen later, the flags that say
// who connects where do not count: they were meant for the first session.
func (f *sharedFlags) sources(p *program, profile string) config.Sources {
	typed := f.typed()
	if profile != "" {
		for _, k := range config.Keys() {
			if k.Path == "profile" || strings.HasPrefix(k.Path, "connection.") {
				delete(typed, k.Flag)
			}
		}
	}
	return config.Sources{Path: f.text("config"), Env: os.Environ(), Flags: typed, Profile: profile, Stdin: p.in}
}

// read is load without words.
func (f *sharedFlags) read(from config.Sources) (config.Config, config.Origins, error) {
	cfg, origins, err := config.Load(from)
	if f.given("no-color") {
		cfg.UI.Color = "never"
	}
	if err == nil {
		err = checkScreen(cfg, origins)
	}
	return cfg, origins, err
}

// reportConfig prints each problem of a configuration on its own.
func reportConfig(p *config.Error, say func(what, hint string)) {
	for _, each := range p.Problems {
		hint := cmp.Or(each.Hint, "streamscope config schema lists every key and what it takes")
		each.Hint = ""
		say(each.String(), hint)
	}
}

// isConfig returns the problems of a configuration in an error.
func isConfig(err error) (*config.Error, bool) { return errors.AsType[*config.Error](err) }
