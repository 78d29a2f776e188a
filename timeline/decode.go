package timeline

import (
	"encoding/json"
	"errors"
	"strings"

	"streamscope/internal/wire"
)

// Reasons for which a frame is not what the protocol wants (protocol 2.1). They
// name what the official client makes of it.
const (
	BadBinary = "binary: counts as a sign of life, is not an event"
	BadArray  = "a JSON array: dispatched as an event without a type"
	BadJSON   = "not JSON: the client's message handler throws"
	BadType   = "no type"
)

// DecodeFrame makes the payload of a message as it was read or written: what it
// is, its redacted body (at most keep bytes; 0 means [DefaultKeep]), and, when a
// call event came in, its decoded form. Op is text or binary. Any input is fine.
// The frame may keep data: do not write to it afterwards.
func DecodeFrame(dir Direction, op string, data []byte, keep int) (Frame, *CallEvent) {
	f := Frame{Dir: dir, Op: op, Size: len(data)}
	f.Body, f.Cut = keepBody(data, keep)
	f.Type = short(frameType(dir, data), maxWord)
	var call *CallEvent
	if dir == In {
		f.Bad = badness(op, &f, data)
		call = f.decodeIncoming(data)
	}
	return f, call
}

// frameType is the type of the object, or for the client's own pings that of the
// object in the array. An array from the server has none for the client.
func frameType(dir Direction, data []byte) string {
	if dir == Out && wire.IsArray(data) {
		if i := strings.IndexByte(string(data[:min(len(data), 64)]), '['); i >= 0 {
			return wire.SniffType(data[i+1:])
		}
	}
	return wire.SniffType(data)
}

func badness(op string, f *Frame, data []byte) string {
	switch {
	case op == "binary":
		return BadBinary
	case wire.IsArray(data):
		return BadArray
	case strings.HasPrefix(f.Type, "call."):
		return "" // decoded in a moment, which finds out
	case !json.Valid(data):
		return BadJSON
	case f.Type == "":
		return BadType
	}
	return ""
}

// decodeIncoming reads what the fold and the rows need to know of an event.
func (f *Frame) decodeIncoming(data []byte) *CallEvent {
	if f.Bad != "" {
		return nil
	}
	switch f.Type {
	case wire.TypeConnectionOK:
		ok := decode[struct {
			ConnectionID string `json:"connection_id"`
			Me           idJSON `json:"me"`
		}](data)
		f.ConnectionID, f.By = short(ok.ConnectionID, maxWord), short(ok.Me.ID, maxWord)
	case wire.TypeConnectionError:
		refusal := decode[struct {
			Error struct {
				Code    int    `json:"code"`
				Message string `json:"message"`
			} `json:"error"`
		}](data).Error
		f.Code, f.Message = refusal.Code, peerText(refusal.Message)
	case wire.TypeHealthCheck:
	default:
		return f.decodeCall(data)
	}
	return nil
}

func (f *Frame) decodeCall(data []byte) *CallEvent {
	if !strings.HasPrefix(f.Type, "call.") && f.Type != wire.TypeCustom {
		return nil
	}
	j, err := wire.Decode[callJSON](data)
	if _, broken := errors.AsType[*json.SyntaxError](err); broken {
		f.Bad = BadJSON
		return nil
	}
	e := j.event()
	f.CID, f.By = e.CID, e.By
	if e.CID == "" || f.Type == wire.TypeCustom {
		return nil
	}
	return &e
}

// DecodeCall reads a call.* event. It reports false for anything else and for an
// event that names no call. It never fails on what is missing or of the wrong
// shape: that is left empty.
func DecodeCall(body []byte) (CallEvent, bool) {
	if !strings.HasPrefix(wire.SniffType(body), "call.") {
		return CallEvent{}, false
	}
	j := decode[callJSON](body)
	e := j.event()
	return e, e.CID != ""
}

// decode reads what it can: members of the wrong shape stay empty.
func decode[T any](data []byte) T {
	v, err := wire.Decode[T](data)
	if err != nil {
		return v // filled as far as the message allows
	}
	return v
}

// Limits of what is kept of a peer's words in a decoded payload.
const (
	maxWord = 200
	maxText = 2000
	maxList = 128
)

// short cuts a peer's identifier, and makes it safe to show: identifiers are on
// every screen, and a real one has nothing in it that would be escaped.
func short(s string, limit int) string {
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return wire.Clean(s)
}

// peerText is a peer's sentence, safe to show and to keep.
func peerText(s string) string { return RedactText(short(s, maxText)) }
