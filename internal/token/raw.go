package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// Raw is a token, API secret or Authorization value as it came. Every usual way
// to print it shows [Mask] of it; call [Raw.Reveal] where the text is needed.
//
// JSON, YAML and text decoding fill it as a plain string; encoding masks it, so
// a Raw must never be a field of a message for the wire. Do not key a map by it,
// because encoding/json writes map keys as they are: use [Raw.Fingerprint].
type Raw string

// Reveal returns the token itself. Use it only to put the token on the wire or
// where the user asked to see it.
func (r Raw) Reveal() string { return string(r) }

// IsZero reports whether there is no token.
func (r Raw) IsZero() bool { return r == "" }

// Fingerprint returns eight hexadecimal digits of the token's SHA-256, or an
// empty string when there is no token. Equal tokens have equal fingerprints, so
// two can be compared, logged and recorded without keeping either.
func (r Raw) Fingerprint() string {
	if r == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(r))
	return hex.EncodeToString(sum[:4])
}

// String returns the mask.
func (r Raw) String() string { return Mask(string(r)) }

// GoString returns the mask, quoted, for %#v.
func (r Raw) GoString() string { return fmt.Sprintf("token.Raw(%q)", Mask(string(r))) }

// Format writes the mask for every verb, %x and %s alike.
func (r Raw) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'v' && f.Flag('#'):
		_, _ = io.WriteString(f, r.GoString())
	case verb == 'q':
		_, _ = fmt.Fprintf(f, "%q", r.String())
	default:
		_, _ = io.WriteString(f, r.String())
	}
}

// LogValue returns the mask for slog.
func (r Raw) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalText returns the mask.
func (r Raw) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalJSON returns the mask as a JSON string.
func (r Raw) MarshalJSON() ([]byte, error) { return json.Marshal(r.String()) }

const (
	tailShown   = 6  // characters of the end that a mask keeps (design.md section 9)
	tailMinimum = 24 // shorter values are masked whole: six characters would be too much of them
	maxSegments = 6  // segments drawn; a real token has three
)

// Mask hides a token but keeps its shape: a known start, one ellipsis for each
// dot-separated segment, and the last six characters, as in "eyJ….….…a1b2c3".
// Values shorter than 24 bytes keep nothing but their dots. Mask of an empty
// string is empty, and the result holds no control characters.
func Mask(raw string) string {
	if raw == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(knownStart(raw))
	b.WriteString("…")
	for range min(strings.Count(raw, "."), maxSegments-1) {
		b.WriteString(".…")
	}
	b.WriteString(tail(raw))
	return b.String()
}

// inText matches what has the shape of a token: three parts, of which the first
// starts as every encoded JSON object does.
var inText = regexp.MustCompile(`eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)

// MaskIn returns text with every token in it masked, for lines of foreign logs.
func MaskIn(text string) string {
	if !strings.Contains(text, "eyJ") {
		return text
	}
	return inText.ReplaceAllStringFunc(text, Mask)
}

// knownStart returns the start of raw when it says nothing about the token
// itself: a quote or scheme that should not be there, and the three characters
// that every encoded JSON object starts with.
func knownStart(raw string) string {
	for _, wrap := range []string{"", `"`, "'", "Bearer ", "bearer ", `"Bearer `} {
		if strings.HasPrefix(raw, wrap+"eyJ") {
			return wrap + "eyJ"
		}
	}
	return ""
}

// tail returns the last characters of a value that is long enough to spare them.
func tail(raw string) string {
	if len(raw) < tailMinimum {
		return ""
	}
	last := raw[strings.LastIndexByte(raw, '.')+1:]
	last = last[max(0, len(last)-tailShown):]
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, last)
}
