package session

import "time"

type param struct{ name, value string }

type answer struct {
	status int
	body   []byte
}

type machine struct{ cfg Config }

func newMachine(cfg Config) *machine { return &machine{cfg: cfg} }

func (m *machine) step(now time.Time, in input) output {
	if _, ok := in.(stopCmd); ok {
		return output{effects: []effect{stopEffect{}}}
	}
	return output{}
}

func (m *machine) deadline() (time.Time, bool) { return time.Time{}, false }

func (m *machine) status(time.Time) (Status, bool) { return Status{}, false }
