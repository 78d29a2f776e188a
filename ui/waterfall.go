package ui

import (
	"strconv"
	"strings"
	"time"

	"streamscope/timeline"
)

// waterfallLines draws an attempt with one row for each stage: when it began
// after the first and how long it took, on one scale.
func waterfallLines(a timeline.Attempt, p paint) []line {
	const names, times = 9, 9
	var from, to time.Time
	for _, st := range a.Stages {
		if st.Started.IsZero() {
			continue
		}
		if from.IsZero() || st.Started.Before(from) {
			from = st.Started
		}
		if end := stageEnd(st, p.now); end.After(to) {
			to = end
		}
	}
	room := p.w - names - times - 2
	if from.IsZero() || room < 10 {
		return laneLines(a, p)
	}
	room = min(room, 60)
	scale := float64(room) / float64(max(to.Sub(from), 1))
	var out []line
	for i, st := range a.Stages {
		glyph, sty := p.g.stage(st)
		l := line{{sty, glyph + " "}, {styleText, pad(laneWords[i], names)}}
		switch st.Progress {
		case timeline.Skipped, timeline.Pending:
			continue
		case timeline.Passed, timeline.Failed, timeline.Started:
			begin := min(int(float64(st.Started.Sub(from))*scale), room-1)
			n := min(max(int(float64(stageEnd(st, p.now).Sub(st.Started))*scale+0.5), 1), room-begin)
			l = l.add(styleText, spaces(begin)).add(barStyleOf(st), strings.Repeat(p.g.full, n)).
				add(styleText, spaces(room-begin-n)).add(styleMuted, padLeft(millis(stageEnd(st, p.now).Sub(st.Started)), times))
		}
		out = append(out, l)
	}
	return out
}

// laneWords are the stages as the waterfall writes them.
var laneWords = [timeline.StageCount]string{"token", "dns", "tcp", "tls", "upgrade", "auth", "ok"}

// stageEnd is when a stage was over; now while it is not.
func stageEnd(st timeline.StageState, now time.Time) time.Time {
	if st.Progress == timeline.Started {
		return now
	}
	return st.Started.Add(st.Took)
}

func barStyleOf(st timeline.StageState) style {
	switch st.Progress {
	case timeline.Failed:
		return styleBad
	case timeline.Started:
		return styleAccent
	}
	return styleBar
}

// The official client's wait after n failures is drawn from a window that grows
// with n (protocol 4.2, retryInterval).
func retryWindow(n int) (least, most time.Duration) {
	const top = 5 * time.Second
	step := 2 * time.Second
	return min(max(250*time.Millisecond, time.Duration(n-1)*step), top), min(500*time.Millisecond+time.Duration(n)*step, top)
}

// backoffLines draw the window that a wait was drawn from, and what was drawn;
// with room, the windows of the failures before and after it.
func backoffLines(s timeline.Session, p paint) []line {
	wait, ok := currentWait(s)
	if !ok || wait.Max <= 0 {
		return nil
	}
	if p.w < 34 || wait.Min == wait.Max && p.h < tallPane {
		return []line{{{styleMuted, "waits "}, {styleText, millis(wait.Drawn)}, {styleMuted, " after " + plural(wait.Failures, "failure")}}}
	}
	if p.h < tallPane || p.w < tallPaneWidth || s.Policy == timeline.PolicySteady {
		return []line{windowLine("wait", wait.Min, wait.Max, &wait, p)}
	}
	out := []line{nil, drawnLine(wait)}
	for n := 1; n <= max(4, min(wait.Failures, 6)); n++ {
		at := n
		if wait.Failures > 6 && n == 6 {
			at = wait.Failures
		}
		least, most := retryWindow(at)
		mine := (*timeline.Wait)(nil)
		if at == wait.Failures {
			least, most, mine = wait.Min, wait.Max, &wait
		}
		out = append(out, windowLine(strconv.Itoa(at), least, most, mine, p))
	}
	return out
}

// A pane of this size has room for pictures.
const tallPane, tallPaneWidth = 14, 44

// currentWait is the wait that ends first, or the last one that there was.
func currentWait(s timeline.Session) (timeline.Wait, bool) {
	var out timeline.Wait
	for _, b := range s.Backoffs {
		if out.Until.IsZero() || b.Until.Before(out.Until) {
			out = b
		}
	}
	if !out.Until.IsZero() {
		return out, true
	}
	return s.LastWait, !s.LastWait.At.IsZero() && s.Conn == timeline.StateBackoff
}

func drawnLine(w timeline.Wait) line {
	l := line{{styleMuted, "wait after failures: drawn "}, {styleStrong, millis(w.Drawn)}, {styleMuted, " after " + plural(w.Failures, "failure")}}
	if w.Refresh {
		l = l.add(styleMuted, ", then a new token")
	}
	return l
}

// windowLine is one window on the scale of the longest wait there is.
func windowLine(label string, least, most time.Duration, drawn *timeline.Wait, p paint) line {
	const longest = 5 * time.Second
	left, right := padLeft(millis(least), 6)+" ", " "+millis(most)
	room := min(p.w-width(label)-1-width(left)-width(right), 30)
	scale := func(d time.Duration) int {
		return min(int(float64(d)/float64(max(longest, most))*float64(room-1)+0.5), room-1)
	}
	sty := styleMuted
	if drawn != nil {
		sty = styleText
	}
	l := line{{styleMuted, label + " "}, {sty, left}}
	from, to := scale(least), max(scale(most), scale(least)+1)
	bar := []rune(spaces(from) + p.g.teeLeft + strings.Repeat(p.g.horizontal, max(to-from-1, 0)) + p.g.teeRight)
	if drawn == nil {
		return l.add(styleBorder, string(bar)).add(sty, right)
	}
	at := min(max(scale(drawn.Drawn), from), to)
	return l.add(styleBar, string(bar[:at])).add(styleWarnStrong, p.g.dot).add(styleBar, string(bar[at+1:])).add(sty, right)
}

// silenceLines say when the last frame came, on the way to the 35 s of silence
// after which the official client notices.
func silenceLines(s timeline.Session, p paint) []line {
	h := s.Health
	if h.LastFrame.IsZero() {
		return []line{say(styleMuted, "no frame yet")}
	}
	silent, left := max(p.now.Sub(h.LastFrame), 0), h.DeafAt.Sub(p.now)
	switch {
	case h.DeafAt.IsZero():
		return []line{{{styleMuted, "last frame "}, {styleText, wholeSeconds(silent)}}}
	case left <= 0:
		return []line{{{styleBadStrong, p.g.bad + " deaf for " + wholeSeconds(silent)}}}
	case silent > timeline.HealthCheckEvery+2*time.Second:
		full, empty := p.g.bar(silent, timeline.DeafAfter, min(max(p.w, 4), 30))
		text := "deaf for " + wholeSeconds(silent) + "; the client notices in " + wholeSeconds(left)
		if width(text) > p.w {
			text = strings.Replace(text, "the client", "client", 1)
		}
		return append([]line{{{styleWarn, full}, {styleMuted, empty}}}, sentence(styleWarnStrong, text, p.w)...)
	}
	l := line{{styleMuted, "last frame "}, {styleText, pad(wholeSeconds(silent), 5)}}
	const tail = " of 35 s"
	if room := min(p.w-l.width()-width(tail), 10); room >= 5 { // a longer one would be repainted more often
		full, empty := p.g.bar(silent, timeline.DeafAfter, room)
		l = l.add(styleBar, full).add(styleMuted, empty+tail)
	}
	return []line{l}
}
