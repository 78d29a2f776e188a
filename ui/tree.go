package ui

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// treeLimit is how many values of a frame the tree has; what is beyond them is
// in the raw view.
const treeLimit = 50_000

// treeDepth is how deep a frame may be nested to be shown as a tree.
const treeDepth = 100

// node is a value of a JSON text. The nodes of a tree are in the order of the
// text, each before what is in it.
type node struct {
	key      string // of a member; empty for the whole and for items
	index    int    // of an item; -1 for members and the whole
	open     byte   // { or [ for what holds others, else 0
	from, to int    // where it is in the text
	parent   int    // -1 for the whole
	depth    int
	kids     int // values directly in it
	end      int // the node after the last one in it
	folded   bool
}

// tree is a JSON text to walk through: what is selected, and what is folded.
type tree struct {
	body  []byte
	nodes []node
	sel   int
	more  bool // there are more values than treeLimit
}

// parseTree reads a JSON text; false when it is none.
func parseTree(body []byte) (*tree, bool) {
	t := &tree{body: body}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if !t.value(dec, node{index: -1, parent: -1}) {
		return nil, false
	}
	if _, err := dec.Token(); err == nil {
		return nil, false // more than one value
	}
	return t, true
}

// value reads the next value into the tree, with all that is in it.
func (t *tree) value(dec *json.Decoder, n node) bool {
	n.from = valueStart(t.body, int(dec.InputOffset()))
	tok, err := dec.Token()
	if err != nil || n.depth > treeDepth {
		return false
	}
	at := len(t.nodes)
	if at >= treeLimit {
		t.more = true
	}
	d, holds := tok.(json.Delim)
	if holds {
		n.open = byte(d)
	}
	if !t.more {
		t.nodes = append(t.nodes, n)
	}
	kids := 0
	for holds && dec.More() {
		kid := node{index: -1, parent: at, depth: n.depth + 1}
		if n.open == '{' {
			key, err := dec.Token()
			if err != nil {
				return false
			}
			kid.key, _ = key.(string)
		} else {
			kid.index = kids
		}
		if !t.value(dec, kid) {
			return false
		}
		kids++
	}
	if holds {
		if _, err := dec.Token(); err != nil {
			return false
		}
	}
	if at < len(t.nodes) {
		t.nodes[at].kids, t.nodes[at].to, t.nodes[at].end = kids, int(dec.InputOffset()), len(t.nodes)
	}
	return true
}

// valueStart passes over what stands between two values.
func valueStart(body []byte, at int) int {
	for at < len(body) && strings.IndexByte(" \t\r\n,:", body[at]) >= 0 {
		at++
	}
	return at
}

// shown are the nodes that are not inside of a folded one.
func (t *tree) shown() []int {
	var out []int
	for i := 0; i < len(t.nodes); {
		out = append(out, i)
		if t.nodes[i].folded {
			i = t.nodes[i].end
			continue
		}
		i++
	}
	return out
}

// toggle folds or unfolds the selected value; a value that holds none folds
// what it is in.
func (t *tree) toggle() {
	n := &t.nodes[t.sel]
	if n.kids == 0 {
		if n.parent >= 0 {
			t.sel = n.parent
			t.nodes[t.sel].folded = true
		}
		return
	}
	n.folded = !n.folded
}

// fold folds the selected value, or goes to what it is in; unfold is the way
// back.
func (t *tree) fold() {
	n := &t.nodes[t.sel]
	switch {
	case n.kids > 0 && !n.folded:
		n.folded = true
	case n.parent >= 0:
		t.sel = n.parent
	}
}

func (t *tree) unfold() {
	n := &t.nodes[t.sel]
	switch {
	case n.folded:
		n.folded = false
	case n.kids > 0:
		t.sel++
	}
}

// foldAll folds everything below the whole, or unfolds it.
func (t *tree) foldAll(on bool) {
	for i := range t.nodes {
		t.nodes[i].folded = on && i > 0 && t.nodes[i].kids > 0
	}
	for on && t.nodes[t.sel].depth > 1 {
		t.sel = t.nodes[t.sel].parent
	}
}

// path names the place of a node as jq does: .call.members[0].user_id.
func (t *tree) path(i int) string {
	n := t.nodes[i]
	if n.parent < 0 {
		return "."
	}
	head := t.path(n.parent)
	switch {
	case n.index >= 0:
		return head + "[" + strconv.Itoa(n.index) + "]"
	case head == ".":
		head = ""
	}
	if isName(n.key) {
		return head + "." + n.key
	}
	quoted, _ := json.Marshal(n.key)
	if head == "" {
		head = "."
	}
	return head + "[" + string(quoted) + "]"
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// raw is a value as it stands in the text.
func (t *tree) raw(i int) string { return string(t.body[t.nodes[i].from:t.nodes[i].to]) }

// value is what copying a node takes: a text without its quotes, everything
// else as it is written.
func (t *tree) plainValue(i int) string {
	raw := t.raw(i)
	var s string
	if strings.HasPrefix(raw, `"`) && json.Unmarshal([]byte(raw), &s) == nil {
		return s
	}
	return raw
}

// line draws a node.
func (t *tree) line(i int, g *glyphs) line {
	n := t.nodes[i]
	sign := " "
	if n.kids > 0 {
		sign = g.unfolded
		if n.folded {
			sign = g.folded
		}
	}
	l := line{{styleMuted, spaces(2*n.depth) + sign + " "}}
	switch {
	case n.index >= 0:
		l = l.add(styleMuted, strconv.Itoa(n.index)+": ")
	case n.parent >= 0:
		l = l.add(styleAccent, n.key).add(styleMuted, ": ")
	}
	if n.open == 0 {
		raw := t.raw(i)
		return l.add(scalarStyle(raw), raw)
	}
	what := plural(n.kids, "member")
	signs := "{}"
	if n.open == '[' {
		what, signs = plural(n.kids, "item"), "[]"
	}
	if n.kids == 0 {
		return l.add(styleMuted, signs)
	}
	l = l.add(styleMuted, signs[:1])
	if n.folded {
		l = l.add(styleMuted, g.ellipsis+signs[1:]+" ").add(styleMuted, what)
	}
	return l
}

func scalarStyle(raw string) style {
	switch {
	case raw == "true" || raw == "false" || raw == "null":
		return styleWarn
	case raw != "" && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'):
		return styleOK
	}
	return styleText
}
