package logsink

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Names that have a meaning of their own in [Levels].
const (
	// DefaultScope is the scope whose level and sink are used by every scope
	// that has none.
	DefaultScope = "default"
	// ConsoleSink is the sink of the default scope until another is configured.
	ConsoleSink = "console"
)

// Levels holds a level and a sink for each scope, with exactly the semantics of
// Stream's logger (protocol.md section 8.1):
//
//   - a scope without a level of its own has that of the scope "default", and the
//     same holds for its sink;
//   - configuring sets what is given, keeps what is not, and deletes what is reset;
//   - the default scope cannot be reset, only replaced;
//   - [Levels.RestoreDefaults] clears everything; "default" becomes level info and
//     the console sink;
//   - names are free strings and case-sensitive, and a change takes effect at once
//     for every logger, view and sink that looks here.
//
// All methods are safe for concurrent use. The zero value is not usable; make one
// with [NewLevels].
type Levels struct {
	revision atomic.Uint64
	mu       sync.Mutex // guards what follows
	levels   map[string]Level
	sinks    map[string]string
	cells    map[string]*atomic.Int32
	changed  chan struct{} // closed by the next change; nil while nobody waits for one
}

// NewLevels returns levels whose default scope is at level and goes to the console
// sink.
func NewLevels(level Level) *Levels {
	return &Levels{
		levels: map[string]Level{DefaultScope: level},
		sinks:  map[string]string{DefaultScope: ConsoleSink},
		cells:  map[string]*atomic.Int32{},
	}
}

// Configure changes the levels and sinks of the scopes it names, as Stream's
// configureLoggers does. The changes take effect together.
func (l *Levels) Configure(changes map[string]Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for scope, c := range changes {
		apply(l.levels, scope, c.Level)
		if c.Sink.op != opSet || c.Sink.value != "" {
			apply(l.sinks, scope, c.Sink)
		}
	}
	l.changedLocked()
}

func apply[T any](to map[string]T, scope string, s Setting[T]) {
	switch {
	case s.op == opSet:
		to[scope] = s.value
	case s.op == opReset && scope != DefaultScope:
		delete(to, scope)
	}
}

// Set gives a scope a level of its own.
func (l *Levels) Set(scope string, level Level) {
	l.Configure(map[string]Change{scope: {Level: To(level)}})
}

// SetWord does what Stream's logger does with a word: an unknown one makes the
// scope silent, errors included, and an empty one changes nothing. Use
// [ParseLevel] and [Levels.Set] to be told of a mistake.
func (l *Levels) SetWord(scope, word string) {
	if word != "" {
		l.Set(scope, StreamLevel(word))
	}
}

// Reset takes a scope's level and sink away, so that it follows the default again.
// On the default scope itself it does nothing.
func (l *Levels) Reset(scope string) {
	l.Configure(map[string]Change{scope: {Level: Reset[Level](), Sink: Reset[string]()}})
}

// RestoreDefaults forgets all scopes. The default scope becomes level info and the
// console sink, whatever it was before.
func (l *Levels) RestoreDefaults() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.levels)
	clear(l.sinks)
	l.levels[DefaultScope] = Info
	l.sinks[DefaultScope] = ConsoleSink
	l.changedLocked()
}

// Effective returns the level that decides for a scope, and whether it comes from
// the default scope.
func (l *Levels) Effective(scope string) (level Level, inherited bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return effective(l.levels, scope)
}

// Sink returns the name of the sink that a scope's lines go to, and whether it
// comes from the default scope.
func (l *Levels) Sink(scope string) (name string, inherited bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return effective(l.sinks, scope)
}

func effective[T any](from map[string]T, scope string) (T, bool) {
	if v, ok := from[scope]; ok {
		return v, false
	}
	return from[DefaultScope], true
}

// Enabled reports whether a line of this scope and level passes.
func (l *Levels) Enabled(scope string, level Level) bool {
	own, _ := l.Effective(scope)
	return level >= own
}

// Configured returns the scopes that have a level or a sink of their own, sorted.
// A scope that is configured and never seen is most likely a mistyped one.
func (l *Levels) Configured() []string {
	return slices.Sorted(maps.Keys(l.Changes()))
}

// Changes returns what would configure other levels to equal these, the default
// scope included: the argument of a configureLoggers call.
func (l *Levels) Changes() map[string]Change {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[string]Change, len(l.levels))
	for scope, level := range l.levels {
		out[scope] = Change{Level: To(level)}
	}
	for scope, sink := range l.sinks {
		c := out[scope]
		c.Sink = To(sink)
		out[scope] = c
	}
	return out
}

// Clone returns levels that equal these and change independently.
func (l *Levels) Clone() *Levels {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &Levels{levels: maps.Clone(l.levels), sinks: maps.Clone(l.sinks), cells: map[string]*atomic.Int32{}}
}

// Revision returns a number that grows with every change.
func (l *Levels) Revision() uint64 { return l.revision.Load() }

// Changed returns a channel that the next change closes.
func (l *Levels) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

// cell returns the place where the effective level of a scope can be read without
// a lock, now and after any later change.
func (l *Levels) cell(scope string) *atomic.Int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.cells[scope]
	if !ok {
		c = new(atomic.Int32)
		l.cells[scope] = c
		level, _ := effective(l.levels, scope)
		c.Store(int32(level))
	}
	return c
}

func (l *Levels) changedLocked() {
	for scope, c := range l.cells {
		level, _ := effective(l.levels, scope)
		c.Store(int32(level))
	}
	l.revision.Add(1)
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}
