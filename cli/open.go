package cli

import (
	"cmp"
	"context"
	"errors"
	"time"

	"streamscope/logsink"
	"streamscope/session"
	"streamscope/timeline"
)

// openFirst makes the rig and its first session, which is idle.
func (p *program) openFirst(ctx context.Context, set settings) (*rig, *session.Session, error) {
	r := newRig(ctx, set)
	s, err := p.openIn(ctx, r, set)
	if err != nil {
		return nil, nil, errors.Join(err, p.close(r, errQuit))
	}
	return r, s, nil
}

// openIn starts what the session connects to and what writes its record, and
// makes the session.
func (p *program) openIn(ctx context.Context, r *rig, set settings) (*session.Session, error) {
	if err := set.outputs(r); err != nil {
		return nil, err
	}
	cfg := set.session
	if cfg.Source == timeline.SourceLocal {
		l, err := startLocal(ctx, set.config.Local, r.events, r.logger)
		if err != nil {
			return nil, err
		}
		r.local = l
		cfg = set.localSession(l, cfg.User.ID)
	}
	s, err := r.open(cfg)
	if err != nil {
		return nil, usage("run streamscope config print to see what is set, and from where", "%s", err)
	}
	return s, nil
}

// localSession is a session of one of the local users, with the options that were
// set for the first.
func (set settings) localSession(l *local, user string) session.Config {
	cfg := set.session
	own := l.config(user, set.config.Local.TokenTTL)
	cfg.APIKey, cfg.BaseURL, cfg.Token, cfg.LocationHintURL = own.APIKey, own.BaseURL, own.Token, own.LocationHintURL
	if user != set.session.User.ID {
		cfg.User = own.User
	}
	cfg.User.Name = cmp.Or(cfg.User.Name, own.User.Name)
	if cfg.User.Type != timeline.Authenticated {
		cfg.Token = nil
	}
	if cfg.Token != nil {
		cfg.RenewBefore = renewMargin
	}
	return cfg
}

// outputs starts what writes logs and the recording to files.
func (set settings) outputs(r *rig) error {
	if set.config.Logs.File != "" {
		sink, err := logsink.NewFileSink(logsink.FileOptions{Path: set.config.Logs.File, Away: r.waits("the log file")})
		if err != nil {
			return usage("give the path of a file that can be written", "--log-file: %s", pathProblem(err))
		}
		r.output("the log file", func(ctx context.Context) error {
			return logsink.Run(ctx, r.logs, logsink.Output{Name: "file", Sink: sink, Levels: logsink.NewLevels(set.config.Logs.FileLevel)})
		})
	}
	if set.config.Record == "" {
		return nil
	}
	return r.record(set.recordPath(time.Now()), set.header(r))
}
