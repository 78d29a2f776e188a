package explain

import (
	"cmp"
	"slices"
	"strings"

	"streamscope/internal/token"
	"streamscope/internal/wire"
)

// Match is an entry that a text led to.
type Match struct {
	Entry Entry `json:"entry"`
	// Found is the part of the text that led here, cleaned, tokens masked.
	Found string `json:"found"`
	// Reason is what the peer said in its own words, likewise; empty if nothing.
	Reason string `json:"reason,omitempty"`

	weight int
}

const (
	maxText    = 32 << 10 // bytes of a text that are looked at
	maxMatches = 8
	// specific is the weight from which a text says more than the code beside
	// it: the same cause comes with different codes (field-notes 2).
	specific = 8
)

// carriers are texts that only carry a code. They are the answer when the code
// is not known.
var carriers = []string{"text/ws-failed", "text/rest-error"}

// wrappers are texts that say less than what may stand beside them.
var wrappers = append([]string{"net/upgrade-refused", "text/log-rest-failed", "text/connect-attempt-failed", "text/connect-failed"}, carriers...)

// Text explains a line of a log, an error of a client or server, or a frame. It
// unwraps the client's "WS failed with code …" and "Stream error code …" and the
// JSON text that connectUser rejects with, and matches by code and by text. The
// best match is first; nil means that nothing was recognised.
//
// It takes some 50 µs a line, so use it on what a person asks about and not on
// every line that scrolls by.
func Text(s string) []Match {
	if len(s) > maxText {
		s = s[:maxText]
	}
	s = unescape(s)
	var all []Match
	all = append(all, textMatches(s)...)
	all = append(all, codeMatches(s)...)
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Compare(rank(b), rank(a)) })
	return distinct(all)
}

// rank orders matches: specific texts, codes, short texts, wrappers.
func rank(m Match) int {
	switch {
	case slices.Contains(wrappers, m.Entry.ID):
		return -1
	case m.weight == 0:
		return specific
	}
	return m.weight
}

// textMatches finds the entries whose texts stand in s. Symptoms are not among
// them: their words are those of people, and stand in logs by accident.
func textMatches(s string) []Match {
	return search(s, func(e Entry) bool { return e.Kind != KindSymptom })
}

// search finds the wanted entries by their texts.
func search(s string, wanted func(Entry) bool) []Match {
	s = strings.ToValidUTF8(s, "?")
	lower := lowerASCII(s)
	var all []Match
	for _, p := range patterns() {
		if !wanted(dictionary().all[p.entry]) {
			continue
		}
		if start, end, ok := p.find(lower); ok {
			all = append(all, Match{
				Entry: dictionary().all[p.entry], Found: safe(s[start:end]), weight: p.weight})
		}
	}
	return all
}

// lowerASCII keeps every byte of valid UTF-8 where it is, so that an index into
// the result is one into s.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func codeMatches(s string) []Match {
	var all []Match
	for _, n := range numbers(s) {
		for _, e := range n.entries() {
			all = append(all, Match{Entry: e, Found: safe(n.found), Reason: safe(n.reason)})
		}
	}
	return all
}

// safe makes a part of a foreign text fit to be shown: at level trace the
// client's log holds whole tokens (protocol.md 8.2).
func safe(s string) string { return wire.Clean(token.MaskIn(s)) }

// distinct keeps the first match of each entry, with the reason that any of
// them had, and drops carriers when there is something better.
func distinct(all []Match) []Match {
	var kept []Match
	for _, m := range all {
		i := slices.IndexFunc(kept, func(k Match) bool { return k.Entry.ID == m.Entry.ID })
		switch {
		case i >= 0:
			kept[i].Reason = cmp.Or(kept[i].Reason, m.Reason)
		case len(kept) > 0 && slices.Contains(carriers, m.Entry.ID):
		case len(kept) < maxMatches:
			kept = append(kept, m)
		}
	}
	return kept
}
