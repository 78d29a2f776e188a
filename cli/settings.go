package cli

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"

	"streamscope/config"
	"streamscope/internal/wire"
	"streamscope/logsink"
	"streamscope/session"
	"streamscope/timeline"
	"streamscope/ui"
)

// settings is what a run with sessions is made of, after every flag, variable
// and file has had its say.
type settings struct {
	config  config.Config
	origins config.Origins
	session session.Config
	levels  *logsink.Levels
}

// settings resolves the configuration for a command; profile is empty for the
// one that was asked for on the command line.
func (f *sharedFlags) settings(ctx context.Context, p *program, profile string) (settings, error) {
	cfg, origins, err := f.load(p, profile)
	if err != nil {
		return settings{}, err
	}
	if err := agree(cfg, origins); err != nil {
		return settings{}, err
	}
	set := settings{config: cfg, origins: origins, levels: levelsOf(cfg.Logs)}
	set.session = sessionConfig(cfg)
	if cfg.IsLocal() {
		return set, nil
	}
	set.session.Token, err = tokenSource(ctx, cfg.Connection)
	return set, err
}

// agree refuses settings that are each right and do not go together.
func agree(cfg config.Config, origins config.Origins) error {
	c := cfg.Connection
	if cfg.IsLocal() {
		for _, key := range []string{"base_url", "token.static", "token.file", "token.url", "token.cmd", "token.secret_env"} {
			if origin := origins.Of("connection." + key); origin.Kind == config.FromFlag {
				return usage("add --api-key KEY; without one the session is local and has a coordinator and tokens of its own",
					"%s: there is no API key to use it with", origin)
			}
		}
		return nil
	}
	switch source := c.Token.Source(); {
	case c.User.Type == string(timeline.Anonymous):
		return nil
	case c.User.ID == "":
		return usage("add --user-id ID, or --user-type anonymous for a user without one", "no user to connect as")
	case c.User.Type == string(timeline.Authenticated) && source == "":
		return usage("add --token TOKEN, @FILE or -, or --token-url, --token-cmd or --token-secret-env; "+
			"or connect as a guest with --user-type guest",
			"no token for %s", wire.Clean(c.User.ID))
	}
	return nil
}

// sessionConfig is the part of a session that does not depend on its source.
func sessionConfig(cfg config.Config) session.Config {
	c := cfg.Connection
	out := session.Config{
		Source: timeline.SourceDirect, APIKey: c.APIKey, BaseURL: strings.TrimRight(c.BaseURL, "/"),
		User: timeline.User{
			ID: c.User.ID, Name: c.User.Name, Image: c.User.Image,
			Type: timeline.UserType(c.User.Type), Custom: c.User.Custom,
		},
		Policy:          timeline.Policy(c.Policy),
		LocationHintURL: c.LocationHintURL,
		RejectWhenBusy:  c.RejectCallWhenBusy, MaxConnectRetries: c.MaxConnectUserRetries,
		ConnectTimeout: c.ConnectTimeout, RequestTimeout: c.RequestTimeout, NoTelemetry: !c.Telemetry,
		Dialer: &session.WebSocketDialer{ReadLimit: int64(c.ReadLimit)},
	}
	if cfg.IsLocal() {
		out.Source, out.BaseURL, out.LocationHintURL = timeline.SourceLocal, "", "" // no network
		out.User.ID = cmp.Or(c.User.ID, cfg.Local.Users[0])
	}
	return out
}

// tokenSource makes the source that the settings name. A static token beside a
// provider is its first token, as in the official constructor (protocol.md 3.3).
func tokenSource(ctx context.Context, c config.Connection) (session.TokenSource, error) {
	if c.User.Type == string(timeline.Guest) {
		return nil, nil // guests get theirs from Stream
	}
	first, err := c.Token.Static.Resolve(ctx)
	if err != nil {
		return nil, usage("see where it is set with streamscope config print", "token: %s", err)
	}
	t := c.Token
	var source session.TokenSource
	switch t.Source() {
	case "http":
		if source, err = httpSource(ctx, c); err != nil {
			return nil, err
		}
	case "exec":
		source = session.ExecSource{Command: t.Cmd, UserID: c.User.ID, Timeout: t.Timeout}
	case "file":
		if _, err := os.Stat(t.File); err != nil {
			return nil, usage("give the path of a file that holds the token and nothing else", "token: %s", pathProblem(err))
		}
		source = session.FileSource{Path: t.File}
	case "secret":
		secret, err := secretFrom(t.SecretEnv)
		if err != nil {
			return nil, err
		}
		source = session.SecretSource{Secret: secret, UserID: c.User.ID, TTL: t.TTL}
	case "static":
		return session.StaticSource{Raw: first}, nil
	default:
		return nil, nil
	}
	if !first.IsZero() {
		source = &session.SeededSource{First: first, Then: source}
	}
	return source, nil
}

// httpSource is the developer's own token endpoint. Its headers may be secrets.
func httpSource(ctx context.Context, c config.Connection) (session.TokenSource, error) {
	t := c.Token
	header := make(map[string][]string)
	for name, value := range t.Headers {
		text, err := value.Resolve(ctx)
		if err != nil {
			return nil, usage("see where it is set with streamscope config print", "token header %s: %s", wire.Clean(name), err)
		}
		header[name] = []string{text.Reveal()}
	}
	return &session.HTTPSource{
		URL: t.URL, Body: t.Body, Method: t.Method, Header: header, Pointer: t.Pointer, Timeout: t.Timeout,
		Request: session.TokenRequest{UserID: c.User.ID, UserName: c.User.Name, APIKey: c.APIKey},
	}, nil
}

// levelsOf are the levels of the scopes.
func levelsOf(l config.Logs) *logsink.Levels {
	levels := logsink.NewLevels(l.Levels[logsink.DefaultScope])
	for scope, level := range l.Levels {
		if scope != logsink.DefaultScope {
			levels.Set(scope, level)
		}
	}
	return levels
}

// screen is how the screen looks.
func (set settings) screen(r *rig, control ui.Controller) ui.Options {
	return ui.Options{
		Timeline: r.events, Logs: r.logs, Levels: set.levels, Controller: control,
		Title: string(set.session.Source), Recording: r.recordingPath(),
		Look: lookOf(set.config.UI), Looks: r.looks, NoColor: set.config.UI.Color == "never",
		ReducedMotion: set.config.UI.ReducedMotion, Tour: set.config.UI.Tour && !tourSeen(), TourDone: rememberTour,
	}
}

// lookOf is what of the screen can change while it is open.
func lookOf(u config.UI) ui.Look {
	return ui.Look{
		Theme: u.Theme, ThemeFile: u.ThemeFile, ASCII: u.ASCII || asciiLocale(os.Getenv),
		Mouse: u.Mouse, Sound: u.Sound == "bell", Keys: u.Keys,
	}
}

// checkScreen says what is wrong with the keys, each with its place in the file.
func checkScreen(cfg config.Config, origins config.Origins) error {
	err := ui.CheckKeys(cfg.UI.Keys)
	if err == nil {
		return nil
	}
	wrong := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		wrong = joined.Unwrap()
	}
	var problems []config.Problem
	for _, err := range wrong {
		p := config.Problem{File: "ui.keys", Text: err.Error()}
		if e, ok := errors.AsType[*ui.KeyError](err); ok {
			at := origins.Of("ui.keys." + e.ID)
			p = config.Problem{File: cmp.Or(at.File, at.String()), Line: at.Line, Key: "ui.keys." + e.ID, Text: e.Text, Hint: e.Hint}
		}
		problems = append(problems, p)
	}
	return &config.Error{Problems: problems}
}

// asciiLocale reports whether the locale says that the terminal shows ASCII
// only. No locale at all says nothing.
func asciiLocale(getenv func(string) string) bool {
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"))
	name := strings.ToUpper(strings.ReplaceAll(locale, "-", ""))
	return locale != "" && !strings.Contains(name, "UTF8")
}
