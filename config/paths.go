package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"
)

// Path is a place that the program reads or writes.
type Path struct {
	What   string // config file, state directory, data directory
	Path   string
	Exists bool
}

const folder = "streamscope"

// Paths returns the configuration files in the order in which they are looked
// for, the first that exists being the one, the directory of crash reports and
// recordings without a name, and the one of what is saved from the screen.
func Paths(env []string) []Path {
	vars := environment(env)
	var paths []Path
	for _, file := range candidates(vars) {
		paths = append(paths, Path{What: "config file", Path: file, Exists: exists(file)})
	}
	state := filepath.Join(base(vars, "XDG_STATE_HOME", xdg.StateHome), folder)
	data := filepath.Join(base(vars, "XDG_DATA_HOME", xdg.DataHome), folder)
	return append(paths,
		Path{What: "state directory", Path: state, Exists: exists(state)},
		Path{What: "data directory", Path: data, Exists: exists(data)})
}

// candidates honours XDG_CONFIG_HOME on every system, and ~/.config also where
// the system has another place for it, as people keep such files there.
func candidates(vars map[string]string) []string {
	dirs := []string{base(vars, "XDG_CONFIG_HOME", xdg.ConfigHome)}
	if home := vars["HOME"]; home != "" && vars["XDG_CONFIG_HOME"] == "" {
		dirs = append(dirs, filepath.Join(home, ".config"))
	}
	var files []string
	for _, dir := range dirs {
		if file := filepath.Join(dir, folder, "config.yaml"); !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

// base follows the XDG rule that a relative path is as good as none.
func base(vars map[string]string, name, otherwise string) string {
	if dir := vars[name]; filepath.IsAbs(dir) {
		return dir
	}
	if home := vars["HOME"]; home != "" && home != xdg.Home {
		if rest, below := strings.CutPrefix(otherwise, xdg.Home); below {
			return home + rest
		}
	}
	return otherwise
}

// existing returns the file to read when none was named, or "". Without an
// environment nothing is looked for.
func existing(vars map[string]string) string {
	if len(vars) == 0 {
		return ""
	}
	for _, file := range candidates(vars) {
		if exists(file) {
			return file
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// homePath reads ~/ at the start of a path as a shell would.
func homePath(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

func (l *loader) warn(text, hint string) {
	l.origins.Warnings = append(l.origins.Warnings, Warning{Text: text, Hint: hint})
}
