package logsink

import (
	"strings"
	"sync/atomic"
)

// maxNames limits the scopes, and the sessions, that a store tells apart. They are
// never forgotten, so there must be an end to them.
const maxNames = 4096

// overflowName is the name that lines get when there are too many names; the line
// itself then says which it was.
const overflowName = "(more)"

// names gives each distinct name a small number. The store's mu guards it, but for
// the published list, which is only ever appended to.
type names struct {
	index     map[string]uint16
	list      []string
	recent    [16]uint16 // by slot: what was looked up last
	published atomic.Pointer[[]string]
}

// of returns the number of a name, and whether the name had to be replaced by
// overflowName. Names are redacted like everything else.
func (n *names) of(name string) (id uint16, overflow bool) {
	recent := &n.recent[slot(name)]
	if int(*recent) < len(n.list) && n.list[*recent] == name {
		return *recent, false
	}
	if id, ok := n.index[name]; ok {
		*recent = id
		return id, false
	}
	name = Redact(name)
	if id, ok := n.index[name]; ok {
		return id, false
	}
	if len(n.list) >= maxNames && name != overflowName {
		id, _ = n.of(overflowName)
		return id, true
	}
	return n.add(strings.Clone(name)), false
}

// slot spreads names over the places of names.recent.
func slot(name string) int {
	if name == "" {
		return 0
	}
	return (len(name) + int(name[0])) % 16
}

func (n *names) add(name string) uint16 {
	if n.index == nil {
		n.index = map[string]uint16{}
	}
	id := uint16(len(n.list))
	n.index[name] = id
	n.list = append(n.list, name)
	published := n.list
	n.published.Store(&published)
	return id
}

// all returns the names by number; it needs no lock, and the result may be read
// while more are added.
func (n *names) all() []string {
	if p := n.published.Load(); p != nil {
		return *p
	}
	return nil
}
