package logsink

import (
	"bytes"
	"encoding/json"
)

// Change is what configureLoggers is told about one scope. The zero value changes
// nothing. In JSON it has Stream's own form: {"level":"debug"}, {"level":null}, {}.
type Change struct {
	Level Setting[Level]  `json:"level,omitzero"`
	Sink  Setting[string] `json:"sink,omitzero"`
}

// Setting is one of the three things that can be asked of a scope's level or sink:
// keep it (the zero value; "undefined" in Stream's words), set it ([To]), or delete
// it so that the default applies ([Reset]; null in Stream's words).
type Setting[T any] struct {
	op    settingOp
	value T
}

type settingOp uint8

const (
	opKeep settingOp = iota
	opSet
	opReset
)

// To returns the setting that sets v.
func To[T any](v T) Setting[T] { return Setting[T]{opSet, v} }

// Reset returns the setting that deletes what a scope has of its own.
func Reset[T any]() Setting[T] { return Setting[T]{op: opReset} }

// Value returns what is set, and whether anything is.
func (s Setting[T]) Value() (T, bool) { return s.value, s.op == opSet }

// IsReset reports whether the setting deletes.
func (s Setting[T]) IsReset() bool { return s.op == opReset }

// IsZero reports whether the setting changes nothing.
func (s Setting[T]) IsZero() bool { return s.op == opKeep }

// MarshalJSON writes the value, or null for a deletion. A setting that keeps must
// be left out by its parent (omitzero).
func (s Setting[T]) MarshalJSON() ([]byte, error) {
	if s.op != opSet {
		return []byte("null"), nil
	}
	return json.Marshal(s.value)
}

// UnmarshalJSON reads a value, or null as a deletion.
func (s *Setting[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*s = Reset[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*s = To(v)
	return nil
}
