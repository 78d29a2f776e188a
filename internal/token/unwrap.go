package token

import "strings"

// Wrapping says what was found around a token that should not be there.
type Wrapping struct {
	Space  bool // blanks or line breaks before or after it
	Quotes bool // quotation marks, escaped or not, as JSON text has them
	Bearer bool // the scheme "Bearer ", which Stream does not use
	Inside bool // blanks or line breaks within it; they are removed too
}

// Any reports whether anything was found.
func (w Wrapping) Any() bool { return w != Wrapping{} }

// Unwrap removes what people leave around a token when they copy it: blanks,
// quotes and the word Bearer, in any order, and reports what it removed.
func Unwrap(raw string) (string, Wrapping) {
	var w Wrapping
	for {
		before := raw
		raw = w.peel(raw)
		if raw == before {
			break
		}
	}
	if strings.ContainsAny(raw, " \t\r\n") {
		w.Inside = true
		raw = strings.Join(strings.Fields(raw), "")
	}
	return raw, w
}

// peel removes one layer.
func (w *Wrapping) peel(raw string) string {
	if s := strings.TrimSpace(raw); s != raw {
		w.Space = true
		return s
	}
	if s := strings.TrimSuffix(strings.TrimPrefix(raw, `\"`), `\"`); s != raw {
		w.Quotes = true
		return s
	}
	if s := strings.Trim(raw, "\"'`"); s != raw {
		w.Quotes = true
		return s
	}
	const scheme = "bearer "
	if len(raw) >= len(scheme) && strings.EqualFold(raw[:len(scheme)], scheme) {
		w.Bearer = true
		return raw[len(scheme):]
	}
	return raw
}
