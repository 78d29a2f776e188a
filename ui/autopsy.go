package ui

import (
	"slices"
	"strconv"

	"streamscope/explain"
	"streamscope/timeline"
)

// autopsyLines is every attempt of a session, the last first: its lane, where
// it stopped, why, what to do, and what the app sees meanwhile.
func autopsyLines(s timeline.Session, p paint) []line {
	out := autopsySummary(s, p)
	for i, f := range s.ConnectErrors {
		if i == 0 {
			out = append(out, heading("What onConnectUserError got: "+plural(len(s.ConnectErrors), "error"))...)
		}
		out = append(out, line{
			{styleMuted, padLeft(strconv.Itoa(i+1), 3) + " "}, {styleBad, errorWord(f)},
			{styleText, " " + firstNonEmpty(f.SDKText, f.Reason, f.Text)},
		})
	}
	out = append(out, trapHistory(s, p)...)
	lanes := s.Lanes()
	for _, a := range slices.Backward(lanes) {
		out = append(out, attemptLines(s, a, p)...)
	}
	if len(lanes) == 0 {
		out = append(out, nil)
		out = append(out, sentence(styleMuted, "There has been no attempt yet.", p.w)...)
	}
	return out
}

func autopsySummary(s timeline.Session, p paint) []line {
	look := p.g.look(s)
	out := []line{{
		{look.style, look.glyph + " " + look.word},
		{styleMuted, " for "}, {styleText, upClock(s.TimeInState(p.now))},
		{styleMuted, " · failures in a row "}, {styleText, strconv.Itoa(s.Failures)},
		{styleMuted, " · drops "}, {styleText, strconv.Itoa(s.Drops)},
	}}
	if s.Reason != "" {
		out = append(out, pair("because", s.Reason, styleText, p.w)...)
	}
	out = append(out, pair("server", s.Opened.BaseURL, styleText, p.w)...)
	const most = 3 // waits side by side (K21) are alike
	for i, b := range s.Backoffs {
		if i == most {
			out = append(out, pair("", "and "+strconv.Itoa(len(s.Backoffs)-most)+" more, side by side", styleText, p.w)...)
			break
		}
		out = append(out, pair("waiting", backoffText(b, p), styleText, p.w)...)
	}
	if len(s.Backoffs) == 0 && s.LastWait.Failures > 0 {
		out = append(out, pair("last wait", backoffText(s.LastWait, p), styleMuted, p.w)...)
	}
	return out
}

// backoffText is one wait: what was drawn out of which range.
func backoffText(b timeline.Wait, p paint) string {
	text := millis(b.Drawn)
	if b.Min != b.Max {
		text += " drawn from " + millis(b.Min) + " to " + millis(b.Max)
	}
	text += " after " + plural(b.Failures, "failure")
	if left := b.Until.Sub(p.now); left > 0 {
		text += ", " + inSeconds(left) + " left"
	}
	if b.Refresh {
		text += ", then a new token"
	}
	return text
}

func trapHistory(s timeline.Session, p paint) []line {
	if len(s.Traps) == 0 {
		return nil
	}
	out := heading("Traps of the official client")
	for _, t := range slices.Backward(s.Traps) {
		sty, state := styleWarn, "holds"
		if t.Over {
			sty, state = styleMuted, "over"
		}
		name := t.ID
		if e, ok := explain.Trap(t.ID); ok {
			name = e.Title()
		}
		out = append(out, line{{sty, p.g.mark + " " + name}, {styleMuted, " · " + state + " · " + dayTime(t.At)}})
		for _, row := range wrapText(trapText(t), p.w-4) {
			out = append(out, line{{styleText, "    " + row}})
		}
	}
	return out
}

func attemptLines(s timeline.Session, a timeline.Attempt, p paint) []line {
	out := []line{nil, {{styleTitle, "Attempt " + strconv.Itoa(a.N)}, {styleMuted, attemptAside(a)}}}
	out = append(out, laneLines(a, p)...)
	for i, st := range a.Stages {
		if st.Detail == "" || st.Detail == a.ConnectionID {
			continue
		}
		sty := styleMuted
		if st.Progress == timeline.Failed {
			sty = styleBad
		}
		out = append(out, pair("  "+timeline.Stage(i).String(), st.Detail, sty, p.w)...)
	}
	if a.ConnectionID != "" {
		out = append(out, pair("  connection", a.ConnectionID, styleText, p.w)...)
	}
	if a.CloseIn != nil {
		out = append(out, pair("  close frame", strconv.Itoa(a.CloseIn.Code)+" "+a.CloseIn.Reason, styleText, p.w)...)
	}
	f := a.Failure()
	if f == nil {
		return append(out, pair("  ended", endText(a), styleMuted, p.w)...)
	}
	out = append(out, pair("  raw", rawFailure(*f), styleBad, p.w)...)
	e := p.explain(factsOf(s, a, *f))
	return append(out, entryLines(e, p.w)...)
}

func attemptAside(a timeline.Attempt) string {
	text := " · " + dayTime(a.Started)
	if a.Reconnect {
		text += " · reconnect"
	}
	if a.Cycle > 0 {
		text += " · connectUser try " + strconv.Itoa(a.Cycle)
	}
	if a.Why != "" && a.Reconnect { // of connectUser it is the try again
		text += " · reason: " + a.Why
	}
	return text
}

func endText(a timeline.Attempt) string {
	if a.Ended.IsZero() {
		return ""
	}
	text := "by the " + string(a.End.By)
	if a.End.Close != 0 {
		text += " with " + strconv.Itoa(a.End.Close)
	}
	if a.End.Reason != "" {
		text += ": " + a.End.Reason
	}
	return text
}

// rawFailure is a failure as it came: codes and texts, not words of ours.
func rawFailure(f timeline.Failure) string {
	text := errorWord(f)
	if f.Name != "" {
		text += " " + f.Name
	}
	if said := firstNonEmpty(f.Reason, f.Text); said != "" {
		text += ": " + said
	}
	return text
}

func errorWord(f timeline.Failure) string {
	switch {
	case f.Code != 0:
		return "code " + strconv.Itoa(f.Code)
	case f.Status != 0:
		return "HTTP " + strconv.Itoa(f.Status)
	case f.Close != 0:
		return "close " + strconv.Itoa(f.Close)
	case f.Op == "dial":
		return "dial (" + f.Stage.String() + ")"
	}
	return f.Op
}
