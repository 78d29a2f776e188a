package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"streamscope/timeline"
)

// sloConnect is the limit on the whole attempt: from its start to connection.ok.
const sloConnect = "connect"

// sloLimit is one limit of --slo and how it was kept.
type sloLimit struct {
	Name    string  `json:"name"` // a stage, or connect
	LimitMS float64 `json:"limit_ms"`
	MS      float64 `json:"ms"`
	OK      bool    `json:"ok"`

	limit time.Duration
}

// parseLimits reads the values of --slo, NAME=DURATION each.
func parseLimits(specs []string) ([]sloLimit, error) {
	var names []string
	for stage := range timeline.StageCount {
		names = append(names, stage.String())
	}
	names = append(names, sloConnect)
	var limits []sloLimit
	for _, spec := range specs {
		name, value, _ := strings.Cut(spec, "=")
		limit, err := time.ParseDuration(value)
		if err != nil || limit <= 0 || !slices.Contains(names, name) {
			return nil, usage("write NAME=DURATION, as in connect=800ms; the names are "+strings.Join(names, ", "),
				"--slo: %q is not a limit", spec)
		}
		limits = append(limits, sloLimit{Name: name, LimitMS: millis(limit), limit: limit})
	}
	return limits, nil
}

// judge measures the limits against the attempt that connected. A check that
// failed has broken nothing but itself.
func (r *checkReport) judge(limits []sloLimit, a timeline.Attempt) {
	if !r.OK || len(limits) == 0 {
		return
	}
	var broken []string
	for _, l := range limits {
		took := a.ConnectedAt.Sub(a.Started)
		if l.Name != sloConnect {
			took = stageTook(a, l.Name)
		}
		l.MS, l.OK = millis(took), took <= l.limit
		if !l.OK {
			broken = append(broken, fmt.Sprintf("%s took %s, more than %s", l.Name, readable(took), l.limit))
		}
		r.SLO = append(r.SLO, l)
	}
	if len(broken) > 0 {
		r.OK, r.ExitCode = false, exitSLO
		r.Verdict = r.User.ID + " is connected, but " + strings.Join(broken, ", and ")
	}
}

func stageTook(a timeline.Attempt, name string) time.Duration {
	for stage := range timeline.StageCount {
		if stage.String() == name {
			return a.Stages[stage].Took
		}
	}
	return 0
}
