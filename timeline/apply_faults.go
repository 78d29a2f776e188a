package timeline

import (
	"slices"
)

// fault returns the newest fault with that ID, nil when it is not known.
func (f *folder) fault(id string) *ArmedFault {
	for i := len(f.state.Faults) - 1; i >= 0; i-- {
		if f.state.Faults[i].ID == id {
			return &writable(&f.state.Faults, &f.ownFaults)[i]
		}
	}
	return nil
}

// faultArmed adds a fault. At the limit the oldest cleared one makes room.
func (f *folder) faultArmed(p FaultArmed) {
	if len(f.state.Faults) >= maxFaults {
		i := slices.IndexFunc(f.state.Faults, func(a ArmedFault) bool { return a.Cleared })
		w := writable(&f.state.Faults, &f.ownFaults)
		f.state.Faults = slices.Delete(w, max(i, 0), max(i, 0)+1)
	}
	a := ArmedFault{Fault: p.Fault, ArmedAt: f.e.Time, For: p.For}
	if p.For > 0 && p.Fault.Strikes == "" {
		a.Until = f.e.Time.Add(p.After + p.For)
	}
	push(&f.state.Faults, &f.ownFaults, maxFaults, a)
}

func (f *folder) faultHit(p FaultHit) {
	if a := f.fault(p.ID); a != nil {
		if a.Hits == 0 && a.For > 0 && a.Strikes != "" {
			a.Until = f.e.Time.Add(a.For)
		}
		a.Hits++
		a.LastHit = f.e.Time
	}
}

func (f *folder) faultCleared(p FaultCleared) {
	if a := f.fault(p.ID); a != nil {
		a.Cleared = true
		a.Hits = max(a.Hits, p.Hits)
	}
}

func (f *folder) faultScored(p FaultScored) {
	if a := f.fault(p.ID); a != nil {
		a.Score = &p
	}
}
