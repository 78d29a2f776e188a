package ui

import (
	"slices"
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
		return stateLook{g.off, "DISCONNECTED", styleMuted, "by you"}
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
		out = append(out, laneLines(a, p)...)
	}
	out = append(out, failureLines(s, p)...)
	out = append(out, trapLines(s, p)...)
	if s.Conn == timeline.StateConnected {
		out = append(out, livenessLines(s, p)...)
	}
	if s.Attempt.N == 0 && s.Conn != timeline.StateNoSocket {
		out = append(out, nil)
		out = append(out, sentence(styleMuted, "Nothing has been tried yet. "+p.key("connect")+" connects the user; "+
			p.key("bench")+" looks at the token first.", p.w)...)
	}
	if l := lossLine(s); l != nil {
		out = append(out, l)
	}
	return out
}

// connectionHead is the state, its time, and what happens next.
func connectionHead(s timeline.Session, p paint) []line {
	look := p.g.look(s)
	head := line{{look.style, look.glyph + " " + look.word}}
	if !s.Since.IsZero() && s.Closed == "" {
		head = head.add(styleMuted, " for ").add(styleText, upClock(p.now.Sub(s.Since)))
	}
	if s.Conn != timeline.StateConnected && s.Attempt.N > 0 && !s.Conn.Ended() {
		head = head.add(styleMuted, " · attempt ").add(styleText, strconv.Itoa(s.Attempt.N))
	}
	out := []line{head}
	if s.Closed != "" {
		return append(out, say(styleMuted, "session closed: "+s.Closed))
	}
	switch {
	case s.Conn == timeline.StateConnected:
		l := line{{styleMuted, "attempt "}, {styleText, strconv.Itoa(s.Attempt.N)}}
		if id := s.Attempt.ConnectionID; id != "" {
			l = l.add(styleMuted, " · conn ").add(styleText, shortID(id))
		}
		out = append(out, l)
	case !s.RetryAt.IsZero():
		out = append(out, retryLine(s, p))
	case look.means != "":
		text := look.means
		if s.Conn == timeline.StateStalled || s.Conn == timeline.StateFailed || s.Conn == timeline.StateDisconnected {
			text += "; " + p.key("connect") + " connects"
		}
		out = append(out, sentence(styleMuted, text, p.w)...)
	}
	return out
}

func retryLine(s timeline.Session, p paint) line {
	l := line{{styleWarn, "attempt " + strconv.Itoa(s.Attempt.N+1)}}
	if left := s.RetryAt.Sub(p.now); left > 0 {
		l = l.add(styleText, " in ").add(styleStrong, inSeconds(left))
	} else {
		l = l.add(styleText, " now")
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

// failureLines says in words what is wrong, why, and what to do about it.
func failureLines(s timeline.Session, p paint) []line {
	f := currentFailure(s)
	if f == nil {
		return nil
	}
	e := explain.Failure(factsOf(s, lastLane(s), *f))
	out := []line{{{styleBadStrong, p.g.bad + " " + failureTitle(*f, e)}}}
	out = append(out, labelled("fix", e.Fix, styleStrong, p.w)...)
	out = append(out, labelled("cause", e.Cause, styleText, p.w)...)
	return append(out, labelled("app", e.SDK, styleMuted, p.w)...)
}

// labelled wraps a sentence beside a muted label.
func labelled(label, text string, s style, w int) []line {
	var out []line
	for i, row := range wrapText(text, w-6) {
		head := spaces(6)
		if i == 0 {
			head = pad(label, 6)
		}
		out = append(out, line{{styleMuted, head}, {s, row}})
	}
	return out
}

// failureTitle is the short name of a failure: the code, the close code or the
// stage, with its word.
func failureTitle(f timeline.Failure, e explain.Entry) string {
	title := e.Title()
	switch {
	case f.Code != 0 || f.Close != 0 && e.Kind == explain.KindClose:
		return title
	case f.Status != 0:
		return "HTTP " + strconv.Itoa(f.Status) + " · " + title
	case f.Op == "dial":
		return f.Stage.String() + " · " + title
	case f.Op != "":
		return f.Op + " · " + title
	}
	return title
}

// currentFailure is the failure that the pane explains: there is none while
// the session is connected.
func currentFailure(s timeline.Session) *timeline.Failure {
	switch s.Conn {
	case timeline.StateConnected, timeline.StateIdle, timeline.StateDisconnected, timeline.StateNoSocket, "":
		return nil
	}
	if f := s.Attempt.Failure(); f != nil {
		return f
	}
	if s.Token.Failure != nil {
		return s.Token.Failure
	}
	if n := len(s.ConnectErrors); n > 0 && s.Conn == timeline.StateFailed {
		return &s.ConnectErrors[n-1]
	}
	return s.LastLoss.Failure()
}

func lastLane(s timeline.Session) timeline.Attempt {
	if s.Attempt.Failure() != nil {
		return s.Attempt
	}
	return s.LastLoss
}

// factsOf collects what explain wants to know about a failure.
func factsOf(s timeline.Session, a timeline.Attempt, f timeline.Failure) explain.Facts {
	return explain.Facts{
		Stage: f.Stage.String(), Op: f.Op, Code: f.Code, Status: f.Status, Close: f.Close,
		Reason: f.Reason, Text: f.Text,
		ByServer:    a.End.By == timeline.ByServer,
		Established: !a.ConnectedAt.IsZero(), Reconnect: a.Reconnect,
		Source: s.Opened.TokenSource, Refreshable: s.Opened.Refreshable,
		UserType: string(s.Opened.User.Type), LocalServer: s.Opened.Source == timeline.SourceLocal,
	}
}

// trapLines are the traps of the official client that hold now.
func trapLines(s timeline.Session, p paint) []line {
	var out []line
	open := s.OpenTraps(p.now)
	for _, t := range slices.Backward(open) {
		text := trapText(t)
		rows := wrapText(text, p.w-6)
		for n, row := range rows {
			label := spaces(6)
			if n == 0 {
				label = pad(p.g.mark+" "+t.ID, 6)
			}
			l := line{{styleWarnStrong, label}, {styleWarn, row}}
			if n == len(rows)-1 {
				l = append(l, trapCountdown(t, p)...)
			}
			out = append(out, l)
		}
	}
	return out
}

// trapText is the sentence of a trap, with what gave it away.
func trapText(t timeline.TrapSeen) string {
	e, ok := explain.Trap(t.ID)
	switch {
	case !ok:
		return t.Detail
	case t.Detail == "":
		return e.Means
	}
	return e.Means + " (" + t.Detail + ")"
}

func trapCountdown(t timeline.TrapSeen, p paint) line {
	left := t.Until.Sub(p.now)
	if t.Until.IsZero() || left <= 0 {
		return nil
	}
	return line{{styleText, " "}, {styleWarnStrong, inSeconds(left)}}
}

// livenessLines are the frames, the round trips and the watchdogs.
func livenessLines(s timeline.Session, p paint) []line {
	h := s.Health
	var out []line
	l := line{{styleMuted, "last frame "}, {styleText, wholeSeconds(p.now.Sub(h.LastFrame))}}
	if h.LastFrame.IsZero() {
		l = line{{styleMuted, "no frame yet"}}
	}
	if n := len(h.RTTs); n > 0 {
		l = l.add(styleMuted, " · RTT ").add(styleText, millis(h.RTTs[n-1])+" ")
		l = l.add(styleAccent, p.g.sparkline(h.RTTs, max(min(p.w-l.width(), 12), 0)))
	}
	out = append(out, l)
	if n := len(h.RTTs); n > 1 {
		out = append(out, line{
			{styleMuted, "RTT average "}, {styleText, millis(average(h.RTTs))},
			{styleMuted, " · p95 "}, {styleText, millis(percentile(h.RTTs, 95))},
			{styleMuted, " · " + strconv.Itoa(n) + " checks"},
		})
	}
	watch := line{}
	if !h.NextPing.IsZero() {
		watch = watch.add(styleMuted, "next check ").add(styleText, wholeSeconds(h.NextPing.Sub(p.now)))
	}
	if !h.DeafAt.IsZero() {
		left, sty := h.DeafAt.Sub(p.now), styleText
		if left < 10*time.Second {
			sty = styleWarnStrong
		}
		if len(watch) > 0 {
			watch = watch.add(styleMuted, " · ")
		}
		if left > 0 {
			watch = watch.add(styleMuted, "deaf after ").add(sty, wholeSeconds(left))
		} else {
			watch = watch.add(styleBadStrong, "silent for 35 s: deaf")
		}
	}
	if len(watch) > 0 {
		out = append(out, watch)
	}
	return out
}

// lossLine counts the sockets that were lost and names the last loss.
func lossLine(s timeline.Session) line {
	if s.Drops == 0 && s.LastLoss.N == 0 {
		return nil
	}
	l := line{{styleMuted, "drops "}, {styleText, strconv.Itoa(s.Drops)}}
	loss := s.LastLoss
	if loss.N == 0 {
		return l
	}
	l = l.add(styleMuted, " · last ")
	f := loss.Failure()
	switch {
	case f != nil && f.Code != 0:
		e := explain.Failure(factsOf(s, loss, *f))
		l = l.add(styleText, e.Title())
	case loss.End.Close != 0:
		e := explain.Close(loss.End.Close, explain.Closing{
			ByServer: loss.End.By == timeline.ByServer, Established: !loss.ConnectedAt.IsZero(), Reconnect: loss.Reconnect,
		})
		l = l.add(styleText, strconv.Itoa(loss.End.Close)+" "+e.Name)
	case f != nil:
		l = l.add(styleText, f.Op+" "+firstNonEmpty(f.Reason, f.Text))
	}
	return l.add(styleMuted, " (attempt "+strconv.Itoa(loss.N)+")")
}

func firstNonEmpty(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}
