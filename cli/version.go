package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) versionCommand() *cobra.Command {
	return p.command(&cobra.Command{
		Use:     "version",
		Short:   "Print the version, the commit, the Go it was built with and the system",
		GroupID: groupTools,
	}, takes{}, func(context.Context, []string) error {
		_, err := fmt.Fprintln(p.out, "streamscope "+versionText())
		return err
	})
}

// What a release build sets with -ldflags -X; empty in every other build, where the
// toolchain knows.
var version, commit string

// versionText is the version, the commit, the Go version and the system.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{GoVersion: runtime.Version()}
	}
	return versionOf(*info, version, commit) + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// versionOf words what a release says, or else what the toolchain wrote into the
// binary.
func versionOf(info debug.BuildInfo, release, releaseCommit string) string {
	if release != "" {
		return strings.Join(strings.Fields(release+" "+short(releaseCommit)+" "+info.GoVersion), " ")
	}
	name := info.Main.Version
	if name == "" || name == "(devel)" {
		name = "devel"
	}
	at, known := "", name != "devel" // a version names its commit
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			at, known = " "+short(s.Value)+at, true
		case s.Key == "vcs.modified" && s.Value == "true":
			at += "+changes"
		}
	}
	if !known {
		at = " (unknown commit)"
	}
	return name + at + " " + info.GoVersion
}

// short is a commit as people write it.
func short(commit string) string { return commit[:min(len(commit), 12)] }
