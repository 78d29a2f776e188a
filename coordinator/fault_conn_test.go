package coordinator

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
)

// dialError is the end of a dial that is expected to fail.
func (w *world) dialError(t *testing.T, ctx context.Context) (*http.Response, error) {
	t.Helper()
	ws, res, err := websocket.Dial(ctx, "ws://127.0.0.1:8800/video/connect?api_key="+DefaultAPIKey, &websocket.DialOptions{HTTPClient: w.http})
	if err == nil {
		ws.CloseNow()
		t.Error("the dial fails")
	}
	return res, err
}

func TestDropAndClose(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack := w.connect("sara"), w.connect("jack")
		w.arm("drop:user=sara")
		sara.wantClose("a drop has no close frame", -1)
		jack.wantIdle("it is limited to its user")
		w.arm("close:code=4001,reason=bye")
		jack.wantClose("a close has its code", 4001)
		if armed := w.srv.Armed(); len(armed) != 0 {
			t.Errorf("a single stroke is spent, got %+v", armed)
		}
		w.arm("close")
		waiting := w.connect("nina")
		waiting.wantClose("with nobody there it waits for the next session, and is 1000 by default", 1000)
		again := w.connect("nina")
		again.wantIdle("once")
		again.close()
	})
}

func TestDropForAWhile(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("drop:after=1s,for=10s")
		w.connect("sara").close()
		time.Sleep(time.Second)
		w.connect("sara").wantClose("every session of the window is dropped", -1)
		w.connect("sara").wantClose("every one", -1)
		time.Sleep(10 * time.Second)
		p := w.connect("sara")
		p.wantIdle("afterwards none")
		p.close()
	})
}

func TestAFaultThatWaitsForAConnectHasTime(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("close:phase=connect,code=1011,after=1m,for=10s")
		if armed := w.noted(FaultArmed); len(armed) != 1 {
			t.Errorf("that it is armed is told before it begins, got %q", armed)
		}
		time.Sleep(time.Hour)
		w.dial("sara", w.srv.Token("sara", 0)).wantClose("it strikes when somebody comes", 1011)
		time.Sleep(9 * time.Second)
		w.dial("sara", w.srv.Token("sara", 0)).wantClose("and for its time from then", 1011)
		time.Sleep(time.Second)
		p := w.connect("sara")
		p.wantIdle("which is over")
		p.close()
		if armed := w.srv.Armed(); len(armed) != 0 {
			t.Errorf("and so is the fault, got %+v", armed)
		}
	})
}

func TestHandshakeFaults(t *testing.T) {
	for text, check := range map[string]func(*testing.T, *peer){
		"drop:phase=connect":            func(t *testing.T, p *peer) { p.wantClose("dropped before connection.ok", -1) },
		"close:phase=connect":           func(t *testing.T, p *peer) { p.wantClose("1000 before connection.ok", 1000) },
		"close:phase=connect,code=1011": func(t *testing.T, p *peer) { p.wantClose("another code", 1011) },
		"error:code=71": func(t *testing.T, p *peer) {
			if e := want[wire.ConnectionError](p, "connection.error instead", wire.TypeConnectionError); e.Error.Code != 71 || e.Error.StatusCode != 429 {
				t.Errorf("got %+v", e)
			}
			p.wantClose("and then 1000", 1000)
		},
		"wrong-signature:count=1": func(t *testing.T, p *peer) {
			if e := want[wire.ConnectionError](p, "43", wire.TypeConnectionError); e.Error.Code != wire.CodeTokenSignature {
				t.Errorf("got %+v", e)
			}
			p.wantClose("and then 1000", 1000)
		},
		"stall-auth:count=1": func(t *testing.T, p *peer) {
			time.Sleep(time.Hour)
			p.wantIdle("the auth message is never answered")
			p.close()
		},
		"withhold:type=connection.ok,count=1": func(t *testing.T, p *peer) {
			p.wantIdle("connection.ok is lost")
			p.close()
		},
	} {
		t.Run(text, func(t *testing.T) {
			inWorld(t, nil, func(t *testing.T, w *world) {
				w.arm(text)
				check(t, w.dial("sara", w.srv.Token("sara", 0)))
				next := w.connect("sara")
				next.wantIdle("the next connect is not struck")
				next.close()
			})
		})
	}
}

func TestUpgradeFaults(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("refuse-upgrade:status=403,count=1")
		if res, _ := w.dialError(t, t.Context()); res == nil || res.StatusCode != 403 {
			t.Errorf("the upgrade gets the status, got %v", res)
		}
		w.arm("stall-upgrade:count=1")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		w.dialError(t, ctx)
		if got := time.Since(start); got != time.Minute {
			t.Errorf("a stalled upgrade lasts as long as the client does, got %v", got)
		}
		id := w.arm("refuse-tcp")
		if _, err := w.dialError(t, t.Context()); err == nil {
			t.Error("no byte is read")
		}
		w.srv.Disarm(id)
		p := w.connect("sara")
		w.arm("stall-upgrade") // a stall must not outlive the server
		go w.dialError(t, context.Background())
		synctest.Wait()
		p.close()
	})
}

func TestHalfOpen(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		id := w.arm("half-open:user=sara")
		sara.ping()
		w.srv.SetBehaviour("jack", Behaviour{})
		if _, err := w.srv.Ring("jack", []string{"sara"}, RingOptions{}); err != nil {
			t.Fatal(err)
		}
		sara.wantIdle("nothing is answered and nothing sent")
		next := w.connect("sara")
		next.ping()
		want[wire.HealthCheck](next, "a new socket works", wire.TypeHealthCheck)
		start := time.Now()
		sara.close()
		if took := time.Since(start); took < time.Second {
			t.Errorf("a close frame is not answered, got an answer after %v", took)
		}
		if !w.srv.Disarm(id) {
			t.Error("it is in force until it is disarmed")
		}
		next.close()
	})
}

func TestHalfOpenEndsByItself(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("half-open:for=30s")
		sara.ping()
		time.Sleep(30 * time.Second)
		sara.wantIdle("what was lost stays lost")
		sara.ping()
		want[wire.HealthCheck](sara, "afterwards the socket lives again", wire.TypeHealthCheck)
		sara.close()
	})
}

func TestNoPong(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("no-pong:for=40s")
		sara.ping()
		sara.wantIdle("a ping is not answered")
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		w.as("", "POST", "/api/v2/users", `{"users":{"sara":{"id":"sara","name":"S"}}}`, 201)
		sara.wantEvent("other events keep flowing", wire.TypeUserUpdated)
		<-ctx.Done()
		time.Sleep(38 * time.Second)
		sara.ping()
		want[wire.HealthCheck](sara, "after its time pings are answered", wire.TypeHealthCheck)
		sara.close()
	})
}

func TestErrorsInSession(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		w.arm("error:code=40,phase=session,count=2")
		for range 2 {
			if e := want[wire.ConnectionError](sara, "both arrive at once", wire.TypeConnectionError); e.Error.Code != 40 {
				t.Errorf("got %+v", e)
			}
		}
		sara.ping()
		want[wire.HealthCheck](sara, "and the socket stays", wire.TypeHealthCheck)
		sara.close()
	})
}
