// Package config knows what the user has set: in a YAML file, in the
// environment, on the command line.
//
// [Load] lays the layers over [Default] and remembers where each value came from
// ([Origins]). From the weakest to the strongest:
//
//	default
//	file
//	STREAM_API_KEY, STREAM_TOKEN, STREAM_API_SECRET   (names of Stream's own tools)
//	the profile, when it was asked for by --profile or STREAMSCOPE_PROFILE
//	STREAMSCOPE_…
//	flags
//
// A profile that the file itself selects lies directly over the file. A token
// source that one layer sets replaces those of the layers below.
//
// Reading is strict: an unknown key, a value of the wrong type or out of range
// is a [Problem] with its file, line and cure, and all problems are reported
// together. The table of keys is the Config struct: a `yaml` tag names the key,
// `flag` its flag, jsonschema_description its line of why, `enum` its words.
// The example file, the JSON Schema, the names in the environment and [Print]
// come from it.
//
// All functions are synchronous and safe for concurrent use; a Config is a value
// that nobody changes after Load. Secrets print as masks; [Secret.Resolve] is
// the only way to their text. The package opens no session and knows no flags
// library: cli maps the result.
package config
