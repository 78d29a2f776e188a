package coordinator

import (
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/wire"
)

func TestPuppetRings(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		cid, err := w.srv.Ring("jack", []string{"sara"}, RingOptions{Video: true})
		if err != nil {
			t.Fatal(err)
		}
		sara.wantEvent("the call exists", wire.TypeCallCreated)
		if ring := sara.wantEvent("and rings", wire.TypeCallRing); ring.User.ID != "jack" || ring.CallCID != cid {
			t.Errorf("got %+v", ring)
		}
		w.as("sara", "POST", "/video/call/default/"+cid[len("default:"):]+"/reject", `{"reason":"busy"}`, 201)
		sara.wantEvent("our reject comes back", wire.TypeCallRejected)
		if e := sara.wantEvent("and as a client would, the caller cancels", wire.TypeCallRejected); e.User.ID != "jack" || e.Reason != "cancel" {
			t.Errorf("got %+v", e)
		}
		sara.close()
	})
}

func TestPuppetGivesUp(t *testing.T) {
	inWorld(t, func(s *Server) { s.RingTimeouts = wire.RingSettings{AutoCancelTimeoutMS: 10_000} }, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		if _, err := w.srv.Ring("jack", []string{"sara"}, RingOptions{}); err != nil {
			t.Fatal(err)
		}
		sara.skip()
		time.Sleep(10*time.Second - 1)
		sara.wantIdle("the caller waits for his auto-cancel timeout")
		time.Sleep(1 * time.Nanosecond)
		if e := sara.wantEvent("then he gives up", wire.TypeCallRejected); e.Reason != "timeout" || e.User.ID != "jack" {
			t.Errorf("got %+v", e)
		}
		sara.close()
	})
}

func TestPuppetAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		behaviour Behaviour
		want      []string
		reason    string
	}{
		"accepts": {Behaviour{Answer: Accept, After: 2 * time.Second}, []string{wire.TypeSessionStarted, wire.TypeParticipantJoined, wire.TypeParticipantCount, wire.TypeCallAccepted}, ""},
		"rejects": {Behaviour{Answer: Reject, After: 2 * time.Second}, []string{wire.TypeCallRejected}, "decline"},
		"is busy": {Behaviour{Answer: Busy, After: 2 * time.Second}, []string{wire.TypeCallRejected}, "busy"},
		"ignores": {Behaviour{Answer: Ignore, After: 2 * time.Second}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, nil, func(t *testing.T, w *world) {
				w.srv.SetBehaviour("jack", c.behaviour)
				sara := w.connect("sara")
				w.as("sara", "POST", "/video/call/default/c1", `{"ring":true,"data":{"members":[{"user_id":"jack"}]}}`, 201)
				sara.skip()
				time.Sleep(2*time.Second - 1)
				sara.wantIdle("not before its time")
				time.Sleep(1 * time.Nanosecond)
				for _, typ := range c.want {
					if e := sara.wantEvent("jack "+name, typ); e.Reason != c.reason {
						t.Errorf("with reason %q, got %q", c.reason, e.Reason)
					}
				}
				sara.wantIdle("and that is all")
				sara.close()
			})
		})
	}
}

func TestPuppetJoinsWhenAnswered(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		sara := w.connect("sara")
		cid, err := w.srv.Ring("jack", []string{"sara"}, RingOptions{ID: "c1"})
		if err != nil {
			t.Fatal(err)
		}
		sara.skip()
		w.as("sara", "POST", "/video/call/default/c1/join", `{"location":"AMS"}`, 201, "connection_id="+sara.connID)
		w.as("sara", "POST", "/video/call/default/c1/accept", "", 201)
		synctest.Wait()
		if got := len(w.srv.Calls()[0].Session.Participants); got != 2 {
			t.Errorf("both are in, got %d", got)
		}
		sara.close()
		synctest.Wait()
		if got := len(w.srv.Calls()[0].Session.Participants); got != 0 {
			t.Errorf("a simulated user does not stay alone, got %d", got)
		}
		if err := w.srv.End(cid, "sara"); err == nil {
			t.Error("whose call it is not may not end it")
		}
		if err := w.srv.End(cid, "jack"); err != nil {
			t.Errorf("its creator may: %v", err)
		}
		if err := w.srv.Accept("default:nope", "jack"); err == nil {
			t.Error("there must be a call to accept")
		}
	})
}

func TestCallsOfPuppetsHaveReadableNames(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.as("sara", "POST", "/video/call/default/standup", "", 201)
		var got []string
		for range len(callNames) + 1 {
			cid, err := w.srv.Ring("jack", []string{"sara"}, RingOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, cid)
		}
		if got[0] != "default:lunch" || got[1] != "default:retro" || got[len(callNames)-1] != "default:lunch-2" || got[len(callNames)] != "default:standup-2" {
			t.Errorf("words first, then words with numbers, none that is taken, got %q", got)
		}
	})
}
