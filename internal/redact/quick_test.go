package redact

import (
	"strings"
	"testing"
)

// The quick look must find every key wherever it stands, and in whatever case.
func TestSuspiciousFindsKeysAnywhere(t *testing.T) {
	for _, key := range append([]string{usualStart, "bearer ", "eyAiYWxn", "eyAidHlw", "eyAia2lk", "eyAgImFs", "ewogICJh", "ewoJImFs"}, secretKeys...) {
		for _, word := range []string{key, strings.ToUpper(key), strings.ToUpper(key[:1]) + key[1:]} {
			if strings.HasPrefix(key, "e") { // base64 has one case
				word = key
			}
			for before := range 40 {
				for after := range 12 {
					if s := strings.Repeat("-", before) + word + strings.Repeat("é", after); !suspicious(s) {
						t.Errorf("%q is not found in %q", word, s)
					}
				}
			}
		}
	}
}
