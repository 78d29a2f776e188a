package config

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema of the file, for editors.
func Schema() ([]byte, error) {
	r := &jsonschema.Reflector{
		FieldNameTag: "yaml", Anonymous: true, ExpandedStruct: true, DoNotReference: true,
		RequiredFromJSONSchemaTags: true, Mapper: schemaOf,
	}
	schema := r.Reflect(&Config{})
	schema.Title = "streamscope configuration"
	for _, k := range Keys() {
		describe(schema, k)
	}
	profile := r.Reflect(&Config{})
	profile.Version = ""
	profile.Properties.Delete("profile")
	schema.Properties.Set("profiles", &jsonschema.Schema{
		Type: "object", AdditionalProperties: profile,
		Description: "Named sets of the keys above, chosen with --profile.",
	})
	return json.MarshalIndent(schema, "", "  ")
}

// schemaOf knows the types that are written as text.
func schemaOf(t reflect.Type) *jsonschema.Schema {
	switch t {
	case typeDuration:
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^0$`}
	case typeSize:
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "integer"}, {Type: "string", Pattern: `^[0-9]+ ?(B|kB|MB|GB|KiB|MiB|GiB)?$`},
		}}
	case typeLevel:
		return &jsonschema.Schema{Enum: []any{"trace", "debug", "info", "warn", "error", "off"}}
	case reflect.TypeFor[Secret]():
		return &jsonschema.Schema{Type: "string"}
	case typeCustom:
		return &jsonschema.Schema{Type: "object"}
	case reflect.TypeFor[map[string][]string]():
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string"}, {Type: "array", Items: &jsonschema.Schema{Type: "string"}},
		}}}
	}
	return nil
}

// describe adds what the tags of the struct say about a key.
func describe(root *jsonschema.Schema, k Key) {
	at := root
	for part := range strings.SplitSeq(k.Path, ".") {
		next, ok := at.Properties.Get(part)
		if !ok {
			return
		}
		at = next
	}
	at.Description = k.Doc
	for _, word := range k.Words {
		at.Enum = append(at.Enum, word)
	}
}
