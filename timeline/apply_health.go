package timeline

import (
	"time"

	"streamscope/internal/wire"
)

// Times of the official client (protocol 2.5).
const (
	// HealthCheckEvery is the time from a received connection.ok or health.check
	// to the client's next health.check.
	HealthCheckEvery = 25 * time.Second
	// DeafAfter is the silence after which the client gives a socket up, if it
	// notices (K2).
	DeafAfter = 35 * time.Second
)

// frame counts a message and reads from it what it says about its socket.
func (f *folder) frame(p *Frame) {
	a, s := f.attempt(), f.s
	if p.Bad != "" {
		s.BadFrames++
	}
	if p.Dir == Out {
		s.FramesOut++
		s.BytesOut += int64(p.Size)
		f.frameOut(p, a)
		return
	}
	s.FramesIn++
	s.BytesIn += int64(p.Size)
	if a != nil {
		a.FramesIn++
	}
	if p.Op == "ping" || p.Op == "pong" {
		return // the official client does not see control frames
	}
	if a != nil && a.FirstFrameAt.IsZero() {
		a.FirstFrameAt = f.e.Time
	}
	if a != nil && a.assumed && p.Type != wire.TypeConnectionError {
		f.assumeEstablished(a)
	}
	heard := true
	switch p.Type {
	case wire.TypeConnectionOK:
		f.connectionOK(p, a)
	case wire.TypeConnectionError:
		heard = f.connectionError(p, a)
	case wire.TypeHealthCheck:
		if f.current(a) {
			f.pong()
		}
	}
	if heard && f.current(a) {
		h := &s.Health
		h.LastFrame, h.frameAt = f.e.Time, f.e.Offset
		h.DeafAt = f.e.Time.Add(DeafAfter)
	}
}

// assumeEstablished takes an attempt whose beginning was not seen for what its
// frames show: a socket that works.
func (f *folder) assumeEstablished(a *Attempt) {
	a.assumed = false
	f.established(a)
	if f.current(a) {
		f.inferState(StateConnected, "")
	}
}

func (f *folder) frameOut(p *Frame, a *Attempt) {
	if a != nil {
		a.FramesOut++
	}
	if p.Op == "ping" || p.Op == "pong" {
		return
	}
	if p.Type == wire.TypeHealthCheck {
		if f.current(a) {
			h := &f.s.Health
			h.Pings++
			h.LastPing, h.pingAt = f.e.Time, f.e.Offset
			h.Awaiting, h.NextPing = true, time.Time{}
		}
		return
	}
	if a != nil && a.FramesOut == 1 && a.ConnectedAt.IsZero() && f.current(a) {
		f.inferState(StateAuthenticating, "")
	}
}

func (f *folder) connectionOK(p *Frame, a *Attempt) {
	if p.By != "" {
		f.s.memory.me = p.By
	}
	if a != nil {
		a.ConnectionID = p.ConnectionID
		f.established(a)
		f.tokenResult(a.N, "ok")
	}
	if f.current(a) {
		f.s.Health.NextPing = f.e.Time.Add(HealthCheckEvery)
		f.inferState(StateConnected, "")
	}
}

// connectionError notes the server's refusal and reports whether the client
// heard it: the first one on an established socket is swallowed and does not
// even count as a sign of life (K9).
func (f *folder) connectionError(p *Frame, a *Attempt) bool {
	if a == nil {
		return true
	}
	a.Errors++
	a.ErrorCode = p.Code
	if a.ConnectedAt.IsZero() {
		f.tokenResult(a.N, codeText(p.Code))
		return true
	}
	return a.Errors > 1 || f.s.Policy == PolicySteady
}

// pong folds a health.check of the server. It also counts without a ping: the
// client does not look whether it asked.
func (f *folder) pong() {
	h := &f.s.Health
	h.Pongs++
	h.LastPong = f.e.Time
	h.NextPing = f.e.Time.Add(HealthCheckEvery)
	if !h.Awaiting {
		return
	}
	h.Awaiting = false
	push(&h.RTTs, &f.own.rtts, maxRTTs, f.e.Offset-h.pingAt)
}

// silence stops the countdowns of a socket that is gone.
func (f *folder) silence() {
	h := &f.s.Health
	h.NextPing, h.DeafAt = time.Time{}, time.Time{}
	h.Awaiting = false
}

// codeText is an API error code with its name.
func codeText(code int) string {
	c := wire.Code(code)
	if !c.Known() {
		return "code " + c.String()
	}
	return itoa(code) + " " + c.String()
}
