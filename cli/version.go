package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return p.command(&cobra.Command{
		Use:     "version",
		Short:   "Print the version, the commit and the Go it was built with",
		GroupID: groupTools,
	}, takes{}, func(context.Context, []string) error {
		_, err := fmt.Fprintln(p.out, "streamscope "+versionText())
		return err
	})
}

// versionText is the version, the commit and the Go version, from what the
// toolchain writes into the binary.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown " + runtime.Version()
	}
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "devel"
	}
	commit := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = " " + s.Value[:min(len(s.Value), 12)] + commit
		case s.Key == "vcs.modified" && s.Value == "true":
			commit += "+changes"
		}
	}
	return version + commit + " " + info.GoVersion
}
