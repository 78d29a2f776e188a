package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"streamscope/config"
	"streamscope/logsink"
	"streamscope/timeline"
)

// sinks are the further places that log lines go to, as the configuration names
// them. They can be changed while they run. Any goroutine may call its methods.
type sinks struct {
	rig    *rig
	stderr io.Writer
	// screen says that standard error is the terminal that the screen is drawn on.
	screen bool

	// guarded by mu
	mu     sync.Mutex
	open   map[string]openSink
	routes *logsink.Levels // the sinks of the scopes
	begun  bool            // after the first set
}

// openSink is a sink that runs, or did until it failed.
type openSink struct {
	spec   config.Sink
	route  string // what the routes call it
	levels *logsink.Levels
	stop   context.CancelFunc
}

// set makes the sinks those of the configuration: levels change in place, what
// has another target is begun anew with what comes from now on.
func (s *sinks) set(logs config.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open, s.routes = make(map[string]openSink), logsink.NewLevels(logsink.Trace)
	}
	defer func() { s.begun = true }()
	specs := logs.Sinks
	var failures []string
	files := make(map[string]string) // the sinks by the file that they write
	for name, old := range s.open {
		if _, stays := specs[name]; !stays {
			old.stop()
			delete(s.open, name)
		}
	}
	routes := maps.Clone(logs.Routes)
	for _, scope := range slices.Sorted(maps.Keys(routes)) {
		if name := routes[scope]; specs[name] == "" {
			failures = append(failures, fmt.Sprintf("the scope %s: there is no sink %s", hide(scope), hide(name)))
			delete(routes, scope)
		}
	}
	s.routeLocked(routes)
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec, err := config.ParseSink(specs[name])
		if other, taken := files[spec.Target]; taken && err == nil && spec.Kind == "file" {
			err = fmt.Errorf("%s is written by the sink %s already", spec.Target, other)
		}
		if err == nil {
			files[spec.Target] = name
			err = s.setOneLocked(name, routeOf(name, routes), spec)
		}
		if err != nil {
			failures = append(failures, "the sink "+hide(name)+": "+hide(pathProblem(err)))
		}
	}
	if len(failures) == 0 {
		return nil
	}
	return usage("logs.sinks says where log lines go; streamscope config blame logs.sinks", "%s", strings.Join(failures, "\n"))
}

// routeLocked sends scopes to their sinks, together.
func (s *sinks) routeLocked(routes map[string]string) {
	changes := make(map[string]logsink.Change)
	for _, scope := range s.routes.Configured() {
		changes[scope] = logsink.Change{Sink: logsink.Reset[string]()}
	}
	changes[logsink.DefaultScope] = logsink.Change{Sink: logsink.To(logsink.ConsoleSink)}
	for scope, name := range routes {
		changes[scope] = logsink.Change{Sink: logsink.To("sink " + name)}
	}
	s.routes.Configure(changes)
}

// routeOf is what the routes call a sink. Those that no scope is routed to stand
// where the console of Stream's logger does.
func routeOf(name string, routes map[string]string) string {
	if slices.Contains(slices.Collect(maps.Values(routes)), name) {
		return "sink " + name
	}
	return logsink.ConsoleSink
}

func (s *sinks) setOneLocked(name, route string, spec config.Sink) error {
	if old, ok := s.open[name]; ok {
		if old.route == route && old.spec.Kind == spec.Kind && old.spec.Target == spec.Target && old.spec.JSON == spec.JSON {
			setLevels(old.levels, old.spec.Levels, spec.Levels)
			old.spec = spec
			s.open[name] = old
			return nil
		}
		old.stop()
	}
	sink, err := s.sink(name, spec)
	if err != nil {
		return err
	}
	var from uint64 // the sinks of the start get all that there is
	if s.begun {
		_, from = s.rig.logs.Bounds()
	}
	levels := logsink.NewLevels(logsink.Trace)
	setLevels(levels, nil, spec.Levels)
	ctx, stop := context.WithCancel(s.rig.sinks.ctx)
	s.open[name] = openSink{spec, route, levels, stop}
	s.rig.output("the sink "+name, func(context.Context) error {
		defer stop()
		return logsink.Run(ctx, s.rig.logs, logsink.Output{Name: route, Sink: sink, Levels: levels, Route: s.routes, From: from})
	})
	return nil
}

// sink makes what takes the lines.
func (s *sinks) sink(name string, spec config.Sink) (logsink.Sink, error) {
	format := logsink.Plain
	if spec.JSON {
		format = logsink.JSON
	}
	switch spec.Kind {
	case "file":
		return logsink.NewFileSink(logsink.FileOptions{Path: spec.Target, Format: format, Away: s.rig.waits("the sink " + name)})
	case "stderr":
		if s.screen {
			return nil, errors.New("standard error is the terminal of the screen: redirect it with 2>FILE")
		}
		return logsink.NewWriterSink(s.stderr, format), nil
	}
	return logsink.NewSocketSink(spec.Address(), s.rig.waits("the sink "+name))
}

// waits tells on the timeline that an output cannot write for now, and that it can
// again.
func (r *rig) waits(what string) func(err error) {
	return func(err error) {
		if err != nil {
			r.warn("output", what+" waits: "+pathProblem(err))
			return
		}
		r.note(what + " goes on")
	}
}

// setLevels changes what differs between two configurations, and leaves alone
// what was changed by hand meanwhile. Without a default everything passes.
func setLevels(levels *logsink.Levels, old, want map[string]logsink.Level) {
	for scope := range old {
		if _, stays := want[scope]; stays {
			continue
		}
		if scope == logsink.DefaultScope {
			levels.Set(scope, logsink.Trace)
			continue
		}
		levels.Reset(scope)
	}
	for scope, level := range want {
		if was, ok := old[scope]; !ok || was != level {
			levels.Set(scope, level)
		}
	}
}

// accompanyConfig opens the sinks of the configuration, and follows its file.
func (p *program) accompanyConfig(r *rig, set settings, flags *sharedFlags, screen bool) error {
	s := &sinks{rig: r, stderr: p.err, screen: screen && terminal(p.err)}
	if err := s.set(set.config.Logs); err != nil {
		return err
	}
	p.followConfig(r, set, flags, s)
	return nil
}

// warn tells on the timeline what concerns the run and no session.
func (r *rig) warn(id, text string) {
	r.events.Append(timeline.Event{Payload: timeline.Warning{ID: id, Text: hide(text)}})
}

// note tells on the timeline what somebody has changed.
func (r *rig) note(text string) {
	r.events.Append(timeline.Event{Payload: timeline.Note{Text: hide(text)}})
}
