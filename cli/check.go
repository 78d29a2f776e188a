package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"streamscope/explain"
	"streamscope/session"
	"streamscope/timeline"
)

// errTimeUp is why a command ends when its time is over.
var errTimeUp = errors.New("the time is up")

// checkFlags are the flags of check beyond the shared ones.
type checkFlags struct {
	json bool
	slo  []string
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
			"With --json it prints one document (schema_version 1).",
		Example: "streamscope check --profile staging --slo connect=800ms\n" +
			"streamscope check --api-key KEY --user-id sara --token @token.txt --json",
		GroupID: groupSession,
	}, takes{}, func(ctx context.Context, _ []string) error {
		return p.check(ctx, flags, f)
	})
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON document")
	c.Flags().StringSliceVar(&f.slo, "slo", nil, "limit of a stage, or of connect, as in connect=800ms (repeatable)")
	flags = addShared(c)
	return c
}

// check connects once and prints what became of it.
func (p *program) check(ctx context.Context, flags *sharedFlags, f checkFlags) error {
	limits, err := parseLimits(f.slo)
	if err != nil {
		return err
	}
	set, err := flags.settings(ctx, p, "")
	if err != nil {
		return err
	}
	once := !flags.given("max-connect-user-retries")
	if once {
		set.session.MaxConnectRetries = 1
	}
	report, err := p.runCheck(ctx, set, once, limits)
	if err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(p.out).Encode(report)
	} else {
		err = report.writeText(p.out, p.width())
	}
	if err == nil && !report.OK {
		return silent(report.ExitCode)
	}
	return err
}

// runCheck is the check between its words: it opens a session, follows it to its
// first outcome, and closes it.
func (p *program) runCheck(ctx context.Context, set settings, once bool, limits []sloLimit) (checkReport, error) {
	r, s, err := p.openFirst(ctx, set)
	if err != nil {
		return checkReport{}, err
	}
	limit, cancel := context.WithTimeoutCause(r.sessions.ctx, checkLimit(s.Config()), errTimeUp)
	defer cancel()
	if err := s.Connect(); err != nil {
		return checkReport{}, errors.Join(err, r.close(err))
	}
	var now timeline.Session
	_, ended := follow(limit, r.events, func(state timeline.State, _ []timeline.Event) bool {
		now, _ = state.Session(s.Name())
		return settled(now, once)
	})
	token := r.judge(s)
	if err := r.close(errQuit); err != nil {
		return checkReport{}, err
	}
	if ended != nil && !errors.Is(ended, errTimeUp) {
		return checkReport{}, ended
	}
	report := makeReport(now, token, outcome(now, ended))
	report.judge(limits, now.Attempt)
	return report, nil
}

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
		raw = p.latest()
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
