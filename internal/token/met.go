package token

import "slices"

// Met numbers the distinct tokens of a session, from 1. It remembers the latest of
// them: a provider may give a new one every minute for weeks. The zero value has met
// none; it belongs to one goroutine.
type Met struct {
	count  int
	latest []met
}

type met struct {
	fingerprint string
	number      int
}

const maxMet = 256

// Number returns the token's number, 0 for none.
func (m *Met) Number(raw Raw) int {
	if raw.IsZero() {
		return 0
	}
	fingerprint := raw.Fingerprint()
	for _, t := range m.latest {
		if t.fingerprint == fingerprint {
			return t.number
		}
	}
	if len(m.latest) == maxMet {
		m.latest = slices.Delete(m.latest, 0, 1)
	}
	m.count++
	m.latest = append(m.latest, met{fingerprint, m.count})
	return m.count
}
