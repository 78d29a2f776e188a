package logsink

import (
	"maps"
	"slices"
	"strings"
)

// ScopeState is what there is to say about one scope, for the list beside the lines.
type ScopeState struct {
	ScopeCount
	// Level is the level that decides for the scope, and Inherited whether it is
	// that of the default scope.
	Level     Level
	Inherited bool
	Muted     bool
	Soloed    bool
	// Seen reports whether there ever was a line of the scope. A scope that is
	// configured and was not seen is most likely a wrong name.
	Seen bool
	// Hint names the scope that was probably meant, for one that was not seen.
	Hint string
}

// Scopes returns the default scope, every scope that lines were seen of, in the
// order of their first line, and then the scopes that are configured, muted or
// soloed and were never seen.
func (v *View) Scopes() []ScopeState {
	counts := v.store.Scopes()
	known := map[string]bool{DefaultScope: true}
	out := []ScopeState{v.scope(ScopeCount{Name: DefaultScope})}
	for _, c := range counts {
		if c.Name == DefaultScope {
			out[0] = v.scope(c)
			continue
		}
		known[c.Name] = true
		out = append(out, v.scope(c))
	}
	add := func(name string) {
		if !known[name] {
			known[name] = true
			s := v.scope(ScopeCount{Name: name})
			s.Hint = likelyScope(name, counts)
			out = append(out, s)
		}
	}
	for _, name := range v.levels.Configured() {
		add(name)
	}
	for _, set := range []map[string]bool{v.muted, v.soloed} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			add(name)
		}
	}
	return out
}

func (v *View) scope(c ScopeCount) ScopeState {
	s := ScopeState{ScopeCount: c, Muted: v.muted[c.Name], Soloed: v.soloed[c.Name], Seen: c.Seen != [numLevels]uint64{}}
	s.Level, s.Inherited = v.levels.Effective(c.Name)
	return s
}

// likelyScope returns the scope that was seen whose name differs from name only in
// case, in signs, or by a word in front: the documentation of the JS client says
// event-dispatcher for Dispatcher (protocol.md section 8.2).
func likelyScope(name string, seen []ScopeCount) string {
	plain := plainName(name)
	if plain == "" {
		return ""
	}
	best := ""
	for _, c := range seen {
		switch p := plainName(c.Name); {
		case p == plain:
			return c.Name
		case best == "" && len(p) > 3 && (strings.HasSuffix(plain, p) || strings.HasSuffix(p, plain)):
			best = c.Name
		}
	}
	return best
}

func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}
