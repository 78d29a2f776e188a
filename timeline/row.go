package timeline

import (
	"strconv"
	"strings"
	"time"

	"streamscope/internal/wire"
)

// Row is an event as one line for people. All of it is safe to show: what came
// from a peer is cleaned.
type Row struct {
	// Dir is the direction of what went over the wire, empty for the rest.
	Dir Direction
	// Severity is for colours and for jumping to errors and warnings.
	Severity Severity
	// Text is the line, without time, session, attempt and arrow.
	Text string
	// Fold is the same for rows that may be shown as one counting row when they
	// follow each other; empty for rows that stand alone.
	Fold string
	// Echo says that the row tells again what the row of a frame before it told:
	// lists leave it out.
	Echo bool
}

// String is the line with an arrow in front of it.
func (r Row) String() string {
	switch r.Dir {
	case In:
		return "← " + r.Text
	case Out:
		return "→ " + r.Text
	}
	return r.Text
}

// Describe returns the line of an event. Every kind has one; an event without a
// payload gives an empty row.
func Describe(e Event) Row {
	switch p := e.Payload.(type) {
	case Frame:
		return rowFrame(&p)
	case Close:
		return rowClose(p)
	case HTTPRequest:
		return rowRequest(&p)
	case HTTPResponse:
		return rowResponse(&p)
	case CallEvent:
		return rowCallEvent(&p)
	case CallChanged:
		return rowCallChanged(p)
	case RingDecision:
		return rowDecision(p)
	case BusyTone:
		return rowTone(p)
	case AttemptStarted:
		return rowAttemptStarted(e.Attempt, p)
	case StageChanged:
		return rowStage(p)
	case AttemptEnded:
		return rowAttemptEnded(e.Attempt, p)
	case Backoff:
		return rowBackoff(p)
	case ConnectFailed:
		return rowConnectFailed(p)
	case AppEvent:
		return rowAppEvent(p)
	case TokenLoading, TokenLoaded, TokenFailed, TokenSent, Clock:
		return rowToken(p)
	case FaultArmed, FaultHit, FaultCleared, FaultScored:
		return rowFault(p)
	case nil:
		return Row{}
	}
	return rowSession(e.Payload)
}

// line joins words with single blanks, leaving out empty ones.
func line(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		if w == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(wire.Clean(w))
	}
	return b.String()
}

// with puts a word before a text, and gives nothing for no text.
func with(word, text string) string {
	if text == "" {
		return ""
	}
	return word + " " + text
}

// inBrackets puts a text into brackets, and gives nothing for no text.
func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

// quoted is a peer's own text.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return "“" + text + "”"
}

// lasting is a duration as short as a row needs it: 18 ms, 3.2 s, 4m12s, 3 days.
func lasting(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + lasting(-d)
	case d == 0:
		return "0 ms"
	case d < time.Millisecond:
		return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 48*time.Hour:
		return d.Round(time.Second).String()
	}
	return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + " days"
}

// count is a number with a word in the right form.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// failureText names a failure: code or close code, and the peer's own words.
func failureText(f *Failure) string {
	if f == nil {
		return ""
	}
	var what string
	switch {
	case f.Code != 0:
		what = codeText(f.Code)
	case f.Close != 0:
		what = "close " + strconv.Itoa(f.Close)
	case f.Op == "token" && f.Text != "":
		what = f.Text // it names the status, and what a token endpoint said
	case f.Status != 0:
		what = "status " + strconv.Itoa(f.Status)
	}
	if f.Reason != "" {
		return line(what, quoted(f.Reason))
	}
	if what == "" {
		return line(f.Text)
	}
	return what
}
