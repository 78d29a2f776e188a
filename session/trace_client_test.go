package session

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// traceClient carries out the actions of a recording with real sessions.
type traceClient struct {
	t       *testing.T
	trace   *trace
	server  *traceServer
	ctx     context.Context
	cancel  context.CancelFunc
	manager *Manager
	running sync.WaitGroup

	sessions map[string]*Session // by the names that the recording gives clients
	results  []traceResult
	pending  map[string]chan traceResult

	mu        sync.Mutex // guards what follows: sources are asked from goroutines
	providers map[string]*traceProvider
	asked     []providerCall
}

// providerCall is one call of a token provider.
type providerCall struct {
	Provider string
	Call     int
	Returns  string
	Throws   string
}

// traceProvider is a token provider of the recording: its results in turn, the
// last one for ever.
type traceProvider struct {
	client  *traceClient
	name    string
	results []json.RawMessage
	calls   int
}

func (p *traceProvider) Kind() string      { return "func" }
func (p *traceProvider) Refreshable() bool { return true }

func (p *traceProvider) Token(context.Context) (string, error) {
	p.client.mu.Lock()
	raw := p.results[min(p.calls, len(p.results)-1)]
	p.calls++
	call := providerCall{Provider: p.name, Call: p.calls}
	p.client.mu.Unlock()
	var long struct {
		Token string
		Throw string
		Delay int `json:"delay_ms"`
	}
	if json.Unmarshal(raw, &long.Token) != nil {
		_ = json.Unmarshal(raw, &long)
	}
	call.Returns, call.Throws = long.Token, long.Throw
	p.client.mu.Lock()
	p.client.asked = append(p.client.asked, call)
	p.client.mu.Unlock()
	time.Sleep(ms(long.Delay))
	if long.Throw != "" {
		return "", errors.New(long.Throw)
	}
	return p.client.trace.Inputs.Tokens[long.Token].Value, nil
}

func newTraceClient(t *testing.T, tr *trace, server *traceServer) *traceClient {
	c := &traceClient{
		t: t, trace: tr, server: server, manager: NewManager(),
		sessions: map[string]*Session{}, pending: map[string]chan traceResult{}, providers: map[string]*traceProvider{},
	}
	c.ctx, c.cancel = context.WithCancel(t.Context())
	c.running.Go(func() { _ = c.manager.Run(c.ctx) })
	return c
}

func (c *traceClient) close() {
	c.cancel()
	c.running.Wait()
}

// act carries out one action and remembers how it ended.
func (c *traceClient) act(a traceAction) {
	result := traceResult{Action: a.Do, Label: a.Name, Status: "resolved"}
	run, recorded := c.action(a, &result)
	if run == nil {
		return
	}
	finish := func() traceResult {
		if err := run(); err != nil {
			result.Status = "rejected"
			result.Error = &struct{ Message string }{errorText(err)}
		}
		return result
	}
	if a.Background {
		done := make(chan traceResult, 1)
		c.pending[a.Name] = done
		go func() { done <- finish() }()
		return
	}
	r := finish()
	if recorded {
		c.results = append(c.results, r)
	}
}

// errorText is what the official client would have thrown.
func errorText(err error) string {
	if e, ok := errors.AsType[*failure](err); ok {
		return e.message
	}
	return err.Error()
}

// action returns what to do, and whether its result is in the recording.
func (c *traceClient) action(a traceAction, r *traceResult) (run func() error, recorded bool) {
	name := a.Client
	if name == "" {
		name = "c1"
	}
	switch a.Do {
	case "new_client":
		return func() error { return nil }, true
	case "new_client_with_user":
		return func() error { return c.create(name, a, r) }, true
	case "get_or_create_instance":
		return func() error { return c.create(name, a, r) }, true
	case "wait":
		return func() error { time.Sleep(ms(a.MS)); return nil }, false
	case "wait_for":
		return func() error { return c.waitFor(a) }, false
	case "await":
		done := c.pending[a.Name]
		return func() error { c.results = append(c.results, <-done); return nil }, false
	}
	s := c.sessions[name]
	if s == nil {
		s = c.start(name, a)
	}
	return c.command(s, a), true
}

func (c *traceClient) command(s *Session, a traceAction) func() error {
	switch a.Do {
	case "connect_user":
		return func() error {
			return s.await(c.ctx, func(reply func(error)) input {
				return connectCmd{user: userOf(a.User), source: c.source(a), reply: reply}
			})
		}
	case "disconnect_user":
		return func() error { return s.DisconnectUser(c.ctx) }
	case "rest_edges":
		return func() error { return c.rest(s, "GET", "/edges", nil) }
	case "rest_get_call":
		kind := a.Type
		if kind == "" {
			kind = "default"
		}
		return func() error {
			return s.await(c.ctx, func(reply func(error)) input {
				return callCmd{verb: verbGet, cid: kind + ":" + a.ID, reply: reply}
			})
		}
	case "rest_query_calls":
		return func() error { return c.rest(s, "POST", "/calls", a.Data) }
	case "window_event":
		return func() error { return s.SetOnline(a.Type == "online", timeline.ByUser) }
	case "find_call_and":
		return func() error { return c.onCall(s, a) }
	case "ring_out": // ours: call.getOrCreate({ring: true, video: false, data: {members}})
		return func() error {
			return s.await(c.ctx, func(reply func(error)) input {
				return callCmd{verb: verbRing, ring: RingOptions{ID: a.ID, Members: a.Members}, reply: reply}
			})
		}
	}
	c.t.Fatalf("the player does not know the action %q", a.Do)
	return nil
}

func (c *traceClient) rest(s *Session, method, path string, body []byte) error {
	return s.await(c.ctx, func(reply func(error)) input {
		return requestCmd{method: method, path: path, body: body, reply: func(_ answer, err error) { reply(err) }}
	})
}

// onCall calls a method of a call.
func (c *traceClient) onCall(s *Session, a traceAction) error {
	verbs := map[string]callVerb{"accept": verbAccept, "join": verbJoin, "reject": verbReject, "leave": verbLeave,
		"endCall": verbEnd, "get": verbGet}
	verb, reason := verbs[a.Method], ""
	if verb == "" {
		c.t.Fatalf("the player does not know the method %q of a call", a.Method)
	}
	if len(a.Args) > 0 {
		switch arg := a.Args[0].(type) {
		case string:
			reason = arg
		case map[string]any:
			if verb == verbLeave && arg["reject"] == true {
				verb = verbReject
			}
			reason, _ = arg["reason"].(string)
		}
	}
	return s.await(c.ctx, func(reply func(error)) input {
		return callCmd{verb: verb, cid: a.CID, reason: reason, reply: reply}
	})
}

func (c *traceClient) waitFor(a traceAction) error {
	count := max(a.Count, 1)
	if !c.server.waitFor(ms(a.Timeout), func() bool { return c.server.matching(a.Match) >= count }) {
		c.t.Errorf("waited %d ms for %d of %v in vain", a.Timeout, count, a.Match)
	}
	return nil
}

// config is the client's constructor.
func (c *traceClient) config(a traceAction) Config {
	cfg := Config{
		Name: "trace", APIKey: c.trace.Inputs.APIKey, BaseURL: "http://127.0.0.1:7070/video",
		User: userOf(a.User), Token: c.source(a),
		Dialer: &WebSocketDialer{DialContext: c.server.dial},
		REST:   &HTTPDoer{DialContext: c.server.dial},
		Jitter: c.jitter,
	}
	for name, value := range c.trace.Inputs.ClientOptions {
		n, _ := value.(float64)
		switch name {
		case "rejectCallWhenBusy":
			cfg.RejectWhenBusy = value == true
		case "defaultWsTimeout":
			cfg.ConnectTimeout = ms(int(n))
		case "maxConnectUserRetries":
			cfg.MaxConnectRetries = max(int(n), 1)
		case "clientEventsReportingEnabled":
			cfg.NoTelemetry = value == false
		case "persistUserOnConnectionFailure":
			cfg.ForgetUserOnFailure = value == false
		case "ringStatePolling":
			cfg.NoRingPolling = value == false
		case "timeout":
			cfg.RequestTimeout = ms(int(n))
		case "clientAppIdentifier":
			app, _ := value.(map[string]any)
			for _, key := range []string{"app", "app_version", "os", "device_model"} {
				if v, ok := app[key].(string); ok {
					cfg.App = append(cfg.App, AppTag{key, v})
				}
			}
		}
	}
	return cfg
}

// jitter throws dice that stay clear of one race of the official client: with a
// connect timeout of 2 s, a reconnect that wakes in the last 50 ms before the
// end of the wait for health is established, and closed before the next poll
// sees it. That is 2% of its draws; the recordings have none of it.
func (c *traceClient) jitter(n time.Duration) time.Duration {
	limit, short := c.trace.Inputs.ClientOptions["defaultWsTimeout"].(float64)
	low, _ := retryWindow(1)
	for {
		d := rand.N(n)
		left := ms(int(limit)) - low - d
		if !short || left < 0 || left > 2*healthPoll {
			return d
		}
	}
}

// source is the token or provider of an action.
func (c *traceClient) source(a traceAction) TokenSource {
	static := StaticSource{Raw: token.Raw(c.trace.Inputs.Tokens[a.Token].Value)}
	if a.Provider == "" {
		return static
	}
	if c.providers[a.Provider] == nil {
		c.providers[a.Provider] = &traceProvider{client: c, name: a.Provider, results: c.trace.Inputs.TokenProviders[a.Provider]}
	}
	if a.Token != "" {
		return &SeededSource{First: static.Raw, Then: c.providers[a.Provider]}
	}
	return c.providers[a.Provider]
}

func userOf(raw map[string]any) timeline.User {
	var u timeline.User
	_ = json.Unmarshal(mustJSON(raw), &u)
	if u.Type == timeline.Anonymous {
		u.ID = AnonymousID
	}
	return u
}

// start is `new_client`, put off to the first use, when its user is known.
func (c *traceClient) start(name string, a traceAction) *Session {
	for _, next := range c.trace.Inputs.Actions {
		client := next.Client
		if client == "" {
			client = "c1"
		}
		if a.User == nil && next.Do == "connect_user" && client == name {
			a = next
		}
	}
	s, err := New(c.config(a))
	if err != nil {
		c.t.Fatal(err)
	}
	c.sessions[name] = s
	c.running.Go(func() {
		if err := s.Run(c.ctx); err != nil {
			c.t.Error(err)
		}
	})
	return s
}

// create is getOrCreateInstance, or the constructor with a user: what it makes
// connects by itself.
func (c *traceClient) create(name string, a traceAction, r *traceResult) error {
	cfg := c.config(a)
	if a.Token == "" && a.Provider == "" {
		cfg.Token = nil
	}
	s, created, err := c.manager.GetOrCreate(cfg)
	if err != nil {
		return err
	}
	if a.Do == "new_client_with_user" {
		c.sessions[name] = s
		return s.Connect()
	}
	r.Value = map[string]any{"same_instance_as": nil}
	for other, o := range c.sessions {
		if o == s && (r.Value["same_instance_as"] == nil || other < r.Value["same_instance_as"].(string)) {
			r.Value["same_instance_as"] = other
		}
	}
	c.sessions[name] = s
	if created {
		return s.Connect()
	}
	return nil
}

// finals are the states of the clients at the end.
func (c *traceClient) finals() map[string]Status {
	out := map[string]Status{}
	for name, s := range c.sessions {
		out[name] = s.Status()
	}
	return out
}
