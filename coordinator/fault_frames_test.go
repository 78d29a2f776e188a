package coordinator

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/wire"
)

// twoEvents sends two events to sara and names the frames that arrive.
func twoEvents(w *world, p *peer) []string {
	w.as("", "POST", "/api/v2/users", `{"users":{"sara":{"id":"sara","name":"first"}}}`, 201)
	synctest.Wait()
	w.as("", "POST", "/api/v2/users", `{"users":{"sara":{"id":"sara","name":"second"}}}`, 201)
	time.Sleep(time.Minute)
	synctest.Wait()
	var got []string
	for len(p.frames) > 0 {
		data := <-p.frames
		e, err := wire.Decode[wire.CallEvent](data)
		switch {
		case err == nil && e.User != nil:
			got = append(got, e.User.Name)
		case json.Valid(data):
			got = append(got, "other")
		default:
			got = append(got, "not JSON")
		}
	}
	return got
}

func TestFrameFaults(t *testing.T) {
	for text, want := range map[string][]string{
		"withhold:type=user.updated":         {},
		"withhold:type=user.updated,count=1": {"second"},
		"withhold:type=call.ring":            {"first", "second"},
		"duplicate:count=1":                  {"first", "first", "second"},
		"reorder:count=1":                    {"second", "first"},
		"corrupt":                            {"not JSON", "second"},
		"truncate":                           {"not JSON", "second"},
		"duplicate:user=jack":                {"first", "second"},
		"duplicate:dir=out":                  {"first", "second"},
	} {
		t.Run(text, func(t *testing.T) {
			inWorld(t, nil, func(t *testing.T, w *world) {
				sara := w.connect("sara")
				w.arm(text)
				if got := twoEvents(w, sara); !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				sara.close()
			})
		})
	}
}

func TestFaultsCompose(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("duplicate:count=1")
		w.arm("corrupt:count=1")
		if got := twoEvents(w, sara); !slices.Equal(got, []string{"not JSON", "first", "second"}) {
			t.Errorf("the stages run in the order of arming, got %q", got)
		}
		sara.close()
	})
}

func TestSlowFrames(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("slow:latency=300ms,jitter=100ms,seed=1")
		start := time.Now()
		sara.ping()
		<-sara.frames
		if took := time.Since(start); took < 300*time.Millisecond || took > 400*time.Millisecond {
			t.Errorf("the answer takes the latency and some jitter, got %v", took)
		}
		w.srv.ClearFaults()
		w.arm("slow:rate=100")
		start = time.Now()
		sara.ping()
		data := <-sara.frames
		if took, want := time.Since(start), time.Duration(len(data))*10*time.Millisecond; took != want {
			t.Errorf("a rate holds each frame up by its size, got %v, want %v", took, want)
		}
		sara.close()
	})
}

func TestADropDoesNotWaitForASlowLine(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("slow:latency=1h")
		sara.ping()
		synctest.Wait()
		w.arm("drop")
		sara.wantClose("the connection is cut at once", -1)
	})
}

func TestInjectedFrames(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("unknown-event:type=call.from_the_future")
		sara.wantEvent("an event of any type", "call.from_the_future")
		w.arm("huge-frame:size=300000")
		synctest.Wait()
		if data := <-sara.frames; len(data) != 300000 || !json.Valid(data) {
			t.Errorf("a frame of any size, got %d", len(data))
		}
		sara.close()
	})
}
