package session

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// managed runs a manager against the scripted coordinator in a bubble.
func managed(t *testing.T, body func(t *testing.T, m *Manager, cfg Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := newTraceServer(&trace{})
		ctx, stop := context.WithCancel(t.Context())
		m, ended := NewManager(), make(chan error, 1)
		go func() { ended <- m.Run(ctx) }()
		raw, err := token.Sign("secret", token.Options{UserID: "sara"})
		if err != nil {
			t.Fatal(err)
		}
		body(t, m, Config{
			APIKey: "key", BaseURL: "http://127.0.0.1:7070/video", User: timeline.User{ID: "sara"},
			Token:    StaticSource{Raw: token.Raw(raw)},
			Dialer:   &WebSocketDialer{DialContext: server.dial},
			REST:     &HTTPDoer{DialContext: server.dial},
			Timeline: timeline.NewStore(timeline.Options{}),
		})
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the manager ends well, got %v", err)
		}
		if len(m.All()) != 0 {
			t.Errorf("and leaves no session, got %v", m.All())
		}
		server.close()
	})
}

func TestOneSessionForEachKeyAndUser(t *testing.T) {
	managed(t, func(t *testing.T, m *Manager, cfg Config) {
		first, created, err := m.GetOrCreate(cfg)
		if err != nil || !created {
			t.Fatalf("the first is made, got %t, %v", created, err)
		}
		again := cfg
		again.RejectWhenBusy, again.Token = true, FuncSource{}
		second, created, err := m.GetOrCreate(again)
		if err != nil || created || second != first {
			t.Errorf("the second is the first, got %t, %v", created, err)
		}
		var told string
		for e := range cfg.Timeline.All() {
			if w, ok := e.Payload.(timeline.Warning); ok {
				told = w.Text
			}
		}
		if !strings.HasSuffix(told, ": these options were dropped: token or tokenProvider, rejectCallWhenBusy") {
			t.Errorf("what was dropped is said, got %q", told)
		}
		other := cfg
		other.User.ID = "jack"
		if s, created, err := m.GetOrCreate(other); err != nil || !created || s == first {
			t.Errorf("another user has another session, got %t, %v", created, err)
		}
		if m.Get("jack") == nil || m.Get("nobody") != nil || len(m.All()) != 2 {
			t.Errorf("sessions are found by name, got %v", m.All())
		}
	})
}

func TestDisconnectLeavesTheRegistry(t *testing.T) {
	managed(t, func(t *testing.T, m *Manager, cfg Config) {
		first, _, err := m.GetOrCreate(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := first.ConnectUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := first.DisconnectUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		if second, created, _ := m.GetOrCreate(cfg); !created || second == first {
			t.Error("after disconnectUser the next one is new")
		}
		m.Close(first.Name())
		synctest.Wait()
		if !first.Status().Over {
			t.Error("a closed session is over")
		}
		m.Close("nobody")
	})
}

func TestManagerThatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		m, ended := NewManager(), make(chan error, 1)
		go func() { ended <- m.Run(ctx) }()
		stop()
		<-ended
		_, _, err := m.GetOrCreate(Config{APIKey: "key", User: timeline.User{ID: "sara"}, Token: FuncSource{}})
		if err != ErrClosed {
			t.Errorf("a manager that has ended makes nothing: want ErrClosed, got %v", err)
		}
	})
}

func TestNewRefusesWhatTheConstructorRefuses(t *testing.T) {
	user := timeline.User{ID: "sara"}
	for _, test := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"no user id", Config{APIKey: "key", Token: FuncSource{}}, "user.id is required for a non-anonymous user"},
		{"no token", Config{APIKey: "key", User: user}, "tokenProvider or token is required for a authenticated users"},
		{"no key", Config{User: user, Token: FuncSource{}}, "session: the API key is empty"},
		{"no URL", Config{APIKey: "key", User: user, Token: FuncSource{}, BaseURL: "video"}, `session: base URL "video" is not an http or https URL`},
		{"a guest needs no token", Config{APIKey: "key", User: timeline.User{ID: "zoe", Type: timeline.Guest}}, ""},
		{"an anonymous user needs nothing", Config{APIKey: "key", User: timeline.User{Type: timeline.Anonymous}}, ""},
	} {
		_, err := New(test.cfg)
		if got := errorWords(err); got != test.want {
			t.Errorf("%s: want %q, got %q", test.name, test.want, got)
		}
	}
}

func errorWords(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestAddressesAreRewrittenAsTheClientDoes(t *testing.T) {
	for base, want := range map[string]string{
		"https://video.stream-io-api.com/video": "wss://video.stream-io-api.com/video/connect",
		"http://127.0.0.1:3030/video":           "ws://127.0.0.1:8800/video/connect",
		"http://127.0.0.1:30300/video":          "ws://127.0.0.1:88000/video/connect",
		"http://127.0.0.1:9000/video/":          "ws://127.0.0.1:9000/video//connect",
	} {
		if got := (Config{BaseURL: base}).socketURL(); got != want {
			t.Errorf("%s (K16): want %s, got %s", base, want, got)
		}
	}
	c := Config{SDKName: "streamscope", SDKVersion: "1.2.3", App: []AppTag{{"app", "dbg"}, {"os", "linux"}}}
	if got, want := c.client(), "stream-video-streamscope-v1.2.3|app=dbg|os=linux|client_bundle=go"; got != want {
		t.Errorf("X-Stream-Client: want %s, got %s", want, got)
	}
}

func TestCommandsFromEverywhere(t *testing.T) {
	bubble(t, []string{okSteps}, nil, func(h *harness) {
		h.connect()
		done := make(chan struct{})
		for i := range 4 {
			go func() {
				defer func() { done <- struct{}{} }()
				for range 20 {
					_ = h.s.SetRejectWhenBusy(i%2 == 0)
					_ = h.s.Status()
					_ = h.s.Get("default:a")
					_ = h.s.Reconnect()
					time.Sleep(ms(7 * (i + 1)))
				}
			}()
		}
		for range 4 {
			<-done
		}
		time.Sleep(20 * time.Second)
		h.wantState("the session is as it was", timeline.StateConnected)
	})
}
