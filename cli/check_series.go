package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"streamscope/timeline"
)

// seriesReport is the document of check --repeat --json;
// docs/schema/check_repeat.json is its contract.
type seriesReport struct {
	SchemaVersion int           `json:"schema_version"`
	OK            bool          `json:"ok"`
	ExitCode      int           `json:"exit_code"` // of the first run that failed
	Passed        int           `json:"passed"`
	Failed        int           `json:"failed"`
	Statistics    []statistic   `json:"statistics"`
	Runs          []checkReport `json:"runs"`
	Verdict       string        `json:"verdict"`
}

// statistic is how long one thing took over the runs in which it was done.
type statistic struct {
	Name     string  `json:"name"` // a stage, connected for the whole, or rtt
	N        int     `json:"n"`
	MinMS    float64 `json:"min_ms"`
	MedianMS float64 `json:"median_ms"`
	P95MS    float64 `json:"p95_ms"`
	MaxMS    float64 `json:"max_ms"`
}

// checkSeries connects several times, one after the other, each time as another
// process would.
func (p *program) checkSeries(ctx context.Context, set settings, plan checkPlan, f checkFlags) error {
	var runs []checkReport
	for n := range f.repeat {
		report, err := p.runCheck(ctx, set, plan)
		if err != nil {
			return err
		}
		runs = append(runs, report)
		if f.json {
			continue
		}
		if _, err := fmt.Fprintln(p.out, report.line(n+1)); err != nil {
			return err
		}
	}
	series := makeSeries(runs)
	var err error
	if f.json {
		err = json.NewEncoder(p.out).Encode(series)
	} else {
		err = series.writeText(p.out, p.width())
	}
	if err == nil && !series.OK {
		return silent(series.ExitCode)
	}
	return err
}

// line is a run among others.
func (r checkReport) line(n int) string {
	word := "ok"
	if !r.OK {
		word = "FAILED"
	}
	took := ""
	if d, ok := r.took(sloConnected); ok {
		took = fmt.Sprintf("%.2f ms", d)
	}
	return fmt.Sprintf("run %-4d %10s  %-6s  %s", n, took, word, r.Verdict)
}

// took is how long a stage, or the whole, took in the attempt that decided, in
// milliseconds; false when it was not reached.
func (r checkReport) took(name string) (ms float64, ok bool) {
	if name == sloRTT {
		if r.RTTMS == nil {
			return 0, false
		}
		return *r.RTTMS, true
	}
	if len(r.Attempts) == 0 {
		return 0, false
	}
	if name == sloConnected {
		return millis(r.connected), r.connected > 0
	}
	for _, stage := range r.Attempts[len(r.Attempts)-1].Stages {
		if stage.Name == name && stage.OK != nil && *stage.OK && stage.MS != nil {
			return *stage.MS, true
		}
	}
	return 0, false
}

// makeSeries is what the runs add up to.
func makeSeries(runs []checkReport) seriesReport {
	s := seriesReport{SchemaVersion: checkSchema, OK: true, Runs: runs, Statistics: []statistic{}}
	for _, r := range runs {
		switch {
		case r.OK:
			s.Passed++
		case s.OK:
			s.OK, s.ExitCode = false, r.ExitCode
			s.Verdict = r.Verdict
			s.Failed++
		default:
			s.Failed++
		}
	}
	var names []string
	for stage := range timeline.StageConnected { // the last stage takes no time; its name is the whole's
		names = append(names, stage.String())
	}
	for _, name := range append(names, sloConnected, sloRTT) {
		if row, ok := statisticOf(name, runs); ok {
			s.Statistics = append(s.Statistics, row)
		}
	}
	if s.OK {
		s.Verdict = fmt.Sprintf("all %d checks passed", len(runs))
	} else {
		s.Verdict = fmt.Sprintf("%d of %d checks failed; the first: %s", s.Failed, len(runs), s.Verdict)
	}
	return s
}

// statisticOf measures one thing over the runs that have done it.
func statisticOf(name string, runs []checkReport) (statistic, bool) {
	var took []float64
	for _, r := range runs {
		if ms, ok := r.took(name); ok {
			took = append(took, ms)
		}
	}
	if len(took) == 0 {
		return statistic{}, false
	}
	slices.Sort(took)
	return statistic{
		Name: name, N: len(took), MinMS: took[0], MaxMS: took[len(took)-1],
		MedianMS: rank(took, 50), P95MS: rank(took, 95),
	}, true
}

// rank is the percentile of sorted values by nearest rank: a value that was
// measured, never one in between.
func rank(sorted []float64, percent int) float64 {
	i := (len(sorted)*percent + 99) / 100
	return sorted[max(i, 1)-1]
}

// writeText prints the statistics and the verdict.
func (s seriesReport) writeText(w io.Writer, width int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-9s  %5s %10s %10s %10s %10s\n", "ms", "n", "min", "median", "p95", "max")
	for _, row := range s.Statistics {
		fmt.Fprintf(&b, "%-9s  %5d %10.2f %10.2f %10.2f %10.2f\n", row.Name, row.N, row.MinMS, row.MedianMS, row.P95MS, row.MaxMS)
	}
	b.WriteByte('\n')
	word := "OK"
	if !s.OK {
		word = "FAILED"
	}
	b.WriteString(labelled(word, s.Verdict, width))
	if i := slices.IndexFunc(s.Runs, func(r checkReport) bool { return !r.OK }); i >= 0 && s.Runs[i].fix != "" {
		b.WriteString(labelled("fix", s.Runs[i].fix, width))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// connectedAfter is how long the attempt took that connected; 0 for none.
func connectedAfter(a timeline.Attempt) time.Duration {
	if a.ConnectedAt.IsZero() {
		return 0
	}
	return a.ConnectedAt.Sub(a.Started)
}
