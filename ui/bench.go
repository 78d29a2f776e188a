package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"streamscope/explain"
)

// benchTyping says which input of the token bench is open.
type benchTyping int

const (
	benchNothing benchTyping = iota
	benchToken
	benchSecret
)

// bench is the token bench: the judgement of a token, the one on the wire or
// another. A pasted token and a secret live in the fields only until they are
// judged; the whole token is on the screen only after the reveal key.
type bench struct {
	typing benchTyping
	field  field
	// other holds a pasted token while it is being judged again with a secret.
	other    string
	report   *explain.TokenReport
	problem  string
	revealed string
	what     string
}

func (m *Model) openBench() tea.Cmd {
	r := &reader{title: "Token bench · " + m.session}
	m.openReader(modeBench, r)
	m.bench = bench{what: "the token on the wire"}
	r.views = []view{{name: "report", build: func(w int) []line { return m.bench.lines(m.paint(w, 0)) }, text: m.benchText}}
	return m.inspect("", "")
}

// inspect has a token judged. Neither the token nor the secret is kept beyond
// the judgement, except for a pasted token that a secret may follow.
func (m *Model) inspect(raw, secret string) tea.Cmd {
	if m.o.Controller == nil {
		m.bench.problem = "A recording holds no tokens: only their shape, which the token pane shows."
		m.reader.invalidate()
		return nil
	}
	return m.askThen("token bench", func(c Controller, session string) (func(*Model) tea.Cmd, error) {
		report, err := c.Inspect(session, raw, secret)
		return func(m *Model) tea.Cmd {
			if m.mode != modeBench {
				return nil
			}
			m.bench.report, m.bench.problem = &report, ""
			if err != nil {
				m.bench.report, m.bench.problem = nil, err.Error()
			}
			m.reader.invalidate()
			return nil
		}, nil
	})
}

// benchInput opens one of the inputs.
func (m *Model) benchInput(which benchTyping) tea.Cmd {
	if m.reader == nil {
		return nil
	}
	m.bench.typing = which
	m.bench.field = newField("paste a token and press enter")
	if which == benchSecret {
		m.bench.field = newSecretField("the app's API secret; it is not shown and not kept")
	}
	return nil
}

func (m *Model) onBenchKey(msg tea.KeyPressMsg) tea.Cmd {
	if a, ok := m.keys.find(msg.String(), inMenu); ok {
		return a.run(m)
	}
	return m.bench.field.update(msg)
}

func (m *Model) onBenchPaste(msg tea.PasteMsg) tea.Cmd {
	if m.bench.typing == benchNothing {
		m.benchInput(benchToken)
	}
	return m.bench.field.update(msg)
}

func (m *Model) benchDone() tea.Cmd {
	value, which := strings.TrimSpace(m.bench.field.value()), m.bench.typing
	m.bench.typing = benchNothing
	m.bench.field = field{}
	if value == "" {
		return nil
	}
	m.bench.revealed = ""
	if which == benchSecret {
		return m.inspect(m.bench.other, value)
	}
	m.bench.other = value
	m.bench.what = "a pasted token"
	return m.inspect(value, "")
}

// revealToken shows the whole token that is judged until the bench is closed.
func (m *Model) revealToken() tea.Cmd {
	if m.bench.revealed != "" {
		m.bench.revealed = ""
		m.reader.invalidate()
		return nil
	}
	if m.bench.other != "" {
		m.bench.revealed = m.bench.other
		m.reader.invalidate()
		return nil
	}
	return m.askThen("reveal", func(c Controller, session string) (func(*Model) tea.Cmd, error) {
		raw, err := c.Reveal(session)
		return func(m *Model) tea.Cmd {
			if m.mode == modeBench {
				m.bench.revealed = raw
				m.reader.invalidate()
			}
			return nil
		}, err
	})
}

// benchText is what copying takes: the report, and never a revealed token that
// the user did not ask to copy by revealing it.
func (m *Model) benchText() string {
	if m.bench.revealed != "" {
		return m.bench.revealed
	}
	if m.bench.report == nil {
		return m.bench.problem
	}
	return m.bench.report.Text(100)
}

func (b *bench) lines(p paint) []line {
	out := []line{{{styleMuted, "judging "}, {styleStrong, b.what}}, nil}
	switch {
	case b.problem != "":
		return append(out, sentence(styleWarn, b.problem, p.w)...)
	case b.report == nil:
		return append(out, say(styleMuted, "looking"+p.g.ellipsis))
	}
	r := b.report
	sty, glyph := verdictLook(r.Summary.Verdict, p.g)
	for i, row := range wrapText(r.Sentence, p.w-2) {
		if i > 0 {
			glyph = " "
		}
		out = append(out, line{{sty, pad(glyph, 2)}, {styleStrong, row}})
	}
	out = append(out, nil)
	out = append(out, pair("token", r.Mask, styleText, p.w)...)
	if b.revealed != "" {
		out = append(out, pair("revealed", b.revealed, styleWarn, p.w)...)
	}
	out = append(out, pair("fingerprint", r.Fingerprint, styleText, p.w)...)
	out = append(out, signatureLines(r, p)...)
	if len(r.Claims) > 0 {
		out = append(out, heading("Claims")...)
	}
	for _, c := range r.Claims {
		rows := pair(c.Name, c.Value, styleText, p.w)
		if n := len(rows); n == 1 && c.Note != "" && rows[0].width()+width(c.Note)+2 <= p.w {
			rows[0] = rows[0].add(styleMuted, "  "+c.Note)
		} else {
			rows = append(rows, pair(" ", c.Note, styleMuted, p.w)...)
		}
		out = append(out, rows...)
	}
	return append(out, findingLines(r, p)...)
}

func signatureLines(r *explain.TokenReport, p paint) []line {
	text, sty := string(r.Signature), styleMuted
	switch text {
	case "ok":
		sty = styleOKStrong
	case "wrong":
		sty = styleBadStrong
	default:
		text += "; " + p.key("bench.secret") + " checks it with the app's secret"
	}
	return pair("signature", text, sty, p.w)
}

func findingLines(r *explain.TokenReport, p paint) []line {
	if len(r.Findings) == 0 {
		return nil
	}
	out := heading("Findings: " + strconv.Itoa(len(r.Findings)))
	for _, f := range r.Findings {
		sty, glyph := styleMuted, p.g.pending
		switch f.Severity {
		case explain.Warn:
			sty, glyph = styleWarnStrong, "!"
		case explain.Bad:
			sty, glyph = styleBadStrong, p.g.bad
		}
		for i, row := range wrapText(f.Text, p.w-2) {
			if i > 0 {
				glyph = " "
			}
			out = append(out, line{{sty, pad(glyph, 2)}, {styleText, row}})
		}
		for _, row := range wrapText(f.Fix, p.w-4) {
			out = append(out, line{{styleMuted, "    " + row}})
		}
	}
	return out
}
