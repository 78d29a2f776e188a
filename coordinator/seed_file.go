package coordinator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"streamscope/internal/wire"
)

// maxSeed bounds a seed file.
const maxSeed = 16 << 20

// LoadSeed reads the users and calls to begin with, in YAML or JSON:
//
//	users:
//	- {id: sara, name: Sara, role: admin, custom: {team: red}}
//	- id: jack
//	calls:
//	- cid: default:standup
//	  created_by: sara
//	  members: [sara, {user_id: jack, role: host}]
//	  settings: {ring: {missed_call_timeout_ms: 30000}}
//
// It is strict: the error joins a [SeedError] for every mistake.
func LoadSeed(r io.Reader) (Seed, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSeed+1))
	if err != nil {
		return Seed{}, fmt.Errorf("coordinator: seed: %w", err)
	}
	if len(data) > maxSeed {
		return Seed{}, fmt.Errorf("coordinator: seed: more than %d bytes", maxSeed)
	}
	// JSON may be indented with tabs, which YAML forbids. In JSON none of them
	// can stand in a text.
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '{' {
		data = bytes.ReplaceAll(data, []byte("\t"), []byte(" "))
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return Seed{}, syntaxError(err)
	}
	f := &seedFile{users: make(map[string]bool), calls: make(map[string]bool)}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return Seed{}, &SeedError{1, 1, "the file is empty", "users and calls"}
	}
	f.read(tree.Docs[0].Body)
	if len(f.problems) > 0 {
		return Seed{}, errors.Join(f.problems...)
	}
	return f.seed, nil
}

// syntaxError gives a mistake of YAML itself the form of the others.
func syntaxError(err error) error {
	if wrong, ok := errors.AsType[yaml.Error](err); ok && wrong.GetToken() != nil {
		at := wrong.GetToken().Position
		return &SeedError{at.Line, at.Column, "not YAML: " + wire.Clean(wrong.GetMessage()), ""}
	}
	return &SeedError{1, 1, "not YAML: " + wire.Clean(err.Error()), ""}
}

// seedFile is a seed that is being read, and what is wrong with it.
type seedFile struct {
	seed     Seed
	users    map[string]bool
	calls    map[string]bool
	problems []error
}

func (f *seedFile) fail(n ast.Node, problem, expected string) {
	e := &SeedError{1, 1, wire.Clean(problem), expected}
	switch m := n.(type) { // the token of a mapping is its colon: its first key is where it begins
	case *ast.MappingNode:
		if len(m.Values) > 0 {
			n = m.Values[0].Key
		}
	case *ast.MappingValueNode:
		n = m.Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	f.problems = append(f.problems, e)
}

// read takes the users first, because calls name them, whatever their order in
// the file.
func (f *seedFile) read(n ast.Node) {
	parts := map[string]ast.Node{}
	f.members(n, "the file", "users and calls", func(key string, v ast.Node) bool {
		parts[key] = v
		return key == "users" || key == "calls"
	})
	f.list(parts["users"], f.user)
	f.list(parts["calls"], f.call)
	if len(f.seed.Users) > defaultMaxUsers {
		f.fail(parts["users"], fmt.Sprintf("%d users", len(f.seed.Users)), fmt.Sprintf("at most %d", defaultMaxUsers))
	}
	if len(f.seed.Calls) > defaultMaxCalls {
		f.fail(parts["calls"], fmt.Sprintf("%d calls", len(f.seed.Calls)), fmt.Sprintf("at most %d", defaultMaxCalls))
	}
}

func (f *seedFile) user(n ast.Node) {
	var d wire.UserDetails
	f.members(n, "a user", "id, name, image, role and custom", func(key string, v ast.Node) bool {
		switch key {
		case "id":
			d.ID = f.text(v)
		case "name":
			d.Name = f.text(v)
		case "image":
			d.Image = f.text(v)
		case "role":
			d.Role = f.text(v)
		case "custom":
			d.Custom = f.object(v)
		default:
			return false
		}
		return true
	})
	if fail := checkUser("seed", d); fail != nil {
		f.fail(n, fail.Message, "a user with an id")
		return
	}
	if f.users[d.ID] {
		f.fail(n, fmt.Sprintf("there is a user %q already", d.ID), "")
	}
	f.users[d.ID] = true
	f.seed.Users = append(f.seed.Users, d)
}

func (f *seedFile) call(n ast.Node) {
	c := SeedCall{Type: "default"}
	at := map[string]ast.Node{}
	f.members(n, "a call", "cid, type, id, created_by, members, custom, settings, starts_at and team", func(key string, v ast.Node) bool {
		at[key] = v
		switch key {
		case "cid":
			var ok bool
			if c.Type, c.ID, ok = wire.SplitCID(f.text(v)); !ok {
				f.fail(v, "not the cid of a call", "type:id")
			}
		case "type":
			c.Type = f.text(v)
		case "id":
			c.ID = f.text(v)
		case "created_by":
			c.CreatedBy = f.known(v, f.text(v))
		case "members":
			f.list(v, func(m ast.Node) { c.Members = append(c.Members, f.member(m)) })
		case "custom":
			c.Custom = f.object(v)
		case "settings":
			c.Settings = f.json(v)
		case "starts_at":
			c.StartsAt = f.instant(v)
		case "team":
			c.Team = f.text(v)
		default:
			return false
		}
		return true
	})
	f.checkCall(n, at, c)
	f.seed.Calls = append(f.seed.Calls, c)
}

// checkCall finds what a member by itself does not show.
func (f *seedFile) checkCall(n ast.Node, at map[string]ast.Node, c SeedCall) {
	cid := c.Type + ":" + c.ID
	switch {
	case at["cid"] != nil && (at["type"] != nil || at["id"] != nil):
		f.fail(n, "a call has a cid or a type and an id, not both", "")
	case at["cid"] == nil && at["id"] == nil:
		f.fail(n, "a call has no id", "cid, or type and id")
	case f.calls[cid]:
		f.fail(n, fmt.Sprintf("there is a call %q already", cid), "")
	case len(f.seed.Users) == 0:
		f.fail(n, "a call needs a user who made it", "users")
	}
	f.calls[cid] = true
	fail := cmp.Or(checkID("seed", "call id", c.ID), checkID("seed", "call type", c.Type), checkSize("seed", c.Custom, c.Settings, c.Team))
	if fail != nil && c.ID != "" {
		f.fail(n, fail.Message, "")
	}
	if strings.Contains(c.Type, ":") {
		f.fail(n, "a call type has no colon", "")
	}
	if len(c.Members) > maxMembers {
		f.fail(at["members"], fmt.Sprintf("a call is made with at most %d members", maxMembers), "")
	}
	if _, err := mergeSettings(new(Server).defaultSettings(), c.Settings); err != nil {
		f.fail(at["settings"], strings.ReplaceAll(err.Error(), "settings_override", "settings"), "the settings of a call")
	}
}

// member is a user id, or an object with one.
func (f *seedFile) member(n ast.Node) wire.MemberRequest {
	var m wire.MemberRequest
	if _, isObject := n.(ast.MapNode); !isObject {
		m.UserID = f.known(n, f.text(n))
		return m
	}
	f.members(n, "a member", "user_id, role and custom", func(key string, v ast.Node) bool {
		switch key {
		case "user_id":
			m.UserID = f.known(v, f.text(v))
		case "role":
			m.Role = f.text(v)
		case "custom":
			m.Custom = f.object(v)
		default:
			return false
		}
		return true
	})
	if m.UserID == "" {
		f.fail(n, "a member has no user_id", "user_id")
	}
	return m
}

// known holds a name against the users of the file.
func (f *seedFile) known(n ast.Node, userID string) string {
	if !f.users[userID] {
		f.fail(n, fmt.Sprintf("there is no user %q", userID), "one of users")
	}
	return userID
}

// members hands each member of an object on; what take does not want is a
// mistake.
func (f *seedFile) members(n ast.Node, what, expected string, take func(key string, v ast.Node) bool) {
	object, ok := n.(ast.MapNode)
	if !ok {
		f.fail(n, what+" is not an object", expected)
		return
	}
	for pairs := object.MapRange(); pairs.Next(); {
		if key := pairs.Key().GetToken().Value; !take(key, pairs.Value()) {
			f.fail(pairs.Key(), fmt.Sprintf("%s has no %q", what, key), expected)
		}
	}
}

func (f *seedFile) list(n ast.Node, take func(ast.Node)) {
	if n == nil {
		return
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		f.fail(n, "not a list", "a list")
		return
	}
	for v := range slices.Values(seq.Values) {
		take(v)
	}
}

// text takes numbers too: an id may look like one.
func (f *seedFile) text(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode:
		return n.GetToken().Value
	}
	f.fail(n, "not a text", "a text")
	return ""
}

func (f *seedFile) instant(n ast.Node) time.Time {
	t, err := time.Parse(time.RFC3339Nano, f.text(n))
	if err != nil {
		f.fail(n, "not an instant", "one such as 2030-01-02T15:04:05Z")
	}
	return t
}

func (f *seedFile) json(n ast.Node) json.RawMessage {
	var v map[string]any
	if err := yaml.NodeToValue(n, &v); err != nil {
		f.fail(n, "not an object", "an object")
		return nil
	}
	// A map with keys of text, which YAML has here, is JSON.
	text, err := json.Marshal(v)
	if err != nil {
		f.fail(n, "holds what JSON cannot", "an object as in JSON")
	}
	return text
}

// object goes by way of JSON, so that values have the types they would have had
// over the wire.
func (f *seedFile) object(n ast.Node) map[string]any {
	text := f.json(n)
	if text == nil {
		return nil
	}
	v, err := wire.Decode[map[string]any](text)
	if err != nil {
		f.fail(n, "holds what JSON cannot", "an object as in JSON")
	}
	return v
}
