package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"streamscope/logsink"
)

var (
	typeDuration = reflect.TypeFor[time.Duration]()
	typeSize     = reflect.TypeFor[Size]()
	typeLevel    = reflect.TypeFor[logsink.Level]()
	typeCustom   = reflect.TypeFor[map[string]any]()
)

// Size is a number of bytes, written as 512KiB, 64MiB or 1GiB, or plain.
type Size int64

var units = []struct {
	name string
	n    int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1}}

// String returns the size in the largest binary unit that divides it.
func (s Size) String() string {
	for _, u := range units[:3] {
		if s != 0 && int64(s)%u.n == 0 {
			return fmt.Sprintf("%d%s", int64(s)/u.n, u.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// MarshalText returns what String does.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func parseSize(text string) (Size, error) {
	number, factor := text, int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(text, u.name); ok {
			number, factor = strings.TrimSpace(rest), u.n
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/factor {
		return 0, fmt.Errorf("%q is not a size; write 512KiB, 64MiB or 1GiB", text)
	}
	return Size(n * factor), nil
}

// setText reads a value as the environment and flags give it: lists with
// commas, objects as JSON or name=value with commas.
func setText(v reflect.Value, text string) error {
	switch {
	case v.Type() == typeDuration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration; write 500ms, 15s or 2m", text)
		}
		v.SetInt(int64(d))
	case v.Type() == typeSize:
		n, err := parseSize(text)
		v.SetInt(int64(n))
		return err
	case v.Type() == typeLevel:
		level, err := logsink.ParseLevel(text)
		v.SetInt(int64(level))
		if err != nil {
			return suggest(fmt.Sprintf("%q is not a level (trace, debug, info, warn, error, off)", text), text, strings.Fields("trace debug info warn error off"))
		}
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		return setBool(v, text)
	case v.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		v.SetInt(int64(n))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.ValueOf(list(text)))
	case v.Kind() == reflect.Map:
		return setMap(v, text)
	}
	return nil
}

func setBool(v reflect.Value, text string) error {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on":
		v.SetBool(true)
	case "false", "0", "no", "off":
		v.SetBool(false)
	default:
		return fmt.Errorf("%q is neither true nor false", text)
	}
	return nil
}

func list(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func setMap(v reflect.Value, text string) error {
	if v.Type() == typeCustom {
		var custom map[string]any
		if err := json.Unmarshal([]byte(text), &custom); err != nil {
			return errors.New(`not a JSON object; write {"color":"red"}`)
		}
		v.Set(reflect.ValueOf(custom))
		return nil
	}
	for _, pair := range list(text) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok && v.Type().Elem() == typeLevel {
			name, value, ok = logsink.DefaultScope, pair, true // --log debug
		}
		if !ok || name == "" {
			return errors.New("write name=value, several with commas")
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := setText(element, value); err != nil {
			return err
		}
		put(v, name, element)
	}
	return nil
}

// put sets one element in a copy, so that no two configs share a map.
func put(v reflect.Value, name string, element reflect.Value) {
	fresh := reflect.MakeMap(v.Type())
	for _, key := range v.MapKeys() {
		fresh.SetMapIndex(key, v.MapIndex(key))
	}
	fresh.SetMapIndex(reflect.ValueOf(name), element)
	v.Set(fresh)
}

// check holds a value to what its type cannot say.
func (k Key) check(v reflect.Value) error {
	if len(k.Words) > 0 && !slices.Contains(k.Words, v.String()) {
		return suggest(fmt.Sprintf("%q is none of %s", v.String(), strings.Join(k.Words, ", ")), v.String(), k.Words)
	}
	if k.limits && (v.Int() < k.min || v.Int() > k.max) {
		return fmt.Errorf("%s is out of range: %s", inline(v), k.bounds(v.Type()))
	}
	if k.Secret {
		for _, s := range secrets(v) {
			if scheme, rest, ok := s.Reference(); ok && strings.TrimSpace(rest) == "" {
				return &hintedError{fmt.Sprintf("%q says nothing behind the colon", scheme+":"), "write env:NAME, file:PATH or cmd:COMMAND"}
			}
		}
	}
	switch k.Path {
	case "connection.base_url", "tap.upstream":
		return checkURL(v.String())
	case "connection.location_hint_url", "connection.token.url":
		if v.String() != "" {
			return checkURL(v.String())
		}
	case "local.listen", "tap.listen":
		if _, _, err := net.SplitHostPort(v.String()); err != nil {
			return fmt.Errorf("%q is not an address; write host:port, such as 127.0.0.1:8800", v.String())
		}
	case "local.users":
		if v.Len() == 0 || slices.Contains(v.Interface().([]string), "") {
			return &hintedError{"there should be at least one user, each with an id", "write [sara, jack]"}
		}
	case "logs.sinks":
		for _, name := range mapNames(v) {
			if _, err := ParseSink(v.MapIndex(reflect.ValueOf(name)).String()); err != nil {
				return err
			}
		}
	case "connection.token.pointer":
		if p := v.String(); p != "" && p[0] != '/' {
			return fmt.Errorf("%q is not a JSON pointer; it begins with a slash, such as /data/token", p)
		}
	}
	return nil
}

func (k Key) bounds(t reflect.Type) string {
	write := func(n int64) string {
		v := reflect.New(t).Elem()
		v.SetInt(n)
		return inline(v)
	}
	switch {
	case k.max < 1<<62:
		return "at least " + write(k.min) + ", at most " + write(k.max)
	case k.min == 1 && t == typeDuration:
		return "more than 0s"
	}
	return "at least " + write(k.min)
}

// checkURL lets templates stand in the path and query.
func checkURL(text string) error {
	before, _, _ := strings.Cut(text, "{{")
	u, err := url.Parse(before)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is not a URL; it begins with https:// or http:// and a host", text)
	}
	return nil
}

// inline writes a value as YAML on one line, secrets masked.
func inline(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		return shortDuration(x)
	case Secret:
		return quote(x.String())
	case string:
		return quote(x)
	case fmt.Stringer:
		return x.String()
	case []string:
		items := make([]string, len(x))
		for i, item := range x {
			items[i] = quote(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		if len(x) == 0 {
			return "{}"
		}
		text, err := json.Marshal(x)
		if err != nil {
			return "{}"
		}
		return string(text)
	}
	if v.Kind() != reflect.Map {
		return fmt.Sprint(v.Interface())
	}
	var parts []string
	for _, name := range mapNames(v) {
		parts = append(parts, quote(name)+": "+inline(v.MapIndex(reflect.ValueOf(name))))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func mapNames(v reflect.Value) []string {
	names := map[string]bool{}
	for _, key := range v.MapKeys() {
		names[key.String()] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// shortDuration leaves out the zero units that time.Duration prints: 1h, not
// 1h0m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// quote leaves words alone that YAML reads as the same string.
func quote(text string) string {
	plain := text != "" && !strings.ContainsAny(text, "#{}[],&*!|>'\"%@`\\\n\t ") && !strings.Contains(text, ": ") &&
		!strings.HasSuffix(text, ":") && !strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "?")
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "null", "~":
		plain = false
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		plain = false
	}
	if plain {
		return text
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return strconv.Quote(text)
	}
	return string(quoted)
}
