package cli

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/timeline"
)

func TestRank(t *testing.T) {
	twenty := make([]float64, 20)
	for i := range twenty {
		twenty[i] = float64(i + 1)
	}
	for name, c := range map[string]struct {
		sorted  []float64
		percent int
		want    float64
	}{
		"one value is every percentile":                        {[]float64{7}, 95, 7},
		"the median of three":                                  {[]float64{1, 2, 9}, 50, 2},
		"the median of four is the second, which was measured": {[]float64{1, 2, 3, 4}, 50, 2},
		"p95 of twenty":                                        {twenty, 95, 19},
		"p95 of five":                                          {twenty[:5], 95, 5},
	} {
		t.Run(name, func(t *testing.T) {
			if got := rank(c.sorted, c.percent); got != c.want {
				t.Errorf("the percentile is %g, got %g", c.want, got)
			}
		})
	}
}

func TestSeries(t *testing.T) {
	good := checkReport{OK: true, connected: 20 * time.Millisecond, Attempts: []checkAttempt{{N: 1}}}
	slow := checkReport{ExitCode: exitSLO, Verdict: "slow", connected: 40 * time.Millisecond, Attempts: []checkAttempt{{N: 1}}}
	dead := checkReport{ExitCode: exitUnreachable, Verdict: "dead", Attempts: []checkAttempt{{N: 1}}}
	s := makeSeries([]checkReport{good, dead, slow})
	if s.OK || s.Passed != 1 || s.Failed != 2 {
		t.Errorf("one passed and two failed, got %d and %d", s.Passed, s.Failed)
	}
	if s.ExitCode != exitUnreachable || s.Verdict != "2 of 3 checks failed; the first: dead" {
		t.Errorf("the first failure decides, got %d, %q", s.ExitCode, s.Verdict)
	}
	if len(s.Statistics) != 1 || s.Statistics[0] != (statistic{sloConnected, 2, 20, 20, 40, 40}) {
		t.Errorf("what never connected has no time, got %+v", s.Statistics)
	}
	if all := makeSeries([]checkReport{good}); !all.OK || all.ExitCode != 0 {
		t.Errorf("all passed, got %+v", all)
	}
}

func TestCheckMeasuresTheRoundTrip(t *testing.T) { synctest.Test(t, testCheckMeasuresTheRoundTrip) }

func testCheckMeasuresTheRoundTrip(t *testing.T) {
	h := newHome(t)
	defer h.end()
	began := time.Now()
	now, err := h.rig.followCheck(h.s, checkPlan{once: true})
	if err != nil || len(now.Health.RTTs) != 0 || time.Since(began) != 0 {
		t.Errorf("a check ends when it is connected: %v, %d round trips, after %v", err, len(now.Health.RTTs), time.Since(began))
	}
	limits, err := parseLimits([]string{"rtt=1s"})
	if err != nil {
		t.Fatal(err)
	}
	now, err = h.rig.followCheck(h.s, checkPlan{once: true, limits: limits})
	if took := time.Since(began); err != nil || took != 25*time.Second {
		t.Errorf("the round trip is known with the first health check, after 25 s: %v, %v", err, took)
	}
	report := makeReport(now, nil, outcome(now, err))
	report.judge(limits, now)
	if !report.OK || report.RTTMS == nil || len(report.SLO) != 1 || report.SLO[0].MS == nil {
		t.Errorf("the limit was kept and measured, got %+v", report.SLO)
	}
}

func TestCheckStays(t *testing.T) { synctest.Test(t, testCheckStays) }

func testCheckStays(t *testing.T) {
	h := newHome(t)
	defer h.end()
	began := time.Now()
	now, err := h.rig.followCheck(h.s, checkPlan{once: true, stay: time.Minute})
	if took := time.Since(began); err != nil || outcome(now, err) != nil || took != time.Minute {
		t.Errorf("a check that stays passes when its time is over: %v after %v", err, took)
	}
	time.AfterFunc(10*time.Second, func() {
		if err := h.rig.arm("sara", "drop"); err != nil {
			t.Error(err)
		}
	})
	now, err = h.rig.followCheck(h.s, checkPlan{once: true, stay: time.Minute})
	if errors.Is(err, errTimeUp) || now.Conn == timeline.StateConnected {
		t.Errorf("a connection that is lost ends the check: %s, %v", now.Conn, err)
	}
	if failure := outcome(now, err); failure == nil {
		t.Error("it has failed, and says with what")
	}
	time.Sleep(9 * time.Second) // it is back, so that it can say goodbye; a second later its token is renewed
}
