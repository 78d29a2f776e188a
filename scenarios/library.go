// Package scenarios holds the scenario files that ship with streamscope, so that
// the program has them wherever it is installed. It knows nothing of their
// language; package scenario reads them. It starts nothing and holds no state.
package scenarios

import (
	"embed"
	"io/fs"
)

//go:embed *.yaml
var files embed.FS

// Files returns the files, *.yaml, as a read-only file system.
func Files() fs.FS { return files }
