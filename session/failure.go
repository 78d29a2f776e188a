package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"streamscope/internal/wire"
	"streamscope/timeline"
)

// failure is an error inside the client: the facts for the record, and what the
// official client attaches to its error values, because its later decisions and
// texts read exactly that.
type failure struct {
	facts   timeline.Failure
	message string // the message of the error as the official client words it
	inner   string // the message inside a JSON text

	code   int  // an API code or a close code
	coded  bool // there is a code
	status int  // StatusCode of a connection.error
	// transient is isWSFailure; marked says that the error has that member.
	transient, marked bool
	// answered says that a REST answer is behind it, with its HTTP status.
	answered      bool
	http          int
	unrecoverable bool
}

// Error returns the official client's text.
func (f *failure) Error() string { return f.message }

// fact returns the failure for the record, with the official client's text.
func (f *failure) fact() timeline.Failure {
	facts := f.facts
	facts.SDKText = f.message
	facts.Transient = f.transient
	return facts
}

// rethrown is the error as connect throws it to connectUser: a JSON text of the
// members that are there (protocol.md 4.3).
func (f *failure) rethrown() *failure {
	out := *f
	out.message, out.inner = f.json(), f.message
	return &out
}

func (f *failure) json() string {
	var b bytes.Buffer
	b.WriteByte('{')
	if f.coded {
		fmt.Fprintf(&b, `"code":%d,`, f.code)
	}
	if f.marked && f.coded {
		fmt.Fprintf(&b, `"StatusCode":%d,`, f.status)
	}
	b.WriteString(`"message":` + quote(f.message))
	if f.marked {
		fmt.Fprintf(&b, `,"isWSFailure":%t`, f.transient)
	}
	b.WriteByte('}')
	return b.String()
}

// quote is JSON.stringify of a string: no escaping for HTML.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// plain is an error that the client itself throws.
func plain(op, message string) *failure {
	return &failure{message: message, facts: timeline.Failure{Op: op, Text: message}}
}

// nothingRecorded is what a wait for health says that knows of no error
// (protocol.md 4.3).
var nothingRecorded = &failure{
	facts:  timeline.Failure{Op: "dial", Text: "no socket was established in time", Transient: true},
	marked: true, transient: true,
	inner:   "initial WS connection could not be established",
	message: `{"code":"","StatusCode":"","message":"initial WS connection could not be established","isWSFailure":true}`,
}

// socketFailure words a close or a connection.error as the official client does
// (protocol.md 4.3).
func socketFailure(code, status int, reason string, transient bool, facts timeline.Failure) *failure {
	facts.Reason = wire.Clean(reason)
	return &failure{
		facts: facts,
		message: fmt.Sprintf("WS failed with code: %d: %s and reason: %s",
			code, wire.Code(code), wire.Clean(reason)),
		code: code, coded: true, status: status, transient: transient, marked: true,
	}
}

// closeFailure is a close frame, or the loss of a socket without one.
func closeFailure(code int, reason string, facts timeline.Failure) *failure {
	if facts.Op == "" {
		facts.Op = "read"
	}
	if facts.Op == "read" {
		facts.Close = code
	}
	return socketFailure(code, 0, reason, true, facts)
}

// rejected is close 1000 before connection.ok: the official client takes it for
// a refusal by the server (protocol.md 2.6).
func rejected(reason string) *failure {
	return &failure{
		facts:   timeline.Failure{Op: "auth", Stage: timeline.StageAuth, Close: closeNormal, Reason: wire.Clean(reason)},
		message: "WS connection reject with error " + wire.Clean(reason),
		code:    closeNormal, coded: true,
	}
}

// refused is a connection.error.
func refused(e wire.APIError) *failure {
	return socketFailure(int(e.Code), e.StatusCode, e.Message, false, timeline.Failure{
		Op: "auth", Stage: timeline.StageAuth, Code: int(e.Code), Name: codeName(e.Code), Status: e.StatusCode,
	})
}

// codeName is the code's name, or nothing for one that is not in the table.
func codeName(c wire.Code) string {
	if c.Known() {
		return c.String()
	}
	return ""
}

// dialFacts is what a failed dial says.
func dialFacts(err error) timeline.Failure {
	facts := timeline.Failure{Op: "dial", Text: wire.Clean(err.Error())}
	if e, ok := errors.AsType[*Error](err); ok {
		facts.Stage, facts.Status, facts.Close = e.Stage, e.Status, e.Close
		facts.Reason = wire.Clean(e.Reason)
		// Operation and stage are facts of their own; whoever shows them says them once.
		facts.Text = strings.TrimPrefix(facts.Text, "dial ("+e.Stage.String()+"): ")
	}
	return facts
}

// lostFacts is what the end of an open socket says: code and reason of the
// server's close frame, 1006 without one.
func lostFacts(err error) (code int, reason string, facts timeline.Failure) {
	code, facts = closeAbnormal, timeline.Failure{Op: "read", Text: wire.Clean(err.Error())}
	if e, ok := errors.AsType[*Error](err); ok && e.Close != 0 {
		code, reason = e.Close, e.Reason
	}
	facts.Close, facts.Reason = code, wire.Clean(reason)
	return code, reason, facts
}

// unanswered is a REST call without an answer (protocol.md 1.2).
func unanswered(err error, timeoutText string) *failure {
	facts := timeline.Failure{Op: "http", Text: wire.Clean(err.Error())}
	if e, ok := errors.AsType[*Error](err); ok {
		facts.Status, facts.Reason = e.Status, wire.Clean(e.Reason)
	}
	message := facts.Text
	if errors.Is(err, context.DeadlineExceeded) {
		message = timeoutText
	}
	return &failure{facts: facts, message: message}
}

// answeredBadly is a REST answer that is an error: ErrorFromResponse
// (protocol.md 1.7). A body that is no API error has no code.
func answeredBadly(resp RESTResponse) *failure {
	f := &failure{answered: true, http: resp.Status, facts: timeline.Failure{Op: "http", Status: resp.Status}}
	var body struct {
		Code          *int    `json:"code"`
		Message       *string `json:"message"`
		Unrecoverable bool    `json:"unrecoverable"`
	}
	code, message := "undefined", "undefined"
	if json.Unmarshal(resp.Body, &body) == nil {
		if body.Code != nil {
			f.code, f.coded = *body.Code, true
			f.facts.Code, f.facts.Name = f.code, codeName(wire.Code(f.code))
			code = fmt.Sprint(f.code)
		}
		if body.Message != nil {
			message = wire.Clean(*body.Message)
			f.facts.Reason = message
		}
		f.unrecoverable = body.Unrecoverable
	}
	f.message = fmt.Sprintf("Stream error code %s: %s", code, message)
	return f
}
