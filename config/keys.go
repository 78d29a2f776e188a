package config

import (
	"reflect"
	"strconv"
	"strings"
)

// Key is one thing that can be set.
type Key struct {
	// Path is where it stands in the file: connection.user.id.
	Path string
	// Flag is its flag without dashes, empty for none.
	Flag string
	// Env is its variable in the environment.
	Env string
	// Default is the default as the file would write it.
	Default string
	// Doc is one line of why.
	Doc string
	// Words are the values that are allowed; empty for any.
	Words []string
	// Secret says that values are shown masked.
	Secret bool

	field    []int // for reflect.Value.FieldByIndex
	limits   bool
	min, max int64
}

// value is the key's place in a Config.
func (k Key) value(c *Config) reflect.Value {
	return reflect.ValueOf(c).Elem().FieldByIndex(k.field)
}

// Keys returns the table of all keys, in the order of the file. It is the
// caller's.
func Keys() []Key {
	var keys []Key
	defaults := Default()
	walk(reflect.TypeFor[Config](), "", nil, func(path string, f reflect.StructField, index []int) {
		if section(f.Type) {
			return
		}
		k := Key{
			Path: path, Flag: f.Tag.Get("flag"), Env: variable(path, f.Tag.Get("flag")),
			Doc: f.Tag.Get("jsonschema_description"), field: index,
			Secret: f.Type == reflect.TypeFor[Secret]() || f.Type == reflect.TypeFor[map[string]Secret](),
		}
		if words := f.Tag.Get("enum"); words != "" {
			k.Words = strings.Split(words, ",")
		}
		k.limit(f)
		k.Default = inline(k.value(&defaults))
		keys = append(keys, k)
	})
	return keys
}

// limit reads the tag range:"min,max", each end optional. Durations and sizes
// without one must be above zero.
func (k *Key) limit(f reflect.StructField) {
	k.max = 1<<63 - 1
	tag, given := f.Tag.Lookup("range")
	if !given {
		k.min, k.limits = 1, f.Type == typeDuration || f.Type == typeSize
		return
	}
	k.limits = true
	low, high, _ := strings.Cut(tag, ",")
	if n, err := strconv.ParseInt(low, 10, 64); err == nil {
		k.min = n
	}
	if n, err := strconv.ParseInt(high, 10, 64); err == nil {
		k.max = n
	}
}

// walk visits sections and keys, parents first.
func walk(t reflect.Type, prefix string, index []int, visit func(path string, f reflect.StructField, index []int)) {
	for i := range t.NumField() {
		f := t.Field(i)
		path := prefix + f.Tag.Get("yaml")
		at := append(append([]int(nil), index...), i)
		visit(path, f, at)
		if section(f.Type) {
			walk(f.Type, path+".", at, visit)
		}
	}
}

func section(t reflect.Type) bool { return t.Kind() == reflect.Struct }

// variable is STREAMSCOPE_ and the flag, or the path where there is no flag.
func variable(path, flag string) string {
	name := flag
	if name == "" {
		name = strings.TrimPrefix(path, "connection.")
	}
	return prefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

const prefix = "STREAMSCOPE_"
