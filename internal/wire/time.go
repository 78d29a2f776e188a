package wire

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Time is an instant on the wire.
//
// The client-side API writes RFC 3339 strings, the server-side API integers of
// Unix nanoseconds (protocol.md 1.1). A Time reads both and writes RFC 3339
// with up to nine decimals; [Nanos] turns a whole message into the other form.
// What cannot be read becomes the zero Time, never an error.
type Time struct{ time.Time }

// At makes a Time of t, in UTC and without a monotonic reading.
func At(t time.Time) Time { return Time{t.UTC().Round(0)} }

// MarshalJSON writes RFC 3339, or null for the zero Time.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	b := make([]byte, 0, len(time.RFC3339Nano)+2)
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"'), nil
}

// UnmarshalJSON reads a string in RFC 3339 or a number of nanoseconds.
func (t *Time) UnmarshalJSON(b []byte) error {
	t.Time = time.Time{}
	text := strings.Trim(string(b), `"`)
	if parsed, err := time.Parse(time.RFC3339Nano, text); err == nil {
		t.Time = parsed.UTC()
		return nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		t.Time = time.Unix(0, n).UTC()
		return nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f > 0 && f < 1<<63 {
		t.Time = time.Unix(0, int64(f)).UTC()
	}
	return nil
}

// Nanos rewrites a JSON message of ours into the server-side dialect: instants
// become integers of Unix nanoseconds. Instants are recognised by their place
// (members ending in "_at", a few others, and the values of accepted_by,
// rejected_by and missed_by); anything below a member named custom is the user's own and stays.
func Nanos(message []byte) ([]byte, error) {
	dec := json.NewDecoder(strings.NewReader(string(message)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(nanos(v, false))
}

func nanos(v any, instant bool) any {
	switch v := v.(type) {
	case string:
		if !instant {
			return v
		}
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return v
		}
		return t.UnixNano()
	case []any:
		for i := range v {
			v[i] = nanos(v[i], false)
		}
	case map[string]any:
		for key, member := range v {
			if key == "custom" {
				continue
			}
			v[key] = nanos(member, instant || isInstant(key))
		}
	}
	return v
}

func isInstant(key string) bool {
	switch key {
	case "accepted_by", "rejected_by", "missed_by", "last_active", "revoke_tokens_issued_before":
		return true
	}
	return strings.HasSuffix(key, "_at")
}
