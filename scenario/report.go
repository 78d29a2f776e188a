package scenario

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// StepResult is what became of one step.
type StepResult struct {
	Index int
	Step  Step
	Took  time.Duration
	// Err is nil when the step did what it says.
	Err error
	// Seq is the last event that had been read when the step ended.
	Seq uint64
}

// Result is what became of one scenario.
type Result struct {
	Scenario Scenario
	Started  time.Time
	Took     time.Duration
	Steps    []StepResult
}

// Failed returns the step that ended the run, and false when all passed.
func (r Result) Failed() (StepResult, bool) {
	if n := len(r.Steps); n > 0 && r.Steps[n-1].Err != nil {
		return r.Steps[n-1], true
	}
	return StepResult{}, false
}

// Passed reports whether every step did what it says.
func (r Result) Passed() bool {
	_, failed := r.Failed()
	return !failed && len(r.Steps) == len(r.Scenario.Steps)
}

// String says in one line how it went.
func (r Result) String() string {
	if f, failed := r.Failed(); failed {
		return fmt.Sprintf("FAIL %s: step %d (%s:%d): %v", r.Scenario.Name, f.Index+1, r.Scenario.File, f.Step.Line, f.Err)
	}
	if !r.Passed() {
		return fmt.Sprintf("STOP %s: %d of %d steps", r.Scenario.Name, len(r.Steps), len(r.Scenario.Steps))
	}
	return fmt.Sprintf("ok   %s: %d steps in %s", r.Scenario.Name, len(r.Steps), r.Took.Round(time.Millisecond))
}

// Report is the form of `scenario --json`, versioned like every contract.
type Report struct {
	SchemaVersion int              `json:"schema_version"`
	OK            bool             `json:"ok"`
	Seed          uint64           `json:"seed"`
	Scenarios     []ScenarioReport `json:"scenarios"`
}

// ScenarioReport is one scenario of a report.
type ScenarioReport struct {
	Name    string       `json:"name"`
	Title   string       `json:"title,omitempty"`
	File    string       `json:"file,omitempty"`
	Seed    uint64       `json:"seed"`
	OK      bool         `json:"ok"`
	TookMS  float64      `json:"took_ms"`
	Steps   []StepReport `json:"steps"`
	Problem string       `json:"problem,omitempty"`
}

// StepReport is one step of a report.
type StepReport struct {
	Verb   Verb    `json:"verb"`
	User   string  `json:"user,omitempty"`
	Target string  `json:"target,omitempty"`
	Line   int     `json:"line"`
	TookMS float64 `json:"took_ms"`
	OK     bool    `json:"ok"`
	Error  string  `json:"error,omitempty"`
}

// NewReport makes the report of several results.
func NewReport(seed uint64, results []Result) Report {
	rep := Report{SchemaVersion: 1, OK: true, Seed: seed, Scenarios: []ScenarioReport{}}
	for _, r := range results {
		one := ScenarioReport{
			Name: r.Scenario.Name, Title: r.Scenario.Title, File: r.Scenario.File, Seed: r.Scenario.Seed,
			OK: r.Passed(), TookMS: ms(r.Took), Steps: []StepReport{},
		}
		for _, s := range r.Steps {
			step := StepReport{Verb: s.Step.Verb, User: s.Step.User, Target: s.Step.Target, Line: s.Step.Line, TookMS: ms(s.Took), OK: s.Err == nil}
			if s.Err != nil {
				step.Error = s.Err.Error()
				one.Problem = step.Error
			}
			one.Steps = append(one.Steps, step)
		}
		rep.OK = rep.OK && one.OK
		rep.Scenarios = append(rep.Scenarios, one)
	}
	return rep
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// The JUnit form that CI systems read: one suite, one case a scenario.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes the results as a JUnit XML document.
func WriteJUnit(w io.Writer, results []Result) error {
	suite := junitSuite{Name: "streamscope", Tests: len(results)}
	var total time.Duration
	for _, r := range results {
		total += r.Took
		c := junitCase{Name: r.Scenario.Name, Class: "scenario", File: r.Scenario.File, Time: seconds(r.Took)}
		if !r.Passed() {
			suite.Failures++
			c.Failure = &junitFailure{Message: "stopped", Text: r.String()}
			if f, ok := r.Failed(); ok {
				c.Failure.Message = f.Err.Error()
			}
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Time = seconds(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(suite); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
