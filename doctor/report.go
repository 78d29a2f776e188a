package doctor

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"streamscope/internal/wrap"
)

// SchemaVersion versions the JSON form of a [Report]. It grows when a member
// changes its meaning or goes away.
const SchemaVersion = 1

// Result is how a check went.
type Result string

// The results. Warn is what works and will hurt somebody; Skipped is a check whose
// ground was missing, or that does not apply.
const (
	OK      Result = "ok"
	Warn    Result = "warn"
	Fail    Result = "fail"
	Skipped Result = "skipped"
)

// Finding is the outcome of one check. Its texts are clean of control characters.
type Finding struct {
	Check  string
	Result Result
	Took   time.Duration
	// Detail is what was found, as facts.
	Detail string
	// Cause and Fix are sentences; empty when all is well.
	Cause, Fix string
}

// MarshalJSON writes the finding with its time in milliseconds.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Check  string  `json:"check"`
		Result Result  `json:"result"`
		TookMS float64 `json:"took_ms"`
		Detail string  `json:"detail"`
		Cause  string  `json:"cause,omitempty"`
		Fix    string  `json:"fix,omitempty"`
	}{f.Check, f.Result, millis(f.Took), f.Detail, f.Cause, f.Fix})
}

// Report is the outcome of all checks.
type Report struct {
	Target   string // the base URL
	Took     time.Duration
	Verdict  string // one sentence
	Findings []Finding
}

// Failed reports whether a check failed; warnings do not count.
func (r Report) Failed() bool { return r.first(Fail) != nil }

func (r Report) first(result Result) *Finding {
	for i := range r.Findings {
		if r.Findings[i].Result == result {
			return &r.Findings[i]
		}
	}
	return nil
}

// MarshalJSON writes the report as check --doctor --json prints it.
func (r Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		SchemaVersion int       `json:"schema_version"`
		OK            bool      `json:"ok"`
		Target        string    `json:"target"`
		TookMS        float64   `json:"took_ms"`
		Verdict       string    `json:"verdict"`
		Findings      []Finding `json:"findings"`
	}{SchemaVersion, !r.Failed(), r.Target, millis(r.Took), r.Verdict, r.Findings})
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// names of results in text, each as wide as the widest.
var resultWords = map[Result]string{OK: "ok  ", Warn: "WARN", Fail: "FAIL", Skipped: "–   "}

// checkWidth is the width of the column of names, timeWidth that of the times.
const (
	checkWidth = 14
	timeWidth  = 9
	minText    = 20
)

// Text returns the report for people, wrapped to a width, without a line end at
// its end.
func (r Report) Text(width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Target)
	margin := 2 + len("FAIL") + 2 + checkWidth + timeWidth + 2
	for _, f := range r.Findings {
		took := ""
		if f.Result != Skipped {
			took = fmt.Sprintf("%.1f ms", millis(f.Took))
		}
		head := fmt.Sprintf("  %s  %-*s%*s  ", resultWords[f.Result], checkWidth, f.Check, timeWidth, took)
		b.WriteString(head + hang(f.Detail, width, margin) + "\n")
		for _, line := range []struct{ name, text string }{{"cause: ", f.Cause}, {"fix: ", f.Fix}} {
			if line.text != "" {
				b.WriteString(strings.Repeat(" ", margin) + hang(line.name+line.text, width, margin) + "\n")
			}
		}
	}
	b.WriteString("\n" + strings.Join(wrap.Lines(r.Verdict, max(width, minText)), "\n"))
	return b.String()
}

// hang wraps a text so that its lines stand under each other behind a margin.
func hang(s string, width, margin int) string {
	return strings.Join(wrap.Lines(s, max(width-margin, minText)), "\n"+strings.Repeat(" ", margin))
}
