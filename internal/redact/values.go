package redact

import (
	"strings"

	"streamscope/internal/token"
)

// secretKeys are the ends of the keys whose values are masked: access_token and
// userToken end in token, X-Authorization in authorization, api_secret in secret.
var secretKeys = []string{"token", "authorization", "secret", "password", "passwd"}

// faultVerb makes of token the name of a fault, expire-token:user=sara, which is
// no key.
const faultVerb = "expire-"

// Characters that end a value without quotes; a header's value may hold blanks.
var (
	endsWord   = byteSet(" \t\r\n,;&\"'`{}()[]<>|\\")
	endsHeader = byteSet("\r\n,;&\"'`{}[]<>|\\")
)

// redactValues masks the values of secret keys, and opaque text after the word
// Bearer.
func redactValues(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); i++ {
		v := secretAt(s, i)
		if v.from >= v.to {
			continue
		}
		if text := s[v.from:v.to]; !harmless(text) {
			b.WriteString(s[done:v.from])
			b.WriteString(v.quote + token.Mask(text) + v.quote)
			done = v.to
		}
		i = v.to - 1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// value is where a secret value stands. The quote is what its mask needs around it
// to leave JSON that was valid valid: a number becomes a string.
type value struct {
	from, to int
	quote    string
}

// secretAt returns the place of the value that belongs to a secret key which starts
// at i, and an empty one if none does.
func secretAt(s string, i int) value {
	switch s[i] | 0x20 { // the first letters of what is looked for
	case 't', 'a', 's', 'p':
		for _, key := range secretKeys {
			if s[i]|0x20 == key[0] && foldAt(s, i, key) && !foldAt(s, i-len(faultVerb), faultVerb) {
				return valueSpan(s, i+len(key), key == "authorization")
			}
		}
	case 'b':
		if !foldAt(s, i, "bearer ") {
			break
		}
		from := i + len("bearer ")
		if to := spanWord(s, from, &endsWord); to-from >= minOpaqueValue {
			return value{from: from, to: to}
		}
	}
	return value{}
}

// valueSpan finds the value behind a key that ends at i: perhaps a closing quote,
// a separator, perhaps an opening bracket, and the value itself, quoted or not.
func valueSpan(s string, i int, header bool) value {
	i, keyQuote := skipQuotes(s, i)
	i = skipBlanks(s, i)
	colon := strings.HasPrefix(s[i:], ":") || percentAt(s, i, "3A")
	sep := skipSeparator(s, i)
	if sep == i {
		return value{}
	}
	i = skipBlanks(s, sep)
	for i < len(s) && s[i] == '[' {
		i = skipBlanks(s, i+1)
	}
	start, quote := skipQuotes(s, i)
	if quote == "" { // a printed object breaks the line before a long text
		if below, q := skipQuotes(s, skipSpace(s, i)); q != "" {
			start, quote = below, q
		}
	}
	v := value{from: start, quote: keyQuote}
	switch {
	case quote != "":
		v.to, v.quote = start+quotedLen(s[start:], quote), ""
	case header && colon:
		v.to = spanWord(s, start, &endsHeader)
	default:
		v.from, v.to = schemeSpan(s, start)
	}
	return v
}

// schemeSpan is the span of one word, or of the word after it if the first is the
// name of an authorization scheme.
func schemeSpan(s string, start int) (from, to int) {
	to = spanWord(s, start, &endsWord)
	switch strings.ToLower(s[start:to]) {
	case "bearer", "basic", "digest", "jwt", "token", "apikey":
		next := skipBlanks(s, to)
		if end := spanWord(s, next, &endsWord); end > next {
			return next, end
		}
	}
	return start, to
}

// skipSpace is skipBlanks that goes on to the next lines.
func skipSpace(s string, i int) int {
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	return i
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// skipSeparator passes :, =, :=, =>, and their percent-encoded forms.
func skipSeparator(s string, i int) int {
	for i < len(s) {
		switch {
		case s[i] == ':' || s[i] == '=' || s[i] == '>' && i > 0 && s[i-1] == '=':
			i++
		case percentAt(s, i, "3A", "3D"):
			i += 3
		default:
			return i
		}
	}
	return i
}

// skipQuotes passes one quotation mark with the backslashes before it, as JSON in
// JSON has them, or a percent-encoded one, and returns it.
func skipQuotes(s string, i int) (after int, quote string) {
	if percentAt(s, i, "22", "27") {
		return i + 3, s[i : i+3]
	}
	j := i
	for j < len(s) && s[j] == '\\' {
		j++
	}
	if j < len(s) && (s[j] == '"' || s[j] == '\'' || s[j] == '`') {
		return j + 1, s[i : j+1]
	}
	return i, ""
}

// quotedLen returns how far a quoted value reaches: to the same quotation mark
// with the same number of backslashes, or to the end if the text was cut.
func quotedLen(s, quote string) int {
	for i := 0; ; {
		n := strings.Index(s[i:], quote)
		if n < 0 {
			return len(s)
		}
		i += n
		if i == 0 || s[i-1] != '\\' {
			return i
		}
		i += len(quote)
	}
}

// spanWord returns where an unquoted value that starts at i ends.
func spanWord(s string, i int, ends *[256]bool) int {
	for i < len(s) && !ends[s[i]] && !percentAt(s, i, "22", "26", "2C", "7D") {
		i++
	}
	for i > 0 && s[i-1] == ' ' {
		i--
	}
	return i
}

// harmless reports whether a value says only that there is none, or is a mask.
func harmless(v string) bool {
	switch v {
	case "", "null", "undefined", "true", "false", "nil", "<nil>", "None":
		return true
	}
	for _, known := range []string{`"`, "'", "Bearer ", "bearer ", "eyJ"} {
		v = strings.TrimPrefix(v, known)
	}
	const ellipsis = "…"
	if !strings.HasPrefix(v, ellipsis) {
		return false
	}
	v = strings.TrimPrefix(v, ellipsis)
	for strings.HasPrefix(v, "."+ellipsis) {
		v = v[1+len(ellipsis):]
	}
	return len(v) <= maskTail
}

// maskTail is the number of characters of the end that a mask shows.
const maskTail = 6
