package coordinator

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

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
		fresh := w.srv.Token("sara", time.Hour)
		for range 2 {
			if a, err := w.do("GET", "/video/edges", fresh, ""); err != nil || a.status != 200 {
				t.Errorf("a token issued afterwards is good and stays so, in the same second too, got %v %v", a.status, err)
			}
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

func TestArming(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for _, bad := range []fault.Fault{{}, {Kind: "melt"}, {Kind: fault.Withhold}, {Kind: fault.Offline}, {Kind: fault.Drop, Code: 7}, {Kind: fault.RefuseTCP, User: "sara"}} {
			if _, err := w.srv.Arm(bad); err == nil {
				t.Errorf("%v is refused", bad)
			}
		}
		for range maxFaults {
			w.arm("duplicate")
		}
		if _, err := w.srv.Arm(fault.Fault{Kind: fault.Drop}); err == nil {
			t.Error("there is room for so many and no more")
		}
		w.srv.ClearFaults()
		before := len(w.noted(FaultArmed, FaultOver))
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
		if got := w.noted(FaultArmed, FaultOver)[before:]; len(got) != 2 {
			t.Errorf("both are told, got %q", got)
		}
	})
}

func TestHooksHearWhomAFaultStruck(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara, jack := w.connect("sara"), w.connect("jack")
		w.arm("unknown-event:user=sara")
		w.arm("unknown-event")
		synctest.Wait()
		w.arm("duplicate:count=1")
		jack.ping()
		want := []string{"fault struck sara", "fault struck ", "fault struck jack"}
		if got := w.noted(FaultStruck); !slices.Equal(got, want) {
			t.Errorf("one user by name, several without, got %q", got)
		}
		sara.close()
		jack.close()
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
