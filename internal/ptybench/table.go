package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// row is a line of the table: what was measured, and what it should be.
type row struct {
	what, unit string
	values     []float64
	// judged is the quantile that the budget is for: 0.5, 0.99, 1.
	judged  float64
	budget  float64 // 0: none
	atLeast bool    // the budget is a least, not a most
	peers   string  // what was seen elsewhere
	note    string
}

// quantile is the value that a share of all values does not exceed.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(max(int(math.Ceil(q*float64(len(sorted))))-1, 0), len(sorted)-1)]
}

// verdict compares the judged quantile with the budget.
func (r row) verdict() string {
	switch got := quantile(r.values, r.judged); {
	case len(r.values) == 0:
		return "not measured"
	case r.budget == 0:
		return ""
	case r.atLeast && got >= r.budget, !r.atLeast && got <= r.budget:
		return "met"
	case r.atLeast:
		return fmt.Sprintf("MISSED: %.0f%% of it", 100*got/r.budget)
	default:
		return fmt.Sprintf("MISSED: %.1f times", got/r.budget)
	}
}

// limit is the budget in words.
func (r row) limit() string {
	if r.budget == 0 {
		return ""
	}
	sign, which := "≤", ""
	if r.atLeast {
		sign = "≥"
	}
	switch r.judged {
	case 0.5:
		which = "median "
	case 0.99:
		which = "p99 "
	}
	return which + sign + " " + number(r.budget) + " " + r.unit
}

// number writes three digits that count.
func number(f float64) string {
	switch a := math.Abs(f); {
	case math.IsNaN(f):
		return "–"
	case a >= 100 || f == math.Trunc(f):
		return grouped(f)
	case a >= 10:
		return fmt.Sprintf("%.1f", f)
	default:
		return fmt.Sprintf("%.2f", f)
	}
}

func grouped(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// heading is printed above the rows.
func heading(w io.Writer) {
	fmt.Fprint(w, "| what | min | median | p99 | max | n | budget | verdict | seen elsewhere |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
}

// print writes the row as one of a Markdown table.
func (r row) print(w io.Writer) {
	cells := []string{r.what}
	for _, q := range []float64{0, 0.5, 0.99, 1} {
		cell := number(quantile(r.values, q))
		if len(r.values) > 0 {
			cell += " " + r.unit
		}
		cells = append(cells, cell)
	}
	verdict := r.verdict()
	if r.note != "" {
		verdict = strings.TrimPrefix(verdict+"; "+r.note, "; ")
	}
	cells = append(cells, number(float64(len(r.values))), r.limit(), verdict, r.peers)
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}
