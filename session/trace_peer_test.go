package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
)

// tracePeer is the server's end of one open socket.
type tracePeer struct {
	server *traceServer
	conn   *websocket.Conn
	raw    *deafConn
	seen   *seenSocket
	script traceConnection
}

func (p *tracePeer) serve() {
	ctx, cancel := context.WithCancel(p.server.ctx)
	var steps sync.WaitGroup
	steps.Go(func() { p.steps(ctx, p.script.OnOpen) })
	first := true
	for {
		kind, data, err := p.conn.Read(ctx)
		if err != nil {
			p.ended(err)
			break
		}
		value := decodeAny(data)
		if kind == websocket.MessageBinary {
			value = "binary: " + string(data)
		}
		p.server.note(func() {
			p.seen.frames, p.seen.frameAt = append(p.seen.frames, value), append(p.seen.frameAt, time.Now())
			p.server.enter(map[string]any{"dir": "out", "kind": "ws.frame", "conn": float64(p.seen.n), "json": value})
		})
		if first {
			first = false
			if auth, ok := value.(map[string]any); ok {
				p.seen.auth, _ = auth["user_details"].(map[string]any)
			}
			script := p.script.OnAuth
			if script == nil {
				script = []json.RawMessage{json.RawMessage(`{"ok":true}`)}
			}
			steps.Go(func() { p.steps(ctx, script) })
		} else if p.script.Health != "silent" {
			p.write(ctx, p.healthCheck())
		}
	}
	cancel()
	steps.Wait()
}

// ended notes a close frame of the client, unless it answers one of ours.
func (p *tracePeer) ended(err error) {
	p.server.note(func() {
		if e, ok := errors.AsType[websocket.CloseError](err); ok && !p.seen.gone {
			p.seen.close = &e
			p.seen.fail("ws.close")
		}
	})
}

// steps runs a script, one step after another.
func (p *tracePeer) steps(ctx context.Context, script []json.RawMessage) {
	for i, raw := range script {
		var step, next map[string]json.RawMessage
		if json.Unmarshal(raw, &step) != nil || ctx.Err() != nil {
			return
		}
		if i+1 < len(script) && json.Unmarshal(script[i+1], &next) == nil && next["close"] != nil {
			// The two go out in one go: a close frame of the client crosses ours.
			p.server.note(func() { p.seen.gone = step["wait"] == nil })
		}
		p.step(ctx, step)
	}
}

func (p *tracePeer) step(ctx context.Context, step map[string]json.RawMessage) {
	for name, arg := range step {
		switch name {
		case "ok":
			p.ok(ctx, arg)
		case "error":
			p.refuse(ctx, arg)
		case "wait":
			p.sleep(ctx, number(arg))
		case "send":
			p.write(ctx, arg)
		case "health_check":
			p.write(ctx, p.healthCheck())
		case "binary", "text":
			p.payload(ctx, name, arg)
		case "close":
			p.closeSocket(arg)
		case "terminate":
			p.server.note(func() { p.seen.gone = true; p.seen.fail("ws.terminate") })
			_ = p.conn.CloseNow()
		case "stop_reading":
			p.raw.deaf.Store(true)
		case "repeat":
			p.repeat(ctx, step)
		case "created", "ring", "accepted", "rejected", "missed", "ended", "notification":
			p.write(ctx, p.callEvent("call."+name, arg))
		}
	}
}

func number(raw json.RawMessage) int {
	var n int
	_ = json.Unmarshal(raw, &n)
	return n
}

func (p *tracePeer) sleep(ctx context.Context, n int) {
	select {
	case <-time.After(ms(n)):
	case <-ctx.Done():
	}
}

func (p *tracePeer) repeat(ctx context.Context, step map[string]json.RawMessage) {
	var inner []json.RawMessage
	_ = json.Unmarshal(step["steps"], &inner)
	for range number(step["repeat"]) {
		p.sleep(ctx, number(step["every_ms"]))
		if ctx.Err() != nil {
			return
		}
		p.steps(ctx, inner)
	}
}

const traceTime = "2026-01-01T00:00:00.000Z"

func (p *tracePeer) connectionID() string { return fmt.Sprintf("connection-%d", p.seen.n) }

func (p *tracePeer) ok(ctx context.Context, arg json.RawMessage) {
	me := map[string]any{"custom": map[string]any{}, "language": "", "role": "user", "teams": []any{},
		"blocked_user_ids": []any{}, "devices": []any{}, "created_at": traceTime, "updated_at": traceTime}
	maps.Copy(me, p.seen.auth)
	var more struct{ Me map[string]any }
	_ = json.Unmarshal(arg, &more)
	maps.Copy(me, more.Me)
	p.write(ctx, mustJSON(map[string]any{
		"type": "connection.ok", "connection_id": p.connectionID(), "created_at": traceTime, "me": me,
	}))
}

func (p *tracePeer) refuse(ctx context.Context, arg json.RawMessage) {
	var long struct {
		Code int
		With map[string]any
	}
	if json.Unmarshal(arg, &long) != nil {
		long.Code = number(arg)
	}
	p.write(ctx, mustJSON(map[string]any{
		"type": "connection.error", "connection_id": p.connectionID(), "created_at": traceTime,
		"error": apiError(long.Code, long.With),
	}))
	p.server.note(func() { p.seen.fail(fmt.Sprintf("connection.error %d", long.Code)) })
}

func (p *tracePeer) healthCheck() []byte {
	return mustJSON(map[string]any{
		"type": "health.check", "connection_id": p.connectionID(), "created_at": traceTime, "custom": map[string]any{},
	})
}

func (p *tracePeer) payload(ctx context.Context, kind string, arg json.RawMessage) {
	var text string
	_ = json.Unmarshal(arg, &text)
	op := websocket.MessageText
	if kind == "binary" {
		op = websocket.MessageBinary
	}
	_ = p.conn.Write(ctx, op, []byte(text))
}

func (p *tracePeer) closeSocket(arg json.RawMessage) {
	var how struct {
		Code   int
		Reason string
	}
	_ = json.Unmarshal(arg, &how)
	p.server.note(func() { p.seen.gone = true; p.seen.fail("ws.close") })
	_ = p.conn.Close(websocket.StatusCode(how.Code), how.Reason)
}

func (p *tracePeer) write(ctx context.Context, data []byte) {
	if p.conn.Write(ctx, websocket.MessageText, data) != nil {
		return
	}
	p.server.note(func() {
		p.seen.lastIn = time.Now()
		p.server.enter(map[string]any{"dir": "in", "kind": "ws.frame", "conn": float64(p.seen.n), "json": decodeAny(data)})
		switch wire.SniffType(data) {
		case "connection.ok", "health.check":
			p.seen.answers = append(p.seen.answers, time.Now())
		}
	})
}

// callEvent takes the event from the recording, where its like is, or makes one.
func (p *tracePeer) callEvent(kind string, arg json.RawMessage) []byte {
	var what struct {
		Type, ID  string
		CreatedBy string `json:"created_by"`
		By        string
		Reason    string
		Session   map[string]any
		Ring      map[string]any
	}
	_ = json.Unmarshal(arg, &what)
	if what.Type == "" {
		what.Type = "default"
	}
	cid := what.Type + ":" + what.ID
	if frame := p.server.recorded(kind, cid); frame != nil {
		return frame
	}
	if what.CreatedBy == "" {
		what.CreatedBy = "bob"
	}
	if what.By == "" {
		what.By = what.CreatedBy
	}
	event := map[string]any{
		"type": kind, "created_at": traceTime, "call_cid": cid, "session_id": what.ID + "-session",
		"call":    callObject(what.Type, what.ID, what.CreatedBy, what.Session, what.Ring),
		"user":    userObject(what.By),
		"members": []any{memberObject("alice")},
	}
	if what.Reason != "" {
		event["reason"] = what.Reason
	}
	return mustJSON(event)
}

func userObject(id string) map[string]any {
	return map[string]any{"id": id, "role": "user", "language": "", "teams": []any{}, "custom": map[string]any{},
		"blocked_user_ids": []any{}, "created_at": traceTime, "updated_at": traceTime}
}

func memberObject(id string) map[string]any {
	return map[string]any{"user_id": id, "user": userObject(id), "custom": map[string]any{},
		"created_at": traceTime, "updated_at": traceTime}
}

// callObject is a call as far as a client of the coordinator looks at it.
func callObject(kind, id, creator string, session, ring map[string]any) map[string]any {
	s := map[string]any{"id": id + "-session", "accepted_by": map[string]any{}, "rejected_by": map[string]any{},
		"missed_by": map[string]any{}, "participants": []any{}}
	maps.Copy(s, session)
	settings := map[string]any{"auto_cancel_timeout_ms": 15000, "incoming_call_timeout_ms": 15000, "missed_call_timeout_ms": 15000}
	maps.Copy(settings, ring)
	return map[string]any{"type": kind, "id": id, "cid": kind + ":" + id, "created_by": userObject(creator),
		"created_at": traceTime, "updated_at": traceTime, "current_session_id": id + "-session",
		"session": s, "settings": map[string]any{"ring": settings}, "custom": map[string]any{}}
}
