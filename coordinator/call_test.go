package coordinator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/fault"
	"streamscope/internal/wire"
)

func TestNotifyDoesNotRing(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		jack := w.connect("jack")
		w.as("sara", "POST", "/video/call/default/c1", `{"notify":true,"data":{"members":[{"user_id":"jack"}]}}`, 201)
		jack.wantEvent("the call is made", wire.TypeCallCreated)
		if e := jack.wantEvent("its members are notified", wire.TypeCallNotification); e.SessionID == "" || e.Video != nil || e.User.ID != "sara" {
			t.Errorf("got %+v", e)
		}
		jack.wantIdle("and nothing rings")
		w.as("sara", "GET", "/video/call/default/c1", "", 200, "notify=true")
		jack.wantEvent("reading a call can notify", wire.TypeCallNotification)
		w.as("sara", "GET", "/video/call/default/c1", "", 200, "ring=true", "video=true")
		if e := jack.wantEvent("and ring", wire.TypeCallRing); !*e.Video {
			t.Errorf("got %+v", e)
		}
		jack.close()
	})
}

func TestUpdateAndDelete(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		jack := w.connect("jack")
		w.as("sara", "POST", "/video/call/default/c1", `{"data":{"members":[{"user_id":"jack"}]}}`, 201)
		jack.skip()
		w.as("sara", "PATCH", "/video/call/default/c1", `{"custom":{"a":1},"starts_at":"2030-01-02T03:04:05Z"}`, 200)
		e := jack.wantEvent("members hear of a change", wire.TypeCallUpdated)
		if e.Call.Custom["a"] != 1.0 || e.Call.StartsAt.Year() != 2030 || len(e.CapabilitiesByRole) == 0 {
			t.Errorf("got %+v", e)
		}
		res := decodeBody[wire.MembersResponse](t, w.as("sara", "POST", "/video/call/members", `{"type":"default","id":"c1","filter_conditions":{"role":"user","user_id":{"$in":["jack"]}}}`, 201))
		if len(res.Members) != 1 || res.Members[0].UserID != "jack" || res.Members[0].User.Name != "Jack" {
			t.Errorf("a query finds members, got %+v", res.Members)
		}
		w.as("sara", "POST", "/video/call/members", `{"type":"default","id":"c1","filter_conditions":{"user_id":{"$near":1}}}`, 400)
		w.as("jack", "POST", "/video/call/default/c1/delete", "", 403)
		w.as("sara", "POST", "/video/call/default/c1/delete", `{"hard":true}`, 201)
		jack.wantEvent("and of its end", wire.TypeCallDeleted)
		w.as("sara", "GET", "/video/call/default/c1", "", 404)
		jack.close()
	})
}

func TestALiveCallIsToldAndReactedTo(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		jack := w.connect("jack")
		w.as("sara", "POST", "/video/call/default/c1", `{"data":{"members":[{"user_id":"jack"}]}}`, 201)
		jack.wantEvent("the call is made", wire.TypeCallCreated)
		if got := decodeBody[wire.CallStateResponse](t, w.as("sara", "GET", "/video/call/default/c1", "", 200, "members_limit=1")); len(got.Members) != 1 {
			t.Errorf("as many members as asked for, got %d", len(got.Members))
		}
		w.as("sara", "GET", "/video/call/default/c1", "", 400, "members_limit=many")
		w.as("sara", "POST", "/video/call/default/c1/stop_live", "", 201)
		if e := jack.wantEvent("it is in the backstage", wire.TypeCallUpdated); !e.Call.Backstage {
			t.Errorf("got %+v", e.Call)
		}
		w.as("jack", "POST", "/video/call/default/c1/go_live", "", 403)
		w.as("sara", "POST", "/video/call/default/c1/go_live", "", 201)
		if e := jack.wantEvent("it is live", wire.TypeLiveStarted); e.Call.Backstage {
			t.Errorf("got %+v", e.Call)
		}
		w.as("sara", "POST", "/video/call/default/c1/reaction", `{}`, 400)
		w.as("sara", "POST", "/video/call/default/c1/reaction", `{"type":"raised-hand"}`, 201)
		if e := jack.wantEvent("a reaction reaches the others", wire.TypeReaction); e.Reaction.Type != "raised-hand" || e.Reaction.User.ID != "sara" {
			t.Errorf("got %+v", e.Reaction)
		}
		jack.close()
	})
}

func TestWhatRingingDoesNotNeedIsAccepted(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.as("sara", "POST", "/video/call/default/c1", "", 201)
		for _, verb := range []string{"block", "mute_users", "go_live", "pin", "feedback"} {
			w.as("sara", "POST", "/video/call/default/c1/"+verb, "{}", 201)
			w.as("sara", "POST", "/video/call/default/nope/"+verb, "{}", 404)
		}
		for _, path := range []string{"/api/v2/app", "/api/v2/video/edges", "/api/v2/video/calltypes"} {
			w.as("", "GET", path, "", 200)
		}
	})
}

func TestDropAUser(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		one, two, jack := w.connect("sara"), w.connect("sara"), w.connect("jack")
		if n := w.srv.Drop("sara"); n != 2 {
			t.Errorf("every connection of the user, got %d", n)
		}
		one.wantClose("is reset", -1)
		two.wantClose("each of them", -1)
		jack.wantIdle("and nobody else's")
		jack.close()
	})
}

func TestHooksMayCallTheServer(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		var seen []int
		note := w.srv.OnEvent
		w.srv.OnEvent = func(e Event) {
			note(e)
			seen = append(seen, len(w.srv.Connections()))
			if e.Kind == Connected && e.UserID == "jack" {
				w.srv.Drop("sara")
			}
		}
		sara := w.connect("sara")
		jack := w.connect("jack")
		sara.wantClose("a hook drops another user", -1)
		synctest.Wait()
		if len(seen) < 3 {
			t.Errorf("and hears of it itself, got %v", seen)
		}
		jack.close()
	})
}

// wantOpen waits until the port is open again.
func wantOpen(t *testing.T, client *http.Client, base string) {
	t.Helper()
	var res *http.Response
	err := errors.New("never tried")
	for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); runtime.Gosched() {
		res, err = client.Get(base + "/hint")
	}
	if err != nil {
		t.Fatalf("the port is open when the fault is over, got %v", err)
	}
	res.Body.Close()
}

func TestRunOnARealPort(t *testing.T) {
	s := &Server{Secret: "s"}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	addr := make(chan net.Addr, 1)
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx, "127.0.0.1:0", func(a net.Addr) { addr <- a }) }()
	base := "http://" + (<-addr).String()
	key, secret := s.Credentials()
	if key != DefaultAPIKey || secret != "s" {
		t.Errorf("the credentials in force are told, got %q %q", key, secret)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for _, c := range []struct {
		spec string
		want int
	}{
		{"refuse-tcp", http.StatusBadRequest}, // nobody could take it back
		{"refuse-tcp:for=10m", http.StatusCreated},
	} {
		res, err := client.Post(base+"/_streamscope/faults", "application/json", strings.NewReader(strconv.Quote(c.spec)))
		if err != nil || res.StatusCode != c.want {
			t.Fatalf("a program on this machine arms %s: want %d, got %v, %v", c.spec, c.want, res, err)
		}
		res.Body.Close()
	}
	transport.CloseIdleConnections()
	if res, err := client.Get(base + "/hint"); err == nil {
		res.Body.Close()
		t.Error("TCP is refused")
	} else if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("as a port is on which nobody listens, got %v", err)
	}
	if armed := s.Armed(); len(armed) != 1 || armed[0].Strikes != 1 {
		t.Errorf("closing the port is the stroke, got %+v", armed)
	}
	s.ClearFaults()
	wantOpen(t, client, base)
	if _, err := s.Arm(fault.Fault{Kind: fault.RefuseTCP, Count: 1}); err != nil {
		t.Fatal(err)
	}
	transport.CloseIdleConnections()
	if res, err := client.Get(base + "/hint"); err == nil {
		res.Body.Close()
		t.Error("a number of connections is reset")
	}
	wantOpen(t, client, base)
	cancel()
	if err := <-ran; err != nil {
		t.Errorf("the end of the context is no error, got %v", err)
	}
	if err := new(Server).Run(t.Context(), "0.0.0.0:0", nil); err == nil {
		t.Error("other machines are not let in unasked")
	}
}
