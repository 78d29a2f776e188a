package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const readme = "../README.md"

// TestREADME holds the parts of the README that are written down elsewhere too:
// the key table, the screen and the exit codes. UPDATE_README=1 writes them.
func TestREADME(t *testing.T) {
	keys, err := keyTable(nil)
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.ReadFile("../docs/screen.txt")
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	text := string(before)
	text = between(t, text, "keys", keys)
	text = between(t, text, "screen", "```\n"+strings.TrimRight(string(screen), "\n")+"\n```\n")
	for _, row := range exitTable {
		if line := fmt.Sprintf("| %s | %s |", row.code, row.text); !strings.Contains(text, line) {
			t.Errorf("the README lists the exit code: %s", line)
		}
	}
	if text == string(before) {
		return
	}
	if os.Getenv("UPDATE_README") == "" {
		t.Fatal("the README differs from the key table or docs/screen.txt; UPDATE_README=1 go test ./cli -run README writes it")
	}
	if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// between replaces what stands between two markers.
func between(t *testing.T, text, name, content string) string {
	t.Helper()
	head, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	_, tail, closed := strings.Cut(rest, "<!-- /"+name+" -->\n")
	if !ok || !closed {
		t.Fatalf("the README has the markers %s", name)
	}
	return head + "<!-- " + name + " -->\n" + content + "<!-- /" + name + " -->\n" + tail
}
