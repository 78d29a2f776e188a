package ui

import (
	"slices"
	"strconv"

	"streamscope/explain"
	"streamscope/timeline"
)

// failureLines says in words what is wrong, why, and what to do about it.
func failureLines(s timeline.Session, p paint) []line {
	f := currentFailure(s)
	if f == nil {
		return nil
	}
	e := p.explain(factsOf(s, lastLane(s), *f))
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

// lossLine counts the sockets that were lost and names the last loss, where the
// attempts before are not told of.
func lossLine(s timeline.Session, p paint, told bool) line {
	if s.Drops == 0 && (told || s.LastLoss.N == 0) {
		return nil
	}
	l := line{{styleMuted, "drops "}, {styleText, strconv.Itoa(s.Drops)}}
	loss := s.LastLoss
	if loss.N == 0 || told {
		return l
	}
	return l.add(styleMuted, " · last #"+strconv.Itoa(loss.N)+" ").add(styleText, endWords(s, loss, p))
}

// endWords say in a few words what ended an attempt.
func endWords(s timeline.Session, a timeline.Attempt, p paint) string {
	f := a.Failure()
	switch {
	case f != nil && f.Code != 0:
		return p.explain(factsOf(s, a, *f)).Title()
	case a.End.Close != 0:
		e := explain.Close(a.End.Close, explain.Closing{
			ByServer: a.End.By == timeline.ByServer, Established: !a.ConnectedAt.IsZero(), Reconnect: a.Reconnect,
		})
		return strconv.Itoa(a.End.Close) + " " + e.Name
	case f != nil:
		return p.explain(factsOf(s, a, *f)).Title()
	}
	return firstNonEmpty(a.End.Reason, "ended by the "+string(a.End.By))
}
