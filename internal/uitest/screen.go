package uitest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Lines returns drawn content as plain text, one string for each line, without
// escape sequences and without the blanks at the end.
func Lines(content string) []string {
	rows := strings.Split(ansi.Strip(content), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return rows
}

// Misfit says how content differs from exactly h lines of exactly w cells, by
// the two ways in which terminals measure text; empty when it does not.
func Misfit(content string, w, h int) string {
	rows := strings.Split(content, "\n")
	if len(rows) != h {
		return fmt.Sprintf("there are %d lines", len(rows))
	}
	for i, row := range rows {
		if n := ansi.StringWidth(row); n != w {
			return fmt.Sprintf("line %d is %d cells wide: %q", i, n, row)
		}
		if n := ansi.StringWidthWc(row); n != w {
			return fmt.Sprintf("line %d is %d cells wide without graphemes: %q", i, n, row)
		}
	}
	return ""
}

// Cell returns the cell of drawn content at a column and a line, with its style.
func Cell(content string, w, h, x, y int) *uv.Cell {
	canvas := lipgloss.NewCanvas(w, h)
	canvas.Compose(lipgloss.NewLayer(content))
	return canvas.CellAt(x, y)
}

// Golden compares text with testdata/NAME.golden, and writes it there with
// -update. When they differ the actual text goes to the test's artifacts.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	got = strings.TrimRight(got, "\n") + "\n"
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if got == string(want) {
		return
	}
	actual := filepath.Join(t.ArtifactDir(), name+".actual")
	if err := os.WriteFile(actual, []byte(got), 0o644); err != nil {
		t.Log(err)
	}
	t.Errorf("the screen differs from %s (-want +got), see %s:\n%s", path, actual,
		cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")))
}
