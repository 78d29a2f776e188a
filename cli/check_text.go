package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// writeText prints the report for a person: who and where, a line for each stage
// of each attempt, the verdict, and what to do.
func (r checkReport) writeText(w io.Writer, width int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) · %s · %s · key %s\n", r.User.ID, r.User.Type, r.source, r.baseURL, r.apiKey)
	if t := r.Token; t != nil {
		fmt.Fprintf(&b, "token from %s: %s\n", t.Source, t.Verdict)
	}
	for _, a := range r.Attempts {
		a.writeText(&b)
	}
	if r.ClockSkewMS != nil {
		fmt.Fprintf(&b, "\nclock: the server is %+d ms from ours\n", *r.ClockSkewMS)
	}
	word := "OK"
	if !r.OK {
		word = "FAILED"
	}
	b.WriteString("\n" + wrap(word+": "+r.Verdict, "", width))
	for _, line := range [][2]string{{"cause", r.cause}, {"fix", r.fix}, {"your app", r.sdk}} {
		if line[1] != "" {
			b.WriteString(wrap(fmt.Sprintf("%-9s %s", line[0]+":", line[1]), "          ", width))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a checkAttempt) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "\nattempt %d\n", a.N)
	for _, s := range a.Stages {
		fmt.Fprintf(b, "  %-9s  %9s  %-6s  %s\n", s.Name, s.took(), s.outcome(), s.Detail)
	}
	if e := a.Error; e != nil {
		fmt.Fprintf(b, "  %s\n", strings.Join(e.facts(), " · "))
	}
}

func (s checkStage) took() string {
	if s.MS == nil {
		return ""
	}
	return fmt.Sprintf("%.2f ms", *s.MS)
}

func (s checkStage) outcome() string {
	switch {
	case s.Skipped:
		return "none" // this attempt has no such stage: no name, no TLS
	case s.OK == nil:
		return "·"
	case *s.OK:
		return "ok"
	}
	return "FAILED"
}

// facts are the numbers of an error, raw.
func (e checkError) facts() []string {
	var facts []string
	if e.Code != 0 {
		facts = append(facts, strings.TrimSpace(fmt.Sprintf("code %d %s", e.Code, e.Name)))
	}
	if e.Status != 0 {
		facts = append(facts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Close != 0 {
		facts = append(facts, fmt.Sprintf("close %d", e.Close))
	}
	if e.Message != "" {
		facts = append(facts, e.Message)
	}
	if len(facts) == 0 {
		facts = append(facts, e.Op+" failed")
	}
	return facts
}

// wrap breaks prose at the width; the lines after the first are indented.
func wrap(text, indent string, width int) string {
	lines := strings.Split(ansi.Wordwrap(text, width-len(indent), ""), "\n")
	return strings.Join(lines, "\n"+indent) + "\n"
}
