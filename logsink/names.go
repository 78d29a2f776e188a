package logsink

import "strings"

// maxNames limits the scopes, and the sessions, that a store tells apart. They are
// never forgotten, so there must be an end to them.
const maxNames = 4096

// names gives each distinct name a small number. It is guarded by the store's mu;
// the slice of names is only ever appended to.
type names struct {
	index map[string]uint16
	list  []string
	last  uint16
}

// overflowName is the name that lines get when there are too many names; the line
// itself then says which it was.
const overflowName = "(more)"

// of returns the number of a name, and whether the name had to be replaced by
// overflowName.
func (n *names) of(name string) (id uint16, overflow bool) {
	if int(n.last) < len(n.list) && n.list[n.last] == name {
		return n.last, false
	}
	if id, ok := n.index[name]; ok {
		n.last = id
		return id, false
	}
	if len(n.list) >= maxNames && name != overflowName {
		id, _ = n.of(overflowName)
		return id, true
	}
	name = strings.Clone(name)
	if n.index == nil {
		n.index = map[string]uint16{}
	}
	id = uint16(len(n.list))
	n.index[name] = id
	n.list = append(n.list, name)
	n.last = id
	return id, false
}

