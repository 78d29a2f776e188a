package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

func (p *reader) pairs(n ast.Node, what string) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	p.fail(n, what+" is not a mapping", "key: value")
	return nil
}

func (p *reader) each(n ast.Node, what string, known []string, do func(string, ast.Node)) {
	for _, pair := range p.pairs(n, what) {
		key := keyOf(pair)
		if !slices.Contains(known, key) {
			p.fail(pair.Key, fmt.Sprintf("%s has no %q", what, key), "one of "+strings.Join(known, ", "))
			continue
		}
		do(key, pair.Value)
	}
}

func (p *reader) list(n ast.Node, what string, do func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		p.fail(n, what+" is not a list", "lines that start with -")
		return
	}
	for _, v := range seq.Values {
		do(v)
	}
}

func (p *reader) text(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.NullNode:
		return ""
	}
	if !scalar(n) {
		p.fail(n, "not a text", "a text")
		return ""
	}
	return n.GetToken().Value
}

func (p *reader) word(n ast.Node, allowed ...string) string {
	s := p.text(n)
	if !slices.Contains(allowed, s) {
		p.fail(n, fmt.Sprintf("%q", s), strings.Join(allowed, " or "))
	}
	return s
}

func (p *reader) number(n ast.Node) uint64 {
	v, err := strconv.ParseUint(p.text(n), 10, 63)
	if err != nil {
		p.fail(n, fmt.Sprintf("%q is not a number", p.text(n)), "a whole number from 0")
	}
	return v
}

func (p *reader) boolean(n ast.Node) bool {
	if b, ok := n.(*ast.BoolNode); ok {
		return b.Value
	}
	p.fail(n, fmt.Sprintf("%q", p.text(n)), "true or false")
	return false
}

func (p *reader) duration(n ast.Node) time.Duration {
	d, err := time.ParseDuration(p.text(n))
	if err != nil || d < 0 {
		p.fail(n, fmt.Sprintf("%q is not a duration", p.text(n)), "a duration such as 250ms, 5s or 1m30s")
	}
	return d
}

func keyOf(pair *ast.MappingValueNode) string { return pair.Key.GetToken().Value }

func scalar(n ast.Node) bool {
	_, ok := n.(ast.ScalarNode)
	return ok
}

func verbInfo(name string) (VerbInfo, bool) {
	for _, v := range Verbs() {
		if string(v.Verb) == name {
			return v, true
		}
	}
	return VerbInfo{}, false
}

func verbList() string {
	var names []string
	for _, v := range Verbs() {
		names = append(names, string(v.Verb))
	}
	return strings.Join(names, ", ")
}
