package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"streamscope/logsink"
)

// Sink is one value of logs.sinks, taken apart.
type Sink struct {
	// Kind is stderr, file, unix or tcp.
	Kind string
	// Target is the path, or the address; empty for stderr.
	Target string
	// JSON asks for JSON lines where text is the default; sockets always have them.
	JSON bool
	// Levels are the least levels by scope; empty lets everything pass. Without the
	// scope default only the named scopes do.
	Levels map[string]logsink.Level
}

// ParseSink reads TARGET [json] [SCOPE=LEVEL]…
func ParseSink(text string) (Sink, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Sink{}, &hintedError{"the sink has no target", "write stderr, file:PATH, unix:PATH or tcp:127.0.0.1:PORT"}
	}
	var s Sink
	s.Kind, s.Target, _ = strings.Cut(words[0], ":")
	switch {
	case !slices.Contains([]string{"stderr", "file", "unix", "tcp"}, s.Kind), (s.Kind == "stderr") != (s.Target == ""):
		return Sink{}, &hintedError{fmt.Sprintf("%q is no target of a sink", words[0]), "write stderr, file:PATH, unix:PATH or tcp:127.0.0.1:PORT"}
	case s.Kind == "file" || s.Kind == "unix":
		s.Target = filepath.Clean(homePath(s.Target))
	}
	for _, word := range words[1:] {
		scope, level, ok := strings.Cut(word, "=")
		switch {
		case word == "json":
			s.JSON = true
			continue
		case !ok || scope == "":
			return Sink{}, &hintedError{fmt.Sprintf("%q is neither json nor SCOPE=LEVEL", word), "write coordinator=trace, default=warn"}
		}
		parsed, err := logsink.ParseLevel(level)
		if err != nil {
			return Sink{}, err
		}
		if s.Levels == nil {
			s.Levels = map[string]logsink.Level{logsink.DefaultScope: logsink.Off}
		}
		s.Levels[scope] = parsed
	}
	return s, nil
}

// Address is the target of a socket as [logsink.NewSocketSink] takes it.
func (s Sink) Address() string {
	return s.Kind + ":" + s.Target
}
