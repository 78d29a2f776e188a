package explain

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"streamscope/internal/token"
	"streamscope/internal/wire"
)

// TokenOptions say for whom and how a token is judged. Everything may be zero.
type TokenOptions struct {
	// Now is the time of the judgement. Zero means the present.
	Now time.Time
	// UserID is the user that is to connect; empty means not compared.
	UserID string
	// UserType is authenticated, guest or anonymous; empty means authenticated.
	UserType string
	// Source is static, http, exec, file or secret; empty means a token that was
	// pasted and whose source is not known.
	Source string
	// Refreshable says whether the source can give another token. Nil means what
	// Source implies: all but static can.
	Refreshable *bool
	// Secret is the API secret to test the signature with; empty means that the
	// signature is not verified.
	Secret token.Raw
	// Skew is the service's clock minus ours, if SkewKnown.
	Skew      time.Duration
	SkewKnown bool
	// Previous is the fingerprint of the token that the source gave before.
	Previous string
	// Arrived says that the token came from its source a moment ago.
	Arrived bool
	// CallCID is a call that the token should open; empty means not checked.
	CallCID string
	// LoadsPerMinute is how often the source was asked in the last minute.
	LoadsPerMinute int
}

func (o TokenOptions) refreshable() bool {
	if o.Refreshable != nil {
		return *o.Refreshable
	}
	return o.Source != "" && o.Source != "static" && o.UserType != "guest"
}

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	Note Severity = "note" // good to know
	Warn Severity = "warn" // works now, and may not later or not everywhere
	Bad  Severity = "bad"  // the token will be refused
)

// Finding is one judgement about a token.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Text     string   `json:"text"` // a sentence: what is the case
	Fix      string   `json:"fix"`  // a sentence: what to do
}

// ClaimRow is one line of the table of claims.
type ClaimRow struct {
	Part  string `json:"part"` // header or payload
	Name  string `json:"name"`
	Value string `json:"value"` // JSON text, cleaned
	Note  string `json:"note,omitempty"`
}

// Signature is what is known about the signature.
type Signature string

// The states of a signature.
const (
	NotVerified    Signature = "not verified"
	SignatureOK    Signature = "ok"
	SignatureWrong Signature = "wrong"
)

// TokenSummary is what the JSON of check says about the token (design.md 4).
type TokenSummary struct {
	Source string `json:"source"`
	UserID string `json:"user_id"`
	// ExpiresAt is null for a token that never expires or cannot be read.
	ExpiresAt *time.Time `json:"expires_at"`
	// ExpiresInS is in seconds, negative after the end; null with ExpiresAt.
	ExpiresInS *int64      `json:"expires_in_s"`
	Verdict    VerdictKind `json:"verdict"`
}

// TokenReport is the judgement of a token. As JSON it is the document of
// "token --json". It never holds the token.
type TokenReport struct {
	Summary     TokenSummary
	Sentence    string // the verdict in one sentence
	Mask        string
	Fingerprint string
	Signature   Signature
	Claims      []ClaimRow
	Findings    []Finding // the worst first
}

// SchemaVersion is the version of the JSON form of [TokenReport].
const SchemaVersion = 1

// Token judges a token. What people leave around a token when they copy it is
// removed first and reported, so that the rest can be judged too.
func Token(raw string, o TokenOptions) TokenReport {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	b := newBench(raw, o)
	r := TokenReport{
		Mask:        token.Mask(b.text),
		Fingerprint: token.Raw(b.text).Fingerprint(),
		Signature:   b.signature,
		Claims:      b.claimRows(),
	}
	for _, check := range checks {
		r.Findings = append(r.Findings, check(b)...)
	}
	slices.SortStableFunc(r.Findings, func(x, y Finding) int { return worse(x.Severity) - worse(y.Severity) })
	v := b.verdict(r.Findings)
	r.Sentence = v.Sentence
	r.Summary = TokenSummary{Source: o.Source, UserID: clean(b.claims.UserID), Verdict: v.Kind}
	if at := b.claims.Exp; !at.IsZero() && at.Year() < 10000 && at.Year() > 0 {
		r.Summary.ExpiresAt = new(at)
		r.Summary.ExpiresInS = new(int64(at.Sub(b.serverNow()) / time.Second))
	}
	return r
}

func worse(s Severity) int { return slices.Index([]Severity{Bad, Warn, Note}, s) }

// OK reports whether the service can be expected to accept the token now.
func (r TokenReport) OK() bool { return r.Summary.Verdict.OK() }

// MarshalJSON writes the document of "token --json".
func (r TokenReport) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		SchemaVersion int  `json:"schema_version"`
		OK            bool `json:"ok"`
		TokenSummary
		Sentence    string     `json:"sentence"`
		Token       string     `json:"token"`
		Fingerprint string     `json:"fingerprint"`
		Signature   Signature  `json:"signature"`
		Claims      []ClaimRow `json:"claims"`
		Findings    []Finding  `json:"findings"`
	}{SchemaVersion, r.OK(), r.Summary, r.Sentence, r.Mask, r.Fingerprint, r.Signature,
		append([]ClaimRow{}, r.Claims...), append([]Finding{}, r.Findings...)})
}

// Text renders the report for a terminal of that width: the verdict, the
// findings with what to do, and the claims.
func (r TokenReport) Text(width int) string {
	width = max(width, 1)
	lines := []string{wrapped(r.Sentence, width), ""}
	for _, f := range r.Findings {
		lines = append(lines, labelled(string(f.Severity), f.Text+" "+f.Fix, width))
	}
	if len(r.Findings) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, wrapped("token "+r.Mask+", signature "+string(r.Signature), width))
	name := 0
	for _, c := range r.Claims {
		name = max(name, min(len(c.Name), 20))
	}
	for _, c := range r.Claims {
		line := "  " + c.Name + strings.Repeat(" ", max(0, name-len(c.Name))) + "  " + c.Value
		if c.Note != "" {
			line += "  (" + c.Note + ")"
		}
		lines = append(lines, wrapped(line, width))
	}
	return strings.Join(lines, "\n")
}

func clean(s string) string { return wire.Clean(s) }
