package cli

import (
	"fmt"
	"io"
	"strings"

	"streamscope/internal/wrap"
)

// writeText prints the report for a person: who and where, a line for each stage
// of each attempt, the verdict, and what to do.
func (r checkReport) writeText(w io.Writer, width int, p paint) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) · %s · %s · key %s\n", p.with(boldSGR, r.User.ID), r.User.Type, r.source, r.baseURL, r.apiKey)
	if r.Token != nil {
		b.WriteString(labelled("token", r.sentence, width))
	}
	for _, a := range r.Attempts {
		a.writeText(&b, p)
	}
	if len(r.SLO) > 0 {
		b.WriteString("\nlimits\n")
	}
	for _, l := range r.SLO {
		took, outcome, detail := l.limitLine()
		b.WriteString(stageLine(p, l.Name, took, outcome, "", detail))
	}
	b.WriteByte('\n')
	if skew := r.ClockSkewMS; skew != nil && (*skew >= noticeableSkew || *skew <= -noticeableSkew) {
		b.WriteString(labelled("clock", fmt.Sprintf("the server's clock is %+.1f s from ours", float64(*skew)/1000), width))
	}
	word := "OK"
	if !r.OK {
		word = "FAILED"
	}
	for _, line := range [][2]string{{word, r.Verdict}, {"cause", r.cause}, {"fix", r.fix}, {"your app", r.sdk}} {
		if line[1] != "" {
			label, rest, _ := strings.Cut(labelled(line[0], line[1], width), ":")
			b.WriteString(p.label(line[0], label+":") + rest)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a checkAttempt) writeText(b *strings.Builder, p paint) {
	fmt.Fprintf(b, "\nattempt %d\n", a.N)
	bars := p.bars(a.Stages)
	for i, s := range a.Stages {
		bar := ""
		if bars != nil {
			bar = p.outcome(s.outcome(), bars[i])
		}
		b.WriteString(stageLine(p, s.Name, s.took(), s.outcome(), bar, s.Detail))
	}
	if e := a.Error; e != nil {
		fmt.Fprintf(b, "  %s\n", p.with(badSGR, strings.Join(e.facts(), " · ")))
	}
}

// stageLine is one line of a report: what, how long, how it went.
func stageLine(p paint, name, took, outcome, bar, detail string) string {
	line := fmt.Sprintf("  %-9s  %9s  ", name, took) + p.outcome(outcome, fmt.Sprintf("%-6s", outcome)) + "  " + bar + detail
	return strings.TrimRight(line, " ") + "\n"
}

// label colours the word before a sentence of the verdict.
func (p paint) label(word, text string) string {
	if word == "OK" || word == "FAILED" {
		return p.outcome(word, text)
	}
	return p.with(boldSGR, text)
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

// labelled is a labelled paragraph, broken at the width.
func labelled(label, text string, width int) string {
	const indent = "          "
	lines := wrap.Lines(text, width-len(indent))
	return fmt.Sprintf("%-*s", len(indent), label+":") + strings.Join(lines, "\n"+indent) + "\n"
}
