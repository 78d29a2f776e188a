package cli

import (
	"time"

	"streamscope/explain"
	"streamscope/internal/wire"
	"streamscope/timeline"
)

// checkSchema versions the document of check --json. It grows when a member
// changes its meaning or goes away, not when one is added.
const checkSchema = 1

// checkReport is the document of check --json; docs/schema/check.json is its
// contract.
type checkReport struct {
	SchemaVersion int                   `json:"schema_version"`
	OK            bool                  `json:"ok"`
	ExitCode      int                   `json:"exit_code"`
	User          checkUser             `json:"user"`
	Token         *explain.TokenSummary `json:"token"` // null without a token
	ClockSkewMS   *int64                `json:"clock_skew_ms"`
	Attempts      []checkAttempt        `json:"attempts"`
	ConnectionID  string                `json:"connection_id"`
	RTTMS         *float64              `json:"rtt_ms"`
	SLO           []sloLimit            `json:"slo,omitempty"`
	Verdict       string                `json:"verdict"`

	source    timeline.Source
	baseURL   string
	apiKey    string
	connected time.Duration // from the attempt's start to connection.ok; 0 for never
	// For people only; the attempts have their own.
	sentence        string // about the token
	cause, fix, sdk string
}

type checkUser struct {
	ID   string            `json:"id"`
	Type timeline.UserType `json:"type"`
}

type checkAttempt struct {
	N      int          `json:"n"`
	Stages []checkStage `json:"stages"`
	Error  *checkError  `json:"error,omitempty"`
}

// checkStage is one stage of the lane. A stage that was not reached has neither
// time nor outcome.
type checkStage struct {
	Name    string   `json:"name"`
	MS      *float64 `json:"ms,omitempty"`
	OK      *bool    `json:"ok,omitempty"`
	Status  int      `json:"status,omitempty"`
	Skipped bool     `json:"skipped,omitempty"`
	Detail  string   `json:"detail,omitempty"`
}

type checkError struct {
	Op      string        `json:"op"`
	Stage   string        `json:"stage"`
	Code    int           `json:"code"`
	Name    string        `json:"name"`
	Status  int           `json:"status"`
	Close   int           `json:"close"`
	Message string        `json:"message"`
	Class   explain.Class `json:"class"`
	Cause   string        `json:"cause"`
	Fix     string        `json:"fix"`
	SDK     string        `json:"sdk"`
}

// makeReport is what the session adds up to. The token is nil without one,
// and failure is what the check failed with, nil when it did not.
func makeReport(s timeline.Session, token *explain.TokenReport, failure *timeline.Failure) checkReport {
	r := checkReport{
		SchemaVersion: checkSchema,
		User:          checkUser{ID: s.Opened.User.ID, Type: s.Opened.User.Type},
		Attempts:      []checkAttempt{},
		ConnectionID:  wire.Clean(s.Attempt.ConnectionID),
		source:        s.Opened.Source,
		baseURL:       s.Opened.BaseURL,
		apiKey:        s.Opened.APIKey,
		connected:     connectedAfter(s.Attempt),
	}
	if token != nil {
		r.Token, r.sentence = &token.Summary, token.Sentence
	}
	for _, a := range append(s.Attempts[:len(s.Attempts):len(s.Attempts)], s.Attempt) {
		if a.N > 0 {
			r.Attempts = append(r.Attempts, makeAttempt(s, a))
		}
	}
	if s.Clock.Source != "" {
		r.ClockSkewMS = new(s.Clock.Skew.Milliseconds())
	}
	if n := len(s.Health.RTTs); n > 0 {
		r.RTTMS = new(millis(s.Health.RTTs[n-1]))
	}
	if failure == nil {
		r.OK = true
		r.Verdict = goodVerdict(s)
		return r
	}
	entry := explain.Failure(factsOf(s, *failure, s.Attempt.Reconnect))
	r.ExitCode = exitFor(*failure)
	r.cause, r.fix, r.sdk = entry.Cause, entry.Fix, entry.SDK
	r.Verdict = s.Opened.User.ID + " " + badState(s.Attempt) + ": " + entry.Means
	return r
}

func makeAttempt(s timeline.Session, a timeline.Attempt) checkAttempt {
	out := checkAttempt{N: a.N}
	for stage := range timeline.StageCount {
		out.Stages = append(out.Stages, makeStage(stage, a.Stages[stage]))
	}
	if f := a.End.Failure; f != nil {
		out.Error = makeError(s, *f, a.Reconnect)
	}
	return out
}

func makeStage(stage timeline.Stage, s timeline.StageState) checkStage {
	out := checkStage{Name: stage.String(), Status: s.Status, Detail: wire.Clean(s.Detail)}
	switch s.Progress {
	case timeline.Passed, timeline.Failed:
		out.MS = new(millis(s.Took))
		out.OK = new(s.Progress == timeline.Passed)
	case timeline.Skipped:
		out.Skipped = true
	}
	return out
}

func makeError(s timeline.Session, f timeline.Failure, reconnect bool) *checkError {
	entry := explain.Failure(factsOf(s, f, reconnect))
	message := f.Reason
	if message == "" {
		message = f.Text
	}
	return &checkError{
		Op: f.Op, Stage: f.Stage.String(), Code: f.Code, Name: f.Name, Status: f.Status, Close: f.Close,
		Message: wire.Clean(message), Class: entry.Class, Cause: entry.Cause, Fix: entry.Fix, SDK: entry.SDK,
	}
}

// factsOf is a failure as the dictionary wants it.
func factsOf(s timeline.Session, f timeline.Failure, reconnect bool) explain.Facts {
	return explain.Facts{
		Stage: f.Stage.String(), Op: f.Op, Code: f.Code, Status: f.Status, Close: f.Close,
		Reason: f.Reason, Text: f.Text, ByServer: f.Close != 0 && f.Close != abnormalClosure,
		Established: !s.Attempt.ConnectedAt.IsZero(), Reconnect: reconnect,
		Source: s.Opened.TokenSource, Refreshable: s.Opened.Refreshable,
		UserType: string(s.Opened.User.Type), LocalServer: s.Opened.Source == timeline.SourceLocal,
	}
}

// abnormalClosure is the close code that stands for a connection that was lost
// without a close frame (RFC 6455 section 7.1.5).
const abnormalClosure = 1006

// exitFor is the exit code of a failure: the one table from what went wrong to
// what a script sees.
func exitFor(f timeline.Failure) int {
	switch {
	case isTokenCode(f.Code), f.Op == "token":
		return exitToken
	case f.Code != 0:
		return exitFailed
	case f.Op == "dial", unanswered(f):
		return exitUnreachable
	case f.Op == "auth" && f.Close == 0:
		return exitTimeout // accepted, and then nothing
	}
	return exitFailed
}

// unanswered reports whether a REST request got no answer at all.
func unanswered(f timeline.Failure) bool {
	return (f.Op == "http" || f.Op == "guest") && f.Status == 0
}

// isTokenCode reports whether the coordinator refused who we are
// (protocol.md 3.6).
func isTokenCode(code int) bool {
	switch wire.Code(code) {
	case wire.CodeAccessKey, wire.CodeAuthenticationFailed, wire.CodeAuthentication,
		wire.CodeTokenExpired, wire.CodeTokenNotValidYet, wire.CodeTokenUsedBeforeIssued, wire.CodeTokenSignature:
		return true
	}
	return false
}

// goodVerdict is the sentence for a check that passed.
func goodVerdict(s timeline.Session) string {
	user := s.Opened.User.ID
	if s.Opened.User.Type == timeline.Anonymous {
		return user + " is anonymous: there is no socket by design, and no events; REST works for the calls in the token's call_cids"
	}
	if a := s.Attempt; !a.ConnectedAt.IsZero() {
		return user + " is connected: connection.ok after " + readable(a.ConnectedAt.Sub(a.Started))
	}
	return user + " is connected"
}

func millis(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// readable is a duration with the precision that a person wants.
func readable(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// badState is what became of the last attempt, in words: one that was connected was
// lost while the check stayed on.
func badState(a timeline.Attempt) string {
	if a.ConnectedAt.IsZero() {
		return "is not connected"
	}
	if a.Ended.IsZero() {
		return "was connected and lost the connection"
	}
	return "was connected and lost the connection after " + readable(a.Ended.Sub(a.ConnectedAt))
}
