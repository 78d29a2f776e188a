package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"streamscope/logsink"
	"streamscope/timeline"
)

// The parts of the Markdown report that quote the record: what was done, the last
// frames, the log, and who made it.

func (m *markdown) notes() {
	if len(m.f.warnings)+len(m.f.actions)+len(m.f.faults)+len(m.f.marks) == 0 {
		return
	}
	m.line("")
	m.line("## What was done, and warned of")
	m.line("")
	for _, text := range slices.Sorted(maps.Keys(m.f.warnings)) {
		m.line("- warning, %s: %s", times(m.f.warnings[text], "time", "times"), plain(text))
	}
	all := slices.Concat(m.f.actions, m.f.faults, m.f.marks)
	slices.SortStableFunc(all, func(a, b timeline.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	counts := make(map[string]int)
	for _, e := range all {
		counts[timeline.Describe(e).Text]++
	}
	for _, e := range all {
		text := timeline.Describe(e).Text
		switch n := counts[text]; n {
		case 0: // told with the first of its kind
		case 1:
			m.line("- %s %s", m.o.clock(e.Time), plain(text))
		default:
			m.line("- %s %s (%d times from then on)", m.o.clock(e.Time), plain(text), n)
		}
		delete(counts, text)
	}
}

// maxBody is how much of a frame's body is shown.
const maxBody = 600

func (m *markdown) frames() {
	frames := m.f.lastFrames()
	if len(frames) == 0 {
		return
	}
	m.line("")
	m.line("## Last frames")
	m.line("")
	m.line("Health checks are left out; long bodies are cut.")
	m.line("")
	m.line("```text")
	for _, e := range frames {
		m.line("%s %s #%d %s", m.o.clock(e.Time), clean(e.Session), e.Attempt, fenced(timeline.Describe(e).String()))
		if f, ok := e.Payload.(timeline.Frame); ok && len(f.Body) > 0 {
			m.line("    %s", fenced(cut(string(f.Body), maxBody)))
		}
	}
	m.line("```")
}

// fenced keeps a text inside its block.
func fenced(s string) string { return strings.ReplaceAll(clean(s), "```", "'''") }

// cut shortens a text at a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + fmt.Sprintf("… (%d bytes)", len(s))
}

// maxLogLines is how many warnings and errors of the log are shown.
const maxLogLines = 50

func (m *markdown) logs() {
	if m.o.Logs == nil {
		return
	}
	var last []string
	n := 0
	for r := range m.o.Logs {
		if r.Level < logsink.Warn || m.o.Session != "" && r.Session != "" && r.Session != m.o.Session {
			continue
		}
		n++
		if len(last) >= maxLogLines {
			last = append(last[:0], last[1:]...)
		}
		r.Time = r.Time.In(m.o.Local)
		last = append(last, fenced(cut(r.String(), maxBody)))
	}
	if n == 0 {
		return
	}
	m.line("")
	m.line("## Warnings and errors in the log")
	m.line("")
	if n > len(last) {
		m.line("The last %d of %d.", len(last), n)
		m.line("")
	}
	m.line("```text")
	for _, text := range last {
		m.line("%s", text)
	}
	m.line("```")
}

func (m *markdown) environment() {
	m.line("")
	m.line("## Environment")
	m.line("")
	for _, f := range []fact{{"report by streamscope", m.o.Tool}, {"recorded by streamscope", m.o.Header.Tool}} {
		if f.Value != "" {
			m.line("- %s: %s", plain(f.Name), plain(f.Value))
		}
	}
}
