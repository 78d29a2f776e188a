package timeline

import (
	"strconv"
	"strings"
	"time"
)

// rowSession describes what a session says about itself, and what concerns no
// session.
func rowSession(payload Payload) Row {
	switch p := payload.(type) {
	case SessionOpened:
		return Row{Severity: Notable, Text: line("session for", p.User.ID, inBrackets(string(p.User.Type)), "at", p.BaseURL)}
	case SessionClosed:
		return Row{Severity: Normal, Text: line("session closed", inBrackets(p.Reason))}
	case StateChanged:
		return rowState(p)
	case Switched:
		return Row{Severity: Normal, Text: line("switch", strings.ReplaceAll(p.Name, "_", " "), "to", p.Value)}
	case UserAction:
		if p.Action == ActionRenew {
			return Row{Severity: Notable, Text: line(p.Action, p.Detail)}
		}
		return Row{Severity: Notable, Text: line("you:", p.Action, p.Detail)}
	case Network:
		if p.Online {
			return Row{Severity: Notable, Text: line("network online", with("by", string(p.By)))}
		}
		return Row{Severity: Warn, Text: line("network offline", with("by", string(p.By)))}
	case Warning:
		return Row{Severity: Warn, Text: line(p.Text)}
	case Note:
		return Row{Severity: Quiet, Text: line(p.Text)}
	case Mark:
		return Row{Severity: Notable, Text: line("mark", p.Text)}
	case Dropped:
		return Row{Severity: Warn, Text: strconv.FormatUint(p.Count, 10) + " events dropped here"}
	}
	return Row{Severity: Normal, Text: line("event of an unknown kind:", string(payload.Kind()))}
}

func rowState(p StateChanged) Row {
	r := Row{Severity: Normal, Text: string(p.To)}
	switch p.To {
	case StateConnected:
		r.Severity = Notable
	case StateBackoff, StateOffline:
		r.Severity = Warn
	case StateStalled, StateFailed:
		r.Severity = Bad
	}
	switch {
	case p.RetryIn > 0 && p.To == StateStalled:
		r.Text = line(r.Text, "with one more chance in", lasting(p.RetryIn)+",", "by the old socket's 35 s check")
	case p.RetryIn > 0:
		r.Text = line(r.Text, "for", lasting(p.RetryIn))
	}
	if p.Failures > 0 {
		r.Text = line(r.Text, "after", count(p.Failures, "failure", "failures"))
	}
	r.Text = line(r.Text, inBrackets(p.Reason))
	return r
}

func rowAttemptStarted(n int, p AttemptStarted) Row {
	word := "attempt"
	if p.Reconnect {
		word = "reconnect attempt"
	}
	return Row{Severity: Normal, Text: line(word, strconv.Itoa(n), "to", p.URL, inBrackets(p.Why))}
}

func rowStage(p StageChanged) Row {
	r := Row{Severity: Quiet}
	switch p.Progress {
	case Failed:
		r.Severity = Bad
		r.Text = line(p.Stage.String(), "failed after", lasting(p.Took), failureText(p.Failure))
		return r
	case Passed:
		r.Text = line(p.Stage.String(), "passed in", lasting(p.Took))
	default:
		r.Text = line(p.Stage.String(), string(p.Progress))
	}
	if p.Status != 0 {
		r.Text = line(r.Text, "status", strconv.Itoa(p.Status))
	}
	r.Text = line(r.Text, inBrackets(p.Detail))
	return r
}

func rowAttemptEnded(n int, p AttemptEnded) Row {
	r := Row{Severity: Normal}
	if p.Failure != nil {
		r.Severity = Bad
	}
	why := failureText(p.Failure)
	if why == "" && p.Close != 0 {
		why = line("close", strconv.Itoa(p.Close), quoted(p.Reason))
	}
	r.Text = line("attempt", strconv.Itoa(n), "ended", with("by the", string(p.By)), inBrackets(why))
	return r
}

func rowBackoff(p Backoff) Row {
	chain := ""
	if p.Chain > 1 {
		chain = "chain " + strconv.Itoa(p.Chain)
	}
	of := ""
	if p.Min != p.Max {
		of = "of " + lasting(p.Min) + "–" + lasting(p.Max)
	}
	return Row{Severity: Warn, Text: line("wait", lasting(p.Drawn), of,
		"after", count(p.Failures, "failure", "failures"), inBrackets(chain))}
}

func rowConnectFailed(p ConnectFailed) Row {
	last := p.Last
	return Row{Severity: Bad, Text: line("connectUser gave up after", count(len(p.All), "attempt:", "attempts:"), failureText(&last))}
}

func rowAppEvent(p AppEvent) Row {
	online := "online: false"
	if p.Online {
		online = "online: true"
	}
	return Row{Severity: Normal, Text: line("app gets", p.Type, online)}
}

func rowToken(payload Payload) Row {
	switch p := payload.(type) {
	case TokenLoading:
		return Row{Severity: Normal, Text: line("token asked of", p.Source, "(load "+strconv.Itoa(p.Load)+")")}
	case TokenLoaded:
		r := Row{Severity: Normal, Text: line("token loaded in", lasting(p.Took), tokenWords(p.Token))}
		if p.Same {
			r.Severity, r.Text = Warn, line(r.Text, "the same as before")
		}
		return r
	case TokenFailed:
		failure := p.Failure
		return Row{Severity: Bad, Text: line("token load failed after", lasting(p.Took), failureText(&failure))}
	case TokenSent:
		return Row{Dir: Out, Severity: Normal, Text: line("token", strconv.Itoa(p.Token.Number), "sent", tokenWords(p.Token))}
	case Clock:
		return Row{Severity: Quiet, Text: line("server clock", signed(p.Skew), "against ours", inBrackets(p.Source)), Fold: string(KindClock)}
	}
	return Row{}
}

// tokenWords is a token's mask and what of it can go wrong.
func tokenWords(t TokenInfo) string {
	expiry := "no expiry"
	if !t.ExpiresAt.IsZero() {
		expiry = "until " + t.ExpiresAt.UTC().Format("2006-01-02 15:04:05Z")
	}
	return line(t.Mask, expiry, t.Malformed)
}

func signed(d time.Duration) string {
	if d < 0 && d <= -50*time.Microsecond { // what is shown as 0.0 has no sign
		return lasting(d)
	}
	return "+" + lasting(d)
}

func rowFault(payload Payload) Row {
	switch p := payload.(type) {
	case FaultArmed:
		title, limit, wait := firstOf(p.Fault.Title, p.Fault.Kind), "", p.Fault.Strikes
		if p.For > 0 && !strings.Contains(title, " for ") { // the menu's titles hold it
			limit = "for " + lasting(p.For)
		}
		if p.For > 0 && wait != "" {
			wait += ", and its time runs from there"
		}
		return Row{Severity: Notable, Text: line("fault armed:", title, limit, inBrackets(wait))}
	case FaultHit:
		return Row{Severity: Notable, Text: line("fault acts:", p.Fault, inBrackets(p.Detail))}
	case FaultCleared:
		if p.Hits == 0 {
			return Row{Severity: Normal, Text: line("fault cleared: it never struck", inBrackets(p.Why))}
		}
		return Row{Severity: Normal, Text: line("fault cleared after", count(p.Hits, "hit", "hits"), inBrackets(p.Why))}
	case FaultScored:
		r := Row{Severity: Notable, Text: line("fault", p.Fault, "scored", p.Score, "after", lasting(p.After), inBrackets(p.Detail))}
		if p.Score != "seen" {
			r.Severity = Warn
		}
		return r
	}
	return Row{}
}
