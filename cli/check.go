package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"streamscope/config"
	"streamscope/explain"
	"streamscope/session"
	"streamscope/timeline"
)

// errTimeUp is why a command ends when its time is over.
var errTimeUp = errors.New("the time is up")

// checkFlags are the flags of check beyond the shared ones.
type checkFlags struct {
	json   bool
	slo    []string
	stay   time.Duration
	repeat int
	doctor bool
}

func (p *program) checkCommand() *cobra.Command {
	var f checkFlags
	var flags *sharedFlags
	c := p.command(&cobra.Command{
		Use:   "check",
		Short: "Connect once, print every stage and a verdict",
		Long: "Connect once, print every stage of the connection with its time, and a verdict\n" +
			"with the fix. It stops at the first failure, unless\n" +
			"--max-connect-user-retries says how often to try.\n\n" +
			"--for stays connected for a while: a connection that is lost meanwhile fails the\n" +
			"check. The round trip is measured by the health checks, the first of which the\n" +
			"official client sends after 25 s: rtt_ms is null for a check that is shorter.\n\n" +
			"--slo sets limits: connected (all of it, also called connect), a stage, or rtt,\n" +
			"which waits for the first health check. Each round trip has to keep it.\n\n" +
			"--repeat connects several times, one after the other, and adds statistics.\n\n" +
			"--doctor connects nobody: it looks at the way to Stream, check by check (proxy,\n" +
			"DNS, both address families, TLS and who signed it, HTTP, clock, WebSocket,\n" +
			"location hint), and needs neither user nor token.\n\n" +
			"With --json it prints one document (schema_version 1).",
		Example: "streamscope check --profile staging --slo connected=800ms,rtt=200ms\n" +
			"streamscope check --api-key KEY --user-id sara --token @token.txt --json\n" +
			"streamscope check --profile staging --repeat 20\n" +
			"streamscope check --doctor",
		GroupID: groupSession,
	}, takes{}, func(ctx context.Context, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		if f.doctor {
			return p.doctor(ctx, flags, f)
		}
		return p.check(ctx, flags, f)
	})
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document")
	c.Flags().StringSliceVar(&f.slo, "slo", nil, "limit, as in connected=800ms or rtt=200ms (repeatable)")
	c.Flags().DurationVar(&f.stay, "for", 0, "stay connected for this time")
	c.Flags().IntVar(&f.repeat, "repeat", 1, "connect this often, and print statistics")
	c.Flags().BoolVar(&f.doctor, "doctor", false, "look at the way to Stream only: DNS, TLS, proxies, clocks")
	flags = addFlags(c, func(k config.Key) bool { return k.Flag != "no-connect" && k.Flag != "sound" })
	return c
}

// maxRepeat bounds --repeat: each run is kept for the document.
const maxRepeat = 10_000

// check refuses values and flags that do not go together.
func (f checkFlags) check() error {
	switch {
	case f.stay < 0:
		return usage("write a duration such as 30s or 5m", "--for: %s is negative", f.stay)
	case f.repeat < 1 || f.repeat > maxRepeat:
		return usage("write a number from 1 to 10000", "--repeat: %d is out of range", f.repeat)
	case f.doctor && (len(f.slo) > 0 || f.stay > 0 || f.repeat > 1):
		return usage("leave out --slo, --for and --repeat, or run the check without --doctor",
			"--doctor: it connects nobody, so there is nothing to measure")
	}
	return nil
}

// check connects as often as it was told to and prints what became of it.
func (p *program) check(ctx context.Context, flags *sharedFlags, f checkFlags) error {
	limits, err := parseLimits(f.slo)
	if err != nil {
		return err
	}
	set, err := flags.settings(ctx, p, "")
	if err != nil {
		return err
	}
	plan := checkPlan{once: !flags.given("max-connect-user-retries"), stay: f.stay, limits: limits}
	if plan.once {
		set.session.MaxConnectRetries = 1
	}
	if measuresRTT(limits) {
		p.words("the round trip is that of the first health check, some 25 s after connecting")
	}
	if f.repeat > 1 {
		return p.checkSeries(ctx, set, plan, f)
	}
	report, err := p.runCheck(ctx, set, plan)
	if err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(p.out).Encode(report)
	} else {
		err = report.writeText(p.out, p.width(), p.paint(set.config.UI))
	}
	if err == nil && !report.OK {
		return silent(report.ExitCode)
	}
	return err
}

// checkPlan is how a check is done.
type checkPlan struct {
	once   bool          // the first failure is the outcome
	stay   time.Duration // how long to stay connected
	limits []sloLimit
}

// runCheck is the check between its words: it opens a session, follows it to its
// outcome, and closes it.
func (p *program) runCheck(ctx context.Context, set settings, plan checkPlan) (checkReport, error) {
	r, s, err := p.openFirst(ctx, set)
	if err != nil {
		return checkReport{}, err
	}
	if err := (&sinks{rig: r, stderr: p.err}).set(set.config.Logs); err != nil {
		return checkReport{}, errors.Join(err, p.close(r, err))
	}
	now, ended := r.followCheck(s, plan)
	token := r.judge(s)
	if err := p.close(r, errQuit); err != nil {
		return checkReport{}, err
	}
	if ended != nil && !errors.Is(ended, errTimeUp) {
		return checkReport{}, ended
	}
	report := makeReport(now, token, outcome(now, ended))
	report.judge(plan.limits, now)
	return report, nil
}

// followCheck connects a session, follows it until it has settled, and then for
// as long as the plan says. Its error is why the following ended, when that was
// not the outcome.
func (r *rig) followCheck(s *session.Session, plan checkPlan) (now timeline.Session, err error) {
	if err := s.Connect(); err != nil {
		return now, err
	}
	until := func(limit time.Duration, done func(timeline.Session) bool) error {
		ctx, cancel := context.WithTimeoutCause(r.sessions.ctx, limit, errTimeUp)
		defer cancel()
		_, ended := follow(ctx, r.events, func(state timeline.State, _ []timeline.Event) bool {
			now, _ = state.Session(s.Name())
			return done(now)
		})
		return ended
	}
	err = until(checkLimit(s.Config()), func(now timeline.Session) bool { return settled(now, plan.once) })
	if err != nil || now.Conn != timeline.StateConnected {
		return now, err
	}
	lost := func(now timeline.Session) bool {
		return now.Conn != timeline.StateConnected && !now.Attempt.Ended.IsZero()
	}
	if plan.stay > 0 {
		err = until(plan.stay, lost)
	}
	if measuresRTT(plan.limits) && len(now.Health.RTTs) == 0 && (err == nil || errors.Is(err, errTimeUp)) && !lost(now) {
		err = until(firstRTT, func(now timeline.Session) bool { return len(now.Health.RTTs) > 0 || lost(now) })
	}
	if errors.Is(err, errTimeUp) {
		err = nil // the time to stay is over, which is no failure
	}
	return now, err
}

// firstRTT is when a round trip is known at the latest: the official client sends
// its first health check 25 s after connection.ok, and gives up on a silent
// server after 35 s (protocol.md 4.8).
const firstRTT = 40 * time.Second

// checkLimit is when to stop waiting for an outcome: past everything that the
// session itself gives up on (protocol.md 4.3: 15 s and 15 s for each attempt).
func checkLimit(cfg session.Config) time.Duration {
	const slack = 5 * time.Second
	per := 2*cfg.ConnectTimeout + session.DefaultTokenTimeout
	return time.Duration(cfg.MaxConnectRetries)*per + slack
}

// settled reports whether the outcome is known. A check that connects once does
// not wait for the sockets that the official client opens after the first one
// failed, except for the one after a refused token that can be refreshed.
func settled(s timeline.Session, once bool) bool {
	switch s.Conn {
	case timeline.StateConnected, timeline.StateFailed, timeline.StateStalled, timeline.StateNoSocket:
		return true
	}
	f := s.Attempt.End.Failure
	if !once || f == nil || s.Attempt.Ended.IsZero() {
		return false
	}
	refreshing := f.Code == codeTokenExpired && s.Opened.Refreshable && s.Attempt.N == 1
	return !refreshing
}

// codeTokenExpired is the one code that the official client answers with a new
// token (protocol.md 3.6).
const codeTokenExpired = 40

// outcome is the failure of a session that has settled, or nil.
func outcome(s timeline.Session, ended error) *timeline.Failure {
	switch s.Conn {
	case timeline.StateConnected, timeline.StateNoSocket:
		return nil
	}
	if f := s.Attempt.End.Failure; f != nil {
		return f
	}
	if s.Token.Failure != nil {
		return s.Token.Failure
	}
	if len(s.ConnectErrors) > 0 {
		return &s.ConnectErrors[0] // the first is the true cause (protocol.md 4.6, K12)
	}
	text := "no outcome"
	if ended != nil {
		text = ended.Error()
	}
	return &timeline.Failure{Op: "auth", Text: text + " while " + string(s.Conn)}
}

// judge is the bench's report on the token that was used, or on the last one
// that the source gave; nil without any.
func (r *rig) judge(s *session.Session) *explain.TokenReport {
	raw := s.Token()
	if p := r.endsOf(s.Name()).source; p != nil && raw.IsZero() {
		raw = p.Last()
	}
	if raw.IsZero() {
		return nil
	}
	user := s.Status().User
	o := explain.TokenOptions{Now: time.Now(), UserID: user.ID, UserType: string(user.Type), Source: "static"}
	if source := s.Config().Token; source != nil {
		o.Source, o.Refreshable = source.Kind(), new(source.Refreshable())
	}
	if user.Type == timeline.Guest {
		o.UserID = "" // the service chose another id than was asked for (protocol.md 3.5)
	}
	report := explain.Token(raw.Reveal(), o)
	return &report
}
