package logsink

import (
	"strings"

	"streamscope/internal/token"
)

// Redact masks what must not be seen in a text: anything that looks like a JSON
// Web Token, and the values of keys that end in token, authorization, secret or
// password, whatever their case, in JSON, escaped JSON, key=value text, headers and
// URL queries. A mask keeps the shape and the last six characters, as
// [token.Mask] does. A token is known by its start, "eyJ". Text with nothing to hide is returned as it is, without
// allocating; redacting twice changes nothing more.
//
// [Store.Append] redacts every line, so that no sink can forget. The function is
// exported for text that does not come through a store: errors, crash reports.
func Redact(s string) string {
	if !suspicious(s) {
		return s
	}
	return redactValues(redactTokens(s))
}

// tokenStart is what every JSON object that begins with a key, and so every token,
// begins with when it is encoded.
const tokenStart = "eyJ"

// minToken is the length below which something that starts like a token is none;
// even a token's header alone is longer.
const minToken = 20

// redactTokens masks what looks like a JSON Web Token.
func redactTokens(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; ; {
		n := strings.Index(s[i:], tokenStart)
		if n < 0 {
			break
		}
		i += n
		end := tokenEnd(s, i)
		if end-i >= minToken {
			b.WriteString(s[done:i])
			b.WriteString(token.Mask(s[i:end]))
			done = end
		}
		i = end
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
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
