package ui

import (
	"strconv"
	"time"

	"streamscope/timeline"
)

// callsLines is the ring and busy panel.
func callsLines(s timeline.Session, p paint) []line {
	var out []line
	if s.Tone.Sounding(p.now) {
		out = append(out, line{
			{styleBadStrong, p.g.mark + " BUSY TONE"},
			{styleText, " " + s.Tone.By + " is busy"},
		})
	}
	if !tapped(s) { // an app keeps its switch to itself
		out = append(out, switchLine(s, p))
	}
	live, over := splitCalls(s.Calls)
	for _, c := range live {
		out = append(out, callLines(c, s, p)...)
	}
	if len(live) == 0 {
		out = append(out, line{{styleMuted, "no call"}})
	}
	out = append(out, nextRingLines(s, p)...)
	out = append(out, decisionLines(s, p)...)
	if len(live) == 0 && len(over) == 0 && !p.record && p.key("ring") != "" {
		does := either(s.Opened.Source == timeline.SourceLocal, " makes another user ring, or rings one.", " rings another user.")
		out = append(out, sentence(styleMuted, p.key("ring")+does, p.w)...)
	}
	for i := len(over) - 1; i >= 0; i-- {
		out = append(out, callLines(over[i], s, p)...)
	}
	const least = 5 // rows that there is anything to say in
	if len(s.Calls) == 0 || len(out)+least > p.h {
		return out
	}
	if why := whyLines(s, p); len(out)+len(why) <= p.h {
		out = append(out, why...)
	}
	return out
}

func switchLine(s timeline.Session, p paint) line {
	l := line{{styleMuted, "reject when busy "}}
	if s.RejectWhenBusy {
		l = l.add(styleStrong, "ON")
	} else {
		l = l.add(styleText, "off")
	}
	if p.record {
		return l
	}
	return l.add(styleMuted, "  (").add(styleKey, p.key("busy")).add(styleMuted, ")")
}

// splitCalls separates the calls that still mean something from the ones that
// are over.
func splitCalls(calls []timeline.Call) (live, over []timeline.Call) {
	for _, c := range calls {
		if c.Ended || callOver(c.State) {
			over = append(over, c)
			continue
		}
		live = append(live, c)
	}
	return live, over
}

func callOver(s timeline.CallingState) bool {
	switch s {
	case timeline.CallingLeft, timeline.CallingIdle, timeline.CallingReconnectingFailed:
		return true
	}
	return false
}

// callLines is one call: where it stands, how long it has, and who did what.
func callLines(c timeline.Call, s timeline.Session, p paint) []line {
	word, sty := callWord(c)
	head := line{{sty, pad(word, 9)}, {styleText, shortCID(c.CID)}}
	out := []line{head}
	if c.State == timeline.CallingRinging {
		out[0] = out[0].add(styleMuted, " "+ringParty(c, s))
		if l := ringBar(c, p, 9); l != nil {
			out = append(out, l)
		}
	} else if !c.Ended && !callOver(c.State) {
		out[0] = out[0].add(styleMuted, " "+upClock(p.now.Sub(c.Since)))
	}
	return append(out, memberLines(c, s, p)...)
}

func callWord(c timeline.Call) (string, style) {
	switch {
	case c.Ended:
		return "ended", styleMuted
	case c.State == timeline.CallingRinging && c.Outgoing:
		return "ringing", styleAccent
	case c.State == timeline.CallingRinging:
		return "RINGING", styleWarnStrong
	case c.State == timeline.CallingJoined:
		return "in call", styleOKStrong
	case callOver(c.State):
		return string(c.State), styleMuted
	}
	return string(c.State), styleText
}

// ringParty is the other side of a ring.
func ringParty(c timeline.Call, s timeline.Session) string {
	if !c.Outgoing {
		return "from " + c.Creator
	}
	for _, m := range c.Members {
		if m.ID != s.Opened.User.ID {
			return "to " + m.ID
		}
	}
	return "outgoing"
}

// ringDeadline is the deadline of a ring that comes first, and what happens then.
func ringDeadline(c timeline.Call) (at time.Time, what string) {
	at, what = c.IncomingDeadline, " to timeout"
	if c.Outgoing || at.IsZero() {
		at, what = c.AutoCancelDeadline, " to cancel"
	}
	if at.IsZero() || !c.MissedDeadline.IsZero() && c.MissedDeadline.Before(at) {
		at, what = c.MissedDeadline, " to missed"
	}
	return at, what
}

// ringBar counts a ring down.
func ringBar(c timeline.Call, p paint, indent int) line {
	at, what := ringDeadline(c)
	if at.IsZero() {
		return nil
	}
	left, sty := at.Sub(p.now), styleStrong
	if left < 5*time.Second {
		sty = styleWarnStrong
	}
	l := say(styleText, spaces(indent))
	tail := line{{sty, wholeSeconds(left)}, {styleMuted, what}}
	whole := at.Sub(c.RingAt)
	if room := min(p.w-indent-tail.width()-1, 16); room >= 4 && !c.RingAt.IsZero() && whole > 0 {
		full, empty := p.g.bar(left, whole, room)
		l = l.add(styleBar, full).add(styleMuted, empty+" ")
	}
	return append(l, tail...)
}

// memberLines are what each member did about the ring, the user's own part
// last.
func memberLines(c timeline.Call, s timeline.Session, p paint) []line {
	const indent = 9
	var out []line
	row := say(styleText, spaces(indent))
	add := func(m timeline.Member) {
		if outcomeKnown(m, c, s) {
			part := outcomeSpans(m, p.g)
			if len(row) > 1 && row.width()+part.width()+3 > p.w {
				out = append(out, row)
				row = say(styleText, spaces(indent))
			}
			if len(row) > 1 {
				row = row.add(styleMuted, " · ")
			}
			row = append(row, part...)
		}
	}
	if from := callerSpans(c, s); from != nil {
		row = append(row, from...)
	}
	for _, m := range c.Members {
		if m.ID != s.UserID() {
			add(m)
		}
	}
	for _, m := range c.Members {
		if m.ID == s.UserID() {
			add(m)
		}
	}
	if len(row) > 1 {
		out = append(out, row)
	}
	return out
}

// callerSpans name who rang, of whom there is nothing else to say once the ring is over.
func callerSpans(c timeline.Call, s timeline.Session) line {
	if c.RingAt.IsZero() || c.Creator == s.UserID() || c.State == timeline.CallingRinging {
		return nil
	}
	for _, m := range c.Members {
		if m.ID == c.Creator && outcomeKnown(m, c, s) {
			return nil
		}
	}
	return line{{styleMuted, "from "}, {styleText, c.Creator}}
}

// outcomeKnown reports whether there is something to say about a member: the
// one who rings is not rung, and we know that we are.
func outcomeKnown(m timeline.Member, c timeline.Call, s timeline.Session) bool {
	switch m.Outcome {
	case timeline.OutcomeNone:
		return false
	case timeline.OutcomeRinging:
		return m.ID != s.UserID() && m.ID != c.Creator && c.State == timeline.CallingRinging
	}
	return true
}

func outcomeSpans(m timeline.Member, g *glyphs) line {
	word, sty, glyph := string(m.Outcome), styleText, g.wait
	switch m.Outcome {
	case timeline.OutcomeAccepted:
		sty, glyph = styleOK, g.ok
	case timeline.OutcomeRejected:
		sty, glyph = styleBad, g.bad
		word = firstNonEmpty(m.Reason, word)
	case timeline.OutcomeMissed:
		sty, glyph = styleWarn, g.skip
	}
	return line{{styleMuted, m.ID + " "}, {sty, glyph + " " + word}}
}

// hears reports whether events can arrive: a device that says it is offline leaves
// its socket open (K24).
func hears(s timeline.Session) bool {
	open := !s.Attempt.ConnectedAt.IsZero() && s.Attempt.Ended.IsZero()
	return s.Conn == timeline.StateConnected || s.Conn == timeline.StateOffline && open
}

// nextRingLines is the verdict for the next ring.
func nextRingLines(s timeline.Session, p paint) []line {
	l := line{{styleMuted, "next ring: "}}
	v := s.NextRing()
	switch {
	case s.Conn == timeline.StateNoSocket:
		return []line{l.add(styleText, "not heard: no socket")}
	case !hears(s):
		return []line{l.add(styleWarn, "not heard: not connected")}
	case s.Attempt.CloseIn != nil: // and the client does not know (K1)
		return []line{l.add(styleBad, "not heard: socket closed")}
	case v.Busy:
		out := []line{l.add(styleText, "would be ").add(styleBadStrong, "REJECTED")}
		for _, row := range wrapText("because "+shortUUIDs(v.Because), p.w-2) {
			out = append(out, line{{styleMuted, "  " + row}})
		}
		return out
	}
	if tapped(s) {
		if len(v.Counted) == 0 {
			return []line{l.add(styleText, "would ").add(styleOKStrong, "RING")}
		}
		out := []line{l.add(styleText, "RINGS or is BUSY")}
		return append(out, sentence(styleMuted, "as rejectCallWhenBusy of the app has it", p.w)...)
	}
	l = l.add(styleText, "would ").add(styleOKStrong, "RING")
	switch {
	case !s.RejectWhenBusy && len(v.Counted) > 0:
		l = l.add(styleMuted, ", switch off")
	case s.RejectWhenBusy && len(v.Ignored) > 0:
		return []line{l, {{styleMuted, "  " + plural(len(v.Ignored), "joined call") + " without a ring do not count"}}}
	case s.RejectWhenBusy:
		l = l.add(styleMuted, ", not busy")
	}
	return []line{l}
}

// decisionLines are the last decisions about rings.
func decisionLines(s timeline.Session, p paint) []line {
	if len(s.Decisions) == 0 {
		return nil
	}
	var out []line
	for i := len(s.Decisions) - 1; i >= max(len(s.Decisions)-2, 0); i-- {
		d := s.Decisions[i]
		l := line{{styleMuted, "last: "}, {styleText, d.Caller + " " + p.g.to + " "}}
		if i < len(s.Decisions)-1 {
			l[0].text = "      "
		}
		if d.Busy {
			l = l.add(styleBad, "busy")
		} else {
			l = l.add(styleOK, "rang")
		}
		l = l.add(styleMuted, " "+dayTime(d.At))
		out = append(out, l)
	}
	if s.Tone.Count > 1 {
		out = append(out, line{{styleMuted, "busy tones heard: " + strconv.Itoa(s.Tone.Count)}})
	}
	return out
}
