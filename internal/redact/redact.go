package redact

import (
	"strings"

	"streamscope/internal/token"
)

// Text masks what must not be seen in a text: anything that looks like a JSON
// Web Token, and the values of keys that end in token, authorization, secret or
// password, whatever their case, in JSON, escaped JSON, key=value text, headers and
// URL queries. A mask keeps the shape and the last six characters, as
// [token.Mask] does. Text with nothing to hide is returned as it is, without
// allocating; redacting twice changes nothing more.
func Text(s string) string {
	if !suspicious(s) {
		return s
	}
	return redactValues(redactTokens(s))
}

// Bytes is [Text] for bytes: it returns body itself when there is nothing to
// hide, and a new slice otherwise.
func Bytes(body []byte) []byte {
	s := string(body)
	clean := Text(s)
	if len(clean) == len(s) && clean == s {
		return body
	}
	return []byte(clean)
}

// Lengths below which something that starts like a token is none.
const (
	minToken       = 20 // "eyJ…": even a header alone is longer
	minOtherStart  = 24 // starts that are less peculiar must also have a dot
	minOpaqueValue = 16 // after the word Bearer
)

// redactTokens masks what looks like a JSON Web Token: base64url text that starts
// as an encoded JSON object does.
func redactTokens(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; i+2 < len(s); i++ {
		if s[i] != 'e' || !tokenStart(s[i:i+3]) {
			continue
		}
		end := tokenEnd(s, i)
		if !tokenLike(s[i:end]) {
			continue
		}
		b.WriteString(s[done:i])
		b.WriteString(token.Mask(s[i:end]))
		done = end
		i = end - 1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

func tokenStart(s string) bool { return s == "eyJ" || s == "eyA" || s == "ewo" }

func tokenLike(run string) bool {
	if strings.HasPrefix(run, "eyJ") {
		return len(run) >= minToken
	}
	return len(run) >= minOtherStart && strings.Contains(run, ".")
}

// tokenEnd returns where the characters of a token end, with dots and padding,
// percent-encoded or not, counted in and final dots left out.
func tokenEnd(s string, i int) int {
	for i < len(s) && (tokenByte[s[i]] || percentAt(s, i, "2E", "3D")) {
		if s[i] == '%' {
			i += 2
		}
		i++
	}
	for s[i-1] == '.' {
		i--
	}
	return i
}

var tokenByte = byteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=")

func byteSet(chars string) (set [256]bool) {
	for i := range len(chars) {
		set[chars[i]] = true
	}
	return set
}

// percentAt reports whether one of the given percent-encoded bytes is at i.
func percentAt(s string, i int, codes ...string) bool {
	if i < 0 || i+2 >= len(s) || s[i] != '%' {
		return false
	}
	for _, code := range codes {
		if strings.EqualFold(s[i+1:i+3], code) {
			return true
		}
	}
	return false
}
