package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which of our packages each floor of the house may import. A name
// covers the packages below it. Whatever is not listed is forbidden, in tests
// too: two ends of a wire that know each other cannot disagree.
var arrows = map[string][]string{
	"": {"cli"}, // main
	"cli": {"ui", "session", "coordinator", "tap", "scenario", "scenarios", "config",
		"replay", "record", "report", "doctor", "timeline", "logsink", "explain", "internal"},
	"ui":          {"timeline", "logsink", "explain", "internal"},
	"session":     {"timeline", "internal"},
	"tap":         {"timeline", "logsink", "internal"},
	"coordinator": {"internal"},
	"scenario":    {"timeline", "internal"},
	"scenarios":   {},
	"record":      {"timeline", "logsink", "internal"},
	"replay":      {"timeline", "record", "internal"},
	"report":      {"timeline", "logsink", "explain", "internal"},
	"doctor":      {"timeline", "explain", "internal"},
	"config":      {"logsink", "internal"},
	"timeline":    {"internal"},
	"logsink":     {"internal"},
	"explain":     {"internal"},
	"internal":    {"internal"},
}

// sim puts two ends together; it is test code, and the one exception.
const sim = "internal/sim"

// libraries says who may import the libraries that would otherwise spread.
var libraries = map[string][]string{
	"charm.land/bubbletea/v2":          {"ui", "internal/uitest", "internal/bench"},
	"charm.land/bubbles/v2":            {"ui"},
	"charm.land/lipgloss/v2":           {"ui", "cli", "internal/uitest", "internal/picture"},
	"charm.land/fang/v2":               {"cli"},
	"github.com/spf13/cobra":           {"cli"},
	"github.com/coder/websocket":       {"session", "coordinator", "tap", "replay", "internal", "logsink"},
	"github.com/golang-jwt/jwt/v5":     {"internal/token", "coordinator"},
	"github.com/goccy/go-yaml":         {"config", "ui", "scenario", "coordinator", "cli", "internal/fault"},
	"github.com/adrg/xdg":              {"cli", "config"},
	"github.com/atotto/clipboard":      {"ui"},
	"github.com/aymanbagabas/go-udiff": {"replay"},
	"github.com/klauspost/compress":    {"record"},
}

// listed is what the test needs of go list's answer.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestArrowsPointDownOnly(t *testing.T) {
	packages := goList(t)
	if len(packages) < 2 {
		t.Fatalf("go list found %d packages; the test would prove nothing", len(packages))
	}
	for _, p := range packages {
		from := inHouse(p.ImportPath)
		if _, known := arrows[floor(from)]; !known {
			t.Errorf("package %s stands on no floor: add it to the table and to design section 3", p.ImportPath)
			continue
		}
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if problem := refuse(from, imported); problem != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, problem)
			}
		}
	}
}

// TestTheTableRefuses keeps the walk above honest: what must be refused is.
func TestTheTableRefuses(t *testing.T) {
	for _, c := range []struct{ from, imported string }{
		{"ui", "streamscope/session"},
		{"ui", "streamscope/coordinator"},
		{"session", "streamscope/coordinator"},
		{"session", "streamscope/logsink"},
		{"coordinator", "streamscope/session"},
		{"coordinator", "streamscope/timeline"},
		{"timeline", "streamscope/explain"},
		{"internal/wire", "streamscope/timeline"},
		{"cli", "streamscope/internal/sim"},
		{"timeline", "charm.land/lipgloss/v2"},
		{"session", "github.com/spf13/cobra/doc"},
	} {
		if refuse(c.from, c.imported) == "" {
			t.Errorf("%s may not import %s", c.from, c.imported)
		}
	}
	if problem := refuse("internal/sim", "streamscope/session"); problem != "" {
		t.Errorf("the simulation puts two ends together, but: %s", problem)
	}
}

// refuse returns why the import is forbidden, or an empty text.
func refuse(from, imported string) string {
	for library, users := range libraries {
		if under(imported, library) && !slices.ContainsFunc(users, func(u string) bool { return under(from, u) }) {
			return "only " + strings.Join(users, ", ") + " may"
		}
	}
	to, ours := strings.CutPrefix(imported, "streamscope/")
	switch {
	case !ours || from == sim || floor(from) != "" && under(to, floor(from)) && to != sim:
		return ""
	case to == sim:
		return "test code that puts two ends together is imported by nothing"
	case slices.ContainsFunc(arrows[floor(from)], func(a string) bool { return under(to, a) }):
		return ""
	}
	return "arrows point down only (design section 3)"
}

// inHouse returns the path inside the module; empty for main.
func inHouse(path string) string {
	path = strings.TrimSuffix(strings.TrimSuffix(path, "_test"), ".test")
	return strings.TrimPrefix(strings.TrimPrefix(path, "streamscope"), "/")
}

// floor returns the first element of a path inside the module.
func floor(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// under reports whether path is root or below it.
func under(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

func goList(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go list: %v\n%s", err, failed.Stderr)
	}
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for in := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
}
