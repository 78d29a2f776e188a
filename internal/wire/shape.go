package wire

import "encoding/json"

// List is a slice that is written as [] when it is empty, because the official
// clients iterate over the lists they require without a guard (protocol.md 5.1).
type List[T any] []T

// MarshalJSON writes an array, also for a nil List.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(l))
}

// Map is an object that is written as {} when it is empty.
type Map[T any] map[string]T

// MarshalJSON writes an object, also for a nil Map.
func (m Map[T]) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]T(m))
}

// Custom is the free data that an integrator attaches to a user, call or event.
type Custom = Map[any]

// Secret is a token on its way over the wire. It travels as it is, but prints
// as its length and last six characters, so that a message formatted into a
// log, an error or a test failure does not give it away.
type Secret string

// Reveal returns the token itself.
func (s Secret) Reveal() string { return string(s) }

// String returns the shape of the token, not the token.
func (s Secret) String() string {
	if s == "" {
		return "(none)"
	}
	if len(s) <= 12 {
		return "(hidden)"
	}
	return "…" + string(s[len(s)-6:])
}

// GoString keeps %#v from revealing the token.
func (s Secret) GoString() string { return `wire.Secret("` + s.String() + `")` }

// Decode reads one message. The value is filled as far as the message allows
// even when an error is returned: a member of the wrong type is left zero and
// the error names it.
func Decode[T any](message []byte) (T, error) {
	var v T
	err := json.Unmarshal(message, &v)
	return v, err
}
