package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"streamscope/internal/wire"
)

// Sources is what [Load] reads.
type Sources struct {
	// Path is the file of --config. Empty means STREAMSCOPE_CONFIG, or else the
	// first file of [Paths] that exists, if any.
	Path string
	// Env is the environment as [os.Environ] gives it.
	Env []string
	// Flags are those that were typed, by name without dashes, each with its
	// values. Names that are no key's are left alone.
	Flags map[string][]string
	// Profile is the profile that was asked for, with the strength of a flag.
	Profile string
	// Stdin is read for --token - only.
	Stdin io.Reader
}

// Load lays all layers over the defaults. Its error is an [*Error] with every
// problem; the Config then is not to be used.
func Load(s Sources) (Config, Origins, error) {
	l := &loader{
		cfg: Default(), keys: Keys(), env: environment(s.Env),
		origins: Origins{of: make(map[string]Origin)}, touched: make(map[string]bool),
	}
	l.file(s)
	asked := cmp.Or(s.Profile, last(s.Flags["profile"]), l.env[prefix+"PROFILE"])
	if asked == "" {
		l.profile(l.cfg.Profile)
	}
	l.streamNames()
	if asked != "" {
		l.profile(asked)
	}
	l.variables()
	l.flags(s)
	for _, path := range []*string{&l.cfg.Connection.Token.File, &l.cfg.Logs.File, &l.cfg.Record, &l.cfg.UI.ThemeFile} {
		*path = homePath(*path)
	}
	l.secretFiles()
	if len(l.problems) > 0 {
		return l.cfg, l.origins, &Error{Problems: l.problems}
	}
	return l.cfg, l.origins, nil
}

// Validate checks every value of a Config that was not loaded. Its error is an
// [*Error].
func (c Config) Validate() error {
	var problems []Problem
	for _, k := range Keys() {
		if err := k.check(k.value(&c)); err != nil {
			problems = append(problems, hinted(Problem{File: "configuration", Key: k.Path}, err))
		}
	}
	if len(problems) > 0 {
		return &Error{Problems: problems}
	}
	return nil
}

// loader is one Load.
type loader struct {
	cfg      Config
	origins  Origins
	problems []Problem
	keys     []Key
	env      map[string]string
	doc      *document       // nil without a file
	touched  map[string]bool // keys that the current layer has set
}

func environment(env []string) map[string]string {
	m := make(map[string]string, len(env))
	for _, pair := range env {
		if name, value, ok := strings.Cut(pair, "="); ok && value != "" {
			m[name] = value
		}
	}
	return m
}

func (l *loader) byPath(path string) Key {
	i := slices.IndexFunc(l.keys, func(k Key) bool { return k.Path == path })
	return l.keys[i]
}

// setText sets a key from the environment or a flag.
func (l *loader) setText(k Key, text string, from Origin) {
	v := k.value(&l.cfg)
	err := setText(v, text)
	if err == nil {
		err = k.check(v)
	}
	if err != nil {
		l.problems = append(l.problems, hinted(Problem{File: from.String(), Key: k.Path}, hideValue(k, err)))
		return
	}
	l.origins.of[k.Path] = from
	l.touched[k.Path] = true
}

// hideValue keeps what was typed for a secret out of the message.
func hideValue(k Key, err error) error {
	if k.Secret {
		return errors.New("the value cannot be read; write name=value, several with commas")
	}
	return err
}

func hinted(p Problem, err error) Problem {
	p.Key, p.Text = wire.Clean(p.Key), wire.Clean(err.Error())
	if h, ok := errors.AsType[*hintedError](err); ok {
		p.Hint = h.hint
	}
	return p
}

// The keys that name a token source. Static may stand beside one of the others.
var (
	providerKeys = [...]string{"connection.token.file", "connection.token.url", "connection.token.cmd", "connection.token.secret_env"}
	staticKey    = "connection.token.static"
)

// endLayer lets the token source of this layer replace those below.
func (l *loader) endLayer() {
	var set []string
	for _, path := range providerKeys {
		if l.touched[path] && !l.byPath(path).value(&l.cfg).IsZero() {
			set = append(set, path)
		}
	}
	if len(set) > 1 {
		from := l.origins.Of(set[1])
		l.problems = append(l.problems, Problem{File: cmp.Or(from.File, from.String()), Line: from.Line, Key: set[1],
			Text: "there is another token source already, " + set[0], Hint: "keep one of them"})
	}
	if len(set) > 0 || l.touched[staticKey] && l.cfg.Connection.Token.Static != "" {
		for _, path := range append(slices.Clone(providerKeys[:]), staticKey) {
			if !l.touched[path] {
				l.byPath(path).value(&l.cfg).SetZero()
				delete(l.origins.of, path)
			}
		}
	}
	clear(l.touched)
}

// streamNames reads the variables of Stream's own tools and servers. The secret,
// which a developer's backend needs in the same shell, is used only where the
// file names no token source.
func (l *loader) streamNames() {
	if key := l.env["STREAM_API_KEY"]; key != "" {
		l.setText(l.byPath("connection.api_key"), key, Origin{Kind: FromEnv, Name: "STREAM_API_KEY"})
	}
	switch {
	case l.env["STREAM_TOKEN"] != "":
		l.setText(l.byPath(staticKey), l.env["STREAM_TOKEN"], Origin{Kind: FromEnv, Name: "STREAM_TOKEN"})
	case l.env["STREAM_API_SECRET"] != "" && l.cfg.Connection.Token.Source() == "":
		l.setText(l.byPath("connection.token.secret_env"), "STREAM_API_SECRET", Origin{Kind: FromEnv, Name: "STREAM_API_SECRET"})
	}
	l.endLayer()
}

// variables reads STREAMSCOPE_… and NO_COLOR.
func (l *loader) variables() {
	known := map[string]bool{prefix + "CONFIG": true, prefix + "NO_COLOR": true}
	for _, k := range l.keys {
		known[k.Env] = true
		if text, ok := l.env[k.Env]; ok {
			l.setText(k, text, Origin{Kind: FromEnv, Name: k.Env})
		}
	}
	for _, name := range []string{prefix + "NO_COLOR", "NO_COLOR"} {
		if l.env[name] != "" && l.cfg.UI.Color == "auto" {
			l.setText(l.byPath("ui.color"), "never", Origin{Kind: FromEnv, Name: name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.env)) {
		if strings.HasPrefix(name, prefix) && !known[name] {
			l.warnVariable(name, known)
		}
	}
	l.endLayer()
}

func (l *loader) warnVariable(name string, known map[string]bool) {
	w := Warning{Text: fmt.Sprintf("the environment variable %s means nothing here", wire.Clean(name))}
	best, least := "", len(name)/3
	for candidate := range known {
		if n := distance(name, candidate); n < least || n == least && candidate < best {
			best, least = candidate, n
		}
	}
	if best != "" {
		w.Hint = "did you mean " + best + "?"
	}
	l.origins.Warnings = append(l.origins.Warnings, w)
}

// flags are the last layer.
func (l *loader) flags(s Sources) {
	for _, k := range l.keys {
		values, given := s.Flags[k.Flag]
		if k.Flag == "" || !given {
			continue
		}
		from := Origin{Kind: FromFlag, Name: k.Flag}
		switch {
		case k.Path == staticKey:
			l.tokenFlag(last(values), from, s.Stdin)
		case k.value(&l.cfg).Kind() == reflect.Map:
			for _, value := range values {
				l.setText(k, value, from)
			}
		default:
			l.setText(k, last(values), from)
		}
	}
	if last(s.Flags["no-color"]) == "true" {
		l.setText(l.byPath("ui.color"), "never", Origin{Kind: FromFlag, Name: "no-color"})
	}
	if s.Profile != "" {
		l.cfg.Profile = s.Profile
		l.origins.of["profile"] = Origin{Kind: FromFlag, Name: "profile"}
	}
	l.endLayer()
}

// maxStdin bounds a token on standard input, in bytes.
const maxStdin = 64 << 10

// tokenFlag reads --token TOKEN, @FILE or -.
func (l *loader) tokenFlag(text string, from Origin, stdin io.Reader) {
	path, isFile := strings.CutPrefix(text, "@")
	switch {
	case isFile:
		l.setText(l.byPath("connection.token.file"), homePath(path), from)
		return
	case text == "-" && stdin == nil:
		text = ""
	case text == "-":
		read, err := io.ReadAll(io.LimitReader(stdin, maxStdin))
		if err != nil {
			l.problems = append(l.problems, hinted(Problem{File: from.String(), Key: staticKey}, err))
			return
		}
		text = strings.TrimSpace(string(read))
	}
	if text == "" {
		l.problems = append(l.problems, Problem{File: from.String(), Key: staticKey, Text: "the token is empty",
			Hint: "give its text, @FILE, or - and pipe it to standard input"})
		return
	}
	l.setText(l.byPath(staticKey), text, from)
}

func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}
