package cli

import (
	"context"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"streamscope/config"
	"streamscope/internal/pause"
	"streamscope/ui"
)

// reloadEvery is how often the configuration file is looked at.
const reloadEvery = time.Second

// settleTime is how long a file has to stay as it is before it is read.
const settleTime = 100 * time.Millisecond

// reloader makes a run follow its configuration file: levels of scopes, sinks,
// and the look and the keys of the screen at once. What else has changed it names, because it holds from the next start
// on. A file that is wrong changes nothing, and the timeline says what is wrong
// with it. Its run is one goroutine, which owns it.
type reloader struct {
	path  string
	load  func() (config.Config, error)
	rig   *rig
	sinks *sinks
	now   config.Config
	seen  fileState
}

// fileState is what tells one state of a file from another.
type fileState struct {
	at   time.Time
	size int64
}

func stateOf(path string) fileState {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}
	}
	return fileState{info.ModTime(), info.Size()}
}

// followConfig starts to look at the file of the configuration, or at the place
// where it would be.
func (p *program) followConfig(r *rig, set settings, flags *sharedFlags, s *sinks) {
	path := set.origins.File
	if path == "" {
		path = config.Paths(os.Environ())[0].Path
	}
	from := flags.sources(p, "")
	delete(from.Flags, "token") // it may have come from standard input, which is read once
	l := &reloader{path: path, rig: r, sinks: s, seen: stateOf(path), load: func() (config.Config, error) {
		cfg, _, err := flags.read(from)
		return cfg, err
	}}
	var err error
	if l.now, err = l.load(); err != nil {
		l.now = set.config
	}
	r.sessions.start(func() error { return l.run(r.sessions.ctx) })
}

// run looks at the file until ctx ends.
func (l *reloader) run(ctx context.Context) error {
	tick := time.NewTicker(reloadEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if l.changed(ctx) {
				l.look()
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// changed reports whether the file is another than at the last look, as soon as
// nobody writes it any more: one that is written in place is empty for a moment.
func (l *reloader) changed(ctx context.Context) bool {
	for state := stateOf(l.path); state != l.seen; {
		if pause.For(ctx, settleTime) != nil {
			return false
		}
		before := state
		if state = stateOf(l.path); state == before {
			l.seen = state
			return true
		}
	}
	return false
}

// look takes over what has changed.
func (l *reloader) look() {
	cfg, err := l.load()
	if err == nil {
		err = checkTheme(cfg.UI.ThemeFile)
	}
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		l.rig.warn("config", "the configuration has changed and is not taken over: "+first)
		return
	}
	l.take(cfg)
}

// take makes a new configuration hold, and says what of it does.
func (l *reloader) take(cfg config.Config) {
	old := l.now
	l.now = cfg
	var done []string
	if !maps.Equal(old.Logs.Levels, cfg.Logs.Levels) {
		setLevels(l.rig.levels, old.Logs.Levels, cfg.Logs.Levels)
		done = append(done, "levels")
	}
	if !maps.Equal(old.Logs.Sinks, cfg.Logs.Sinks) || !maps.Equal(old.Logs.Routes, cfg.Logs.Routes) {
		if err := l.sinks.set(cfg.Logs); err != nil {
			l.rig.warn("config", err.Error())
		} else {
			done = append(done, "sinks")
		}
	}
	if now := lookOf(cfg.UI); !reflect.DeepEqual(lookOf(old.UI), now) {
		l.rig.show(now)
		done = append(done, "the look and the keys of the screen")
	}
	old.Logs.Levels, old.Logs.Sinks, old.Logs.Routes = cfg.Logs.Levels, cfg.Logs.Sinks, cfg.Logs.Routes
	later := changedKeys(old, cfg)
	switch {
	case len(done) > 0 && len(later) > 0:
		l.rig.note("the configuration has changed: " + listed(done) + " hold now; from the next start on: " + strings.Join(later, ", "))
	case len(done) > 0:
		l.rig.note("the configuration has changed: " + listed(done) + " hold now")
	case len(later) > 0:
		l.rig.note("the configuration has changed; from the next start on: " + strings.Join(later, ", "))
	}
}

// show gives the screen, if there is one, another look. One that it has not taken
// yet is replaced.
func (r *rig) show(look ui.Look) {
	select {
	case <-r.looks:
	default:
	}
	r.looks <- look
}

// listed is a list in words: levels, sinks and keys.
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// changedKeys are the sections of the screen and the connection that differ.
func changedKeys(a, b config.Config) []string {
	var names []string
	for name, same := range map[string]bool{
		"ui":         a.UI.Color == b.UI.Color && a.UI.ReducedMotion == b.UI.ReducedMotion,
		"connection": reflect.DeepEqual(a.Connection, b.Connection),
		"logs":       reflect.DeepEqual(a.Logs, b.Logs),
		"local":      reflect.DeepEqual(a.Local, b.Local),
		"record":     a.Record == b.Record && a.RecordSize == b.RecordSize,
		"timeline":   a.Timeline == b.Timeline,
	} {
		if !same {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
