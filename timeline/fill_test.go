package timeline_test

import (
	"math"
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"streamscope/timeline"
)

// filler draws values for payloads.
type filler struct {
	text  *rapid.Generator[string]
	whole *rapid.Generator[int64]
	span  *rapid.Generator[int64] // durations, and times from the start
}

// anything draws whatever fits the type.
var anything = filler{
	text:  rapid.String(),
	whole: rapid.Int64(),
	span:  rapid.Int64Range(math.MinInt64/2, math.MaxInt64/2),
}

// likely draws from a small world, in which events meet.
var likely = filler{
	text: rapid.SampledFrom([]string{
		"", "", "sara", "jack", "nina", "default:a", "default:b", "s-1", "s-2", "r-1", "r-2", "text", "ping", "in", "in", "out",
		"connection.ok", "connection.error", "health.check", "call.created", "call.ring", "call.accepted", "call.rejected",
		"call.missed", "call.ended", "call.member_removed", "busy", "cancel", "user", "client", "server", "true", "sdk", "tap", "local",
		"idle", "loading token", "dialing", "connected", "backoff", "stalled", "offline", "disconnected", "failed",
		"ringing", "joined", "left", "join", "reject", "accept", "get_or_create", "query_calls", "reject_when_busy", "policy",
		"connection.changed", "network.changed", "consecutive-connect", "K13", "disconnect", "POST", "/video/call/default/a/join",
	}),
	whole: rapid.SampledFrom([]int64{0, 0, 1, 2, 3, 40, 43, 200, 201, 401, 1000, 1006}),
	span:  rapid.Int64Range(0, int64(time.Minute)),
}

func (f filler) time(t *rapid.T) time.Time {
	return time.Unix(start.Unix(), 0).Add(time.Duration(f.span.Draw(t, "time"))).UTC()
}

// payload draws a payload of any kind.
func (f filler) payload(t *rapid.T) timeline.Payload {
	example := rapid.SampledFrom(onePayloadOfEachKind()).Draw(t, "kind")
	v := reflect.New(reflect.TypeOf(example)).Elem()
	f.fill(t, v)
	return v.Interface().(timeline.Payload)
}

// events draws a run of a few sessions with overlapping sockets.
func (f filler) events(t *rapid.T, limit int) []timeline.Event {
	n := rapid.IntRange(1, limit).Draw(t, "events")
	var offset time.Duration
	var events []timeline.Event
	for i := range n {
		offset += time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "gap"))
		events = append(events, timeline.Event{
			Seq: uint64(i + 1), Time: at(offset), Offset: offset,
			Session: rapid.SampledFrom([]string{"sara", "sara", "sara", "jack", ""}).Draw(t, "session"),
			Attempt: rapid.IntRange(0, 4).Draw(t, "attempt"),
			Payload: f.payload(t),
		})
	}
	return events
}

// fill draws a value for everything in a payload. Slices and maps are nil or have
// something in them, because an empty one need not survive a recording.
func (f filler) fill(t *rapid.T, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(f.time(t)))
		return
	case time.Duration:
		v.SetInt(f.span.Draw(t, "duration"))
		return
	case timeline.Stage:
		v.SetInt(rapid.Int64Range(0, int64(timeline.StageCount)).Draw(t, "stage"))
		return
	case map[string]any:
		if rapid.Bool().Draw(t, "custom") {
			v.Set(reflect.ValueOf(map[string]any{f.text.Draw(t, "key"): f.text.Draw(t, "value")}))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			f.fill(t, field)
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(t, v.Elem())
		}
	case reflect.Slice:
		if n := rapid.IntRange(0, 3).Draw(t, "n"); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				f.fill(t, v.Index(i))
			}
		}
	case reflect.String:
		v.SetString(f.text.Draw(t, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(f.whole.Draw(t, "int"))
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(rapid.Uint64Range(0, 255).Draw(t, "uint"))
	default:
		t.Fatalf("a payload has a field of kind %s", v.Kind())
	}
}

// batches cuts a run into pieces at random places.
func batches(t *rapid.T, events []timeline.Event) [][]timeline.Event {
	var cut [][]timeline.Event
	for rest := events; len(rest) > 0; {
		n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
		cut = append(cut, slices.Clone(rest[:n]))
		rest = rest[n:]
	}
	return cut
}
