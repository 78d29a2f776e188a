package session

import (
	"testing"

	"streamscope/internal/token"
)

// benchMachine is a connected machine.
func benchMachine(b *testing.B) *world {
	w := newWorld(b, 1, func(c *Config) { c.NoTelemetry = true })
	w.step(tick{})
	w.step(connectCmd{user: w.m.cfg.User, source: w.m.cfg.Token})
	w.step(loaded{load: 1, raw: token.Raw(w.good)})
	w.step(dialed{attempt: 1})
	w.step(received{attempt: 1, message: Message{Data: []byte(`{"type":"connection.ok","connection_id":"c1","me":{"id":"sara"}}`)}})
	return w
}

// BenchmarkStep is what one frame costs the loop, the timeline's decoding
// included. Budget: 10 µs for a health check, 150 µs for a call event of 1.4 kB,
// on two shared cores; measured 2.2 µs and 56 µs.
func BenchmarkStep(b *testing.B) {
	for name, frame := range map[string][]byte{
		"health_check": []byte(`{"type":"health.check","connection_id":"c1","created_at":"2026-01-01T00:00:00Z","custom":{}}`),
		"unknown":      []byte(`{"type":"brand.new","created_at":"2026-01-01T00:00:00Z","custom":{"a":[1,2,3]}}`),
		"call_updated": callEventJSON("call.updated", "a", "jack", ""),
	} {
		b.Run(name, func(b *testing.B) {
			m := benchMachine(b).m
			in := received{attempt: 1, message: Message{Data: frame}}
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				m.step(start, in)
			}
		})
	}
}
