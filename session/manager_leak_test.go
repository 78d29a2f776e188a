package session

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// leaks are the warnings of K13 that a session's timeline holds.
func leaks(cfg Config, name string) (all []string) {
	for e := range cfg.Timeline.All() {
		if w, ok := e.Payload.(timeline.Warning); ok && w.ID == "K13" && e.Session == name {
			all = append(all, w.Text)
		}
	}
	return all
}

func wantLeak(t *testing.T, why string, cfg Config, name, text string) {
	t.Helper()
	synctest.Wait()
	if all := leaks(cfg, name); !slices.ContainsFunc(all, func(w string) bool { return strings.Contains(w, text) }) {
		t.Errorf("%s: want a warning with %q for %s, got %q", why, text, name, all)
	}
}

func mustGet(t *testing.T, m *Manager, cfg Config) (*Session, bool) {
	t.Helper()
	s, created, err := m.GetOrCreate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, created
}

func TestTheSameClientWithTheSameOptionsIsNoLeak(t *testing.T) {
	managed(t, func(t *testing.T, m *Manager, cfg Config) {
		s, _ := mustGet(t, m, cfg)
		if err := s.ConnectUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustGet(t, m, cfg)
		if all := leaks(cfg, "sara"); len(all) > 0 {
			t.Errorf("the client is silent, and so are we, got %q", all)
		}
	})
}

func TestTwoClientsOfOneUser(t *testing.T) {
	managed(t, func(t *testing.T, m *Manager, cfg Config) {
		first, _ := mustGet(t, m, cfg)
		second, err := m.Create(cfg)
		if err != nil || second == first || second.Name() != "sara 2" {
			t.Fatalf("the constructor makes a second one, with a name of its own, got %v, %v", second, err)
		}
		wantLeak(t, "the official client warns", cfg, "sara 2", "A StreamVideoClient already exists for sara; Prefer using getOrCreateInstance method")
		for _, s := range []*Session{first, second} {
			if err := s.ConnectUser(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := first.DisconnectUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantLeak(t, "the first to disconnect takes the second out of the list", cfg, "sara 2", "makes a third")
		if second.Status().State != timeline.StateConnected {
			t.Error("the second stays connected")
		}
		if third, created := mustGet(t, m, cfg); !created || third == second {
			t.Error("and the next getOrCreateInstance makes a third")
		}
	})
}

func TestAGuestStaysInTheList(t *testing.T) {
	managed(t, func(t *testing.T, m *Manager, cfg Config) {
		cfg.User, cfg.Token = timeline.User{ID: "zoe", Type: timeline.Guest}, nil
		raw, err := token.Sign("secret", token.Options{UserID: "guest-zoe"})
		if err != nil {
			t.Fatal(err)
		}
		server := newTraceServer(&trace{})
		defer server.close()
		server.trace.Inputs.Server.HTTP = []traceRoute{{Method: "POST", Path: "/guest$", Replies: []json.RawMessage{
			mustJSON(map[string]any{"status": 201, "body": map[string]any{"access_token": raw, "user": userObject("guest-zoe")}})}}}
		cfg.Dialer, cfg.REST = &WebSocketDialer{DialContext: server.dial}, &HTTPDoer{DialContext: server.dial}
		s, _ := mustGet(t, m, cfg)
		if err := s.ConnectUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.DisconnectUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantLeak(t, "the guest has another id than it was listed with", cfg, "zoe", "guest-zoe")
		again, created := mustGet(t, m, cfg)
		if created || again != s {
			t.Error("the disconnected client is returned")
		}
		wantLeak(t, "and that is said", cfg, "zoe", "its state is disconnected, and it is not connected again")
		m.Close("zoe")
	})
}

func TestAnAnonymousClientIsNeverFoundAgain(t *testing.T) {
	managed(t, func(t *testing.T, m *Manager, cfg Config) {
		cfg.User, cfg.Token = timeline.User{Type: timeline.Anonymous}, nil
		mustGet(t, m, cfg)
		second, created := mustGet(t, m, cfg)
		if !created {
			t.Error("each call makes a new client")
		}
		wantLeak(t, "with the constructor's warning", cfg, second.Name(), "already exists for !anon")
	})
}

func TestADeadClientIsReturnedForEver(t *testing.T) {
	managed(t, func(t *testing.T, m *Manager, cfg Config) {
		cfg.MaxConnectRetries = 1
		cfg.Token = &FuncSource{Func: func(context.Context) (string, error) { return "", errors.New("backend is down") }}
		s, _ := mustGet(t, m, cfg)
		if err := s.ConnectUser(t.Context()); err == nil {
			t.Fatal("the first provider call fails, and with it connectUser")
		}
		if err := s.DisconnectUser(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantLeak(t, "disconnectUser has nobody to disconnect", cfg, "sara", "disconnectUser does nothing")
		again, created := mustGet(t, m, cfg)
		if created || again != s {
			t.Error("so the dead client is returned")
		}
		wantLeak(t, "and that is said", cfg, "sara", "its state is failed")
	})
}
