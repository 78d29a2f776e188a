package uitest

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestKeysAreWrittenAsBubbleTeaPrintsThem(t *testing.T) {
	for _, name := range []string{"x", "G", "?", "tab", "shift+tab", "ctrl+p", "alt+3", "enter", "esc", "pgdown", "space", "f2", "+", "-"} {
		if got := Key(name).String(); got != name {
			t.Errorf("Key(%q) is printed as %q", name, got)
		}
	}
}

func TestMisfit(t *testing.T) {
	tests := []struct {
		name, content string
		want          string
	}{
		{"exact", "ab\n\x1b[1mcd\x1b[m", ""},
		{"a line too few", "ab", "there are 1 lines"},
		{"a cell too many", "abc\nde", "line 0 is 3 cells wide"},
		{"measured in two ways", "👨‍👩‍👧\nab", "line 0 is 6 cells wide without graphemes"},
	}
	for _, tt := range tests {
		got := Misfit(tt.content, 2, 2)
		if !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// counter is a model that counts what it gets, and answers once.
type counter struct{ n int }

func (counter) Init() tea.Cmd { return nil }

func (c counter) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	c.n++
	switch msg.(type) {
	case tea.KeyPressMsg:
		answer := func() tea.Msg { return "answer" }
		return c, tea.Batch(answer, answer, tea.Quit)
	}
	return c, nil
}

func (c counter) View() tea.View { return tea.NewView(strings.Repeat("#", c.n)) }

func TestHarnessCarriesCommandsOut(t *testing.T) {
	x := New(t, counter{}, 10, 1)
	x.Press("x")
	if got := x.Text(); got != "####" {
		t.Errorf("the size, the key and two answers are four messages, not %q", got)
	}
	if len(x.Seen) != 1 {
		t.Errorf("what the program carries out is seen: %v", x.Seen)
	}
}
