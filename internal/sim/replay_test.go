package sim

import (
	"bytes"
	"reflect"
	"regexp"

	"github.com/google/go-cmp/cmp"

	"streamscope/timeline"
)

// secret finds a whole token: a recording must not have one.
var secret = regexp.MustCompile(`eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{20,}`)

// wantReplayable requires that a recording of the events folds to the live
// state, and that no token is in it. With every it does so at each of them and
// requires that events fold to the same one by one and at once; that costs half
// of a run, so only some runs do.
func (m *monitor) wantReplayable() {
	replayed, ok := m.recorded()
	if !ok {
		return
	}
	batch := timeline.Fold(m.both.live, m.buf)
	if m.every {
		for i, e := range m.buf {
			live, replay := timeline.Apply(m.both.live, e), timeline.Apply(m.both.replay, replayed[i])
			if !m.both.over(e.Session, live, replay) {
				m.diverged(e, live, replay)
			}
		}
		if one := (twins{m.both.live, m.both.replay}); !one.to(batch, m.both.replay) {
			m.breaks("up to event %d a batch folds to another state than its events", batch.Seq)
		}
		return
	}
	if replay := timeline.Fold(m.both.replay, replayed); !m.both.to(batch, replay) {
		m.diverged(m.buf[len(m.buf)-1], batch, replay)
	}
}

// diverged notes two states that should be one, and goes on with the live one.
func (m *monitor) diverged(e timeline.Event, live, replay timeline.State) {
	m.breaks("at event %d (%s) the recording folds to another state (-live +replay):\n%s", e.Seq, e.Kind(), difference(live, replay))
	m.both.live, m.both.replay = live, live
}

// recorded returns the new events as a recording of them gives them back.
func (m *monitor) recorded() ([]timeline.Event, bool) {
	var file bytes.Buffer
	w, err := timeline.NewWriter(&file, timeline.Header{Tool: "sim"})
	if err != nil {
		m.breaks("recording: %v", err)
		return nil, false
	}
	for _, e := range m.buf {
		if err := w.WriteEvent(e); err != nil {
			m.breaks("recording event %d: %v", e.Seq, err)
		}
	}
	if found := secret.Find(file.Bytes()); found != nil {
		m.breaks("a token is in the recording: %s", found)
	}
	r, err := timeline.NewReader(&file)
	if err != nil {
		m.breaks("reading the recording: %v", err)
		return nil, false
	}
	all := make([]timeline.Event, 0, len(m.buf))
	for _, e := range m.buf {
		entry, err := r.Next()
		if err != nil {
			m.breaks("reading event %d (%s): %v", e.Seq, e.Kind(), err)
			return nil, false
		}
		all = append(all, entry.Event)
	}
	return all, true
}

func difference(a, b timeline.State) string {
	return cmp.Diff(a, b, cmp.Exporter(func(reflect.Type) bool { return true }))
}
