package cli

import (
	"runtime/debug"
	"testing"
)

func TestVersion(t *testing.T) {
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}
	for name, c := range map[string]struct {
		info            debug.BuildInfo
		release, commit string
		want            string
	}{
		"a release":                  {debug.BuildInfo{GoVersion: "go1.26", Settings: vcs}, "v1.2.3", "fedcba9876543210", "v1.2.3 fedcba987654 go1.26"},
		"a release without a commit": {debug.BuildInfo{GoVersion: "go1.26"}, "v1.2.3", "", "v1.2.3 go1.26"},
		"go install of a version":    {debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: "v1.0.0"}}, "", "", "v1.0.0 go1.26"},
		"a working tree": {debug.BuildInfo{GoVersion: "go1.26", Main: debug.Module{Version: "(devel)"},
			Settings: append(vcs, debug.BuildSetting{Key: "vcs.modified", Value: "true"})}, "", "", "devel 0123456789ab+changes go1.26"},
		"nothing is known": {debug.BuildInfo{GoVersion: "go1.26"}, "", "", "devel (unknown commit) go1.26"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := versionOf(c.info, c.release, c.commit); got != c.want {
				t.Errorf("the version is %q, got %q", c.want, got)
			}
		})
	}
}
