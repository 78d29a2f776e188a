package config

import (
	"strings"
	"testing"
)

// FuzzFile reads anything: no file may crash the program, and no problem may
// lack its words.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		"connection:\n  user: {id: a}\n", "- a\n", "a: &x {b: 1}\nc: *x\n", "<<: {ui: {}}\n", "ui: !!str x\n", "? [a]\n: b\n",
		"profiles: {a: {ui: {theme: dark}}, b: ~}\nprofile: a\n", "logs: {levels: {a: off, b: 1}}\n", "record: |\n  a\n  b\n", "\t", "ui: {keys: {a: [1, [2]]}}",
		"connection: {user: {custom: {a: {b: [1, ~]}}}}", "---\na\n---\nb\n", "connection: {token: {headers: {A: env:B}}}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := &loader{cfg: Default(), keys: Keys(), origins: Origins{of: map[string]Origin{}}, touched: map[string]bool{}}
		l.parse("config.yaml", []byte(text))
		for _, p := range l.problems {
			if p.Text == "" || strings.ContainsAny(p.Text+p.Key+p.Hint, "\x1b\n") {
				t.Errorf("a problem is one clean line, got %q", p)
			}
		}
		if c := l.cfg; len(l.problems) == 0 && c.Validate() != nil {
			t.Errorf("what loads is valid, got %v from %q", c.Validate(), text)
		}
	})
}
