package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"streamscope/internal/wire"
)

// maxFile is the size from which a file is not read, in bytes.
const maxFile = 4 << 20

// document is a parsed file.
type document struct {
	path     string
	lines    []string
	profiles map[string]ast.Node
	clear    bool // a secret is written down in it
}

// file reads the file of the sources, if there is one.
func (l *loader) file(s Sources) {
	path := cmp.Or(s.Path, l.env[prefix+"CONFIG"])
	asked := path != ""
	if !asked {
		path = existing(l.env)
	}
	if path == "" {
		return
	}
	path = homePath(path)
	text, err := readFile(path)
	if err != nil {
		l.missing(path, asked, err)
		return
	}
	l.origins.File = path
	l.parse(path, text)
	l.permissions(path)
}

// parse reads the text of a file.
func (l *loader) parse(path string, text []byte) {
	l.doc = &document{path: path, lines: strings.Split(string(text), "\n"), profiles: make(map[string]ast.Node)}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		l.problems = append(l.problems, Problem{File: path, Text: "this is not a text file", Hint: "the configuration is YAML in UTF-8; streamscope config init writes one"})
		return
	}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		l.syntax(err)
		return
	}
	for i, doc := range parsed.Docs {
		if i > 0 && doc.Body != nil {
			l.problem(doc.Body, "", errors.New("there is a second document behind ---; keep one"))
			break
		}
		if doc.Body != nil && doc.Body.Type() != ast.CommentType && doc.Body.Type() != ast.NullType {
			l.section(doc.Body, "", l.fileOrigin)
		}
	}
	l.endLayer()
	l.checkProfiles()
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("it is larger than %v", Size(maxFile))
	}
	return os.ReadFile(path)
}

func (l *loader) missing(path string, asked bool, err error) {
	p := Problem{File: path, Text: "the configuration file cannot be read: " + plainCause(err)}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Text = "there is no such configuration file"
		p.Hint = "check --config and STREAMSCOPE_CONFIG; streamscope config paths shows where it is looked for"
	case errors.Is(err, fs.ErrPermission):
		p.Hint = "make it readable for you: chmod 600 " + path
	default:
		p.Hint = "name a YAML file with --config, or leave it out; streamscope config paths shows where it is looked for"
	}
	if !asked && errors.Is(err, fs.ErrNotExist) {
		return // gone between the look and the reading
	}
	l.problems = append(l.problems, p)
}

func plainCause(err error) string {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	return err.Error()
}

func (l *loader) syntax(err error) {
	p := Problem{File: l.doc.path, Text: "this is not YAML"}
	if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
		p.Text += ": " + wire.Clean(syntax.GetMessage())
		if tk := syntax.GetToken(); tk != nil && tk.Position != nil {
			p.Line, p.Column = tk.Position.Line, tk.Position.Column
			p.Excerpt = l.doc.excerpt(p.Line, p.Column)
		}
	}
	switch {
	case strings.Contains(p.Text, "already defined"):
		p.Hint = "a key stands once in its section: make one of both"
	case p.Line > 0 && p.Line <= len(l.doc.lines) && strings.Contains(l.doc.lines[p.Line-1], "\t"):
		p.Hint = "indent with spaces, not tabs"
	}
	l.problems = append(l.problems, p)
}

func (l *loader) fileOrigin(line int) Origin {
	return Origin{Kind: FromFile, File: l.doc.path, Line: line}
}

// section reads a mapping whose keys are those below path.
func (l *loader) section(node ast.Node, path string, origin func(line int) Origin) {
	entries, ok := mapping(node)
	if !ok {
		l.problem(node, path, fmt.Errorf("there should be keys below, not %s", nodeKind(node)))
		return
	}
	known := children(path)
	for _, entry := range entries {
		name := entry.Key.GetToken().Value
		full := strings.TrimPrefix(path+"."+name, ".")
		line := entry.Key.GetToken().Position.Line
		switch {
		case full == "profiles":
			l.collectProfiles(entry.Value)
		case !slices.Contains(known, name):
			l.problem(entry.Key, path, unknownKey(name, path, known))
		case l.isKey(full):
			l.setNode(l.byPath(full), entry.Value, origin(line))
		case entry.Value.Type() == ast.NullType: // a section with everything commented out
		default:
			l.section(entry.Value, full, origin)
		}
	}
}

func (l *loader) isKey(path string) bool {
	return slices.ContainsFunc(l.keys, func(k Key) bool { return k.Path == path })
}

// children are the names that may stand below a section.
func children(path string) []string {
	var names []string
	if path == "" {
		names = append(names, "profiles")
	}
	walk(reflect.TypeFor[Config](), "", nil, func(full string, f reflect.StructField, _ []int) {
		if parent := strings.TrimSuffix(strings.TrimSuffix(full, f.Tag.Get("yaml")), "."); parent == path {
			names = append(names, f.Tag.Get("yaml"))
		}
	})
	return names
}

func unknownKey(name, path string, known []string) error {
	text := fmt.Sprintf("unknown key %q", wire.Clean(name))
	if word, ok := nearest(name, known); ok {
		return &hintedError{text, fmt.Sprintf("did you mean %q?", word)}
	}
	for _, k := range Keys() { // the right name in the wrong place
		if parent, leaf, _ := cutLast(k.Path); leaf == name && parent != path {
			return &hintedError{text, "it belongs under " + parent}
		}
	}
	return &hintedError{text, "there are " + strings.Join(known, ", ")}
}

func cutLast(path string) (parent, leaf string, ok bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func (l *loader) collectProfiles(node ast.Node) {
	if node.Type() == ast.NullType {
		return
	}
	entries, ok := mapping(node)
	if !ok {
		l.problem(node, "profiles", fmt.Errorf("there should be names of profiles below, not %s", nodeKind(node)))
		return
	}
	for _, entry := range entries {
		l.doc.profiles[entry.Key.GetToken().Value] = entry.Value
	}
	l.origins.Profiles = slices.Sorted(maps.Keys(l.doc.profiles))
}

// checkProfiles reads every profile into a copy, so that a mistake in one shows
// before it is needed.
func (l *loader) checkProfiles() {
	for _, name := range l.origins.Profiles {
		trial := &loader{cfg: Default(), keys: l.keys, doc: l.doc, origins: Origins{of: map[string]Origin{}}, touched: map[string]bool{}}
		trial.applyProfile(name)
		l.problems = append(l.problems, trial.problems...)
	}
}

func (l *loader) applyProfile(name string) {
	node := l.doc.profiles[name]
	if node.Type() == ast.NullType {
		return
	}
	if entries, ok := mapping(node); ok {
		for _, entry := range entries {
			if key := entry.Key.GetToken().Value; key == "profiles" || key == "profile" {
				l.problem(entry.Key, "profiles."+name, fmt.Errorf("a profile cannot hold %q", key))
				return
			}
		}
	}
	l.section(node, "", func(line int) Origin {
		return Origin{Kind: FromProfile, Name: name, File: l.doc.path, Line: line}
	})
	l.endLayer()
}

// profile lays a profile over what is there. Its problems are known already.
func (l *loader) profile(name string) {
	if name == "" {
		return
	}
	if l.doc == nil || l.doc.profiles[name] == nil {
		p := Problem{File: cmp.Or(l.origins.File, "--profile"), Text: fmt.Sprintf("there is no profile %q", wire.Clean(name))}
		switch word, ok := nearest(name, l.origins.Profiles); {
		case ok:
			p.Hint = fmt.Sprintf("did you mean %q?", word)
		case len(l.origins.Profiles) > 0:
			p.Hint = "there are " + wire.Clean(strings.Join(l.origins.Profiles, ", "))
		default:
			p.Hint = "add it under profiles in the configuration file; streamscope config paths shows where that is"
		}
		l.problems = append(l.problems, p)
		return
	}
	before := len(l.problems)
	l.applyProfile(name)
	l.problems = l.problems[:before]
	l.cfg.Profile, l.origins.Profile = name, name
}

// problem is about a place in the file.
func (l *loader) problem(node ast.Node, key string, err error) {
	p := hinted(Problem{File: l.doc.path, Key: key}, err)
	if at := node.GetToken(); at != nil && at.Position != nil {
		p.Line, p.Column = at.Position.Line, at.Position.Column
		p.Excerpt = l.doc.excerpt(p.Line, p.Column)
	}
	l.problems = append(l.problems, p)
}
