package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"streamscope/timeline"
)

// Markdown writes a report for a support ticket: the verdict, what was tried, the
// attempts, all errors with what to do, the tokens by their shape, and the last
// frames. It holds no secret, and nothing in it is taken for Markdown or HTML that
// came from outside.
func Markdown(w io.Writer, events iter.Seq[timeline.Event], s timeline.State, o Options) error {
	o = o.withDefaults(s)
	m := markdown{out: bufio.NewWriter(w), f: gather(events, o), o: o, state: s}
	m.head()
	for _, session := range o.sessions(s) {
		m.session(session)
	}
	m.errors()
	m.advice()
	m.tokens()
	m.notes()
	m.frames()
	m.logs()
	m.environment()
	if err := m.out.Flush(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

type markdown struct {
	out   *bufio.Writer // keeps its error until the flush
	f     *facts
	o     Options
	state timeline.State
}

func (m *markdown) line(format string, args ...any) {
	fmt.Fprintf(m.out, format+"\n", args...)
}

// table writes the head of a table.
func (m *markdown) table(names ...string) {
	m.line("| %s |", strings.Join(names, " | "))
	m.line("|%s", strings.Repeat(" --- |", len(names)))
}

func (m *markdown) row(cells ...string) { m.line("| %s |", strings.Join(cells, " | ")) }

func (m *markdown) head() {
	m.line("# streamscope report")
	m.line("")
	for _, s := range m.o.sessions(m.state) {
		m.line("**%s**", plain(verdict(s, m.o.Now)))
		m.line("")
	}
	m.line("%s, %s, %s.", m.o.span(m.f.first, m.f.last),
		times(m.f.events, "event", "events"), times(len(m.f.lanes)+m.f.moreLanes, "attempt", "attempts"))
	m.line("Tokens, secrets and authorization are masked; times are %s.", m.o.zone(m.f.first))
	if len(m.f.faults) > 0 {
		m.line("Note: faults were caused on purpose; they are under “What was done”.")
	}
	for _, note := range m.o.Notes {
		m.line("Note: %s.", plain(strings.TrimSuffix(note, ".")))
	}
	if m.state.Dropped > 0 {
		m.line("Note: %d events were lost before they could be kept.", m.state.Dropped)
	}
	m.line("")
}

func (m *markdown) session(s timeline.Session) {
	m.line("## Session %s", plain(cmp.Or(s.Name, "without a name")))
	m.line("")
	o := s.Opened
	m.table("what was tried", "")
	for _, f := range []fact{
		{"user", fmt.Sprintf("%s (%s)", cmp.Or(o.User.ID, s.UserID()), cmp.Or(o.User.Type, timeline.Authenticated))},
		{"source", string(o.Source)}, {"base URL", o.BaseURL}, {"API key", o.APIKey},
		{"token source", tokenSource(o)}, {"policy", policy(cmp.Or(s.Policy, o.Policy))},
		{"reject call when busy", strconv.FormatBool(s.RejectWhenBusy)},
		{"connectUser retries", number(o.MaxConnectRetries)},
		{"state at the end", strings.TrimSpace(string(s.Conn) + " " + inParentheses(s.Reason))},
		{"drops", strconv.Itoa(s.Drops)}, {"clock skew", skew(s.Clock)}, {"round trip", roundTrip(s.Health)},
	} {
		if f.Value != "" {
			m.row(f.Name, plain(f.Value))
		}
	}
	m.line("")
	m.lanes(s)
	m.traps(s)
}

// policy is whose habits the session had.
func policy(p timeline.Policy) string {
	if p == timeline.PolicySDK {
		return string(p) + ": as the official JavaScript client 1.60"
	}
	return string(p)
}

func tokenSource(o timeline.SessionOpened) string {
	if o.TokenSource == "" {
		return ""
	}
	if o.Refreshable {
		return o.TokenSource + ", gives new tokens"
	}
	return o.TokenSource + ", cannot be refreshed"
}

func skew(c timeline.Clock) string {
	if c.Source == "" {
		return ""
	}
	return fmt.Sprintf("%s (%s)", c.Skew.Round(time.Millisecond), c.Source)
}

func roundTrip(h timeline.Health) string {
	s := h.RTTStats()
	if s.N == 0 {
		return ""
	}
	return fmt.Sprintf("last %s, median %s, highest %s of %d", s.Last.Round(100*time.Microsecond),
		s.Median.Round(100*time.Microsecond), s.Max.Round(100*time.Microsecond), s.N)
}

func inParentheses(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

// maxRows is how many attempts the report lists; the table of all is CSV.
const maxRows = 100

func (m *markdown) lanes(s timeline.Session) {
	lanes := slices.DeleteFunc(slices.Clone(m.f.lanes), func(l *lane) bool { return l.session != s.Name })
	if len(lanes) == 0 {
		m.line("No attempt to connect was made.")
		m.line("")
		return
	}
	m.line("### Attempts")
	m.line("")
	if n := len(lanes) - maxRows; n > 0 {
		m.line("%d earlier attempts are left out.", n)
		m.line("")
		lanes = lanes[n:]
	}
	names := []string{"#", "started"}
	for stage := range timeline.StageCount {
		names = append(names, stage.String())
	}
	m.table(append(names, "result", "because")...)
	for _, l := range lanes {
		cells := []string{strconv.Itoa(l.n), m.o.clock(l.started)}
		for stage := range timeline.StageCount {
			cells = append(cells, stageCell(l.stages[stage]))
		}
		because := ""
		switch f := l.failure(); {
		case f != nil:
			because = failureText(*f)
		case l.closeIn != nil:
			because = "the server closed with " + strconv.Itoa(l.closeIn.Code)
		case l.end.By != "":
			because = "by the " + string(l.end.By)
		}
		m.row(append(cells, resultCell(l), plain(because))...)
	}
	m.line("")
}

// stageCell has the time of a stage; a failed one is marked in words.
func stageCell(s timeline.StageChanged) string {
	switch s.Progress {
	case timeline.Passed:
		return millis(s.Took)
	case timeline.Failed:
		return "**failed** " + millis(s.Took)
	case timeline.Started:
		return "waiting"
	case timeline.Skipped:
		return "–"
	}
	return ""
}

func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64) + " ms"
}

func resultCell(l *lane) string {
	if l.connected.IsZero() || l.ended.IsZero() {
		return l.result()
	}
	return l.result() + " after " + l.ended.Sub(l.connected).Round(time.Millisecond).String()
}

func (m *markdown) traps(s timeline.Session) {
	if len(s.Traps) == 0 {
		return
	}
	m.line("### Traps of the official client that were seen")
	m.line("")
	m.table("trap", "at", "attempt", "what was seen")
	for _, t := range s.Traps {
		m.row(t.ID, m.o.clock(t.At), number(t.Attempt), plain(t.Detail))
	}
	m.line("")
}

func (m *markdown) errors() {
	m.line("## Errors")
	m.line("")
	if len(m.f.troubles) == 0 {
		m.line("None.")
		return
	}
	m.table("first", "last", "times", "session", "what")
	for _, t := range m.f.troubles {
		m.row(m.o.clock(t.first), m.o.clock(t.last), strconv.Itoa(t.n), plain(t.session), plain(t.what))
	}
	if m.f.moreErrors > 0 {
		m.line("")
		m.line("%d more are left out.", m.f.moreErrors)
	}
}

func (m *markdown) advice() {
	seen := map[string]bool{}
	for _, s := range m.o.sessions(m.state) {
		for _, a := range m.f.advise(s) {
			if seen[a.entry.ID] {
				continue
			}
			if len(seen) == 0 {
				m.line("")
				m.line("## What to do")
				m.line("")
			}
			seen[a.entry.ID] = true
			m.entry(a)
		}
	}
}

func (m *markdown) entry(a advice) {
	e := a.entry
	m.line("- **%s** (%s): %s", plain(e.Title()), e.Class.Label(), plain(e.Means))
	for _, f := range []fact{{"Cause", e.Cause}, {"Fix", e.Fix}, {"What the app sees", e.SDK}} {
		if f.Value != "" {
			m.line("  - %s: %s", f.Name, plain(f.Value))
		}
	}
}

func (m *markdown) tokens() {
	if len(m.f.tokens) == 0 {
		return
	}
	m.line("")
	m.line("## Tokens")
	m.line("")
	m.table("first seen", "session", "source", "shape", "alg", "user_id", "issued", "expires", "sent", "trouble")
	for _, t := range m.f.tokens {
		expires := m.o.date(t.ExpiresAt)
		if t.ExpiresAt.IsZero() {
			expires = "never"
		}
		m.row(m.o.clock(t.first), plain(t.session), plain(t.source), plain(t.Mask), plain(t.Alg), plain(t.UserID),
			m.o.date(t.IssuedAt), expires, strconv.Itoa(t.sent), plain(cmp.Or(t.Malformed, t.Undecodable)))
	}
}

// markup are the characters that Markdown and HTML give a meaning.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"[", `\[`, "]", `\]`)

// plain is a text that shows as it is written.
func plain(s string) string { return markup.Replace(clean(s)) }
