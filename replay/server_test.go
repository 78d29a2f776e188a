package replay

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"streamscope/internal/memnet"
	"streamscope/internal/token"
	"streamscope/timeline"
)

const (
	hello = `{"type":"connection.ok","connection_id":"c-1","me":{"id":"sara"}}`
	ring  = `{"type":"call.ring","call_cid":"default:lunch"}`
	no40  = `{"type":"connection.error","error":{"code":40,"message":"token expired"}}`
	gone  = `{"code":16,"message":"there is no such call","StatusCode":404,"duration":"1ms"}`
)

// evening is a session of three sockets: one that the server closes, one that it
// refuses, one that ends in silence; and two answers to one request.
func evening(p *tape) {
	p.opened("sara")
	p.upgraded(0, 1)
	p.at(15, 1, said(timeline.In, hello))
	p.at(1015, 1, said(timeline.In, ring))
	p.at(3010, 1, timeline.Close{Dir: timeline.In, Code: 1001, Reason: "deploy"}, timeline.AttemptEnded{By: timeline.ByServer, Close: 1001})
	p.at(4000, 2, timeline.AttemptStarted{}, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Started})
	p.at(4200, 2, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Failed, Status: 503, Took: 200 * time.Millisecond})
	p.upgraded(5000, 3)
	p.at(5011, 3, said(timeline.In, no40))
	p.at(5012, 3, timeline.Close{Dir: timeline.In, Code: 1006}, timeline.AttemptEnded{By: timeline.ByNetwork, Close: 1006})
	answered := timeline.HTTPResponse{ID: "r-1", Method: "GET", Path: "/video/call/default/lunch", Status: 200, Took: 40 * time.Millisecond, Body: timeline.Body(`{"call":{}}`)}
	p.at(6000, 0, answered)
	answered.ID, answered.Status, answered.Body = "r-2", 404, timeline.Body(gone)
	p.at(7000, 0, answered)
}

func TestAClientHearsWhatWasRecorded(t *testing.T) {
	for name, c := range map[string]struct {
		speed          float64
		ok, ring, ends time.Duration
	}{
		"in time":             {1, 5 * time.Millisecond, 1005 * time.Millisecond, 3 * time.Second},
		"ten times as fast":   {10, 500 * time.Microsecond, 100500 * time.Microsecond, 300 * time.Millisecond},
		"as fast as possible": {0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			playing(t, c.speed, evening, func(t *testing.T, s *stage) {
				all, end, code := s.listen(s.connect("sara"))
				if diff := cmp.Diff([]heard{{c.ok, hello}, {c.ring, ring}}, all); diff != "" {
					t.Errorf("the frames of the first socket come at their distance from the auth frame (-want +got):\n%s", diff)
				}
				if end != (heard{c.ends, "deploy"}) || code != 1001 {
					t.Errorf("it is closed with 1001 and the recorded reason after %v, got %d %+v", c.ends, code, end)
				}
				if ws, status := s.dial(); ws != nil || status != 503 {
					t.Errorf("the second upgrade is refused with 503, got %d", status)
				}
				all, _, code = s.listen(s.connect("sara"))
				if len(all) != 1 || all[0].Body != no40 || code != abnormal {
					t.Errorf("the third socket has an error and is lost without a close frame, got %v and %d", all, code)
				}
				if ws, status := s.dial(); ws != nil || status != http.StatusServiceUnavailable {
					t.Errorf("there is no fourth socket to play, got %d", status)
				}
			})
		})
	}
}

func TestRequestsGetTheirAnswersInOrder(t *testing.T) {
	playing(t, 1, evening, func(t *testing.T, s *stage) {
		const path = "/video/call/default/lunch"
		status, body, took := s.ask("GET", path, "")
		if status != 200 || body != `{"call":{}}` || took != 40*time.Millisecond {
			t.Errorf("the first answer comes in its time, got %d %s after %v", status, body, took)
		}
		for range 2 {
			if status, body, _ := s.ask("GET", "/video//call/default/lunch", ""); status != 404 || body != gone {
				t.Errorf("the last answer repeats, got %d %s", status, body)
			}
		}
		status, body, _ = s.ask("DELETE", path, "")
		var fail struct{ Code, StatusCode int }
		if err := json.Unmarshal([]byte(body), &fail); err != nil || status != 404 || fail.Code != 16 || fail.StatusCode != 404 {
			t.Errorf("what was not recorded does not exist, in Stream's envelope; got %d %s", status, body)
		}
		if status, _, _ := s.ask("POST", "/video/call_client_event", ""); status != 201 {
			t.Errorf("telemetry is taken, recorded or not; got %d", status)
		}
	})
}

func TestAnswersGoToTheirUsers(t *testing.T) {
	write := func(p *tape) {
		for _, user := range []string{"sara", "jack"} {
			p.opened(user)
			p.at(1, 0, timeline.HTTPResponse{Method: "GET", Path: "/video/me", Status: 200, Body: timeline.Body(user)})
			p.upgraded(10, 1)
			p.at(30, 1, said(timeline.In, `{"type":"hello","to":"`+user+`"}`), timeline.Close{Dir: timeline.In, Code: 1000})
		}
	}
	playing(t, 0, write, func(t *testing.T, s *stage) {
		for _, user := range []string{"jack", "sara"} {
			raw, err := s.srv.Token(user)
			if err != nil {
				t.Fatal(err)
			}
			if _, body, _ := s.ask("GET", "/video/me", raw); body != user {
				t.Errorf("the token says who asks: want the answer of %s, got %q", user, body)
			}
			if all, _, code := s.listen(s.connect(user)); len(all) != 1 || !strings.Contains(all[0].Body, user) || code != 1000 {
				t.Errorf("the auth frame says whose socket it is: want that of %s, got %v, %d", user, all, code)
			}
		}
	})
}

func TestAGuestGetsATokenOfOurOwn(t *testing.T) {
	write := func(p *tape) {
		p.opened("visitor")
		p.at(1, 0, timeline.HTTPResponse{Method: "POST", Path: "/video/guest", Status: 201, User: "guest-7-visitor",
			Body: timeline.Body(`{"access_token":"eyJ….….…abcdef","duration":"1ms","user":{"id":"guest-7-visitor"}}`)})
	}
	playing(t, 0, write, func(t *testing.T, s *stage) {
		status, body, _ := s.ask("POST", "/video/guest", "")
		var got struct {
			AccessToken string `json:"access_token"`
			Duration    string
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 201 || got.Duration != "1ms" {
			t.Fatalf("the answer is as recorded, got %d %s (%v)", status, body, err)
		}
		if err := token.Verify(got.AccessToken, s.srv.Secret()); err != nil {
			t.Errorf("the token is signed by the server: %v", err)
		}
		if read, err := token.Parse(got.AccessToken); err != nil || read.UserID != "guest-7-visitor" {
			t.Errorf("the token is the guest's, got %+v, %v", read, err)
		}
	})
}

func TestASocketThatWasWellStaysWell(t *testing.T) {
	write := func(p *tape) {
		p.opened("sara")
		p.upgraded(0, 1)
		p.at(20, 1, said(timeline.In, hello))
		p.at(900, 1, timeline.Close{Dir: timeline.Out, Code: 1000}, timeline.AttemptEnded{By: timeline.ByUser})
	}
	playing(t, 1, write, func(t *testing.T, s *stage) {
		ws := s.connect("sara")
		if _, _, err := ws.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := ws.Write(t.Context(), websocket.MessageText, []byte(`[{"type":"health.check"}]`)); err != nil {
			t.Fatal(err)
		}
		if _, body, err := ws.Read(t.Context()); err != nil || !strings.Contains(string(body), `"connection_id":"c-1"`) {
			t.Errorf("a client that stays longer is answered, got %s, %v", body, err)
		}
		ws.Close(websocket.StatusNormalClosure, "")
	})
}

func TestWhatTheServerNeverDid(t *testing.T) {
	write := func(p *tape) {
		p.opened("sara")
		p.at(0, 1, timeline.AttemptStarted{}, timeline.StageChanged{Stage: timeline.StageToken, Progress: timeline.Failed})
		p.at(1, 2, timeline.StageChanged{Stage: timeline.StageTCP, Progress: timeline.Failed})
		p.at(2, 3, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Started})
		p.at(15000, 3, timeline.AttemptEnded{By: timeline.ByClient})
		p.upgraded(16000, 4)
		p.at(31000, 4, timeline.AttemptEnded{By: timeline.ByClient})
		p.at(32000, 0, timeline.HTTPResponse{Method: "GET", Path: "/video/edges", Took: time.Second})
	}
	playing(t, 1, write, func(t *testing.T, s *stage) {
		if got := s.srv.Script.Sockets(); got != 3 {
			t.Errorf("an attempt without a token reached no server: want 3 sockets, got %d", got)
		}
		if ws, status := s.dial(); ws != nil || status != 0 {
			t.Errorf("a port that refused is a connection that is cut, got status %d", status)
		}
		s.client.Timeout = 15 * time.Second
		began := time.Now()
		if ws, status := s.dial(); ws != nil || status != 0 || time.Since(began) != 15*time.Second {
			t.Errorf("the upgrade is not answered, however long the client waits: status %d after %v", status, time.Since(began))
		}
		s.client.Timeout = 0
		ws := s.connect("sara")
		time.Sleep(time.Hour)
		if err := ws.Write(t.Context(), websocket.MessageText, []byte(`{}`)); err != nil {
			t.Errorf("the socket is open, got %v", err)
		}
		ws.CloseNow()
		if status, _, took := s.ask("GET", "/video/edges", ""); status != 0 || took != time.Second {
			t.Errorf("a request that got no answer gets none, after its time; got %d after %v", status, took)
		}
	})
}

func TestAnEditedRecordingDoesNoHarm(t *testing.T) {
	write := func(p *tape) {
		p.opened("sara")
		p.at(0, 1, timeline.StageChanged{Stage: timeline.StageUpgrade, Progress: timeline.Failed, Status: 5000})
		p.at(1, 0, timeline.HTTPResponse{Method: "GET", Path: "/video/edges", Status: 42})
		p.upgraded(2, 2)
		p.at(20, 2, timeline.Close{Dir: timeline.In, Code: 70000, Reason: strings.Repeat("x", 500)})
	}
	playing(t, 0, write, func(t *testing.T, s *stage) {
		if ws, status := s.dial(); ws != nil || status != 0 {
			t.Errorf("a status that does not exist is a cut, got %d", status)
		}
		if status, _, _ := s.ask("GET", "/video/edges", ""); status != 0 {
			t.Errorf("a status that does not exist is a cut, got %d", status)
		}
		if _, _, code := s.listen(s.connect("sara")); code != abnormal {
			t.Errorf("a code that no frame may have is a loss, got %d", code)
		}
	})
}

func TestStrangersAreTurnedAway(t *testing.T) {
	playing(t, 0, evening, func(t *testing.T, s *stage) {
		for name, c := range map[string]struct {
			host, origin string
			want         int
		}{
			"a page of this machine":  {"127.0.0.1:8800", "http://localhost:3000", 404},
			"an emulator":             {"10.0.2.2:8800", "", 404},
			"a page from elsewhere":   {"127.0.0.1:8800", "https://evil.example", 403},
			"a name that points here": {"evil.example:8800", "", 403},
		} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:8800/nothing", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = c.host
			if c.origin != "" {
				req.Header.Set("Origin", c.origin)
			}
			resp, err := s.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != c.want {
				t.Errorf("%s: want %d, got %d", name, c.want, resp.StatusCode)
			}
		}
	})
}

func TestARecordingIsServedOnLoopbackOnly(t *testing.T) {
	s := &Server{Script: NewScript(func(func(timeline.Event) bool) {})}
	if err := s.Serve(t.Context(), memnet.Listen("192.0.2.1:80")); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("an address that others reach is refused, got %v", err)
	}
}
