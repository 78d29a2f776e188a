package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// trapStory makes a real session fall into a trap. Its name has to be said on the
// session's own timeline, on a recording of it, and, unless only the client itself
// can know, on what a tap between the app and the server sees.
type trapStory struct {
	id, name string
	sockets  []string
	change   func(*harness, *Config)
	play     func(*harness)
	hidden   bool // not in the traffic: a tap cannot know
}

// failing gives a good token n times, and then an error.
func failing(h *harness, c *Config, n int) {
	c.Token = &FuncSource{Func: func(context.Context) (string, error) {
		if n--; n < 0 {
			return "", errors.New("backend is down")
		}
		return h.raw, nil
	}}
}

func refusing(method, path, body string, status int) func(*harness, *Config) {
	return func(h *harness, _ *Config) {
		h.server.trace.Inputs.Server.HTTP = []traceRoute{{Method: method, Path: path, Replies: []json.RawMessage{
			mustJSON(map[string]any{"status": status, "body": json.RawMessage(body)})}}}
	}
}

func connectAndWait(d time.Duration) func(*harness) {
	return func(h *harness) { h.connect(); time.Sleep(d) }
}

// drop is a socket that is lost a second after its connection.ok.
const dropSteps = `[{"ok":true},{"wait":1000},{"terminate":true}]`

func trapStories() []trapStory {
	provider := func(h *harness, c *Config) { failing(h, c, 1000) }
	return []trapStory{
		{id: "K1", name: "a clean close", sockets: []string{`[{"ok":true},{"wait":1000},{"close":{"code":1000,"reason":"bye"}}]`},
			play: connectAndWait(5 * time.Second)},
		{id: "K2", name: "a silent server, and no luck", sockets: []string{`[{"ok":true},{"stop_reading":true}]`},
			change: func(_ *harness, c *Config) { c.UnluckyWatchdog = true }, play: func(h *harness) {
				h.connect()
				time.Sleep(38 * time.Second)
				_ = h.s.SetRejectWhenBusy(true) // anything that happens
				_ = h.s.Get("default:a")
			}},
		{id: "K3", name: "a clean close while reconnecting", sockets: []string{dropSteps, `[{"close":{"code":1000,"reason":"bye"}}]`},
			play: connectAndWait(10 * time.Second)},
		{id: "K4", name: "a transient refusal while reconnecting", sockets: []string{dropSteps, `[{"error":9},{"close":{"code":1000}}]`},
			play: connectAndWait(10 * time.Second)},
		{id: "K5", name: "a static token that has expired", sockets: []string{dropSteps, `[{"error":40},{"close":{"code":1000}}]`},
			play: connectAndWait(10 * time.Second), hidden: true},
		{id: "K6", name: "a provider that fails while reconnecting", sockets: []string{dropSteps, `[{"error":40}]`},
			change: func(h *harness, c *Config) { failing(h, c, 1) }, play: connectAndWait(10 * time.Second), hidden: true},
		{id: "K7", name: "a request after that", sockets: []string{dropSteps, `[{"error":40}]`},
			change: func(h *harness, c *Config) { failing(h, c, 1) }, hidden: true, play: func(h *harness) {
				h.connect()
				time.Sleep(10 * time.Second)
				_ = h.s.Get("default:a")
			}},
		{id: "K9", name: "an error on a live socket", sockets: []string{`[{"ok":true},{"wait":100},{"error":43}]`},
			play: connectAndWait(time.Second)},
		{id: "K10", name: "the second attempt of connectUser", sockets: []string{`[{"error":43}]`}, hidden: true,
			play: func(h *harness) { _ = h.s.Connect(); time.Sleep(2 * time.Second) }},
		{id: "K11", name: "connecting again after a total failure", sockets: []string{`[{"error":43}]`}, hidden: true,
			change: func(_ *harness, c *Config) { c.MaxConnectRetries = 1 }, play: func(h *harness) {
				_ = h.s.ConnectUser(h.t.Context())
				_ = h.s.Connect()
			}},
		{id: "K12", name: "an error that hides the first", hidden: true,
			change: func(h *harness, c *Config) { failing(h, c, 0); c.ForgetUserOnFailure = true },
			play:   func(h *harness) { _ = h.s.ConnectUser(h.t.Context()) }},
		{id: "K13", name: "a disconnect that has nobody", hidden: true,
			change: func(h *harness, c *Config) { failing(h, c, 0); c.MaxConnectRetries = 1 }, play: func(h *harness) {
				_ = h.s.ConnectUser(h.t.Context())
				_ = h.s.DisconnectUser(h.t.Context())
			}},
		{id: "K14", name: "a logout that waits", sockets: []string{`[]`}, hidden: true,
			play: func(h *harness) { _ = h.s.Connect(); time.Sleep(time.Second); _ = h.s.Disconnect() }},
		{id: "K16", name: "a port that starts with 3030", sockets: []string{okSteps}, hidden: true,
			change: func(_ *harness, c *Config) { c.BaseURL = "http://127.0.0.1:30300/video" },
			play:   func(h *harness) { _ = h.s.Connect(); time.Sleep(time.Second) }},
		{id: "K17", name: "a request that waits for the socket", sockets: []string{dropSteps, `[{"error":9}]`}, hidden: true,
			play: func(h *harness) {
				h.connect()
				time.Sleep(10 * time.Second)
				_ = h.s.Get("default:a")
				time.Sleep(16 * time.Second)
			}},
		{id: "K18", name: "a request that is refused without end", sockets: []string{okSteps},
			change: func(h *harness, c *Config) {
				provider(h, c)
				refusing("GET", "/call/", `{"code":40,"message":"expired","StatusCode":401}`, 401)(h, c)
			}, play: func(h *harness) { h.connect(); _ = h.s.Get("default:a"); time.Sleep(20 * time.Second) }},
		{id: "K19", name: "a ping without an answer", play: connectAndWait(37 * time.Second), change: func(h *harness, _ *Config) {
			h.server.trace.Inputs.Server.Connections = []traceConnection{{Health: "silent", OnAuth: []json.RawMessage{
				[]byte(`{"ok":true}`), []byte(`{"repeat":20,"every_ms":6000,"steps":[{"notification":{}}]}`)}}}
		}},
		{id: "K21", name: "a failure that counts three times", play: func(h *harness) { _ = h.s.Connect(); time.Sleep(time.Second) }, hidden: true,
			change: func(h *harness, _ *Config) {
				h.server.trace.Inputs.Server.Connections = []traceConnection{{Upgrade: []byte(`{"status":503}`)}}
			}},
		{id: "K24", name: "frames while the device is offline", sockets: []string{`[{"ok":true},{"repeat":9,"every_ms":1000,"steps":[{"health_check":true}]}]`}, hidden: true,
			play: func(h *harness) { h.connect(); _ = h.s.SetOnline(false, timeline.ByUser); time.Sleep(3 * time.Second) }},
		{id: "K25", name: "calls that are not watched again", sockets: []string{dropSteps, okSteps},
			change: refusing("POST", "/calls", `{"code":-1,"message":"internal","StatusCode":500}`, 500),
			play: func(h *harness) {
				h.connect()
				_ = h.s.Get("default:a")
				time.Sleep(30 * time.Second)
			}},
		{id: "K26", name: "a health check before connection.ok", sockets: []string{`[{"health_check":true},{"wait":2000}]`},
			play: func(h *harness) { _ = h.s.Connect(); time.Sleep(time.Second) }},
		{id: "K15", name: "a disconnect while our ring is pending", sockets: []string{okSteps}, change: func(h *harness, c *Config) {
			refusing("POST", "/call/", string(mustJSON(map[string]any{
				"call": callObject("default", "lunch", "sara", nil, nil), "members": []any{memberObject("jack")}})), 201)(h, c)
		}, play: func(h *harness) {
			h.connect()
			_ = h.s.Ring(RingOptions{ID: "lunch", Members: []string{"jack"}})
			time.Sleep(time.Second)
			_ = h.s.Disconnect()
			time.Sleep(time.Second)
		}},
		{id: "K27", name: "a disconnect while the socket opens", change: func(h *harness, _ *Config) {
			h.server.trace.Inputs.Server.Connections = []traceConnection{
				{OnAuth: []json.RawMessage{[]byte(`{"ok":true}`), []byte(`{"wait":1000}`), []byte(`{"terminate":true}`)}}, {Delay: 6000}}
		}, play: func(h *harness) {
			h.connect()
			time.Sleep(5 * time.Second)
			_ = h.s.Disconnect()
			time.Sleep(20 * time.Second)
		}},
		{id: "K20", name: "a user id that the client cannot read", sockets: []string{okSteps}, hidden: true,
			change: func(h *harness, c *Config) {
				raw, err := token.Sign("secret", token.Options{UserID: "josé"})
				if err != nil {
					h.t.Fatal(err)
				}
				c.User.ID, c.Token = "josé", StaticSource{Raw: token.Raw(raw)}
			}, play: func(h *harness) { _ = h.s.ConnectUser(h.t.Context()) }},
	}
}

func TestTrapsOfARealSessionHaveTheirNames(t *testing.T) {
	for _, story := range trapStories() {
		t.Run(story.id+" "+story.name, func(t *testing.T) {
			bubble(t, story.sockets, story.change, func(h *harness) {
				story.play(h)
				h.wantState("the story has been told", h.s.Status().State)
				events := slices.Collect(h.store.All())
				wantTrap(t, "on the session's own timeline", events, story.id)
				wantTrap(t, "on a recording of it", recordAndRead(t, events), story.id)
				if !story.hidden {
					wantTrap(t, "on the traffic alone", asTapped(events), story.id)
				}
				_ = h.s.SetPolicy(timeline.PolicySteady) // ends what waits, and the test
			})
		})
	}
}

func wantTrap(t *testing.T, where string, events []timeline.Event, id string) {
	t.Helper()
	s := timeline.Fold(timeline.State{}, events).Sessions[0]
	seen := s.Traps
	seen = append(slices.Clip(seen), s.Overdue(time.Now())...)
	if !slices.ContainsFunc(seen, func(trap timeline.TrapSeen) bool { return trap.ID == id }) {
		t.Errorf("%s: want %s, got %v %+v", where, id, seen, s.Calls)
	}
}

func recordAndRead(t *testing.T, events []timeline.Event) (back []timeline.Event) {
	t.Helper()
	var file bytes.Buffer
	w, err := timeline.NewWriter(&file, timeline.Header{Tool: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := w.WriteEvent(e); err != nil {
			t.Fatal(err)
		}
	}
	r, err := timeline.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	for {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			return back
		}
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, entry.Event)
	}
}

// asTapped keeps what somebody between the client and the server sees.
func asTapped(events []timeline.Event) (seen []timeline.Event) {
	for _, e := range events {
		switch p := e.Payload.(type) {
		case timeline.SessionOpened:
			e.Payload = timeline.SessionOpened{Source: timeline.SourceTap, User: p.User, BaseURL: p.BaseURL, Policy: timeline.PolicySDK}
		case timeline.AttemptStarted:
			p.Reconnect, p.Cycle, p.Why = false, 0, ""
			e.Payload = p
		case timeline.AttemptEnded:
			if p.By == timeline.ByClient {
				continue
			}
		case timeline.Frame, timeline.CallEvent, timeline.Close, timeline.HTTPRequest, timeline.HTTPResponse, timeline.StageChanged, timeline.TokenSent:
		default:
			continue
		}
		seen = append(seen, e)
	}
	return seen
}
