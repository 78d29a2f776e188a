package ui

import (
	"slices"
	"strings"

	"streamscope/timeline"
)

// whyLines say why the panel says what it says: the rule, which calls it counts,
// what was decided when, and what happened in each call. They are for panes with
// room to spare.
func whyLines(s timeline.Session, p paint) []line {
	out := heading("Why")
	out = append(out, sentence(styleText, ruleSentence(s.NextRing()), p.w)...)
	for i := range s.Calls {
		out = append(out, countedLine(s.Calls[i], s.NextRing()))
	}
	if len(s.Decisions) > 0 {
		out = append(out, heading("Decided")...)
	}
	for i := len(s.Decisions) - 1; i >= 0; i-- {
		out = append(out, decidedLine(s.Decisions[i], p.g))
	}
	for i := len(s.Calls) - 1; i >= 0; i-- {
		if trail := trailLines(s.Calls[i], p.g); len(trail) > 0 {
			out = append(append(out, heading(shortCID(s.Calls[i].CID))...), trail...)
		}
	}
	return out
}

// ruleSentence is the official client's rule, and what holds of it now.
func ruleSentence(v timeline.Verdict) string {
	rule := "The client rejects a ring while " + timeline.RuleBusy + "."
	if v.Rule == timeline.RuleOff {
		return rule + " The switch is off: every ring rings."
	}
	return rule
}

// countedLine says whether a call counts as busy.
func countedLine(c timeline.Call, v timeline.Verdict) line {
	l := line{{styleText, "  " + shortCID(c.CID)}, {styleMuted, " · " + string(c.State) + " · "}}
	if slices.Contains(v.Counted, c.CID) {
		return l.add(styleBadStrong, "counts")
	}
	why := "it is over"
	switch {
	case c.Active():
		why = "it is no ring call"
	case c.State == timeline.CallingIdle && !c.Ended:
		why = "it is idle"
	}
	return l.add(styleText, "does not count").add(styleMuted, ": "+why)
}

func decidedLine(d timeline.DecidedRing, g *glyphs) line {
	l := line{{styleMuted, "  " + clockTime(d.At) + "  "}, {styleText, d.Caller + " " + g.to + " " + shortCID(d.CID) + ": "}}
	if d.Busy {
		return l.add(styleBad, "busy").add(styleMuted, " because of "+strings.Join(d.Counted, ", "))
	}
	return l.add(styleOK, "rang").add(styleMuted, ": "+d.Rule)
}

// trailLines are what is known to have happened in a call, with its times.
func trailLines(c timeline.Call, g *glyphs) []line {
	var out []line
	if !c.RingAt.IsZero() {
		out = append(out, line{{styleMuted, "  " + clockTime(c.RingAt) + "  "}, {styleText, either(c.Outgoing, "rung by us", "rung by "+c.Creator)}})
	}
	for _, m := range c.Members {
		if m.Outcome == timeline.OutcomeNone || m.Outcome == timeline.OutcomeRinging || m.At.IsZero() {
			continue
		}
		l := line{{styleMuted, "  " + clockTime(m.At) + "  "}}
		l = append(l, outcomeSpans(m, g)...)
		if !c.RingAt.IsZero() && !m.At.Before(c.RingAt) {
			l = l.add(styleMuted, " "+millis(m.At.Sub(c.RingAt))+" after the ring")
		}
		out = append(out, l)
	}
	if !c.Since.IsZero() {
		l := line{{styleMuted, "  " + clockTime(c.Since) + "  "}, {styleText, string(c.State)}}
		if c.Why != "" {
			l = l.add(styleMuted, " ("+c.Why+")")
		}
		out = append(out, l)
	}
	return out
}
