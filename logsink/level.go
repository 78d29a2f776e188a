package logsink

import (
	"fmt"
	"log/slog"
	"strings"
)

// Level is how much a line matters, numbered as Stream's logger does (protocol.md
// section 8.1). A line passes if its level is at least the level of its scope.
type Level int8

// The levels. Off is not the level of any line: a scope that is set to it lets
// nothing through, errors included.
const (
	Trace Level = iota // every frame; Stream's 0
	Debug              // every decision
	Info               // what an operator would tell a colleague
	Warn               // what may need somebody
	Error              // what failed; Stream's 4
	Off
)

// Levels of lines, without Off.
const numLevels = int(Error) + 1

// SlogTrace is the slog level of [Trace], which slog has no name for.
const SlogTrace = slog.Level(-8)

var levelWords = [...]string{"trace", "debug", "info", "warn", "error", "off"}

// ParseLevel returns the level that a word names, in lower case as Stream writes
// it, or "off". The error lists the words that are valid.
func ParseLevel(word string) (Level, error) {
	for i, w := range levelWords {
		if w == word {
			return Level(i), nil
		}
	}
	return Off, fmt.Errorf("unknown log level %q: want one of %s", word, strings.Join(levelWords[:], ", "))
}

// StreamLevel returns the level that Stream's own logger would act on: with a word
// it does not know, every comparison fails and the scope is silent, errors
// included (protocol.md section 8.1), so that the result is Off.
func StreamLevel(word string) Level {
	l, err := ParseLevel(word)
	if err != nil {
		return Off
	}
	return l
}

// FromSlog returns the level that a slog level belongs to: the highest whose slog
// level is not above it, and Trace below that.
func FromSlog(l slog.Level) Level {
	switch {
	case l < slog.LevelDebug:
		return Trace
	case l < slog.LevelInfo:
		return Debug
	case l < slog.LevelWarn:
		return Info
	case l < slog.LevelError:
		return Warn
	default:
		return Error
	}
}

// Slog returns the slog level: -8, -4, 0, 4 or 8, and 12 for Off, which no line
// reaches.
func (l Level) Slog() slog.Level { return slog.Level(int(l)*4 - 8) }

// Valid reports whether l is one of the named levels, Off included.
func (l Level) Valid() bool { return l >= Trace && l <= Off }

// String returns the word for the level.
func (l Level) String() string {
	if !l.Valid() {
		return fmt.Sprintf("level(%d)", int8(l))
	}
	return levelWords[l]
}

// MarshalText writes the word for the level.
func (l Level) MarshalText() ([]byte, error) {
	if !l.Valid() {
		return nil, fmt.Errorf("log level %d has no name", int8(l))
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads the word for a level, as [ParseLevel] does.
func (l *Level) UnmarshalText(text []byte) error {
	parsed, err := ParseLevel(string(text))
	if err != nil {
		return err
	}
	*l = parsed
	return nil
}
