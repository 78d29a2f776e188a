package ui

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
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

// KeyError is one thing that is wrong with a remap.
type KeyError struct {
	ID   string // the action whose keys are meant
	Text string
	Hint string
}

// Error implements error.
func (e *KeyError) Error() string { return "keys: " + e.ID + ": " + e.Text + "; " + e.Hint }

// CheckKeys reports what is wrong with a remap; nil when it can be used. What it
// returns is made of [*KeyError], sorted and joined.
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
	// without are the actions that the source has no use for, and why.
	without map[string]string
}

// deny takes actions out of the help and the footer, and has their keys say why
// they do nothing. It is for a keymap that is not in use yet.
func (km *keymap) deny(without map[string]string) *keymap {
	km.without = without
	for id, why := range without {
		if i, ok := km.byID[id]; ok {
			a := &km.actions[i]
			text := a.title + ": " + why
			a.run = func(m *Model) tea.Cmd {
				m.say(styleWarn, text)
				return nil
			}
		}
	}
	return km
}

// offers reports whether an action is of use here.
func (km *keymap) offers(a action) bool { return km.without[a.id] == "" }

func newKeymap(remap map[string][]string) (*keymap, error) {
	km := &keymap{actions: actionTable(), byID: map[string]int{}, byKey: map[string][]int{}}
	for i, a := range km.actions {
		km.byID[a.id] = i
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(remap)) {
		i, ok := km.byID[id]
		if !ok {
			errs = append(errs, &KeyError{id, "there is no such action", "streamscope config keys lists them"})
			continue
		}
		for _, k := range remap[id] {
			if hint, ok := checkKey(k); !ok {
				errs = append(errs, &KeyError{id, fmt.Sprintf("no key is called %q", k), hint})
			}
		}
		km.actions[i].keys = slices.Clone(remap[id])
	}
	for i, a := range km.actions {
		for _, k := range a.keys {
			for _, other := range km.byKey[k] {
				if o := km.actions[other]; o.where&a.where != 0 {
					errs = append(errs, clash(k, o.id, a.id, remap))
				}
			}
			km.byKey[k] = append(km.byKey[k], i)
		}
	}
	return km, errors.Join(errs...)
}

// clash is about the action that was given the key of another.
func clash(key, one, other string, remap map[string][]string) error {
	if _, given := remap[other]; !given {
		one, other = other, one
	}
	return &KeyError{other, fmt.Sprintf("%q is the key of %s already", key, one), "give one of them another key"}
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
	if len(a.keys) == 0 || !km.offers(a) {
		return ""
	}
	return a.keys[0]
}

// offer says what the key of an action does, between what stands around it: the
// command where it has no key, and nothing where the action is of no use.
func (km *keymap) offer(before, id, after string) string {
	a := km.get(id)
	switch {
	case a.id == "" || !km.offers(a):
		return ""
	case len(a.keys) == 0:
		return before + ":" + a.title + after
	}
	return before + a.keys[0] + after
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

// hints returns the keys of actions while a pane has the focus, for the footer.
func (km *keymap) hints(ids []string, p pane) []hint {
	var out []hint
	for _, id := range ids {
		a := km.get(id)
		if len(a.keys) == 0 || !km.offers(a) {
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
