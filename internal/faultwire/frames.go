package faultwire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

const (
	hugeDefault   = 1 << 20 // bytes of a huge frame, as package fault promises
	closeAbnormal = 1006    // no close frame
)

// act does what the server or the network would.
func (c *conn) act(hit *Armed) {
	f := hit.Fault()
	switch f.Kind {
	case fault.Drop:
		c.queue = []delayedFrame{{err: c.faults.fail(Failure{Op: "read", Close: closeAbnormal, Err: Reset()})}}
	case fault.Close:
		c.queue = []delayedFrame{{err: c.faults.fail(Failure{Op: "read", Close: cmp.Or(f.Code, 1000), Reason: wire.Clean(f.Reason), Err: ErrInjected})}}
	case fault.HalfOpen, fault.StallAuth:
		c.die(hit)
	case fault.Error, fault.WrongSignature:
		c.enqueue(delayedFrame{message: Message{Data: errorFrame(f)}})
	case fault.UnknownEvent:
		c.enqueue(delayedFrame{message: Message{Data: eventFrame(cmp.Or(f.Type, "streamscope.unknown"), nil)}})
	case fault.HugeFrame:
		c.enqueue(delayedFrame{message: Message{Data: eventFrame("custom", bytes.Repeat([]byte("x"), cmp.Or(f.Size, hugeDefault)))}})
	}
}

// arrive lets the faults of frames act on one frame of the server.
func (c *conn) arrive(m Message) {
	live := c.admitted // connection.ok itself belongs to the handshake
	if !live && wire.SniffType(m.Data) == wire.TypeConnectionOK && !c.admit() {
		return
	}
	frames, delay := c.alter(m, fault.In, live, &c.held)
	for _, frame := range frames {
		f := delayedFrame{message: frame}
		if delay > 0 {
			f.due = time.Now().Add(delay)
		}
		c.enqueue(f)
	}
}

// admit lets the faults of the handshake act where connection.ok is due, and
// reports whether the session is established.
func (c *conn) admit() bool {
	hit, _ := c.faults.Strike(c.user(), func(a *Armed) bool {
		f := a.Fault()
		return f.AtConnect() && slices.Contains([]fault.Kind{fault.Drop, fault.Close, fault.Error, fault.WrongSignature, fault.StallAuth}, f.Kind)
	})
	if hit == nil {
		c.admitted = true
		return true
	}
	c.act(hit)
	if k := hit.Fault().Kind; k == fault.Error || k == fault.WrongSignature {
		// The service closes after it has refused a connect (protocol.md 2.4).
		c.enqueue(delayedFrame{err: c.faults.fail(Failure{Op: "read", Close: 1000, Err: ErrInjected})})
	}
	return false
}

// alter returns what becomes of one frame, and how late it is. Before the session
// is live frames are only slow, unless a fault names their type. held is the place
// of a frame that the next one overtakes.
func (c *conn) alter(m Message, way fault.Direction, live bool, held **Message) (frames []Message, delay time.Duration) {
	if c.faults.count.Load() == 0 && *held == nil {
		return []Message{m}, 0
	}
	kind := frameType(m.Data)
	hit := func(k fault.Kind) (*Armed, time.Duration) {
		return c.faults.Strike(c.user(), func(a *Armed) bool {
			f := a.Fault()
			pong := f.Kind == fault.NoPong && kind == wire.TypeHealthCheck && way == fault.In
			return f.Kind == k && (k == fault.Slow || live || f.Type != "" && f.Type == kind) &&
				(pong || f.Kind != fault.NoPong && f.Direction.Includes(way) && (f.Type == "" || f.Type == kind))
		})
	}
	if slow, wait := hit(fault.Slow); slow != nil {
		delay = wait
		if rate := slow.Fault().Rate; rate > 0 {
			delay += time.Duration(len(m.Data)) * time.Second / time.Duration(rate)
		}
	}
	for _, lost := range []fault.Kind{fault.Withhold, fault.NoPong} {
		if a, _ := hit(lost); a != nil {
			return nil, 0
		}
	}
	if a, _ := hit(fault.Corrupt); a != nil {
		m.Data = append([]byte("<"), m.Data...)
	}
	if a, _ := hit(fault.Truncate); a != nil {
		m.Data = m.Data[:len(m.Data)/2]
	}
	frames = []Message{m}
	if a, _ := hit(fault.Duplicate); a != nil {
		frames = append(frames, m)
	}
	if *held != nil {
		frames = append(frames, **held)
		*held = nil
	} else if a, _ := hit(fault.Reorder); a != nil {
		*held = new(m)
		return nil, 0
	}
	return frames, delay
}

// frameType also looks into the client's arrays of one object.
func frameType(data []byte) string {
	if wire.IsArray(data) {
		data = bytes.TrimLeft(data, " \t\r\n[")
	}
	return wire.SniffType(data)
}

func errorFrame(f fault.Fault) []byte {
	return mustEncode(map[string]any{
		"type": wire.TypeConnectionError, "connection_id": "", "created_at": wire.At(time.Now()), "error": injectedError(f),
	})
}

func eventFrame(kind string, padding []byte) []byte {
	return mustEncode(map[string]any{
		"type": kind, "created_at": wire.At(time.Now()), "custom": map[string]string{"padding": string(padding)},
	})
}

// mustEncode writes values of ours, which always can be written.
func mustEncode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
