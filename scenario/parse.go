package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"streamscope/internal/fault"
)

// maxFile bounds a scenario file; real ones are a few kilobytes.
const maxFile = 1 << 20

// SyntaxError is one mistake in a scenario file: where it is, what is wrong and
// what was expected.
type SyntaxError struct {
	File         string
	Line, Column int
	Problem      string
	Expected     string
}

// Error implements error, in the form that editors jump to.
func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", cmp.Or(e.File, "scenario"), e.Line, e.Column, e.Problem)
	if e.Expected != "" {
		s += "; expected " + e.Expected
	}
	return s
}

// Load reads a file, or every *.yaml and *.yml file of a folder in the order of
// their names. All mistakes of all files are reported together.
func Load(path string) ([]Scenario, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = scenarioFiles(path); err != nil {
			return nil, err
		}
	}
	var (
		all      []Scenario
		problems []error
	)
	for _, file := range files {
		s, err := loadFile(file)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		all = append(all, s)
	}
	return all, errors.Join(problems...)
}

func scenarioFiles(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := filepath.Ext(path); !d.IsDir() && (ext == ".yaml" || ext == ".yml") {
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("scenario: no .yaml file in %s", dir)
	}
	return files, err
}

func loadFile(path string) (Scenario, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	if info.Size() > maxFile {
		return Scenario{}, fmt.Errorf("scenario: %s has %d bytes; a scenario has at most %d", path, info.Size(), maxFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Scenario{}, fmt.Errorf("scenario: %w", err)
	}
	return Parse(path, data)
}

// Parse reads one scenario. The error joins a [SyntaxError] for every mistake.
func Parse(file string, data []byte) (Scenario, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return Scenario{}, fmt.Errorf("%s: not YAML: %w", file, err)
	}
	p := &reader{file: file}
	s := Scenario{File: file, Name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return s, &SyntaxError{File: file, Line: 1, Column: 1, Problem: "the file is empty", Expected: "users and steps"}
	}
	p.scenario(tree.Docs[0].Body, &s)
	if len(p.problems) == 0 {
		p.check(tree.Docs[0].Body, s)
	}
	return s, errors.Join(p.problems...)
}

// reader collects the mistakes of one file.
type reader struct {
	file     string
	problems []error
}

func (p *reader) fail(n ast.Node, problem, expected string) {
	pos := &token.Position{Line: 1, Column: 1}
	switch m := n.(type) { // the token of a mapping is its colon: its first key is where it begins
	case *ast.MappingNode:
		if len(m.Values) > 0 {
			n = m.Values[0].Key
		}
	case *ast.MappingValueNode:
		n = m.Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		pos = t.Position
	}
	p.problems = append(p.problems, &SyntaxError{File: p.file, Line: pos.Line, Column: pos.Column, Problem: problem, Expected: expected})
}

func (p *reader) scenario(n ast.Node, s *Scenario) {
	known := []string{"name", "title", "description", "seed", "users", "steps"}
	p.each(n, "a scenario", known, func(key string, v ast.Node) {
		switch key {
		case "name":
			s.Name = p.text(v)
		case "title":
			s.Title = p.text(v)
		case "description":
			s.Description = strings.TrimSpace(p.text(v))
		case "seed":
			s.Seed = p.number(v)
		case "users":
			p.list(v, "users", func(n ast.Node) { s.Users = append(s.Users, p.user(n)) })
		case "steps":
			p.list(v, "steps", func(n ast.Node) { s.Steps = append(s.Steps, p.step(n)) })
		}
	})
}

func (p *reader) user(n ast.Node) User {
	if _, ok := n.(*ast.MappingNode); !ok && scalar(n) {
		return User{ID: p.text(n), Token: "provider"}
	}
	u := User{Token: "provider"}
	known := []string{
		"id", "token", "token_ttl", "reject_call_when_busy", "policy", "max_connect_user_retries", "connect_timeout", "watchdog",
		"persist_user_on_connection_failure",
	}
	p.each(n, "a user", known, func(key string, v ast.Node) {
		switch key {
		case "id":
			u.ID = p.text(v)
		case "token":
			u.Token = p.word(v, "provider", "static")
		case "token_ttl":
			u.TokenTTL = p.duration(v)
		case "reject_call_when_busy":
			u.RejectWhenBusy = p.boolean(v)
		case "policy":
			u.Policy = p.word(v, "sdk", "steady")
		case "max_connect_user_retries":
			u.MaxConnectRetries = int(p.number(v))
		case "connect_timeout":
			u.ConnectTimeout = p.duration(v)
		case "watchdog":
			u.UnluckyWatchdog = p.word(v, "lucky", "unlucky") == "unlucky"
		case "persist_user_on_connection_failure":
			u.ForgetUserOnFailure = !p.boolean(v)
		}
	})
	if u.ID == "" {
		p.fail(n, "a user without an id", "id: sara")
	}
	return u
}

// step reads a mapping that has exactly one verb among its keys.
func (p *reader) step(n ast.Node) Step {
	if scalar(n) { // `- clear` stands for `- clear: faults`
		return p.verb(Step{}, n, p.text(n), nil)
	}
	var step Step
	var verb, rest []*ast.MappingValueNode
	for _, pair := range p.pairs(n, "a step") {
		if _, ok := verbInfo(keyOf(pair)); ok {
			verb = append(verb, pair)
			continue
		}
		rest = append(rest, pair)
	}
	if len(verb) == 0 && len(rest) > 0 {
		p.fail(n, fmt.Sprintf("unknown step %q", keyOf(rest[0])), "one of "+verbList())
		return step
	}
	if len(verb) != 1 {
		p.fail(n, fmt.Sprintf("a step with %d verbs", len(verb)), "exactly one of "+verbList())
		return step
	}
	step = p.verb(step, verb[0].Key, keyOf(verb[0]), verb[0].Value)
	info, _ := verbInfo(keyOf(verb[0]))
	for _, pair := range rest {
		p.option(&step, info, pair)
	}
	return step
}

func (p *reader) verb(step Step, at ast.Node, name string, v ast.Node) Step {
	info, ok := verbInfo(name)
	if !ok {
		p.fail(at, fmt.Sprintf("unknown step %q", name), "one of "+verbList())
		return step
	}
	step.Verb = info.Verb
	if t := at.GetToken(); t != nil && t.Position != nil {
		step.Line, step.Column = t.Position.Line, t.Position.Column
	}
	if _, null := v.(*ast.NullNode); v == nil || null {
		return step
	}
	switch step.Verb {
	case ArmFault:
		f, err := fault.Parse(p.text(v))
		if err != nil {
			p.fail(v, err.Error(), "")
		}
		step.Fault = f
	case Wait:
		step.Wait = p.duration(v)
	case RingUsers:
		step.Ring = p.ring(v)
	case Connect, Disconnect, Reconnect, GoOffline, GoOnline:
		step.User = p.text(v)
	case Token:
		step.Target = p.word(v, "refresh")
	default:
		step.Target = p.text(v)
	}
	return step
}

func (p *reader) option(step *Step, info VerbInfo, pair *ast.MappingValueNode) {
	key := keyOf(pair)
	if !slices.Contains(info.Takes, key) {
		expected := "no further keys"
		if len(info.Takes) > 0 {
			expected = "one of " + strings.Join(info.Takes, ", ")
		}
		p.fail(pair.Key, fmt.Sprintf("%q does not take %q", info.Verb, key), expected)
		return
	}
	switch key {
	case "user":
		step.User = p.text(pair.Value)
	case "within":
		step.Within = p.duration(pair.Value)
	case "absent":
		step.Absent = p.boolean(pair.Value)
	case "reason":
		step.Reason = p.text(pair.Value)
	case "status":
		step.Status = int(p.number(pair.Value))
	case "count":
		step.Count = int(p.number(pair.Value))
	}
}

func (p *reader) ring(n ast.Node) Ring {
	var r Ring
	p.each(n, "ring", []string{"from", "to", "call"}, func(key string, v ast.Node) {
		switch key {
		case "from":
			r.From = p.text(v)
		case "call":
			r.CID = p.text(v)
		case "to":
			if scalar(v) {
				r.To = []string{p.text(v)}
				return
			}
			p.list(v, "to", func(n ast.Node) { r.To = append(r.To, p.text(n)) })
		}
	})
	if r.From == "" || len(r.To) == 0 {
		p.fail(n, "a ring without from or to", "ring: {from: jack, to: [sara]}")
	}
	return r
}
