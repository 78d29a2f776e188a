package coordinator

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"streamscope/internal/wire"
)

func TestConnect(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		p := w.dial("", "")
		p.send(wire.AuthMessage{Token: wire.Secret(w.srv.Token("eva", time.Hour)), UserDetails: wire.UserDetails{
			ID: "eva", Name: "Eva", Image: "http://i", Custom: wire.Custom{"color": "red"},
		}})
		ok := want[wire.ConnectedEvent](p, "a user that did not exist is made", wire.TypeConnectionOK)
		if ok.ConnectionID == "" || ok.Me.ID != "eva" || ok.Me.Name != "Eva" || ok.Me.Custom["color"] != "red" || ok.Me.Role != "user" {
			t.Errorf("connection.ok has an id and the user as he presented himself, got %+v", ok)
		}
		if conns := w.srv.Connections(); len(conns) != 1 || conns[0].UserID != "eva" || conns[0].Client != "test" {
			t.Errorf("the connection is listed, got %+v", conns)
		}
		p.close()
		synctest.Wait()
		if conns := w.srv.Connections(); len(conns) != 0 {
			t.Errorf("a closed connection is forgotten, got %+v", conns)
		}
		if got := w.noted(Connected, Disconnected); len(got) != 2 {
			t.Errorf("hooks hear of the connection and its end, got %q", got)
		}
	})
}

func TestEveryFrameIsAKeepAlive(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		p := w.connect("sara")
		p.ping()
		if check := want[wire.HealthCheck](p, "the array of the JS client", wire.TypeHealthCheck); check.ConnectionID != p.connID || check.CreatedAt.IsZero() {
			t.Errorf("a health check names the connection, got %+v", check)
		}
		p.send(wire.ConnectedEvent{Type: wire.TypeConnectionOK})
		want[wire.HealthCheck](p, "the object that Android echoes", wire.TypeHealthCheck)
		if err := p.ws.Write(t.Context(), websocket.MessageBinary, []byte{1, 2, 3}); err != nil {
			t.Error(err)
		}
		want[wire.HealthCheck](p, "a binary frame", wire.TypeHealthCheck)
		if err := p.ws.Ping(t.Context()); err != nil {
			t.Errorf("a ping control frame gets a pong, got %v", err)
		}
		want[wire.HealthCheck](p, "and a health check, for Swift", wire.TypeHealthCheck)
		p.wantIdle("nothing else is sent")
		p.close()
	})
}

func TestBinaryAuthIsRead(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		p := w.dial("", "")
		text := `{"token":"` + w.srv.Token("sara", 0) + `","user_details":{"id":"sara"}}`
		if err := p.ws.Write(t.Context(), websocket.MessageBinary, []byte(text)); err != nil {
			t.Error(err)
		}
		want[wire.ConnectedEvent](p, "Swift authenticates in a binary frame, without products", wire.TypeConnectionOK)
		p.close()
	})
}

func TestTokensAreJudged(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		other := &Server{Secret: "another app's"}
		good := w.srv.Token("sara", time.Hour)
		for name, c := range map[string]struct {
			token string
			code  wire.Code
		}{
			"valid":                  {good, 0},
			"without expiry":         {w.srv.Token("sara", 0), 0},
			"no token":               {"", wire.CodeAuthentication},
			"two segments":           {"a.b", wire.CodeAuthentication},
			"not base64":             {"a.b.c", wire.CodeAuthentication},
			"with Bearer":            {"Bearer " + good, wire.CodeAuthentication},
			"alg none":               {"eyJhbGciOiJub25lIn0.eyJ1c2VyX2lkIjoic2FyYSJ9.", wire.CodeAuthentication},
			"another secret":         {other.Token("sara", time.Hour), wire.CodeTokenSignature},
			"another secret, old":    {other.Token("sara", -time.Hour), wire.CodeTokenSignature},
			"expired":                {w.srv.Token("sara", -time.Second), wire.CodeTokenExpired},
			"another user":           {w.srv.Token("jack", time.Hour), wire.CodeAuthentication},
			"of a server":            {w.srv.ServerToken(), wire.CodeAuthentication},
			"not yet":                {w.srv.sign(map[string]any{"user_id": "sara", "nbf": time.Now().Unix() + 5}), wire.CodeTokenNotValidYet},
			"issued in the future":   {w.srv.sign(map[string]any{"user_id": "sara", "iat": time.Now().Unix() + 5}), wire.CodeTokenUsedBeforeIssued},
			"a number for a user_id": {w.srv.sign(map[string]any{"user_id": 7}), wire.CodeAuthentication},
		} {
			p := w.dial("sara", c.token)
			if c.code == 0 {
				want[wire.ConnectedEvent](p, name, wire.TypeConnectionOK)
				p.close()
				continue
			}
			fail := want[wire.ConnectionError](p, name, wire.TypeConnectionError)
			if fail.Error.Code != c.code || fail.Error.StatusCode != c.code.Status() || fail.Error.Message == "" {
				t.Errorf("%s: got %+v, want %v", name, fail.Error, c.code)
			}
			if strings.Contains(fail.Error.Message, "eyJ") {
				t.Errorf("%s: the message gives the token away: %s", name, fail.Error.Message)
			}
			p.wantClose(name+": the socket is closed with 1000 after the error", 1000)
		}
	})
}

func TestExpiryIsExact(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		token := w.srv.Token("sara", 10*time.Second)
		time.Sleep(10*time.Second - time.Millisecond)
		p := w.dial("sara", token)
		want[wire.ConnectedEvent](p, "a token is good to the last millisecond", wire.TypeConnectionOK)
		time.Sleep(time.Millisecond)
		p.wantIdle("nothing happens to the session when its token expires")
		late := w.dial("sara", token)
		if fail := want[wire.ConnectionError](late, "the next connect is refused", wire.TypeConnectionError); fail.Error.Code != wire.CodeTokenExpired {
			t.Errorf("got %v", fail.Error.Code)
		}
		p.close()
	})
}

func TestWrongKeyIsCode2(t *testing.T) {
	inWorld(t, func(s *Server) { s.APIKey = "another" }, func(t *testing.T, w *world) {
		p := w.dial("sara", w.srv.Token("sara", 0))
		if fail := want[wire.ConnectionError](p, "the upgrade succeeds, the key does not", wire.TypeConnectionError); fail.Error.Code != wire.CodeAccessKey {
			t.Errorf("got %v", fail.Error.Code)
		}
		p.wantClose("and the socket is closed", 1000)
	})
}

func TestSilenceBeforeAuthIsClosedWith1008(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		p := w.dial("", "")
		time.Sleep(10*time.Second - time.Millisecond)
		p.wantIdle("a socket may wait almost 10 s")
		time.Sleep(time.Millisecond)
		p.wantClose("then it is closed", 1008)
	})
}

func TestGarbageInsteadOfAuth(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		for _, text := range []string{"hello", "[]", "null", `"x"`, "{", `{"token":7,"user_details":[]}`} {
			p := w.dial("", "")
			if err := p.ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
				t.Error(err)
			}
			want[wire.ConnectionError](p, text+" is refused", wire.TypeConnectionError)
			p.wantClose(text+" ends the socket", 1000)
		}
	})
}

func TestDoubledSlash(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		ws, _, err := websocket.Dial(t.Context(), "ws://127.0.0.1:8800/video//connect?api_key=x", &websocket.DialOptions{HTTPClient: w.http})
		if err != nil {
			t.Fatalf("a base URL with a slash at its end works: %v", err)
		}
		ws.CloseNow()
	})
}

func TestTooManyConnections(t *testing.T) {
	inWorld(t, func(s *Server) { s.MaxConns = 1 }, func(t *testing.T, w *world) {
		first := w.connect("sara")
		second := w.dial("sara", w.srv.Token("sara", 0))
		if fail := want[wire.ConnectionError](second, "a second is too many", wire.TypeConnectionError); fail.Error.Code != wire.CodeTooManyConnections {
			t.Errorf("got %v", fail.Error.Code)
		}
		first.close()
	})
}

// deaf opens a socket that is authenticated and never read.
func (w *world) deaf(t *testing.T) *websocket.Conn {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), "ws://127.0.0.1:8800/video/connect?api_key="+DefaultAPIKey, &websocket.DialOptions{HTTPClient: w.http})
	if err != nil {
		t.Fatal(err)
	}
	auth := `{"token":"` + w.srv.Token("sara", 0) + `","user_details":{"id":"sara"}}`
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(auth)); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return ws
}

func TestAClientThatDoesNotReadIsCutOff(t *testing.T) {
	inWorld(t, func(s *Server) { s.MaxQueue = 10_000 }, func(t *testing.T, w *world) {
		ws := w.deaf(t)
		w.arm("unknown-event:count=1000")
		if got := w.noted(Overflowed); len(got) != 1 {
			t.Errorf("it is said, got %q", got)
		}
		time.Sleep(5 * time.Second)
		if got := w.noted(Disconnected); len(got) != 1 {
			t.Errorf("and the connection ends when the reason cannot be told either, got %q", got)
		}
		ws.CloseNow()
	})
}

func TestAClientThatReadsTooLateIsToldWhy(t *testing.T) {
	inWorld(t, func(s *Server) { s.MaxQueue = 10_000 }, func(t *testing.T, w *world) {
		ws := w.deaf(t)
		w.arm("unknown-event:count=1000")
		synctest.Wait()
		var err error
		for err == nil {
			_, _, err = ws.Read(t.Context())
		}
		if closed, _ := errors.AsType[websocket.CloseError](err); closed.Code != closeTooSlow || closed.Reason != tooSlow {
			t.Errorf("the close has a code and a reason, got %v", err)
		}
		ws.CloseNow()
	})
}

func TestHugeFramesAreRefused(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		huge := strings.Repeat("x", 100<<20)
		for name, p := range map[string]*peer{"before the auth message": w.dial("", ""), "in session": w.connect("sara")} {
			// The write fails when the server has closed.
			p.ws.Write(t.Context(), websocket.MessageText, []byte(huge))
			synctest.Wait()
			if err := <-p.ended; websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
				t.Errorf("a frame of 100 MB %s closes with 1009, got %v", name, err)
			}
			p.ws.CloseNow()
		}
	})
}

func TestShutdownSays1001(t *testing.T) {
	inWorld(t, nil, func(t *testing.T, w *world) {
		p := w.connect("sara")
		quiet := w.dial("", "")
		w.cancel()
		p.wantClose("the end of the context closes sockets with 1001", 1001)
		quiet.wantClose("and cuts those that never authenticated", -1)
		if _, err := w.ln.Dial(context.Background(), "", ""); err == nil {
			t.Error("nobody is let in any more")
		}
	})
}

func TestOnlyLoopbackUnlessAsked(t *testing.T) {
	for addr, allowed := range map[string]bool{
		"127.0.0.1:0": true, "localhost:0": true, "[::1]:0": true,
		"127.0.0.1:3030": false, "127.0.0.1:30301": false, ":0": false, "0.0.0.0:0": false, "192.168.1.2:0": false, "example.com:0": false,
	} {
		if err := new(Server).checkAddr(addr); (err == nil) != allowed {
			t.Errorf("%s: got %v, want allowed %v", addr, err, allowed)
		}
	}
	if err := (&Server{AllowRemote: true}).checkAddr("0.0.0.0:0"); err != nil {
		t.Errorf("another address is allowed when asked for, got %v", err)
	}
}
