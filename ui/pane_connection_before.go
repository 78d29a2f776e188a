package ui

import (
	"strconv"
	"strings"

	"streamscope/timeline"
)

// beforeLines are the attempts before the one that the lane shows, newest first, as
// many as there is room for: what became of each.
func beforeLines(s timeline.Session, p paint, room int) []line {
	n := min(len(s.Attempts), room-2)
	if n < 1 {
		return nil
	}
	out := heading("Attempts before")
	for i := range n {
		out = append(out, beforeLine(s, s.Attempts[len(s.Attempts)-1-i], p))
	}
	return out
}

// beforeLine is one attempt: when, how far it came or how long it lived, and what
// ended it.
func beforeLine(s timeline.Session, a timeline.Attempt, p paint) line {
	l := line{{styleMuted, pad("#"+strconv.Itoa(a.N), 5) + dayTime(a.Started) + "  "}}
	connected := !a.ConnectedAt.IsZero()
	switch {
	case connected && a.Ended.IsZero():
		return l.add(styleOK, p.g.ok+" ").add(styleText, "connected")
	case connected:
		l = l.add(styleOK, p.g.ok+" ").add(styleText, "up "+wholeSeconds(a.Ended.Sub(a.ConnectedAt))).add(styleMuted, " · ")
	case a.Ended.IsZero():
		return l.add(styleBadStrong, p.g.bad+" ").add(styleText, "not connected")
	default:
		l = l.add(styleBadStrong, p.g.bad+" ")
	}
	return l.add(styleMuted, strings.TrimPrefix(endWords(s, a, p), "reconnect ")) // by whom
}
