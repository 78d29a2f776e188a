//go:build unix

package ui

import (
	"os"
	"testing"
)

// A pipe stands in for the terminal: what matters is what there is to read.
func TestEscapeIsWholeWhenNothingFollows(t *testing.T) {
	tests := []struct{ name, typed, want string }{
		{"a letter is as it is", "j", "j"},
		{"an arrow is as it is", "\x1b[A", "\x1b[A"},
		{"escape alone is the whole key", "\x1b", escapeKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			defer w.Close()
			if _, err := w.WriteString(tt.typed); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 64)
			if n, err := readKeys(r).Read(b); err != nil || string(b[:n]) != tt.want {
				t.Errorf("typing %q reads as %q (%v), not as %q", tt.typed, b[:n], err, tt.want)
			}
		})
	}
}
