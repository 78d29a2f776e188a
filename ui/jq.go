package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"streamscope/internal/jq"
)

// jqLimits and jqOutput are what a jq expression about one frame may cost.
var jqLimits = jq.Limits{Time: 200 * time.Millisecond, Values: 1000}

const jqOutput = 256 << 10

// compileJQ reads an expression once, for any number of frames.
func compileJQ(expr string) (*jq.Code, error) {
	code, err := jq.Compile(expr)
	if err != nil {
		return nil, errors.New("jq: " + err.Error())
	}
	return code, nil
}

// runJQ applies an expression to a JSON text: its values, one after the other,
// indented. It stops at the limits, and says so in the error beside what there
// is.
func runJQ(ctx context.Context, code *jq.Code, body []byte) (string, error) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return "", errors.New("jq: the frame is not JSON")
	}
	var out bytes.Buffer
	for got, err := range code.Run(ctx, v, jqLimits) {
		if err != nil {
			return out.String(), errors.New("jq: " + err.Error())
		}
		text, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			return out.String(), errors.New("jq: " + err.Error())
		}
		if out.Len()+len(text) > jqOutput {
			return out.String(), errors.New("jq: more than " + sizeText(jqOutput) + " came out")
		}
		out.Write(text)
		out.WriteByte('\n')
	}
	return out.String(), nil
}

// openJQ asks for an expression about the frame in the inspector.
func (m *Model) openJQ() tea.Cmd {
	if m.reader == nil || m.reader.event == nil || len(bodyOf(*m.reader.event)) == 0 {
		m.say(styleMuted, "there is no JSON here to ask about")
		return nil
	}
	return m.openPrompt(modeJQ, "an expression such as .call.members[].user_id")
}

// askJQ has an expression worked out away from this goroutine.
func (m *Model) askJQ(expr string) tea.Cmd {
	m.mode = modeDetail
	if expr == "" {
		return nil
	}
	code, err := compileJQ(expr)
	if err != nil {
		m.say(styleBad, err.Error())
		return nil
	}
	r, body := m.reader, bodyOf(*m.reader.event)
	return func() tea.Msg {
		out, err := runJQ(context.Background(), code, body)
		return answerMsg{what: "jq", then: func(m *Model) tea.Cmd {
			if m.reader == r {
				r.answer(expr, strings.TrimSuffix(out, "\n"), err)
			}
			return nil
		}}
	}
}

// answer shows what an expression made of the frame, in a view of its own.
func (r *reader) answer(expr, out string, problem error) {
	t, _ := parseTree([]byte(out))
	v := view{name: "jq", tree: t, text: func() string { return out }, build: func(w int) []line {
		head := []line{{{styleMuted, "jq "}, {styleStrong, expr}}}
		if problem != nil {
			head = append(head, sentence(styleBad, problem.Error(), w)...)
		}
		head = append(head, nil)
		switch {
		case t == nil && out != "":
			return append(head, splitLines(say(styleText, out), w)...)
		case out == "" && problem == nil:
			return append(head, say(styleMuted, "no value"))
		}
		return head
	}}
	r.views = slices.DeleteFunc(r.views, func(v view) bool { return v.name == "jq" })
	r.views = append(r.views, v)
	r.show(len(r.views) - 1)
}
