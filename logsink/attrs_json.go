package logsink

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// marshal is json.Marshal that leaves &, < and > as they are: lines are read by
// people, and URLs have many of them.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// AttrsJSON returns the attributes as a JSON object with the keys in their order,
// or, if they are not in the form of [Record], as one JSON string; nil if there are
// none.
func (r Record) AttrsJSON() []byte {
	if r.Attrs == "" {
		return nil
	}
	return attrsToJSON(validUTF8(r.Attrs))
}

// SetAttrs sets the attributes from a JSON object, in its order. Any other JSON
// value becomes the value of one attribute, "data"; null and nothing become none.
func (r *Record) SetAttrs(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "null" {
		r.Attrs = ""
		return nil
	}
	if data[0] != '{' {
		data = append(append([]byte(`{"data":`), data...), '}')
	}
	attrs, err := objectToAttrs(data)
	if err != nil {
		return err
	}
	r.Attrs = attrs
	return nil
}

// attrsToJSON turns key=value text into an object if the text can be got back from
// it exactly, and into a string otherwise.
func attrsToJSON(attrs string) json.RawMessage {
	if obj, ok := attrsToObject(attrs); ok {
		if back, err := objectToAttrs(obj); err == nil && back == attrs {
			return obj
		}
	}
	return appendQuoted(nil, attrs)
}

// attrsFromJSON is the inverse of attrsToJSON.
func attrsFromJSON(data json.RawMessage) (string, error) {
	if len(data) == 0 || string(data) == "null" {
		return "", nil
	}
	if data[0] == '"' {
		var s string
		err := json.Unmarshal(data, &s)
		return s, err
	}
	return objectToAttrs(data)
}

var errNoObject = errors.New("not a JSON object")

// objectToAttrs writes the members of an object as key=value text.
func objectToAttrs(data []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil {
		return "", err
	} else if t != json.Delim('{') {
		return "", errNoObject
	}
	var out []byte
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return "", err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return "", err
		}
		name, _ := key.(string)
		out = appendRaw(appendKey(out, "", name), value)
	}
	return string(out), nil
}

func appendRaw(dst []byte, value json.RawMessage) []byte {
	if value[0] == '"' {
		var s string
		if json.Unmarshal(value, &s) == nil {
			return appendString(dst, s)
		}
	}
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return appendString(dst, string(value))
	}
	return append(dst, b.Bytes()...)
}

// attrsToObject reads key=value text.
func attrsToObject(attrs string) (obj []byte, ok bool) {
	obj = append(obj, '{')
	for rest := attrs; rest != ""; {
		if len(obj) > 1 {
			obj = append(obj, ',')
			if rest, ok = strings.CutPrefix(rest, " "); !ok {
				return nil, false
			}
		}
		var key, value []byte
		if key, rest, ok = cutKey(rest); !ok {
			return nil, false
		}
		if value, rest, ok = cutValue(rest); !ok {
			return nil, false
		}
		obj = append(append(append(obj, key...), ':'), value...)
	}
	return append(obj, '}'), true
}

// cutKey returns a key as a JSON string, and what comes after its equal sign.
func cutKey(s string) (key []byte, rest string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		if key, rest, ok = cutJSON(s); !ok {
			return nil, "", false
		}
		rest, ok = strings.CutPrefix(rest, "=")
		return key, rest, ok
	}
	word, rest, ok := strings.Cut(s, "=")
	if !ok || !bare(word) {
		return nil, "", false
	}
	return appendQuoted(nil, word), rest, true
}

// cutValue returns a value as JSON, and what comes after it.
func cutValue(s string) (value []byte, rest string, ok bool) {
	if s == "" {
		return nil, "", false
	}
	if s[0] == '"' || s[0] == '{' || s[0] == '[' {
		return cutJSON(s)
	}
	word, rest := s, ""
	if i := strings.IndexByte(s, ' '); i >= 0 {
		word, rest = s[:i], s[i:]
	}
	if !bare(word) {
		return nil, "", false
	}
	if looksTyped(word) {
		return []byte(word), rest, true
	}
	return appendQuoted(nil, word), rest, true
}

// cutJSON returns the JSON value that a text begins with.
func cutJSON(s string) (value []byte, rest string, ok bool) {
	dec := json.NewDecoder(strings.NewReader(s))
	var raw json.RawMessage
	if dec.Decode(&raw) != nil {
		return nil, "", false
	}
	return raw, s[dec.InputOffset():], true
}
