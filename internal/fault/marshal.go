package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// MarshalJSON writes an object with the kind and the members that are set,
// durations as text.
func (f Fault) MarshalJSON() ([]byte, error) { return json.Marshal(f.object()) }

// UnmarshalJSON reads that object, or the text form as a string.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	return f.fromAny(v)
}

// MarshalYAML gives the YAML encoder the same object.
func (f Fault) MarshalYAML() (any, error) { return f.object(), nil }

// UnmarshalYAML reads the object or the text form.
func (f *Fault) UnmarshalYAML(decode func(any) error) error {
	var v any
	if err := decode(&v); err != nil {
		return err
	}
	return f.fromAny(v)
}

func (f Fault) object() map[string]any {
	members := map[string]any{"kind": string(f.Kind)}
	for _, p := range f.pairs() {
		members[p.name] = p.value
	}
	for name, n := range map[string]int{"code": f.Code, "status": f.Status, "rate": f.Rate, "size": f.Size, "count": f.Count} {
		if n != 0 {
			members[name] = n
		}
	}
	if f.Probability != 0 {
		members["p"] = f.Probability
	}
	return members
}

func (f *Fault) fromAny(v any) (err error) {
	switch v := v.(type) {
	case string:
		*f, err = Parse(v)
		return err
	case map[string]any:
		*f, err = fromMap(v)
		return err
	}
	return errors.New("fault: neither a text such as drop:for=10s nor an object with a kind")
}

func fromMap(members map[string]any) (Fault, error) {
	name, _ := members["kind"].(string)
	kind, err := findKind(name)
	if err != nil {
		return Fault{}, fmt.Errorf("fault: %w", err)
	}
	var pairs []pair
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if key == "kind" {
			continue
		}
		value, err := scalar(members[key])
		if err != nil {
			return Fault{}, fmt.Errorf("fault %s: %s: %w", kind, key, err)
		}
		pairs = append(pairs, pair{key, value})
	}
	f, err := build(kind, pairs)
	if err != nil {
		return Fault{}, fmt.Errorf("fault %s: %w", kind, err)
	}
	return f, nil
}

func scalar(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case int, int64, uint64:
		return fmt.Sprint(v), nil
	}
	return "", errors.New("neither a text nor a number")
}
