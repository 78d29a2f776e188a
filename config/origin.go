package config

import (
	"fmt"
	"strings"
)

// Kind says which layer a value came from.
type Kind string

// The layers, weakest first.
const (
	FromDefault Kind = "default"
	FromFile    Kind = "file"
	FromProfile Kind = "profile"
	FromEnv     Kind = "env"
	FromFlag    Kind = "flag"
)

// Origin is where a value came from.
type Origin struct {
	Kind Kind
	// Name is the profile, the variable, or the flag without dashes.
	Name string
	// File and Line are the place in the file; empty and 0 elsewhere.
	File string
	Line int
}

// String returns the origin as `config print` shows it.
func (o Origin) String() string {
	switch o.Kind {
	case FromFile:
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	case FromProfile:
		return fmt.Sprintf("profile %s, %s:%d", o.Name, o.File, o.Line)
	case FromEnv:
		return "environment " + o.Name
	case FromFlag:
		return "--" + o.Name
	}
	return "default"
}

// Origins says where the values of a Config came from, and what was noticed on
// the way.
type Origins struct {
	// File is the file that was read; empty for none.
	File string
	// Profile is the profile in force; empty for none.
	Profile string
	// Profiles are the names of those in the file, sorted.
	Profiles []string
	Warnings []Warning

	of map[string]Origin
}

// Of returns the origin of a key, or of one entry of a key that is a map
// (logs.levels.client).
func (o Origins) Of(path string) Origin {
	for {
		if origin, ok := o.of[path]; ok {
			return origin
		}
		cut := strings.LastIndexByte(path, '.')
		if cut < 0 {
			return Origin{Kind: FromDefault}
		}
		path = path[:cut]
	}
}
