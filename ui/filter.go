package ui

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"streamscope/internal/jq"
	"streamscope/logsink"
)

// rowLimits are what a jq expression may take of one frame: its first value says
// whether the frame is wanted.
var rowLimits = jq.Limits{Time: 20 * time.Millisecond, Values: 1}

// jqPatience is how many frames it may be too slow for: after that it matches
// nothing more, and the screen goes on.
const jqPatience = 5

// matcher decides whether a row of the timeline is wanted: by its text, or by a
// jq expression about the JSON of the frame.
type matcher struct {
	expr    string
	pattern *logsink.Pattern // without the inversion
	inverse bool
	code    *jq.Code
	// late counts the frames that the expression was given up on.
	late int
}

// parseMatcher reads text, !inverse, /regex/, or a jq expression, which begins
// with a dot or with "jq ".
func parseMatcher(expr string) (*matcher, error) {
	m := &matcher{expr: expr}
	source, isJQ := strings.CutPrefix(expr, "jq ")
	if !isJQ && !strings.HasPrefix(expr, ".") {
		var err error
		m.pattern, err = logsink.ParsePattern(expr)
		if err == nil && m.pattern.Inverse() {
			m.inverse = true
			m.pattern, err = logsink.ParsePattern(expr[1:])
		}
		return m, err
	}
	var err error
	m.code, err = compileJQ(source)
	return m, err
}

// match reports whether a row with this text and this body is wanted.
func (m *matcher) match(text string, body []byte) bool {
	if m.code == nil {
		var found [1][2]int
		return m.inverse != (len(m.pattern.Find(text, found[:0])) > 0)
	}
	var v any
	if len(body) == 0 || m.late >= jqPatience || json.Unmarshal(body, &v) != nil {
		return false
	}
	got, err := m.first(v)
	if jq.Bounded(err) {
		// On a busy machine one frame in some 100,000 waits that long for its turn:
		// what is late counts when it is late again.
		if got, err = m.first(v); jq.Bounded(err) {
			m.late++
		}
	}
	return err == nil && got != nil && got != false
}

// first is the first value that the expression makes of a frame; nil for none.
func (m *matcher) first(frame any) (any, error) {
	for got, err := range m.code.Run(context.Background(), frame, rowLimits) {
		return got, err
	}
	return nil, nil
}

// gaveUp reports whether the expression of a filter was given up on.
func (p *timelinePane) gaveUp(r filterRule) bool {
	return !r.off && slices.ContainsFunc(p.matchers, func(m *matcher) bool { return m.expr == r.expr && m.late >= jqPatience })
}

// marks returns the byte ranges of text to mark; none for jq and inverse.
func (m *matcher) marks(text string, buf [][2]int) [][2]int {
	if m.pattern == nil || m.inverse {
		return buf[:0]
	}
	return m.pattern.Find(text, buf)
}

// filterRule is one line of the list of filters.
type filterRule struct {
	expr string
	off  bool
}

// markSpans cuts a span at the ranges of its matches.
func markSpans(l line, s style, text string, ranges [][2]int) line {
	at := 0
	for _, r := range ranges {
		if r[0] < at || r[1] > len(text) || r[0] >= r[1] {
			continue
		}
		l = l.add(s, text[at:r[0]]).add(styleMatch, text[r[0]:r[1]])
		at = r[1]
	}
	return l.add(s, text[at:])
}
