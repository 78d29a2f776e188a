package explain

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"streamscope/internal/token"
)

// bench holds a token that is being judged, and everything that the checks
// need to know about it.
type bench struct {
	TokenOptions
	raw       string // as it was given
	text      string // without what was left around it
	wrapping  token.Wrapping
	claims    token.Claims
	err       *token.ParseError // why it cannot be read; nil if it can
	signature Signature
}

func newBench(raw string, o TokenOptions) bench {
	b := bench{TokenOptions: o, raw: raw, signature: NotVerified}
	b.text, b.wrapping = token.Unwrap(raw)
	claims, err := token.Parse(b.text)
	b.claims = claims
	b.err, _ = errors.AsType[*token.ParseError](err)
	if !o.Secret.IsZero() && err == nil {
		b.signature = SignatureOK
		if token.Verify(b.text, o.Secret.Reveal()) != nil {
			b.signature = SignatureWrong
		}
	}
	return b
}

func (b bench) anonymous() bool { return b.UserType == "anonymous" }

// serverNow is the present by the service's clock, as far as it is known.
func (b bench) serverNow() time.Time {
	if b.SkewKnown {
		return b.Now.Add(b.Skew)
	}
	return b.Now
}

// verdict is that of the facts, unless a check knows of something worse.
func (b bench) verdict(findings []Finding) Verdict {
	f := TokenFacts{
		NoToken: b.text == "", UserID: b.claims.UserID, Server: b.claims.Server, CallCIDs: b.claims.CallCIDs,
		IssuedAt: b.claims.Iat, ExpiresAt: b.claims.Exp, NotBefore: b.claims.Nbf,
		ForUser: b.UserID, UserType: b.UserType, Source: b.Source, Refreshable: b.refreshable(),
		Now: b.serverNow(),
	}
	if b.err != nil && b.text != "" {
		f.Malformed = malformed(b.err)
	}
	v := TokenVerdict(f)
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Severity == Bad && !inVerdict[f.ID] })
	if i >= 0 && v.Kind != VerdictInvalid {
		return Verdict{VerdictInvalid, findings[i].Text}
	}
	return v
}

// inVerdict are the bad findings that [TokenVerdict] words by itself.
var inVerdict = map[string]bool{
	"expired": true, "expired-on-arrival": true, "same-token": true, "not-yet": true, "issued-in-future": true,
}

// malformed says in a sentence why a token cannot be read.
func malformed(err *token.ParseError) string {
	switch {
	case errors.Is(err, token.ErrEmpty):
		return "There is no token."
	case errors.Is(err, token.ErrSegments):
		return fmt.Sprintf("This is not a token: it has %d %s between dots, and a token has three.",
			err.Segments, plural(err.Segments, "part", "parts"))
	case errors.Is(err, token.ErrHeader):
		return "The token's header names no algorithm."
	case errors.Is(err, token.ErrJSON):
		return fmt.Sprintf("The token's %s is not a JSON object.", err.Part)
	}
	return fmt.Sprintf("The token's %s is not base64.", err.Part)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// claimRows is the table of what the token says, header first.
func (b bench) claimRows() []ClaimRow {
	var rows []ClaimRow
	for _, h := range []struct{ name, value string }{{"alg", b.claims.Alg}, {"typ", b.claims.Type}, {"kid", b.claims.KeyID}} {
		if h.value != "" {
			text, _ := json.Marshal(h.value)
			rows = append(rows, ClaimRow{Part: "header", Name: h.name, Value: clean(string(text))})
		}
	}
	for _, c := range b.claims.All {
		rows = append(rows, ClaimRow{Part: "payload", Name: clean(c.Name), Value: clean(c.Value), Note: b.note(c.Name)})
	}
	return rows
}

// note explains the value of a claim.
func (b bench) note(name string) string {
	switch name {
	case "iat":
		return b.when(name, b.claims.Iat)
	case "exp":
		return b.when(name, b.claims.Exp)
	case "nbf":
		return b.when(name, b.claims.Nbf)
	case "user_id":
		switch b.UserID {
		case "":
			return ""
		case b.claims.UserID:
			return "the user that connects"
		}
		return "not the user that connects"
	case "sub":
		return "Stream does not read it"
	case "role":
		return "overrides the user's role"
	case "call_cids":
		return calls(len(b.claims.CallCIDs))
	case "server":
		return "marks a server token"
	}
	return ""
}

// when writes a time claim as a date, with its distance from now.
func (b bench) when(name string, at time.Time) string {
	switch {
	case slices.Contains(b.claims.WrongType, name):
		return "not a number"
	case at.IsZero():
		return ""
	case slices.Contains(b.claims.Millis, name):
		return "looks like milliseconds"
	}
	date := at.Format("2006-01-02 15:04:05 UTC")
	if d := at.Sub(b.serverNow()); d > 0 {
		return date + ", in " + Countdown(d)
	} else {
		return date + ", " + Countdown(-d) + " ago"
	}
}
