package ui

import (
	"strconv"
	"strings"
	"time"

	"streamscope/explain"
	"streamscope/timeline"
)

// paint is what a pane may know besides the state: the time of the last tick,
// the glyphs, the keys that are in force, and its size.
type paint struct {
	now  time.Time
	g    *glyphs
	key  func(actionID string) string
	w, h int
	// known remembers explanations: the same failure is on the screen for many
	// frames.
	known map[explain.Facts]explain.Entry
	calm  bool // nothing that only moves
	// record is set where there is a record to look at and nothing to control: no
	// pane then tells of keys that would.
	record bool
}

// explain looks a failure up.
func (p paint) explain(f explain.Facts) explain.Entry {
	if e, ok := p.known[f]; ok {
		return e
	}
	e := explain.Failure(f)
	if p.known != nil {
		if len(p.known) > 64 {
			clear(p.known)
		}
		p.known[f] = e
	}
	return e
}

// offers is what a key does, where it does that.
func (p paint) offers(before, actionID, after string) string {
	key := p.key(actionID)
	if p.record || key == "" {
		return ""
	}
	return before + key + after
}

// stateLook is how a state of the connection is shown: a glyph, a word in
// capitals, a style, and what it means beyond the word.
type stateLook struct {
	glyph string
	word  string
	style style
	means string
}

func (g *glyphs) look(s timeline.Session) stateLook {
	switch s.Conn {
	case timeline.StateIdle, "":
		return stateLook{g.off, "IDLE", styleMuted, "not connected yet"}
	case timeline.StateLoadingToken:
		return stateLook{g.busy, "LOADING TOKEN", styleAccent, ""}
	case timeline.StateDialing:
		return stateLook{g.busy, "DIALING", styleAccent, ""}
	case timeline.StateAuthenticating:
		return stateLook{g.busy, "AUTHENTICATING", styleAccent, ""}
	case timeline.StateConnected:
		return stateLook{g.dot, "CONNECTED", styleOKStrong, ""}
	case timeline.StateBackoff:
		return stateLook{g.wait, "BACKOFF", styleWarnStrong, ""}
	case timeline.StateStalled:
		return stateLook{g.bad, "STALLED", styleBadStrong, "nothing is scheduled: the client has stopped and said nothing"}
	case timeline.StateOffline:
		return stateLook{g.off, "OFFLINE", styleWarnStrong, "the device has no network"}
	case timeline.StateDisconnected:
		return stateLook{g.off, "DISCONNECTED", styleMuted, either(tapped(s), "by the app", "by you")}
	case timeline.StateFailed:
		return stateLook{g.bad, "FAILED", styleBadStrong, "connectUser gave up"}
	case timeline.StateNoSocket:
		return stateLook{g.dot, "NO SOCKET", styleOKStrong, "anonymous users have none, by design"}
	}
	return stateLook{g.pending, strings.ToUpper(string(s.Conn)), styleText, ""}
}

// health is the word after the state in the header.
func health(s timeline.Session, now time.Time) (string, style) {
	switch {
	case s.Conn != timeline.StateConnected:
		return "", styleMuted
	case s.Attempt.CloseIn != nil:
		return "closed by the server", styleBadStrong
	case s.Deaf(now):
		return "silent", styleBad
	case s.AppMisled():
		return "the app believes it is offline", styleWarn
	}
	return "healthy", styleOK
}

// connectionLines is the connection pane: what comes first matters most,
// because small panes show only the beginning.
func connectionLines(s timeline.Session, p paint) []line {
	out := connectionHead(s, p)
	if a := s.Attempt; a.N > 0 {
		if p.h >= tallPane && p.w >= tallPaneWidth {
			out = append(out, waterfallLines(a, p)...)
		} else {
			out = append(out, laneLines(a, p)...)
		}
	}
	if p.h < tallPane {
		out = append(out, backoffLines(s, p)...)
	}
	out = append(out, failureLines(s, p)...)
	out = append(out, trapLines(s, p)...)
	if p.h >= tallPane {
		out = append(out, backoffLines(s, p)...)
	}
	if s.Conn == timeline.StateConnected {
		out = append(out, livenessLines(s, p)...)
	}
	if s.Attempt.N == 0 && s.Conn != timeline.StateNoSocket {
		out = append(out, nil)
		text := "Nothing has been tried yet." + p.offers(" ", "connect", " connects the user") +
			p.offers("; ", "bench", " looks at the token first.")
		if tapped(s) {
			text = "The app has not opened a socket yet."
		}
		out = append(out, sentence(styleMuted, text, p.w)...)
	}
	room := p.h - len(out)
	if l := lossLine(s, p, beforeLines(s, p, room-1) != nil); l != nil {
		out = append(out, l)
		room--
	}
	return append(out, beforeLines(s, p, room)...)
}

// connectedAs says which attempt it is that lives, and what the server calls it.
func connectedAs(a timeline.Attempt) line {
	l := line{{styleText, " #" + strconv.Itoa(a.N)}}
	if a.ConnectionID != "" {
		l = l.add(styleMuted, " · conn ").add(styleText, shortID(a.ConnectionID))
	}
	return l
}

// connectionHead is the state, its time, and what happens next.
func connectionHead(s timeline.Session, p paint) []line {
	look := p.g.look(s)
	head := line{{look.style, look.glyph + " " + look.word}}
	if s.Conn == timeline.StateConnected && s.Closed == "" {
		return []line{append(head, connectedAs(s.Attempt)...)} // how long is in the header
	}
	if !s.Since.IsZero() && s.Closed == "" {
		head = head.add(styleMuted, " for ").add(styleText, upClock(p.now.Sub(s.Since)))
	}
	if s.Attempt.N > 0 && !s.Conn.Ended() {
		head = head.add(styleMuted, " · ").add(styleText, "#"+strconv.Itoa(s.Attempt.N))
	}
	out := []line{head}
	if s.Closed != "" {
		return append(out, say(styleMuted, "session closed: "+s.Closed))
	}
	switch {
	case s.Conn == timeline.StateStalled && s.RetryAt.After(p.now):
		// The client has given up, but the check of the socket before is still
		// armed, and a lucky one dials (K2).
		text := "the old socket's check may dial once more in " + wholeSeconds(s.RetryAt.Sub(p.now)) +
			"; nothing else is scheduled" + p.offers("; ", "connect", " connects")
		out = append(out, sentence(styleMuted, text, p.w)...)
	case !s.RetryAt.IsZero() && s.Conn != timeline.StateStalled:
		out = append(out, retryLine(s, p))
	case s.Conn == timeline.StateDialing || s.Conn == timeline.StateAuthenticating:
		if l := patienceLine(s, p); l != nil {
			out = append(out, l)
		}
	case look.means != "":
		text := look.means
		if s.Conn == timeline.StateStalled || s.Conn == timeline.StateFailed || s.Conn == timeline.StateDisconnected {
			text += p.offers("; ", "connect", " connects")
		}
		out = append(out, sentence(styleMuted, text, p.w)...)
	}
	return out
}

// patienceLine counts a slow handshake down to when the client gives it up.
func patienceLine(s timeline.Session, p paint) line {
	const slow = 2 * time.Second
	var opened time.Time
	for _, st := range s.Attempt.Stages[timeline.StageDNS:] {
		if opened.IsZero() {
			opened = st.Started
		}
	}
	took := p.now.Sub(opened)
	left := s.Opened.ConnectTimeout - took
	if opened.IsZero() || took < slow || left <= 0 {
		return nil
	}
	return line{{styleMuted, "the client gives up in "}, {styleStrong, wholeSeconds(left)}}
}

func retryLine(s timeline.Session, p paint) line {
	l := line{{styleWarn, "attempt " + strconv.Itoa(s.Attempt.N+1)}}
	if left := s.RetryAt.Sub(p.now); left > 0 {
		l = l.add(styleText, " in ").add(styleStrong, inSeconds(left))
	} else {
		l = l.add(styleText, " now")
	}
	if p.record {
		return l
	}
	return l.add(styleMuted, ", ").add(styleKey, p.key("reconnect")).add(styleMuted, " to retry now")
}

// laneNames are the stages as the lane writes them.
var laneNames = [timeline.StageCount]string{"token", "dns", "tcp", "tls", "upg", "auth", "ok"}

// laneLines draws an attempt: the stages, and under each how long it took.
func laneLines(a timeline.Attempt, p paint) []line {
	names, times := line{}, line{}
	for i, st := range a.Stages {
		glyph, sty := p.g.stage(st)
		took := ""
		switch st.Progress {
		case timeline.Passed, timeline.Failed:
			took = shortSpan(st.Took)
		case timeline.Started:
			took = p.g.ellipsis
		}
		w := max(width(laneNames[i]), width(took))
		names = names.add(sty, glyph+pad(laneNames[i], w))
		times = times.add(styleMuted, " "+pad(took, w))
		if i < len(a.Stages)-1 {
			names, times = names.add(styleText, " "), times.add(styleText, " ")
		}
	}
	if times.width()+3 <= p.w {
		times = times.add(styleMuted, " ms")
	}
	return []line{names, times}
}

func (g *glyphs) stage(st timeline.StageState) (glyph string, s style) {
	switch st.Progress {
	case timeline.Passed:
		return g.ok, styleOK
	case timeline.Failed:
		return g.bad, styleBadStrong
	case timeline.Started:
		return g.here, styleAccent
	case timeline.Skipped:
		return g.skip, styleMuted
	}
	return g.pending, styleMuted
}

// livenessLines are the frames, the round trips and the watchdogs.
func livenessLines(s timeline.Session, p paint) []line {
	h := s.Health
	out := silenceLines(s, p)
	if len(h.RTTs) > 0 {
		out = append(out, roundTrips(h.RTTs, p))
	}
	switch d, ok := h.Unanswered(p.now); {
	case ok && d > 2*time.Second:
		out = append(out, line{{styleMuted, "health check unanswered for "}, {styleWarn, wholeSeconds(d)}})
	case ok: // the row stays, or the ones below would jump
		out = append(out, say(styleMuted, "health check sent"))
	case !h.NextPing.IsZero():
		out = append(out, line{{styleMuted, "next health check in "}, {styleText, wholeSeconds(h.NextPing.Sub(p.now))}})
	}
	return out
}

// roundTrips are the last one, the curve, the average and the slow ones.
func roundTrips(all []time.Duration, p paint) line {
	l := line{{styleMuted, "RTT "}, {styleText, millis(all[len(all)-1]) + " "}}
	tail := line{}
	if len(all) > 1 {
		tail = line{{styleMuted, " · average "}, {styleText, millis(average(all))}, {styleMuted, " · p95 "}, {styleText, millis(percentile(all, 95))}}
		if l.width()+tail.width()+4 > p.w {
			tail = tail[2:]
		}
	}
	if !p.calm {
		l = l.add(styleAccent, p.g.sparkline(all, max(min(p.w-l.width()-tail.width(), 12), 0)))
	}
	return append(l, tail...)
}

func firstNonEmpty(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
