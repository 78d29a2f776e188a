package session

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

const okSteps = `[{"ok":true}]`

func TestConnectAndDisconnect(t *testing.T) {
	bubble(t, []string{okSteps}, nil, func(h *harness) {
		h.wantState("a new session does nothing", timeline.StateIdle)
		h.connect()
		h.wantState("connectUser connects", timeline.StateConnected)
		if got := h.s.Status().ConnectionID; got != "connection-1" {
			t.Errorf("the status has the connection id, got %q", got)
		}
		if h.s.Token() != token.Raw(h.raw) {
			t.Error("the token on the wire can be revealed")
		}
		if err := h.s.DisconnectUser(h.t.Context()); err != nil {
			t.Error(err)
		}
		h.wantState("disconnectUser disconnects", timeline.StateDisconnected)
		h.connect()
		h.wantState("and the session can connect again", timeline.StateConnected)
	})
}

func TestRunEndsWithoutAnAnswerToItsCloseFrame(t *testing.T) {
	bubble(t, []string{`[{"ok":true},{"stop_reading":true}]`}, nil, func(h *harness) {
		h.connect()
		synctest.Wait()
		before := time.Now()
		h.stop()
		err := <-h.ended
		if took := time.Since(before); took > closeWait {
			t.Errorf("a mute server holds Run up for a second at most, got %s", took)
		}
		if h.s.Connect() != ErrClosed {
			t.Error("commands after Run return ErrClosed")
		}
		if h.s.ConnectUser(h.t.Context()) != ErrClosed {
			t.Error("waiting commands after Run return ErrClosed")
		}
		h.ended <- err
	})
}

func TestRunEndsWhileDialing(t *testing.T) {
	bubble(t, nil, func(h *harness, c *Config) {
		h.server.trace.Inputs.Server.Connections = []traceConnection{{Upgrade: []byte(`"stall"`)}}
	}, func(h *harness) {
		_ = h.s.Connect()
		h.wantState("the upgrade is never answered", timeline.StateDialing)
		before := time.Now()
		h.stop()
		h.ended <- <-h.ended
		if took := time.Since(before); took != 0 {
			t.Errorf("a dial is given up at once, got %s", took)
		}
	})
}

func TestErrorsAreTheClients(t *testing.T) {
	var last error
	var all []error
	var told chan struct{}
	bubble(t, []string{`[{"error":43}]`}, func(_ *harness, c *Config) {
		told = make(chan struct{})
		c.MaxConnectRetries = 2
		c.OnConnectError = func(l error, a []error) { last, all = l, a; close(told) }
	}, func(h *harness) {
		err := h.s.ConnectUser(h.t.Context())
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Code != 43 || e.Op != "auth" {
			t.Errorf("the error has the coordinator's code, got %#v", err)
		}
		want := `{"code":43,"StatusCode":401,"message":"WS failed with code: 43: AuthErrorTokenSignatureInvalid and reason: JWTAuth error: signature is not valid","isWSFailure":false}`
		if !strings.HasSuffix(err.Error(), want) {
			t.Errorf("and ends in the official client's text: want %s, got %v", want, err)
		}
		<-told
		if len(all) != 2 || last.Error() != want {
			t.Errorf("onConnectUserError gets the last error and all: got %v, %v", last, all)
		}
		h.wantState("the session has failed", timeline.StateFailed)
	})
}

// panicky is a token source that breaks.
type panicky struct{}

func (panicky) Kind() string                          { return "func" }
func (panicky) Refreshable() bool                     { return true }
func (panicky) Token(context.Context) (string, error) { panic("broken source") }

func TestPanicEndsRunWithItsStack(t *testing.T) {
	bubble(t, []string{okSteps}, func(_ *harness, c *Config) { c.Token = panicky{} }, func(h *harness) {
		_ = h.s.Connect()
		err := <-h.ended
		if err == nil || !strings.Contains(err.Error(), "broken source") || !strings.Contains(err.Error(), "Token") {
			t.Errorf("Run returns the panic and its stack, got %v", err)
		}
		if !h.s.Status().Over {
			t.Error("the status says that it is over")
		}
		h.ended <- nil
	})
}

func TestNothingRecordedHoldsTheToken(t *testing.T) {
	bubble(t, []string{`[{"ok":true},{"wait":100},{"terminate":true}]`, okSteps}, func(h *harness, c *Config) {
		c.Token = FuncSource{Func: func(context.Context) (string, error) { return h.raw, nil }}
	}, func(h *harness) {
		h.connect()
		_ = h.s.Ring(RingOptions{Members: []string{"jack"}})
		_ = h.s.RefreshToken()
		time.Sleep(time.Minute)
		_ = h.s.Reconnect()
		time.Sleep(time.Minute)
		text := h.recorded()
		for _, part := range strings.Split(h.raw, ".")[1:] {
			if strings.Contains(text, part) {
				t.Errorf("events and logs hold no part of the token, got %s", part)
			}
		}
		if !strings.Contains(text, "connection.ok") {
			t.Error("there is something recorded to look at")
		}
	})
}

func TestReconnectCutsTheBackoffShort(t *testing.T) {
	bubble(t, []string{`[{"ok":true},{"wait":100},{"terminate":true}]`, okSteps}, nil, func(h *harness) {
		h.connect()
		time.Sleep(ms(100))
		h.wantState("the socket is dropped", timeline.StateBackoff)
		_ = h.s.Reconnect()
		h.wantState("reconnect does not wait", timeline.StateConnected)
		_ = h.s.Reconnect()
		time.Sleep(onlineDelay)
		h.wantSockets("reconnect of a live session replaces its socket", 3)
		h.wantState("and it is connected again", timeline.StateConnected)
	})
}

func TestGuestIsMadeFirst(t *testing.T) {
	bubble(t, []string{okSteps}, func(h *harness, c *Config) {
		c.User, c.Token = timeline.User{ID: "zoe", Type: timeline.Guest}, nil
		raw, err := token.Sign("secret", token.Options{UserID: "guest-zoe"})
		if err != nil {
			t.Fatal(err)
		}
		h.server.trace.Inputs.Server.HTTP = []traceRoute{{Method: "POST", Path: "/guest$", Replies: []json.RawMessage{
			mustJSON(map[string]any{"status": 201, "body": map[string]any{"access_token": raw, "user": userObject("guest-zoe")}})}}}
	}, func(h *harness) {
		h.connect()
		if got := h.s.Status().User.ID; got != "guest-zoe" {
			t.Errorf("the server's user id is the one that connects, got %q", got)
		}
		var loadedFrom string
		for e := range h.store.All() {
			if p, ok := e.Payload.(timeline.TokenLoaded); ok {
				loadedFrom = p.Source
			}
		}
		if loadedFrom != "guest" {
			t.Errorf("the token is said to come with the guest, got %q", loadedFrom)
		}
	})
}

func TestSteadyRepairsTheTraps(t *testing.T) {
	steady := func(h *harness, c *Config) { c.Policy = timeline.PolicySteady }
	t.Run("a clean close is a loss", func(t *testing.T) {
		bubble(t, []string{`[{"ok":true},{"wait":100},{"close":{"code":1000,"reason":"bye"}}]`, okSteps}, steady, func(h *harness) {
			h.connect()
			time.Sleep(10 * time.Second)
			h.wantState("it reconnects within seconds (K1)", timeline.StateConnected)
			h.wantSockets("with a second socket", 2)
		})
	})
	t.Run("transient refusals are retried", func(t *testing.T) {
		bubble(t, []string{`[{"ok":true},{"wait":100},{"terminate":true}]`, `[{"error":71}]`, `[{"error":9}]`, okSteps}, steady, func(h *harness) {
			h.connect()
			time.Sleep(time.Minute)
			h.wantState("it does not stop in silence (K4)", timeline.StateConnected)
			h.wantSockets("with a socket for each try", 4)
		})
	})
	t.Run("the token is replaced before it expires", func(t *testing.T) {
		loads := 0
		bubble(t, []string{okSteps}, func(h *harness, c *Config) {
			steady(h, c)
			c.Token = FuncSource{Func: func(context.Context) (string, error) {
				loads++
				return token.Sign("secret", token.Options{UserID: "sara", TTL: 5 * time.Minute})
			}}
		}, func(h *harness) {
			h.connect()
			time.Sleep(4*time.Minute + 35*time.Second)
			synctest.Wait()
			if loads != 2 {
				t.Errorf("half a minute before its end there is a new token, got %d loads", loads)
			}
		})
	})
	t.Run("one wait at a time", func(t *testing.T) {
		bubble(t, nil, func(h *harness, c *Config) {
			steady(h, c)
			h.server.trace.Inputs.Server.Connections = []traceConnection{{Upgrade: []byte(`{"status":503}`)}}
		}, func(h *harness) {
			_ = h.s.Connect()
			time.Sleep(10 * time.Second)
			synctest.Wait()
			var waiting int
			for e := range h.store.All() {
				switch e.Payload.(type) {
				case timeline.Backoff:
					waiting++
				case timeline.AttemptStarted:
					waiting = 0
				}
				if waiting > 1 {
					t.Fatal("a failure starts one wait (K21)")
				}
			}
		})
	})
}
