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

// wantReplayable requires that a recording of the events folds to the live state
// at every one of them, that folding them at once gives the same, and that no
// token is in it.
func (m *monitor) wantReplayable() {
	var file bytes.Buffer
	w, err := timeline.NewWriter(&file, timeline.Header{Tool: "sim"})
	if err != nil {
		m.breaks("recording: %v", err)
		return
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
		return
	}
	for _, e := range m.buf {
		entry, err := r.Next()
		if err != nil {
			m.breaks("reading event %d (%s): %v", e.Seq, e.Kind(), err)
			return
		}
		if !m.both.next(e.Session, timeline.Apply(m.both.live, e), timeline.Apply(m.both.replay, entry.Event)) {
			m.breaks("at event %d (%s) the recording folds to another state (-live +replay):\n%s", e.Seq, e.Kind(),
				difference(m.both.live, m.both.replay))
			m.both.replay = m.both.live
		}
	}
	m.batched = timeline.Fold(m.batched, m.buf)
	if !(&twins{m.both.live, m.both.replay}).same() {
		m.breaks("up to event %d the recording folds to another state", m.both.live.Seq)
	}
	if !(&twins{m.both.live, m.batched}).same() {
		m.breaks("up to event %d a batch folds to another state:\n%s", m.batched.Seq, difference(m.both.live, m.batched))
		m.batched = m.both.live
	}
}

func difference(a, b timeline.State) string {
	return cmp.Diff(a, b, cmp.Exporter(func(reflect.Type) bool { return true }))
}
