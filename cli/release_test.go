package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// release is what the test looks at in the file that a release is made from.
type release struct {
	Before   struct{ Hooks []string }
	Builds   []struct{ GOOS, GOARCH []string }
	Archives []struct{ Files []struct{ Src string } }
	NFPMs    []struct {
		Formats  []string
		Contents []struct{ Src string }
	}
	Casks []struct {
		Manpages    []string
		Completions map[string]string
	} `yaml:"homebrew_casks"`
}

var ownCommand = regexp.MustCompile(`go run \. (.*) >(release/\S+?)"?$`)

// The release tool is not at hand in every run of the tests. What it would miss is:
// a file that is packed and neither in the tree nor made before, and a command that
// makes one and has gone.
func TestReleaseHasItsFiles(t *testing.T) {
	t.Chdir("..")
	text, err := os.ReadFile(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var r release
	if err := yaml.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	made := make(map[string]bool)
	for _, hook := range r.Before.Hooks {
		m := ownCommand.FindStringSubmatch(hook)
		if m == nil {
			continue
		}
		var out, problems bytes.Buffer
		if code := Main(strings.Fields(m[1]), strings.NewReader(""), &out, &problems); code != 0 || out.Len() == 0 {
			t.Errorf("streamscope %s ends with %d after %d bytes: %s", m[1], code, out.Len(), problems.String())
		}
		made[m[2]] = true
	}
	var packed []string
	for _, a := range r.Archives {
		for _, f := range a.Files {
			packed = append(packed, f.Src)
		}
	}
	var formats []string
	for _, p := range r.NFPMs {
		formats = append(formats, p.Formats...)
		for _, f := range p.Contents {
			packed = append(packed, f.Src)
		}
	}
	for _, c := range r.Casks { // which takes them out of the archive
		for _, name := range slices.Concat(c.Manpages, []string{c.Completions["bash"], c.Completions["zsh"], c.Completions["fish"]}) {
			packed = append(packed, "release/"+strings.TrimPrefix(name, "extras/"))
		}
	}
	for _, name := range packed {
		there, err := filepath.Glob(name)
		if err != nil || len(there) == 0 && !made[name] && name != "release/*" {
			t.Errorf("%s is packed, and is not there (%v)", name, err)
		}
	}
	if diff := cmp.Diff([]string{"deb", "rpm"}, formats); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	if len(made) < 5 || len(packed) < 15 || len(r.Builds) != 1 || len(r.Builds[0].GOOS)*len(r.Builds[0].GOARCH) != 6 {
		t.Errorf("five files are made, three systems are built for two processors; got %v, %+v", made, r.Builds)
	}
}
