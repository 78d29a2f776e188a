package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// setNode sets a key from the file.
func (l *loader) setNode(k Key, node ast.Node, from Origin) {
	if node.Type() == ast.NullType {
		return // the name alone: the value below it holds
	}
	before := len(l.problems)
	v := k.value(&l.cfg)
	l.decode(k, k.Path, node, v, from)
	if len(l.problems) > before {
		return
	}
	if err := k.check(v); err != nil {
		l.problem(node, k.Path, err)
		return
	}
	if k.Secret && slices.ContainsFunc(secrets(v), Secret.Clear) {
		l.doc.clear = true
		if from.Kind == FromProfile {
			l.problem(node, k.Path, &hintedError{"a profile does not hold secrets in clear", "write env:NAME, file:PATH or cmd:COMMAND"})
		}
	}
	l.origins.of[k.Path] = from
	l.touched[k.Path] = true
}

// secrets are those that a key holds: one, or one a name.
func secrets(v reflect.Value) []Secret {
	if v.Kind() == reflect.String {
		return []Secret{Secret(v.String())}
	}
	var all []Secret
	for _, name := range mapNames(v) {
		all = append(all, Secret(v.MapIndex(reflect.ValueOf(name)).String()))
	}
	return all
}

func (l *loader) decode(k Key, path string, node ast.Node, v reflect.Value, from Origin) {
	switch {
	case v.Type() == typeCustom:
		l.decodeCustom(path, node, v)
	case v.Kind() == reflect.Map:
		l.decodeMap(k, path, node, v, from)
	case v.Kind() == reflect.Slice:
		l.decodeList(path, node, v)
	default:
		text, err := scalar(node, v.Type())
		if err == nil {
			err = setText(v, text)
		}
		if err != nil {
			l.problem(node, path, hideScalar(k, err))
		}
	}
}

func hideScalar(k Key, err error) error {
	if k.Secret {
		return errors.New("there should be a text")
	}
	return err
}

func (l *loader) decodeCustom(path string, node ast.Node, v reflect.Value) {
	custom := map[string]any{}
	if _, ok := mapping(node); !ok || yaml.NodeToValue(node, &custom) != nil {
		l.problem(node, path, fmt.Errorf("there should be an object, not %s", nodeKind(node)))
		return
	}
	v.SetZero()
	if len(custom) > 0 {
		v.Set(reflect.ValueOf(custom))
	}
}

// decodeMap adds the entries to those of the layers below.
func (l *loader) decodeMap(k Key, path string, node ast.Node, v reflect.Value, from Origin) {
	entries, ok := mapping(node)
	if !ok {
		l.problem(node, path, fmt.Errorf("there should be names with values below, not %s", nodeKind(node)))
		return
	}
	for _, entry := range entries {
		name := entry.Key.GetToken().Value
		element := reflect.New(v.Type().Elem()).Elem()
		l.decode(k, path+"."+name, entry.Value, element, from)
		put(v, name, element)
		at := from
		at.Line = entry.Key.GetToken().Position.Line
		l.origins.of[path+"."+name] = at
	}
}

// decodeList reads a list of texts; one text alone is a list of one.
func (l *loader) decodeList(path string, node ast.Node, v reflect.Value) {
	items := []ast.Node{node}
	if sequence, ok := node.(*ast.SequenceNode); ok {
		items = sequence.Values
	}
	texts := make([]string, 0, len(items))
	for _, item := range items {
		text, err := scalar(item, reflect.TypeFor[string]())
		if err != nil {
			l.problem(item, path, err)
			return
		}
		texts = append(texts, text)
	}
	v.Set(reflect.ValueOf(texts))
}

// scalar returns the text of a value, if it is of the kind that the type wants.
func scalar(node ast.Node, want reflect.Type) (string, error) {
	raw := node.GetToken().Value
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode:
		if want.Kind() == reflect.String {
			return "", &hintedError{"there should be a text, not a number", fmt.Sprintf("put it in quotes: %q", raw)}
		}
		return raw, nil
	case *ast.BoolNode:
		switch {
		case want.Kind() == reflect.Bool:
			return raw, nil
		case want == typeLevel && raw == "off":
			return raw, nil
		}
		return "", &hintedError{"there should be a text, not true or false", fmt.Sprintf("put it in quotes: %q", raw)}
	case *ast.AnchorNode:
		return scalar(n.Value, want)
	}
	return "", fmt.Errorf("there should be one value, not %s", nodeKind(node))
}

func mapping(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	case *ast.AnchorNode:
		return mapping(n.Value)
	}
	return nil, false
}

func nodeKind(node ast.Node) string {
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "an object"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AliasNode, *ast.MergeKeyNode:
		return "an alias, which this file does not support"
	case *ast.NullNode:
		return "nothing"
	case *ast.IntegerNode, *ast.FloatNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	}
	return "a text"
}
