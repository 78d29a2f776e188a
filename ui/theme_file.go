package ui

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

const (
	// themeFileLimit is more than any theme needs.
	themeFileLimit = 64 << 10
	// themeFilePause is how often the file is looked at for changes.
	themeFilePause = time.Second
)

// userTheme is what a theme file says: colours in place of those of a theme of
// ours. It is immutable.
type userTheme struct {
	base    string // a theme of ours, empty for the one that is chosen anyway
	colours map[string]color.Color
}

// themeRoles are the names that a theme file may give a colour to.
var themeRoles = map[string]func(*palette) *color.Color{
	"text":      func(p *palette) *color.Color { return &p.text },
	"muted":     func(p *palette) *color.Color { return &p.muted },
	"accent":    func(p *palette) *color.Color { return &p.accent },
	"ok":        func(p *palette) *color.Color { return &p.ok },
	"warn":      func(p *palette) *color.Color { return &p.warn },
	"bad":       func(p *palette) *color.Color { return &p.bad },
	"border":    func(p *palette) *color.Color { return &p.border },
	"focus":     func(p *palette) *color.Color { return &p.focus },
	"key":       func(p *palette) *color.Color { return &p.key },
	"title":     func(p *palette) *color.Color { return &p.title },
	"bar":       func(p *palette) *color.Color { return &p.bar },
	"selection": func(p *palette) *color.Color { return &p.selection },
}

// baseRole is not a colour but the theme that the others come from.
const baseRole = "base"

// colourNames are the sixteen colours that every terminal has its own shades of.
var colourNames = []string{
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
}

// over puts the colours of the file in place of those of p.
func (u *userTheme) over(p palette) palette {
	if u == nil {
		return p
	}
	// What follows the accent in our themes follows it here too, unless it has
	// a colour of its own.
	if c, ok := u.colours["accent"]; ok {
		p.focus, p.key, p.bar = c, c, c
	}
	for role, c := range u.colours {
		*themeRoles[role](&p) = c
	}
	return p
}

// CheckTheme reads a theme file and says what is wrong with it: the file, the
// line, and what may stand there. Nil when it can be used.
//
// A theme file is YAML or JSON: roles with colours, and base for the theme of
// ours (dark, light, contrast) that the other roles are from. A colour is
// #rgb or #rrggbb, a number from 0 to 255, one of the sixteen names, or default
// for the terminal's own.
func CheckTheme(path string) error {
	_, err := readTheme(path)
	return err
}

func readTheme(path string) (*userTheme, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("theme: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, themeFileLimit+1))
	if err != nil {
		return nil, fmt.Errorf("theme: %w", err)
	}
	if len(data) > themeFileLimit {
		return nil, fmt.Errorf("theme: %s is larger than %s", path, sizeText(themeFileLimit))
	}
	return parseTheme(path, data)
}

// parseTheme reads a theme strictly: every mistake is named with its line.
func parseTheme(path string, data []byte) (*userTheme, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("theme: %s: %w", path, err)
	}
	u := &userTheme{colours: map[string]color.Color{}}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return u, nil
	}
	var entries []*ast.MappingValueNode
	switch body := file.Docs[0].Body.(type) {
	case *ast.MappingNode:
		entries = body.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{body}
	default:
		return nil, fmt.Errorf("theme: %s: a theme is a list of roles with their colours, as in `accent: \"#7cb7ff\"`", path)
	}
	var errs []error
	for _, e := range entries {
		at := e.Key.GetToken()
		if err := u.set(at.Value, e.Value); err != nil {
			errs = append(errs, fmt.Errorf("theme: %s:%d: %w", path, at.Position.Line, err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return u, nil
}

func (u *userTheme) set(role string, node ast.Node) error {
	value := strings.TrimSpace(node.GetToken().Value)
	if _, scalar := node.(ast.ScalarNode); !scalar {
		return fmt.Errorf("%s has to be one colour", role)
	}
	if role == baseRole {
		if bases := []string{"dark", "light", "contrast"}; !slices.Contains(bases, value) {
			return fmt.Errorf("there is no theme %q to start from; there are %s", value, strings.Join(bases, ", "))
		}
		u.base = value
		return nil
	}
	if themeRoles[role] == nil {
		return fmt.Errorf("there is no role %q; there are %s", role, strings.Join(roleNames(), ", "))
	}
	if _, twice := u.colours[role]; twice {
		return fmt.Errorf("%s has a colour already", role)
	}
	c, err := parseColour(value)
	u.colours[role] = c
	return err
}

func roleNames() []string {
	names := []string{baseRole}
	for name := range themeRoles {
		names = append(names, name)
	}
	slices.Sort(names[1:])
	return names
}

// parseColour reads a colour; nil is the terminal's own.
func parseColour(s string) (color.Color, error) {
	if s == "default" {
		return nil, nil
	}
	if i := slices.Index(colourNames, s); i >= 0 {
		return ansi.BasicColor(i), nil
	}
	if n, err := strconv.ParseUint(s, 10, 8); err == nil {
		if n < 16 {
			return ansi.BasicColor(n), nil
		}
		return ansi.IndexedColor(n), nil
	}
	if hex, ok := strings.CutPrefix(s, "#"); ok && (len(hex) == 3 || len(hex) == 6) {
		if _, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return lipgloss.Color(s), nil
		}
	}
	return nil, fmt.Errorf("%q is no colour; write \"#rrggbb\" (in quotes), 0 to 255, default, or one of %s", s, strings.Join(colourNames, ", "))
}
