package coordinator

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/fault"
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

func TestExpireToken(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		old := w.srv.Token("sara", time.Hour)
		sara := w.dial("sara", old)
		want[wire.ConnectedEvent](sara, "the token is good", wire.TypeConnectionOK)
		id := w.arm("expire-token:user=sara")
		sara.wantIdle("nothing happens to the session at that instant")
		refused := w.dial("sara", old)
		if e := want[wire.ConnectionError](refused, "the next connect with it is refused", wire.TypeConnectionError); e.Error.Code != wire.CodeTokenExpired {
			t.Errorf("got %+v", e)
		}
		if a, err := w.do("GET", "/video/edges", old, ""); err != nil || a.status != 401 {
			t.Errorf("and so is a request, got %v %v", a.status, err)
		}
		if a, err := w.do("GET", "/video/edges", w.srv.Token("sara", time.Hour), ""); err != nil || a.status != 200 {
			t.Errorf("a token issued afterwards is good, in the same second too, got %v %v", a.status, err)
		}
		if a, err := w.do("GET", "/video/edges", w.srv.ServerToken(), ""); err != nil || a.status != 200 {
			t.Errorf("so is a server's, which has no date, got %v %v", a.status, err)
		}
		if a, err := w.do("GET", "/video/edges", w.srv.Token("jack", time.Hour), ""); err != nil || a.status != 200 {
			t.Errorf("and everybody else's, got %v %v", a.status, err)
		}
		w.srv.Disarm(id)
		w.arm("expire-token:phase=session")
		if e := want[wire.ConnectionError](sara, "in session it is told at once", wire.TypeConnectionError); e.Error.Code != wire.CodeTokenExpired {
			t.Errorf("got %+v", e)
		}
		sara.close()
	})
}

func TestClockSkew(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("clock-skew:skew=-60s")
		p := w.dial("sara", w.srv.Token("sara", time.Hour))
		e := want[wire.ConnectionError](p, "fresh tokens come from the future", wire.TypeConnectionError)
		if e.Error.Code != wire.CodeTokenUsedBeforeIssued || time.Since(e.CreatedAt.Time) < time.Minute {
			t.Errorf("got %+v", e)
		}
		a, err := w.do("GET", "/video/edges", "", "")
		if err != nil {
			t.Fatal(err)
		}
		date, _ := http.ParseTime(a.header.Get("Date"))
		if skew := time.Since(date); skew < time.Minute || skew > 62*time.Second {
			t.Errorf("the Date header tells of it, got %v", skew)
		}
	})
}

// events sends two events to a user and returns the frames that arrive.
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

func TestRESTFaults(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		token := w.srv.Token("sara", 0)
		get := func(path string) (answer, error) { return w.do("GET", path, token, "") }
		w.arm("rest-error:code=40,count=2")
		for range 2 {
			if a, err := get("/video/edges"); err != nil || a.status != 401 || a.apiError(t).Code != 40 {
				t.Errorf("40, as often as said, got %v %v", a.status, err)
			}
		}
		if a, err := get("/video/edges"); err != nil || a.status != 200 {
			t.Errorf("and no more, got %v %v", a.status, err)
		}
		w.arm("rest-error:code=9,retry_after=1500ms,count=1")
		if a, err := get("/video/edges"); err != nil || a.status != 429 || a.header.Get("Retry-After") != "2" || a.header.Get("X-Ratelimit-Reset") == "" {
			t.Errorf("a limit says when to come back, got %v %v %v", a.status, a.header, err)
		}
		w.arm("rest-html:count=1")
		if a, err := get("/video/edges"); err != nil || a.status != 502 || !strings.Contains(string(a.body), "<html>") {
			t.Errorf("HTML instead of JSON, got %v %v", a.status, err)
		}
		w.arm("rest-error:count=1,path=/edges")
		if a, err := get("/video/devices"); err != nil || a.status != 200 {
			t.Errorf("a path spares the others, got %v %v", a.status, err)
		}
		if a, err := get("/video/edges"); err != nil || a.status != 500 || a.apiError(t).Code != wire.CodeInternal {
			t.Errorf("and an error without a code is -1, got %v %v", a.status, err)
		}
		w.arm("slow:latency=3s,count=1")
		start := time.Now()
		if _, err := get("/video/devices"); err != nil || time.Since(start) != 3*time.Second {
			t.Errorf("a slow answer takes its time, got %v %v", time.Since(start), err)
		}
	})
}

func TestRESTHangAndReset(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("rest-reset:path=/call")
		if a, err := w.do("POST", "/video/call/default/c1", w.srv.Token("sara", 0), ""); err == nil {
			t.Errorf("a reset is no answer, got %v", a.status)
		}
		w.srv.ClearFaults()
		w.arm("rest-hang:path=/call")
		w.http.Timeout = 5 * time.Second
		start := time.Now()
		if a, err := w.do("POST", "/video/call/default/c1", w.srv.Token("sara", 0), ""); err == nil || time.Since(start) != 5*time.Second {
			t.Errorf("a request that hangs ends with the client's patience, got %v after %v", a.status, time.Since(start))
		}
	})
}

func TestTelemetryIsSpared(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.arm("rest-error:count=1")
		report := func() int {
			a, err := w.do("POST", "/video/call_client_event", "", `{"events":[{"stage":"CoordinatorWS","user_id":"sara"}]}`)
			if err != nil {
				t.Fatal(err)
			}
			return a.status
		}
		if got := report(); got != 201 {
			t.Errorf("telemetry does not use up the stroke, got %d", got)
		}
		w.srv.ClearFaults()
		w.arm("rest-error:path=call_client_event,status=403,code=17")
		if got := report(); got != 403 {
			t.Errorf("unless it is named, got %d", got)
		}
		if got := w.noted(Telemetry); len(got) != 1 || got[0] != "telemetry sara" {
			t.Errorf("what it says is passed on, got %q", got)
		}
	})
}

func TestArming(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for _, bad := range []fault.Fault{{}, {Kind: "melt"}, {Kind: fault.Withhold}, {Kind: fault.Offline}, {Kind: fault.Drop, Code: 7}, {Kind: fault.RefuseTCP, User: "sara"}} {
			if _, err := w.srv.Arm(bad); err == nil {
				t.Errorf("%v is refused", bad)
			}
		}
		id := w.arm("no-pong:for=10s")
		if armed := w.srv.Armed(); len(armed) != 1 || armed[0].ID != id || armed[0].Fault.Kind != fault.NoPong {
			t.Errorf("what is armed is listed, got %+v", armed)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if armed := w.srv.Armed(); len(armed) != 0 {
			t.Errorf("until its time is over, got %+v", armed)
		}
		if w.srv.Disarm(id) {
			t.Error("then it cannot be disarmed")
		}
		if got := w.noted(FaultArmed, FaultOver); len(got) != 2 {
			t.Errorf("both are told, got %q", got)
		}
	})
}

func TestEveryKindOfTheCoordinatorIsCaused(t *testing.T) {
	for _, info := range fault.Kinds() {
		f := fault.Fault{Kind: info.Kind}
		for _, need := range info.Needs {
			switch need {
			case "type":
				f.Type = "call.ring"
			case "skew":
				f.Skew = time.Second
			}
		}
		if info.Kind == fault.Slow {
			f.Latency = time.Millisecond
		}
		_, err := new(Server).Arm(f)
		if caused := info.CausedBy(fault.Coordinator); (err == nil) != caused {
			t.Errorf("%s: the table says %v, arming says %v", info.Kind, caused, err)
		}
	}
}

func TestControl(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		call := func(method, query, body string, change func(*http.Request)) (int, string) {
			req, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8800/_streamscope/faults"+query, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if change != nil {
				change(req)
			}
			res, err := w.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			data, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			return res.StatusCode, string(data)
		}
		if status, body := call("POST", "", `"no-pong:for=40s"`, nil); status != 201 || !strings.Contains(body, `"id"`) {
			t.Errorf("the text form arms, got %d %s", status, body)
		}
		if status, body := call("POST", "", `{"kind":"slow","latency":"1s"}`, nil); status != 201 {
			t.Errorf("and the object, got %d %s", status, body)
		}
		if status, body := call("POST", "", `"melt"`, nil); status != 400 || !strings.Contains(body, "no kind") {
			t.Errorf("a mistake is explained, got %d %s", status, body)
		}
		if status, body := call("GET", "", "", nil); status != 200 || !strings.Contains(body, "no-pong") || !strings.Contains(body, "slow") {
			t.Errorf("they are listed, got %d %s", status, body)
		}
		if status, _ := call("DELETE", "?id=nope", "", nil); status != 404 {
			t.Errorf("an unknown id is said, got %d", status)
		}
		if status, _ := call("DELETE", "", "", nil); status != 200 || len(w.srv.Armed()) != 0 {
			t.Errorf("all are cleared, got %d", status)
		}
		if status, _ := call("POST", "", `"drop"`, func(r *http.Request) { r.Header.Set("Origin", "http://localhost:3000") }); status != 403 {
			t.Errorf("no page may do it, got %d", status)
		}
	})
}

func TestOnlyThisMachineControls(t *testing.T) {
	for name, c := range map[string]struct {
		remote, host string
		want         bool
	}{
		"loopback":                {"127.0.0.1:5000", "127.0.0.1:8800", true},
		"loopback by name":        {"127.0.0.1:5000", "localhost:8800", true},
		"IPv6":                    {"[::1]:5000", "[::1]:8800", true},
		"another machine":         {"192.168.1.7:5000", "127.0.0.1:8800", false},
		"a name that was turned":  {"127.0.0.1:5000", "evil.example:8800", false},
		"an address without port": {"192.168.1.7", "127.0.0.1", false},
	} {
		if got := local(&http.Request{RemoteAddr: c.remote, Host: c.host}); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
