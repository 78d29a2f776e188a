package record

import (
	"log/slog"
	"strings"

	"streamscope/logsink"
)

// levelWords are the words that logs use for levels, in lower case.
var levelWords = map[string]logsink.Level{
	"trace": logsink.Trace, "trc": logsink.Trace, "verbose": logsink.Trace, "silly": logsink.Trace, "v": logsink.Trace,
	"debug": logsink.Debug, "dbg": logsink.Debug, "debg": logsink.Debug, "d": logsink.Debug,
	"info": logsink.Info, "inf": logsink.Info, "information": logsink.Info, "notice": logsink.Info, "log": logsink.Info, "i": logsink.Info,
	"warn": logsink.Warn, "warning": logsink.Warn, "wrn": logsink.Warn, "w": logsink.Warn,
	"error": logsink.Error, "err": logsink.Error, "eror": logsink.Error, "fatal": logsink.Error, "critical": logsink.Error,
	"crit": logsink.Error, "panic": logsink.Error, "e": logsink.Error, "f": logsink.Error,
}

// leadingLevel takes a level off the front: INFO, [info], info:, WARN  |.
func leadingLevel(s string) (logsink.Level, string, bool) {
	trimmed := blanks.skip(s)
	if bracketed, ok := strings.CutPrefix(trimmed, "["); ok {
		name, rest, ok := strings.Cut(bracketed, "]")
		if level, known := levelOf(name); ok && known {
			return level, blanks.skip(strings.TrimPrefix(rest, ":")), true
		}
		return logsink.Info, s, false
	}
	end := gap.index(trimmed)
	if end <= 0 {
		return logsink.Info, s, false
	}
	level, known := levelOf(trimmed[:end])
	if !known {
		return logsink.Info, s, false
	}
	return level, gap.skip(trimmed[end:]), true
}

// levelOf looks a word up. Single letters count in capitals only, as the logs of
// Android have them.
func levelOf(name string) (logsink.Level, bool) {
	switch name { // what nearly all lines have costs no look-up
	case "INFO", "info":
		return logsink.Info, true
	case "DEBUG", "debug":
		return logsink.Debug, true
	case "WARN", "warn":
		return logsink.Warn, true
	}
	name = strings.TrimSpace(name)
	switch {
	case len(name) > len("information"):
		return 0, false
	case len(name) == 1 && (name[0] < 'A' || name[0] > 'Z'):
		return 0, false
	}
	level, ok := levelWords[strings.ToLower(name)]
	if !ok && strings.ContainsAny(name, "+-") { // slog's names between its levels: DEBUG-4, INFO+2
		var between slog.Level
		ok = between.UnmarshalText([]byte(name)) == nil
		level = logsink.FromSlog(between)
	}
	return level, ok
}
