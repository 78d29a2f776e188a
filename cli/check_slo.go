package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"streamscope/timeline"
)

// Names of limits that are not stages: the whole attempt, from its start to
// connection.ok, and the round trip of each health check.
const (
	sloConnected = "connected"
	sloConnect   = "connect" // the same
	sloRTT       = "rtt"
)

// sloLimit is one limit of --slo and how it was kept.
type sloLimit struct {
	Name    string   `json:"name"` // a stage, connected, connect or rtt
	LimitMS float64  `json:"limit_ms"`
	MS      *float64 `json:"ms"` // null when it could not be measured
	OK      bool     `json:"ok"`

	limit time.Duration
}

// parseLimits reads the values of --slo, NAME=DURATION each.
func parseLimits(specs []string) ([]sloLimit, error) {
	var names []string
	for stage := range timeline.StageCount {
		names = append(names, stage.String())
	}
	names = append(names, sloConnect, sloRTT)
	var limits []sloLimit
	for _, spec := range specs {
		name, value, _ := strings.Cut(spec, "=")
		limit, err := time.ParseDuration(value)
		if err != nil || limit <= 0 || !slices.Contains(names, name) {
			return nil, usage("write NAME=DURATION, as in connected=800ms; the names are "+strings.Join(names, ", "),
				"--slo: %q is not a limit", spec)
		}
		limits = append(limits, sloLimit{Name: name, LimitMS: millis(limit), limit: limit})
	}
	return limits, nil
}

// measuresRTT reports whether a limit needs a round trip.
func measuresRTT(limits []sloLimit) bool {
	return slices.ContainsFunc(limits, func(l sloLimit) bool { return l.Name == sloRTT })
}

// judge measures the limits against the attempt that connected. A check that
// failed has broken nothing but itself.
func (r *checkReport) judge(limits []sloLimit, s timeline.Session) {
	if !r.OK || len(limits) == 0 {
		return
	}
	var broken []string
	for _, l := range limits {
		took, measured := l.measure(s)
		l.OK = measured && took <= l.limit
		switch {
		case !measured:
			broken = append(broken, l.Name+" could not be measured: no health check was answered")
		case !l.OK:
			broken = append(broken, fmt.Sprintf("%s took %s, more than %s", l.Name, readable(took), l.limit))
		}
		if measured {
			l.MS = new(millis(took))
		}
		r.SLO = append(r.SLO, l)
	}
	if len(broken) > 0 {
		r.OK, r.ExitCode = false, exitSLO
		r.Verdict = r.User.ID + " is connected, but " + strings.Join(broken, ", and ")
	}
}

// measure is what the limit is about: of round trips the longest.
func (l sloLimit) measure(s timeline.Session) (took time.Duration, ok bool) {
	switch l.Name {
	case sloConnected, sloConnect:
		return s.Attempt.ConnectedAt.Sub(s.Attempt.Started), true
	case sloRTT:
		if len(s.Health.RTTs) == 0 {
			return 0, false
		}
		return slices.Max(s.Health.RTTs), true
	}
	for stage := range timeline.StageCount {
		if stage.String() == l.Name {
			return s.Attempt.Stages[stage].Took, true
		}
	}
	return 0, false
}
