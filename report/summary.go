package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"streamscope/explain"
	"streamscope/timeline"
)

// SummarySchema versions the document of [SummaryJSON]. It grows when a member
// changes its meaning or goes away.
const SummarySchema = 1

type summary struct {
	SchemaVersion int              `json:"schema_version"`
	Start         time.Time        `json:"start,omitzero"`
	End           time.Time        `json:"end,omitzero"`
	Events        int              `json:"events"`
	Dropped       uint64           `json:"dropped"`
	Sessions      []summarySession `json:"sessions"`
	Errors        []summaryError   `json:"errors"`
	Notes         []string         `json:"notes,omitempty"`
}

type summarySession struct {
	Name      string             `json:"name"`
	User      string             `json:"user"`
	UserType  timeline.UserType  `json:"user_type"`
	Source    timeline.Source    `json:"source"`
	State     timeline.ConnState `json:"state"`
	Verdict   string             `json:"verdict"`
	Attempts  int                `json:"attempts"`
	Connected int                `json:"connected"`
	Drops     int                `json:"drops"`
	FramesIn  int                `json:"frames_in"`
	FramesOut int                `json:"frames_out"`
	Requests  int                `json:"requests"`
	Tokens    int                `json:"tokens"`
	RTT       *float64           `json:"rtt_ms"`
	Traps     []string           `json:"traps"`
	Advice    []summaryAdvice    `json:"advice"`
}

type summaryAdvice struct {
	ID    string        `json:"id"`
	Title string        `json:"title"`
	Class explain.Class `json:"class"`
	Times int           `json:"times"`
	Cause string        `json:"cause,omitempty"`
	Fix   string        `json:"fix,omitempty"`
	SDK   string        `json:"sdk,omitempty"`
}

type summaryError struct {
	Session string    `json:"session"`
	What    string    `json:"what"`
	First   time.Time `json:"first,omitzero"`
	Last    time.Time `json:"last,omitzero"`
	Times   int       `json:"times"`
}

func summarise(events iter.Seq[timeline.Event], s timeline.State, o Options) summary {
	f := gather(events, o)
	out := summary{
		SchemaVersion: SummarySchema, Start: f.first, End: f.last, Events: f.events, Dropped: s.Dropped,
		Sessions: []summarySession{}, Errors: []summaryError{}, Notes: o.Notes,
	}
	for _, session := range o.sessions(s) {
		out.Sessions = append(out.Sessions, f.summarySession(session, o))
	}
	for _, t := range f.troubles {
		out.Errors = append(out.Errors, summaryError{clean(t.session), t.what, t.first, t.last, t.n})
	}
	return out
}

func (f *facts) summarySession(s timeline.Session, o Options) summarySession {
	out := summarySession{
		Name: clean(s.Name), User: clean(cmp.Or(s.UserID(), s.Opened.User.ID)), UserType: s.Opened.User.Type, Source: s.Opened.Source,
		State: s.Conn, Verdict: clean(verdict(s, o.Now)), Drops: s.Drops,
		FramesIn: s.FramesIn, FramesOut: s.FramesOut, Requests: s.Requests, Traps: []string{}, Advice: []summaryAdvice{},
	}
	for _, l := range f.lanes {
		if l.session != s.Name {
			continue
		}
		out.Attempts++
		if !l.connected.IsZero() {
			out.Connected++
		}
	}
	for _, t := range f.tokens {
		if t.session == s.Name {
			out.Tokens++
		}
	}
	if stats := s.Health.RTTStats(); stats.N > 0 {
		out.RTT = new(harMillis(stats.Median))
	}
	for _, t := range s.Traps {
		out.Traps = append(out.Traps, t.ID)
	}
	for _, a := range f.advise(s) {
		e := a.entry
		out.Advice = append(out.Advice, summaryAdvice{e.ID, e.Title(), e.Class, a.n, e.Cause, e.Fix, e.SDK})
	}
	return out
}

// SummaryJSON writes the summary as one JSON document.
func SummaryJSON(w io.Writer, events iter.Seq[timeline.Event], s timeline.State, o Options) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(summarise(events, s, o.withDefaults(s))); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// Summary writes what happened in a few lines of text.
func Summary(w io.Writer, events iter.Seq[timeline.Event], s timeline.State, o Options) error {
	o = o.withDefaults(s)
	sum := summarise(events, s, o)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s, %s\n", o.span(sum.Start, sum.End), times(sum.Events, "event", "events"))
	if sum.Dropped > 0 {
		fmt.Fprintf(out, "%d events were lost before they could be kept\n", sum.Dropped)
	}
	for _, note := range sum.Notes {
		fmt.Fprintln(out, clean(note))
	}
	for _, session := range sum.Sessions {
		session.print(out)
	}
	if len(sum.Errors) > 0 {
		fmt.Fprintln(out, "\nerrors")
	}
	for _, e := range sum.Errors {
		fmt.Fprintf(out, "  %s  %s  %s\n", o.clock(e.First), times(e.Times, "time ", "times"), strings.TrimSpace(e.Session+" "+e.What))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func (s summarySession) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n", s.Verdict)
	fmt.Fprintf(out, "  %s, %d connected, %s; %s in, %d out, %s, %s\n", times(s.Attempts, "attempt", "attempts"), s.Connected,
		times(s.Drops, "drop", "drops"), times(s.FramesIn, "frame", "frames"), s.FramesOut, times(s.Requests, "request", "requests"), times(s.Tokens, "token", "tokens"))
	if s.RTT != nil {
		fmt.Fprintf(out, "  round trip %.1f ms (median)\n", *s.RTT)
	}
	if len(s.Traps) > 0 {
		fmt.Fprintf(out, "  traps %s\n", strings.Join(s.Traps, " "))
	}
	for _, a := range s.Advice {
		fmt.Fprintf(out, "  %s\n", clean(a.Title))
		if a.Fix != "" {
			fmt.Fprintf(out, "    fix: %s\n", clean(a.Fix))
		}
	}
}
