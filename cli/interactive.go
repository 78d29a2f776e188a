package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"streamscope/scenario"
	"streamscope/session"
	"streamscope/timeline"
	"streamscope/ui"
)

// runInteractive opens the screen. Everything that takes time runs beside it;
// when it is left the terminal is restored first, then the user is disconnected,
// then words are printed.
func (p *program) runInteractive(ctx context.Context, flags *sharedFlags) error {
	if err := p.canDraw(); err != nil {
		return err
	}
	set, err := flags.settings(ctx, p, "")
	if err != nil {
		return err
	}
	if err := checkTheme(set.config.UI.ThemeFile); err != nil {
		return err
	}
	r, s, err := p.openFirst(ctx, set)
	if err != nil {
		return err
	}
	if err := p.accompanyConfig(r, set, flags, true); err != nil {
		return errors.Join(err, p.close(r, err))
	}
	control := p.control(ctx, r, set, flags)
	r.sessions.start(func() error { scenario.KeepScore(r.sessions.ctx, r.events); return nil })
	r.accompany(s)
	if !set.config.Connection.NoConnect {
		err = s.Connect()
	}
	if err == nil {
		err = crashOf(ui.Run(r.sessions.ctx, set.screen(r, control)))
	}
	left := context.Cause(r.sessions.ctx)
	err = errors.Join(err, p.close(r, errQuit))
	p.autosave(r, set, err)
	if path := r.recordingPath(); path != "" {
		p.words("the recording is in %s", path)
	}
	if err == nil && left != nil {
		return left // a signal
	}
	return err
}

// crashOf makes a panic of the screen one of ours: the screen has given the
// terminal back and hands on what it caught.
func crashOf(err error) error {
	type crash interface {
		error
		Panic() (value any, stack []byte)
	}
	if c, ok := errors.AsType[crash](err); ok {
		value, stack := c.Panic()
		return panicked{value: value, stack: stack}
	}
	return err
}

// canDraw refuses to draw where nobody sees it.
func (p *program) canDraw() error {
	const instead = "use streamscope check for one connection with a verdict, streamscope watch for events as lines, or streamscope --plain for lines that read well aloud"
	if !terminal(p.out) {
		return usage(instead, "standard output is not a terminal, so there is no screen to draw on")
	}
	if os.Getenv("TERM") == "dumb" {
		return usage(instead, "TERM is dumb: this terminal cannot be drawn on")
	}
	return nil
}

// accompany does for a local session what its app would do.
func (r *rig) accompany(s *session.Session) {
	if r.isLocal(s.Name()) {
		r.sessions.start(func() error { return r.renew(r.sessions.ctx, s) })
	}
}

// control is the screen's way to the sessions. In a local session the other
// users can be opened too, beside the profiles.
func (p *program) control(ctx context.Context, r *rig, set settings, flags *sharedFlags) *controller {
	c := &controller{rig: r, director: &director{rig: r}, keeper: r.keeper(func() timeline.Header { return set.header(r) })}
	var users []string
	if r.local != nil {
		users = r.local.users
	}
	c.choices = func() []ui.Choice {
		var all []ui.Choice
		for _, user := range users {
			if r.isOpen(user) {
				continue
			}
			all = append(all, ui.Choice{Name: user, Detail: "a user of the local coordinator"})
		}
		for _, profile := range set.origins.Profiles {
			all = append(all, ui.Choice{Name: profile, Detail: "a profile of the configuration file"})
		}
		return all
	}
	c.start = func(name string) (string, error) {
		if slices.Contains(users, name) {
			return r.openAndConnect(set.localSession(r.local, name), r.open)
		}
		other, err := flags.settings(ctx, p, name)
		if err != nil {
			return "", err
		}
		if other.session.Source == timeline.SourceLocal {
			return "", fmt.Errorf("profile %s has no API key: it is the local session", name)
		}
		other.session.Name = other.session.User.ID + "@" + name
		if r.manager.Get(other.session.Name) != nil {
			return "", fmt.Errorf("profile %s is open already, as %s", name, other.session.Name)
		}
		return r.openAndConnect(other.session, r.openAnother)
	}
	return c
}

// openAndConnect opens another session beside those that are there, and returns
// its name.
func (r *rig) openAndConnect(cfg session.Config, open func(session.Config) (*session.Session, error)) (string, error) {
	s, err := open(cfg)
	if err != nil {
		return "", err
	}
	if s.Status().State == timeline.StateIdle {
		r.accompany(s)
		err = s.Connect()
	}
	return s.Name(), err
}
