package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// place bits say where a key is in force. The first ones are the panes.
type where uint32

const (
	inConnection where = 1 << paneConnection
	inToken      where = 1 << paneToken
	inCalls      where = 1 << paneCalls
	inTimeline   where = 1 << paneTimeline
	inLogs       where = 1 << paneLogs
	inScopes     where = 1 << paneScopes
	inDetail     where = 1 << (paneCount + iota - 6)
	inBench
	inConfirm
	inMenu

	inLists   = inTimeline | inLogs
	inLevels  = inLogs | inScopes
	inPanes   = inConnection | inToken | inCalls | inTimeline | inLogs | inScopes
	inReaders = inDetail | inBench
	anywhere  = inPanes | inReaders
)

var whereNames = []struct {
	is   where
	name string
}{
	{anywhere, "everywhere"}, {inPanes, "any pane"}, {inPanes | inReaders | inMenu, "everywhere"},
	{inLists, "timeline, logs"}, {inLevels, "logs, scopes"}, {inLists | inScopes, "lists"},
	{inScopes, "scopes"}, {inDetail, "reader"}, {inBench, "token bench"}, {inConfirm, "question"}, {inMenu, "menu"},
}

func (w where) String() string {
	for _, n := range whereNames {
		if n.is == w {
			return n.name
		}
	}
	var parts []string
	for p := range paneCount {
		if w&(1<<p) != 0 {
			parts = append(parts, strings.ToLower(p.String()))
		}
	}
	if w&inReaders != 0 {
		parts = append(parts, "reader")
	}
	return strings.Join(parts, ", ")
}

// KeyRow is one action as `config keys` and the README print it.
type KeyRow struct {
	ID    string
	Keys  []string
	Group string
	Where string
	Title string
	Help  string
}

// KeyTable returns every action with its keys after remap, in the order of the
// help. The error names the actions that want the same key, and every ID that
// does not exist.
func KeyTable(remap map[string][]string) ([]KeyRow, error) {
	km, err := newKeymap(remap)
	if err != nil {
		return nil, err
	}
	rows := make([]KeyRow, len(km.actions))
	for i, a := range km.actions {
		rows[i] = KeyRow{a.id, a.keys, a.group, a.where.String(), a.title, a.help}
	}
	return rows, nil
}

// CheckKeys reports what is wrong with a remap; nil when it can be used.
func CheckKeys(remap map[string][]string) error {
	_, err := newKeymap(remap)
	return err
}

// keymap is the table of actions with the keys that are in force. It is
// immutable after newKeymap.
type keymap struct {
	actions []action
	byID    map[string]int
	byKey   map[string][]int
}

func newKeymap(remap map[string][]string) (*keymap, error) {
	km := &keymap{actions: actionTable(), byID: map[string]int{}, byKey: map[string][]int{}}
	for i, a := range km.actions {
		km.byID[a.id] = i
	}
	var errs []error
	for id, keys := range remap {
		i, ok := km.byID[id]
		if !ok {
			errs = append(errs, fmt.Errorf("keys: there is no action %q; `streamscope config keys` lists them", id))
			continue
		}
		km.actions[i].keys = slices.Clone(keys)
	}
	for i, a := range km.actions {
		for _, k := range a.keys {
			for _, other := range km.byKey[k] {
				if o := km.actions[other]; o.where&a.where != 0 {
					errs = append(errs, fmt.Errorf("keys: %q is wanted by %s and by %s; give one of them another key", k, o.id, a.id))
				}
			}
			km.byKey[k] = append(km.byKey[k], i)
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return km, errors.Join(errs...)
}

// find returns the action that a key has in a place.
func (km *keymap) find(key string, at where) (action, bool) {
	for _, i := range km.byKey[key] {
		if a := km.actions[i]; a.where&at != 0 {
			return a, true
		}
	}
	return action{}, false
}

func (km *keymap) get(id string) action {
	if i, ok := km.byID[id]; ok {
		return km.actions[i]
	}
	return action{}
}

// key returns the first key of an action as it is written on the screen.
func (km *keymap) key(id string) string {
	a := km.get(id)
	if len(a.keys) == 0 {
		return ""
	}
	return a.keys[0]
}

// keyList is how the help writes all keys of an action.
func (a action) keyList() string { return strings.Join(a.keys, " ") }

// hint is a key and a word, as the footer shows them.
type hint struct{ key, word string }

// footerIDs are the actions that the footer names, most wanted first, for the
// pane that has the focus. What does not fit is in the help.
func footerIDs(p pane, recording bool) []string {
	common := []string{"connect", "disconnect", "reconnect", "bench", "faults", "busy", "ring"}
	tail := []string{"zoom", "help", "palette"}
	var own []string
	switch p {
	case paneConnection:
		own = []string{"open"}
	case paneToken:
		own = []string{"refresh", "open"}
	case paneCalls:
		own = []string{"accept", "decline", "leave"}
	case paneTimeline:
		own = []string{"open", "search", "filter", "follow", "error.next"}
	case paneLogs:
		own = []string{"level.trace", "search", "filter", "follow", "error.next"}
	case paneScopes:
		own = []string{"level.trace", "mute", "solo", "level.reset", "levels.restore"}
	}
	if recording {
		common = []string{"play", "step.next", "step.prev", "speed.up", "speed.down"}
		if p == paneToken || p == paneCalls {
			own = nil
		}
	}
	return slices.Concat(own, common, tail)
}

// hints returns the keys in force for the focused pane, for the footer.
func (km *keymap) hints(p pane, recording bool) []hint {
	var out []hint
	for _, id := range footerIDs(p, recording) {
		a := km.get(id)
		if len(a.keys) == 0 {
			continue
		}
		h := hint{a.keys[0], a.word(p)}
		if id == "level.trace" {
			h = hint{a.keys[0] + "-" + km.key("level.error"), "level"}
		}
		out = append(out, h)
	}
	return out
}
