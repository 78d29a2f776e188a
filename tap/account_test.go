package tap

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"streamscope/timeline"
)

func TestASocketIsASessionOfItsUser(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.login("sara")
		s := w.state("sara")
		if s.Conn != timeline.StateConnected || s.Attempt.N != 1 || s.Attempt.ConnectionID != "c-1" || s.Opened.Source != timeline.SourceTap {
			t.Errorf("the session is connected: %s, attempt %d, %q", s.Conn, s.Attempt.N, s.Attempt.ConnectionID)
		}
		if s.Token.Wire.Number != 1 || s.Token.Loads != 1 || s.Token.History[0].Result != "ok" {
			t.Errorf("the token is known by its shape: %+v", s.Token)
		}
		for stage, want := range map[timeline.Stage]timeline.Progress{
			timeline.StageToken: timeline.Skipped, timeline.StageTCP: timeline.Passed, timeline.StageTLS: timeline.Skipped,
			timeline.StageUpgrade: timeline.Passed, timeline.StageAuth: timeline.Passed, timeline.StageConnected: timeline.Passed,
		} {
			if got := s.Attempt.Stages[stage].Progress; got != want {
				t.Errorf("the stage %s is %v, want %v", stage, got, want)
			}
		}
		if raw := w.proxy.Token("sara").Reveal(); !strings.HasPrefix(raw, "eyJ") {
			t.Errorf("the token can be judged: %q", raw)
		}
		go app.ws.Close(1000, "bye")
		up.end()
		if s := w.state("sara"); s.Conn != timeline.StateDisconnected || s.Attempt.End.By != timeline.ByClient {
			t.Errorf("a close of the app is a disconnect: %s by %s", s.Conn, s.Attempt.End.By)
		}
		for _, row := range w.events() {
			if strings.Contains(row, "eyJ") && !strings.Contains(row, "….…") {
				t.Errorf("a token is on the record: %s", row)
			}
		}
	})
}

func TestACloseWith1000LeavesTheClientDeaf(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.login("sara")
		go up.ws.Close(1000, "")
		app.end()
		s := w.state("sara")
		if s.Conn != timeline.StateConnected || len(s.Traps) != 1 || s.Traps[0].ID != "K1" {
			t.Errorf("the official client believes in the socket (K1): %s, %v", s.Conn, s.Traps)
		}
	})
}

func TestARefusedTokenIsBlamed(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		raw := sign(t, "sara")
		for n := 1; n <= 2; n++ {
			app, up := w.connect()
			go app.say(`{"token":"` + raw + `","user_details":{"id":"sara"}}`)
			up.ws.Read(t.Context())
			go func() {
				up.say(`{"type":"connection.error","error":{"code":40,"message":"JWTAuth error: token is expired (exp)","StatusCode":401}}`)
				up.ws.Close(1000, "")
			}()
			app.ws.Read(t.Context())
			if got := app.end(); got != "1000" {
				t.Errorf("the refusal ends as the server ends it, got %s", got)
			}
		}
		s := w.state("sara")
		f := s.Attempt.Failure()
		if f == nil || f.Code != 40 || f.Name != "AuthErrorTokenExpired" || s.Attempt.Stages[timeline.StageAuth].Progress != timeline.Failed {
			t.Errorf("the attempt failed of code 40: %+v", f)
		}
		if !slices.ContainsFunc(s.Warnings, func(w timeline.Warning) bool { return w.ID == WarnTokenAgain }) {
			t.Errorf("the same token again is told: %v", s.Warnings)
		}
		if s.Token.Loads != 1 {
			t.Errorf("the app has shown one token, got %d", s.Token.Loads)
		}
	})
}

func TestSocketsWithoutAUser(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.connect()
		w.hasNot("nobody knows whose it is", "attempt")
		time.Sleep(settle)
		if s := w.state(unknown); s.Attempt.N != 1 {
			t.Errorf("after a while it is shown all the same: %+v", s.Attempt)
		}
		w.authenticate(app, up, "sara", sign(t, "sara"))
		if s := w.state("sara"); s.Conn != timeline.StateConnected {
			t.Errorf("then it is sara's: %s", s.Conn)
		}
		if s := w.state(unknown); s.Attempt.Ended.IsZero() {
			t.Error("and not the unknown's any more")
		}
		go app.ws.CloseNow()
		up.end()
		// A socket that never gets as far is taken for one of the user who has none.
		w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			http.Error(rw, "no", http.StatusServiceUnavailable)
			return true
		}
		if _, resp, err := w.dial("/video/connect?api_key=key1&X-Stream-Client=test-app", nil); err == nil || resp.StatusCode != 503 {
			t.Fatalf("it is refused: %v", err)
		}
		if s := w.state("sara"); s.Attempt.N != 2 || s.Attempt.Failure().Status != 503 {
			t.Errorf("the reconnect that was refused is sara's: %d, %+v", s.Attempt.N, s.Attempt.Failure())
		}
	})
}

func TestTwoLiveSocketsOfOneUserAreNoticed(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.login("sara")
		time.Sleep(400 * time.Millisecond)
		w.login("sara")
		time.Sleep(handover)
		w.has("after the handover", "two live sockets of sara: 1 (test-app) and 2, opened 400ms later")
	})
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.login("sara")
		w.login("sara")
		go app.ws.Close(1000, "")
		up.end()
		time.Sleep(2 * handover)
		w.hasNot("a handover is none", "two live sockets")
	})
}

func TestRequestsBelongToTheirUser(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			if isUpgrade(r) {
				return false
			}
			rw.WriteHeader(201)
			if strings.HasSuffix(r.URL.Path, "/guest") {
				rw.Write([]byte(`{"access_token":"` + sign(t, "guest-7-nina") + `","user":{"id":"guest-7-nina"}}`))
				return true
			}
			rw.Write([]byte(`{"duration":"1ms"}`))
			return true
		}
		w.request("POST", "/video/call_client_event?api_key=key1", `{"events":[{"user_id":"sara","stage":"CoordinatorWS","event_type":"initiated"}]}`)
		w.request("POST", "/video/calls?api_key=key1&user_id=sara", `{"watch":true}`, "Authorization: "+sign(t, "sara"))
		w.request("POST", "/api/v2/users?api_key=key1", `{}`, "Authorization: "+sign(t, "jack"))
		w.request("POST", "/video/guest?api_key=key1", `{"user":{"id":"nina"}}`)
		w.request("HEAD", "/hint", "")
		w.request("GET", "/video/call/livestream/1?api_key=key1&user_id=%21anon", "", "stream-auth-type: anonymous")
		if s := w.state("!anon"); s.Conn != timeline.StateNoSocket || s.Opened.User.Type != timeline.Anonymous {
			t.Errorf("an anonymous user has no socket by design: %s, %s", s.Conn, s.Opened.User.Type)
		}
		for session, want := range map[string]int{"sara": 2, "jack": 1, "nina": 1} {
			if got := w.state(session).Requests; got != want {
				t.Errorf("%s has made %d requests, want %d", session, got, want)
			}
		}
		app, up := w.connect()
		w.authenticate(app, up, "guest-7-nina", sign(t, "guest-7-nina"))
		if s := w.state("nina"); s.Conn != timeline.StateConnected || s.Opened.User.Type != timeline.Guest || s.UserID() != "guest-7-nina" {
			t.Errorf("the guest connects as somebody else and is the same session: %s, %+v", s.Conn, s.Opened.User)
		}
		w.has("what nobody asks is there too", "#0 → HEAD /hint")
	})
}

func TestNewTokensAreMetered(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for range 8 {
			w.request("POST", "/video/calls?api_key=key1&user_id=sara", `{}`, "Authorization: "+sign(t, "sara"))
			w.request("POST", "/video/calls?api_key=key1&user_id=sara", `{}`, "Authorization: "+w.proxy.Token("sara").Reveal())
			time.Sleep(2 * time.Second)
		}
		if s := w.state("sara"); s.Token.Loads != 8 || s.Token.LoadsPerMinute(time.Now()) != 8 {
			t.Errorf("8 tokens were seen in 16 s, got %d, %d a minute", s.Token.Loads, s.Token.LoadsPerMinute(time.Now()))
		}
	})
}

func TestRingsAreFollowed(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			if isUpgrade(r) {
				return false
			}
			rw.WriteHeader(201)
			rw.Write([]byte(`{"duration":"1ms"}`))
			return true
		}
		app, up := w.login("sara")
		ring := `{"type":"call.ring","call_cid":"default:lunch","session_id":"s-1","members":[{"user_id":"sara"}],"user":{"id":"jack"},` +
			`"call":{"cid":"default:lunch","created_by":{"id":"jack"},"settings":{"ring":{"incoming_call_timeout_ms":15000}}}}`
		up.say(ring)
		app.want("the ring", websocket.MessageText, ring)
		if c := w.state("sara").Calls; len(c) != 1 || c[0].State != timeline.CallingRinging || c[0].IncomingDeadline.IsZero() {
			t.Errorf("the call rings with its countdown: %+v", c)
		}
		w.request("POST", "/video/call/default/lunch/reject?api_key=key1&user_id=sara", `{"reason":"busy"}`)
		s := w.state("sara")
		if len(s.Decisions) != 1 || !s.Decisions[0].Busy || s.Calls[0].State != timeline.CallingLeft {
			t.Errorf("the app's busy rejection is a decision: %+v, %+v", s.Decisions, s.Calls)
		}
	})
}

func TestWhatWaitsForAUserIsLimited(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		app, up := w.connect()
		for range 2 * maxHeld {
			up.say(`{"type":"custom"}`)
			app.want("it passes", websocket.MessageText, `{"type":"custom"}`)
		}
		if s := w.state(unknown); s.FramesIn < 2*maxHeld {
			t.Errorf("the frames are shown as the unknown's, got %d", s.FramesIn)
		}
	})
}
