package coordinator

import (
	"slices"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

// stage is what one stroke of a fault does to a frame on its way to a client:
// it returns the frames that travel instead.
type stage func(c *conn, h *hit, f frame) []frame

// stageOf returns the stage of a kind, nil for kinds that leave frames alone.
func stageOf(kind fault.Kind) stage {
	switch kind {
	case fault.Withhold:
		return func(*conn, *hit, frame) []frame { return nil }
	case fault.Duplicate:
		return func(_ *conn, _ *hit, f frame) []frame { return []frame{f, f} }
	case fault.Reorder:
		return reorder
	case fault.Corrupt:
		return corrupt
	case fault.Truncate:
		return func(_ *conn, _ *hit, f frame) []frame {
			f.data = f.data[:len(f.data)/2]
			return []frame{f}
		}
	case fault.Slow:
		return slow
	}
	return nil
}

// reorder holds one frame back; shape lets it follow the next.
func reorder(c *conn, _ *hit, f frame) []frame {
	if len(c.out.held) > 0 {
		return []frame{f}
	}
	c.out.held = append(c.out.held, f)
	return nil
}

// corrupt keeps the length and breaks the JSON. Frames are shared between
// connections, so it works on a copy.
func corrupt(_ *conn, _ *hit, f frame) []frame {
	f.data = slices.Clone(f.data)
	if len(f.data) > 0 {
		f.data[0] = '#'
	}
	return []frame{f}
}

// slow lets frames travel one behind the other: those that were sent together
// share the latency, and wait for each other's bytes.
func slow(c *conn, h *hit, f frame) []frame {
	c.pause(time.Until(f.queued.Add(h.delay)))
	c.pause(h.transfer(len(f.data)))
	return []frame{f}
}

// transfer is how long a number of bytes takes on a line of limited rate.
func (h *hit) transfer(size int) time.Duration {
	if h.fault.Rate <= 0 {
		return 0
	}
	return time.Duration(float64(size) / float64(h.fault.Rate) * float64(time.Second))
}

// pause waits, but not once the connection or the server is to end.
func (c *conn) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.hurry:
	case <-c.gone:
	case <-c.srv.done:
	}
}

// shape passes a frame through the stages of the faults in force, in the order
// in which they were armed. Only the draining goroutine of c calls it.
func (s *Server) shape(c *conn, f frame) []frame {
	if f.end == nil && c.muted() {
		return nil
	}
	before := len(c.out.held)
	frames := []frame{f}
	if f.end == nil {
		for _, a := range s.stages(c.userID(), f.typ, fault.In) {
			frames = s.apply(c, a, frames)
		}
	}
	if before > 0 {
		frames = append(frames, c.out.held...)
		c.out.held = nil
	}
	s.flush()
	return frames
}

func (s *Server) apply(c *conn, a *armed, frames []frame) []frame {
	run := stageOf(a.gate.Fault.Kind)
	var shaped []frame
	for _, f := range frames {
		if h := s.strikeArmed(a, c.userID()); h != nil {
			shaped = append(shaped, run(c, h, f)...)
		} else {
			shaped = append(shaped, f)
		}
	}
	return shaped
}

// stages lists the faults that concern a frame. The frames of the handshake are
// left alone unless a fault names their type or merely slows them down.
func (s *Server) stages(userID, typ string, dir fault.Direction) []*armed {
	if !s.faults.any() {
		return nil
	}
	handshake := typ == wire.TypeConnectionOK || typ == wire.TypeConnectionError
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	var found []*armed
	for _, a := range s.faults.list {
		f := a.gate.Fault
		if stageOf(f.Kind) == nil || !concerns(f, userID) || !f.Direction.Includes(dir) {
			continue
		}
		if f.Type == typ || f.Type == "" && (!handshake || f.Kind == fault.Slow) {
			found = append(found, a)
		}
	}
	return found
}

// loses reports whether a fault lets a frame from the client go unanswered. It
// also holds it up where the line is slow towards the server.
func (s *Server) loses(c *conn, data []byte) bool {
	if c.muted() {
		return true
	}
	if !s.faults.any() {
		return false
	}
	defer s.flush()
	typ := wire.SniffType(data)
	if typ == "" {
		typ = wire.TypeHealthCheck // clients ping in several shapes
	}
	for _, a := range s.stages(c.userID(), typ, fault.Out) {
		h := s.strikeArmed(a, c.userID())
		if h == nil {
			continue
		}
		switch h.fault.Kind {
		case fault.Withhold, fault.Corrupt, fault.Truncate:
			return true // what is not JSON is no health check
		case fault.Slow:
			c.pause(h.delay + h.transfer(len(data)))
		case fault.Duplicate:
			c.pong()
		}
	}
	return s.strike(fault.NoPong, c.userID()) != nil
}
