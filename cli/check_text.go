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
	if r.Token != nil {
		b.WriteString(wrap("token", r.sentence, width))
	}
	for _, a := range r.Attempts {
		a.writeText(&b)
	}
	b.WriteByte('\n')
	if skew := r.ClockSkewMS; skew != nil && (*skew >= noticeableSkew || *skew <= -noticeableSkew) {
		b.WriteString(wrap("clock", fmt.Sprintf("the server's clock is %+.1f s from ours", float64(*skew)/1000), width))
	}
	word := "OK"
	if !r.OK {
		word = "FAILED"
	}
	for _, line := range [][2]string{{word, r.Verdict}, {"cause", r.cause}, {"fix", r.fix}, {"your app", r.sdk}} {
		if line[1] != "" {
			b.WriteString(wrap(line[0], line[1], width))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a checkAttempt) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "\nattempt %d\n", a.N)
	for _, s := range a.Stages {
		line := fmt.Sprintf("  %-9s  %9s  %-6s  %s", s.Name, s.took(), s.outcome(), s.Detail)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
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

// noticeableSkew is the least difference of two clocks that is told, in
// milliseconds: a Date header is only good to a second.
const noticeableSkew = 1500

// wrap is a labelled paragraph, broken at the width.
func wrap(label, text string, width int) string {
	const indent = "          "
	lines := strings.Split(ansi.Wordwrap(text, width-len(indent), ""), "\n")
	return fmt.Sprintf("%-*s", len(indent), label+":") + strings.Join(lines, "\n"+indent) + "\n"
}
