package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/itchyny/gojq"

	"streamscope/internal/jq"
	"streamscope/internal/wire"
	"streamscope/logsink"
	"streamscope/timeline"
)

// sieve lets only those lines through whose text matches every pattern. Whatever
// form the lines are printed in, it looks at the text for people, so that what is
// seen can be searched for.
type sieve struct {
	to       lines
	patterns []wanted
	buf      [][2]int
}

// wanted is a pattern that has to be in a line, or must not be.
type wanted struct {
	*logsink.Pattern
	absent bool
}

// newSieve puts patterns in front of lines; without any it is not there.
func newSieve(to lines, specs []string) (lines, error) {
	s := &sieve{to: to}
	for _, spec := range specs {
		rest, absent := strings.CutPrefix(spec, "!")
		pattern, err := logsink.ParsePattern(rest)
		if err != nil {
			return nil, usage("write a text, !text for lines without it, or /regular expression/", "--filter: %s", hide(err.Error()))
		}
		s.patterns = append(s.patterns, wanted{pattern, absent})
	}
	if len(specs) == 0 {
		return to, nil
	}
	return s, nil
}

// event implements [lines].
func (s *sieve) event(e timeline.Event) error {
	row := timeline.Describe(e)
	if row.Text == "" || !s.passes(eventLine(e, row)) {
		return nil
	}
	return s.to.event(e)
}

// record implements [lines]. A line that stands for lost ones always passes.
func (s *sieve) record(r logsink.Record) error {
	if r.Dropped == 0 && !s.passes(r.String()) {
		return nil
	}
	return s.to.record(r)
}

func (s *sieve) passes(text string) bool {
	return !slices.ContainsFunc(s.patterns, func(w wanted) bool {
		s.buf = w.Find(text, s.buf[:0])
		return (len(s.buf) > 0) == w.absent
	})
}

// jqLimits are what a jq expression may cost for one line.
var jqLimits = jq.Limits{Time: time.Second, Values: 10_000}

// jqLines prints what a jq expression makes of each line of the recording's form:
// a line for each value. A text is printed as it is, without quotes.
type jqLines struct {
	out  io.Writer
	code *jq.Code
	line *bytes.Buffer // what form writes
	form recordingLines
}

// newJQ reads an expression; what is wrong with it is known before anything runs.
func newJQ(out io.Writer, expr string) (lines, error) {
	code, err := jq.Compile(expr)
	if err != nil {
		return nil, usage(`write an expression such as 'select(.kind == "frame") | .type'`, "--jq: %s", hide(err.Error()))
	}
	line := new(bytes.Buffer)
	return jqLines{out, code, line, recordingLines{timeline.NewLineWriter(line)}}, nil
}

// event implements [lines].
func (j jqLines) event(e timeline.Event) error {
	j.line.Reset()
	if err := j.form.event(e); err != nil {
		return err
	}
	return j.apply(j.line.Bytes())
}

// record implements [lines].
func (j jqLines) record(r logsink.Record) error {
	j.line.Reset()
	if err := j.form.record(r); err != nil {
		return err
	}
	return j.apply(j.line.Bytes())
}

func (j jqLines) apply(text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	for got, err := range j.code.Run(context.Background(), value, jqLimits) {
		if err != nil {
			return jqProblem(err)
		}
		if err := j.print(got); err != nil {
			return err
		}
	}
	return nil
}

// print writes one value.
func (j jqLines) print(value any) error {
	if text, ok := value.(string); ok {
		_, err := fmt.Fprintln(j.out, wire.Clean(text))
		return err
	}
	text, err := gojq.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(j.out, string(text))
	return err
}

// jqProblem is what is wrong with an expression that could be read, and not be
// carried out.
func jqProblem(err error) error {
	hint := "not every line has every member: write .type? or select(.kind == …) first"
	if jq.Bounded(err) {
		hint = "make it do less for one line"
	}
	return usage(hint, "--jq: %s", hide(err.Error()))
}
