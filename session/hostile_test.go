package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/timeline"
)

func TestFramesThatAreNotEventsAreSurvived(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		bad  string
	}{
		{"not JSON", textFrame(`{"type":`), timeline.BadJSON},
		{"words", textFrame(`hello`), timeline.BadJSON},
		{"nothing", textFrame(``), timeline.BadJSON},
		{"null", textFrame(`null`), timeline.BadType},
		{"a number", textFrame(`7`), timeline.BadType},
		{"an array", textFrame(`[{"type":"health.check"}]`), timeline.BadArray},
		{"an array of arrays, deep", textFrame(strings.Repeat("[", 9000) + strings.Repeat("]", 9000)), timeline.BadArray},
		{"no type", textFrame(`{"a":1}`), timeline.BadType},
		{"a type that is a number", textFrame(`{"type":7}`), timeline.BadType},
		{"an unknown type", textFrame(`{"type":"brand.new","x":{"y":[1,2]}}`), ""},
		{"a call event without a call", textFrame(`{"type":"call.ring"}`), ""},
		{"a call event of the wrong shape", textFrame(`{"type":"call.ring","call_cid":7,"call":[],"members":{"a":1},"user":"x"}`), ""},
		{"binary", wsFrame(true, opBinary, []byte{0, 1, 2, 0xff}), timeline.BadBinary},
		{"a second connection.ok", textFrame(hostileOK), ""},
		{"a connection.error that is empty", textFrame(`{"type":"connection.error"}`), ""},
		{"a connection.error of the wrong shape", textFrame(`{"type":"connection.error","error":"no"}`), ""},
		{"numbers that are too large", textFrame(`{"type":"call.created","call_cid":"a:b","created_at":1e999,"call":{"settings":{"ring":{"auto_cancel_timeout_ms":1e300}}}}`), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			withHostile(t, nil, func(h *hostile, c net.Conn) {
				write(c, textFrame(hostileOK), test.data, textFrame(`{"type":"health.check"}`))
				h.wantConnected("the session goes on")
				var bad []string
				for e := range h.store.All() {
					if f, ok := e.Payload.(timeline.Frame); ok && f.Dir == timeline.In && f.Bad != "" {
						bad = append(bad, f.Bad)
					}
				}
				if got := strings.Join(bad, ", "); got != test.bad {
					t.Errorf("the frame is judged: want %q, got %q", test.bad, got)
				}
				if s := h.state(); s.FramesIn != 3 || s.BadFrames != len(bad) {
					t.Errorf("and counted: want 3 frames and %d bad, got %d and %d", len(bad), s.FramesIn, s.BadFrames)
				}
			})
		})
	}
}

func TestInvalidUTF8(t *testing.T) {
	withHostile(t, nil, func(h *hostile, c net.Conn) {
		write(c, textFrame(hostileOK), wsFrame(true, opText, []byte("{\"type\":\"custom\xff\xfe\",\"call_cid\":\"a:\xc3\x28\"}")))
		time.Sleep(time.Second)
		if s := h.state(); s.FramesIn != 2 {
			t.Errorf("the frame is kept, got %d frames", s.FramesIn)
		}
	})
}

func TestFramesInPiecesBetweenControlFrames(t *testing.T) {
	withHostile(t, nil, func(h *hostile, c net.Conn) {
		event := string(callEventJSON("call.created", "pieces", "jack", ""))
		write(c, textFrame(hostileOK))
		for i, part := range strings.SplitAfter(event, ",") {
			op := byte(opMore)
			if i == 0 {
				op = opText
			}
			write(c, wsFrame(false, op, []byte(part)), wsFrame(true, opPing, []byte("p")), wsFrame(true, opPong, nil))
		}
		write(c, wsFrame(false, opMore, nil), wsFrame(true, opMore, nil))
		h.wantConnected("a message in many frames is one message")
		if s := h.state(); len(s.Calls) != 1 || s.Calls[0].CID != "default:pieces" || s.FramesIn != 2 {
			t.Errorf("and its call is known, got %+v", s.Calls)
		}
	})
}

func TestBrokenFramesEndTheSocketOnly(t *testing.T) {
	for name, data := range map[string][]byte{
		"a continuation of nothing":        wsFrame(true, opMore, []byte("x")),
		"a message inside a message":       append(wsFrame(false, opText, []byte("{")), wsFrame(true, opText, []byte("}"))...),
		"a reserved opcode":                wsFrame(true, 5, []byte("x")),
		"reserved bits":                    {0xf1, 1, 'x'},
		"a masked frame":                   {0x81, 0x81, 1, 2, 3, 4, 'x'},
		"a ping in pieces":                 wsFrame(false, opPing, []byte("x")),
		"a ping that is too long":          wsFrame(true, opPing, make([]byte, 300)),
		"a close frame of one byte":        wsFrame(true, opClose, []byte{3}),
		"a close code that nobody may use": wsFrame(true, opClose, []byte{0, 7}),
		"a close reason with controls":     wsFrame(true, opClose, []byte("\x03\xf3\x1b]0;owned\x07\xe2\x80\xae")),
		"more than can be":                 {0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"a length beyond the limit":        {0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0},
		"HTTP":                             []byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			withHostile(t, nil, func(h *hostile, c net.Conn) {
				write(c, textFrame(hostileOK))
				h.wantConnected("it is connected first")
				write(c, data)
				_ = c.Close()
				next := <-h.socks
				write(next, textFrame(hostileOK))
				h.wantConnected("it comes back with the next socket")
			})
		})
	}
}

func TestTenMegabytesInOneFrame(t *testing.T) {
	withHostile(t, nil, func(h *hostile, c net.Conn) {
		write(c, textFrame(hostileOK))
		write(c, textFrame(`{"type":"custom","custom":{"x":"`+strings.Repeat("x", 10<<20)+`"}}`))
		h.wantConnected("it is read")
		for e := range h.store.All() {
			if f, ok := e.Payload.(timeline.Frame); ok && f.Size > 10<<20 && (len(f.Body) > maxBodyKept || f.Cut == 0) {
				t.Errorf("what is not kept is counted, got %d bytes kept and %d cut", len(f.Body), f.Cut)
			}
		}
		if got := h.store.Bytes(); got > 1<<20 {
			t.Errorf("and the memory is bounded, got %d bytes", got)
		}
	})
}

func TestAFlood(t *testing.T) {
	const events = 100_000
	limited := func(h *hostile, c *Config) {
		h.store = timeline.NewStore(timeline.Options{MaxEvents: 20_000, MaxBytes: 32 << 20})
		c.RejectWhenBusy = true
	}
	withHostile(t, limited, func(h *hostile, c net.Conn) {
		cursor := h.store.Cursor(1)
		defer cursor.Close()
		write(c, textFrame(hostileOK))
		h.wantConnected("it is connected first")
		ring := callEventJSON("call.ring", "CALL", "jack", "")
		for i := range events {
			kind := textFrame(fmt.Sprintf(`{"type":"custom.%d","created_at":"2026-01-01T00:00:00Z"}`, i))
			if i%10 == 0 {
				kind = wsFrame(true, opText, bytes.ReplaceAll(ring, []byte("CALL"), fmt.Append(nil, "c", i)))
			}
			write(c, kind)
		}
		h.wantConnected("it has read all of it")
		if h.store.Len() > 20_000 || h.store.Bytes() > 32<<20 {
			t.Errorf("the store keeps its bounds, got %d events, %d bytes", h.store.Len(), h.store.Bytes())
		}
		if calls := len(h.s.Status().Calls); calls > maxCalls {
			t.Errorf("the list of calls has a bound, got %d", calls)
		}
		var state timeline.State
		for _, e := range cursor.Next(nil) {
			state = timeline.Apply(state, e)
		}
		if first, _ := h.store.Bounds(); state.Dropped == 0 || state.Dropped != first-1 {
			t.Errorf("what was dropped is counted: want %d, got %d", first-1, state.Dropped)
		}
	})
}

// evil is what a terminal would obey: a title, a colour, a bell, a C1 control, a
// direction override, a line separator.
const evil = "x\u001b]0;owned\u0007\u001b[31m\u009b2J\u202e\u2028\u0000y"

// infect puts evil into every string of a JSON value but the types.
func infect(v any, key string) any {
	switch v := v.(type) {
	case string:
		switch {
		case key == "type" || strings.HasSuffix(key, "_at"):
			return v
		case strings.HasSuffix(key, "cid"):
			return v + evil
		}
		return evil
	case []any:
		for i := range v {
			v[i] = infect(v[i], key)
		}
	case map[string]any:
		for k := range v {
			v[k] = infect(v[k], k)
		}
		v[evil] = evil
	}
	return v
}

func infected(t *testing.T, event []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(event, &v); err != nil {
		t.Fatal(err)
	}
	return textFrame(string(mustJSON(infect(v, ""))))
}

func TestEscapeSequencesInEveryString(t *testing.T) {
	calls := []string{"call.created", "call.ring", "call.accepted", "call.rejected", "call.missed", "call.ended", "call.updated", "call.member_added"}
	withHostile(t, func(h *hostile, c *Config) {
		h.answer = []byte(`{"code":4,"message":"` + `x\u001b]0;owned\u0007` + `","call":{"cid":"a:\u001b"}}`)
		c.RejectWhenBusy = true
	}, func(h *hostile, c net.Conn) {
		write(c, infected(t, []byte(hostileOK)))
		h.wantConnected("an odd connection id is one")
		for _, kind := range calls {
			write(c, infected(t, callEventJSON(kind, "a", "jack", "nina")), infected(t, callEventJSON(kind, "b", "sara", "")))
		}
		_ = h.s.Join("default:a\x1b")
		write(c, infected(t, []byte(`{"type":"connection.error","error":{"code":9,"message":"no","StatusCode":400}}`)),
			textFrame(`{"type":"\u001b]0;owned\u0007","cid":"\u001b"}`), textFrame("\x1b]0;owned\x07 not JSON"))
		time.Sleep(40 * time.Second) // rings time out, answers come
		synctest.Wait()
	})
}

func TestConnectionOKWithLittleInIt(t *testing.T) {
	for name, text := range map[string]string{
		"no me":                 `{"type":"connection.ok","connection_id":"c1","created_at":"2026-01-01T00:00:00Z"}`,
		"me is null":            `{"type":"connection.ok","connection_id":"c1","me":null}`,
		"me is a word":          `{"type":"connection.ok","connection_id":"c1","me":"sara"}`,
		"a time in nanoseconds": `{"type":"connection.ok","connection_id":"c1","created_at":1767225600000000000,"me":{"id":"sara"}}`,
		"a time that is none":   `{"type":"connection.ok","connection_id":"c1","created_at":"yesterday","me":{"id":"sara"}}`,
		"no connection id":      `{"type":"connection.ok","me":{"id":"sara"}}`,
		"a number for an id":    `{"type":"connection.ok","connection_id":7,"me":{"id":9}}`,
	} {
		t.Run(name, func(t *testing.T) {
			withHostile(t, nil, func(h *hostile, c net.Conn) {
				write(c, textFrame(text))
				h.wantConnected("connection.ok is one, whatever is in it")
				write(c, wsFrame(true, opText, callEventJSON("call.ring", "a", "jack", "")))
				h.wantConnected("and a ring after it is taken")
			})
		})
	}
}

func TestTimesInBothEncodings(t *testing.T) {
	withHostile(t, nil, func(h *hostile, c net.Conn) {
		write(c, textFrame(hostileOK))
		for i, at := range []string{`"2026-01-01T00:00:00.123456789Z"`, `1767225600000000000`, `"1767225600"`, `null`, `{}`, `-1`, `""`} {
			write(c, textFrame(fmt.Sprintf(
				`{"type":"call.created","created_at":%[1]s,"call_cid":"default:t%[2]d","call":{"cid":"default:t%[2]d","created_at":%[1]s,"ended_at":null,"created_by":{"id":"jack"}}}`, at, i)))
		}
		h.wantConnected("the session goes on")
		if s := h.state(); len(s.Calls) != 7 {
			t.Errorf("a time of whatever shape hides no call, got %d", len(s.Calls))
		}
	})
}
