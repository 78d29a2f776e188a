package cli

import (
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/scenarios"
)

// complete tells the shell the values of a flag that was just defined.
func complete(c *cobra.Command, flag string, words func() []string) {
	_ = c.RegisterFlagCompletionFunc(flag, // fails for an unknown flag only
		func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return words(), cobra.ShellCompDirectiveNoFileComp
		})
}

// completeKey does so for a key of the configuration.
func completeKey(c *cobra.Command, f *sharedFlags, k config.Key) {
	switch {
	case k.Path == "profile":
		complete(c, k.Flag, f.profiles)
	case len(k.Words) > 0:
		complete(c, k.Flag, func() []string { return k.Words })
	}
}

// profiles are the names in the configuration file, as far as it can be read.
func (f *sharedFlags) profiles() []string {
	_, origins, err := config.Load(config.Sources{Path: f.text("config"), Env: os.Environ()})
	if err != nil && len(origins.Profiles) == 0 {
		return nil
	}
	return origins.Profiles
}

// completeScenario offers those that come with the program, and files.
func completeScenario(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	names, err := fs.Glob(scenarios.Files(), "*.yaml")
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".yaml")
	}
	return names, cobra.ShellCompDirectiveDefault
}
