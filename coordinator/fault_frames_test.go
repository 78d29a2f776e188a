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

func TestLatencyIsShared(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("slow:latency=300ms")
		for range 5 {
			sara.ping()
		}
		time.Sleep(300 * time.Millisecond)
		for range 5 {
			want[wire.HealthCheck](sara, "what was sent together arrives together", wire.TypeHealthCheck)
		}
		sara.close()
	})
}

func TestFaultsOfWhatTheClientSends(t *testing.T) {
	for text, pongs := range map[string]int{
		"withhold:type=health.check,dir=out,count=1": 1, "corrupt:dir=out": 1, "truncate:dir=out": 1, "duplicate:dir=out,count=1": 3, "reorder:dir=out": 2,
	} {
		t.Run(text, func(t *testing.T) {
			inWorld(t, nil, func(t *testing.T, w *world) {
				sara := w.connect("sara")
				w.arm(text)
				sara.ping()
				sara.ping()
				for range pongs {
					want[wire.HealthCheck](sara, "two pings are answered as they arrive", wire.TypeHealthCheck)
				}
				sara.wantIdle("and no others")
				sara.close()
			})
		})
	}
}

func TestFaultsHaveWindowsTargetsAndDice(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack := w.connect("sara"), w.connect("jack")
		w.arm("withhold:type=user.updated,user=sara,after=1m,for=2m")
		w.arm("duplicate:type=user.updated,user=jack,p=0.5,seed=7")
		update := func() {
			w.as("", "POST", "/api/v2/users", `{"users":{"sara":{"id":"sara"},"jack":{"id":"jack"}}}`, 201)
		}
		update()
		sara.wantEvent("before its start a fault does nothing", wire.TypeUserUpdated)
		time.Sleep(time.Minute)
		for range 19 {
			update()
		}
		sara.wantIdle("in its time it strikes its user and type")
		time.Sleep(2 * time.Minute)
		update()
		sara.wantEvent("after its time it does nothing", wire.TypeUserUpdated)
		heard := 0
		jack.each(func(string, []byte) { heard++ })
		if armed := w.srv.Armed(); len(armed) != 1 || heard != 21+armed[0].Strikes || heard < 25 || heard > 38 {
			t.Errorf("a fault with p=0.5 strikes about half of 21 frames, got %d frames and %+v", heard, armed)
		}
		sara.close()
		jack.close()
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
