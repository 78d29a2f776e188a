package wrap

import (
	"slices"
	"testing"
)

func TestLines(t *testing.T) {
	tests := []struct {
		name, text string
		width      int
		want       []string
	}{
		{"at blanks", "one two three", 8, []string{"one two", "three"}},
		{"an address stays whole", "as in https://video.stream-io-api.com/video.", 42, []string{"as in", "https://video.stream-io-api.com/video."}},
		{"what is longer than a line", "abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"lines that are there stay", "one\ntwo", 10, []string{"one", "two"}},
		{"hyphens stay hyphens", "a half-open socket", 40, []string{"a half-open socket"}},
		{"nothing", "", 10, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Lines(tt.text, tt.width); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
