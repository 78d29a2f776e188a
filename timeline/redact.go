package timeline

import (
	"slices"

	"streamscope/internal/redact"
)

// Redact masks the secrets in a body before it becomes part of an event: the
// values of token, access_token, Authorization and other telling keys, and
// whatever is shaped like a token. Masks keep the shape and the last six
// characters, and JSON stays JSON. It returns body itself when there is nothing
// to hide.
func Redact(body []byte) []byte { return redact.Bytes(body) }

// RedactText is [Redact] for text of any kind: a URL query, a header, the text
// of an error.
func RedactText(s string) string { return redact.Text(s) }

// DefaultKeep is how many bytes of a body an event keeps when nobody says
// otherwise.
const DefaultKeep = 64 << 10

// keepBody returns the redacted body, at most keep bytes of it (0 means
// DefaultKeep), and how many bytes were left out.
func keepBody(body []byte, keep int) (kept []byte, cut int) {
	if keep <= 0 {
		keep = DefaultKeep
	}
	if len(body) == 0 {
		return nil, 0
	}
	clean := Redact(body)
	if len(clean) <= keep {
		return clean, 0
	}
	return slices.Clone(clean[:keep]), len(clean) - keep
}
