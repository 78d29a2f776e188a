package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"streamscope/coordinator"
	"streamscope/internal/memnet"
	"streamscope/internal/token"
	"streamscope/scenario"
	"streamscope/session"
	"streamscope/timeline"
)

const (
	address  = "127.0.0.1:8800"
	tokenTTL = time.Hour // of users that do not say
)

// Driver carries out one scenario. Make it with [New], hand it to a
// [scenario.Runner], and call [Driver.Close] when the run is over. Its methods
// are called from one goroutine.
type Driver struct {
	// Observe is told what the coordinator does, in order. Set it before Begin.
	Observe func(coordinator.Event)
	// DialTime is how long a connection takes to be made. Set it before Begin.
	DialTime time.Duration

	events *timeline.Store
	server *coordinator.Server
	line   *memnet.Listener
	hits   map[string]int // by fault; of the coordinator's event goroutine

	sessions map[string]*session.Session
	order    []string
	ends     *endFaults
	doers    []*session.HTTPDoer

	random *scenario.Random

	wg     sync.WaitGroup
	stop   context.CancelCauseFunc // ends the sessions
	halt   context.CancelFunc      // ends the coordinator
	served chan error

	mu     sync.Mutex
	failed []error // guarded by mu: what sessions ended with
}

var _ scenario.Driver = (*Driver)(nil)

// New returns a driver whose events go to the store.
func New(events *timeline.Store) *Driver {
	return &Driver{
		events: events, line: memnet.Listen(address), served: make(chan error, 1),
		sessions: make(map[string]*session.Session), hits: make(map[string]int),
	}
}

// Begin implements [scenario.Driver]: it starts the coordinator and a session
// for each user.
func (d *Driver) Begin(ctx context.Context, s scenario.Scenario) error {
	d.random = scenario.NewRandom(s.Seed)
	d.server = &coordinator.Server{OnEvent: d.observe}
	d.ends = newEndFaults(d.events)
	ctx = context.WithoutCancel(ctx)
	serving, halt := context.WithCancel(ctx)
	running, stop := context.WithCancelCause(ctx)
	d.halt, d.stop = halt, stop
	go func() { d.served <- d.server.Serve(serving, d.line) }()
	for _, u := range s.Users {
		if err := d.open(running, u); err != nil {
			return err
		}
	}
	return nil
}

func (d *Driver) open(ctx context.Context, u scenario.User) error {
	key, _ := d.server.Credentials()
	rest := &session.HTTPDoer{DialContext: d.dial}
	d.doers = append(d.doers, rest)
	faults := d.ends.of(u.ID)
	client, err := session.New(session.Config{
		Source: timeline.SourceLocal, APIKey: key, BaseURL: "http://" + address + "/video",
		User:  timeline.User{ID: u.ID, Name: u.ID, Type: timeline.Authenticated},
		Token: d.tokens(u, faults),

		Policy: timeline.Policy(u.Policy), RejectWhenBusy: u.RejectWhenBusy,
		MaxConnectRetries: u.MaxConnectRetries, ConnectTimeout: u.ConnectTimeout,
		ForgetUserOnFailure: u.ForgetUserOnFailure, UnluckyWatchdog: u.UnluckyWatchdog,

		Dialer:   session.FaultDialer{Dialer: &session.WebSocketDialer{DialContext: d.dial}, Faults: faults},
		REST:     session.FaultREST{REST: rest, Faults: faults},
		Timeline: d.events, Jitter: d.random.UpTo, NewID: d.random.ID,
	})
	if err != nil {
		return fmt.Errorf("user %s: %w", u.ID, err)
	}
	if d.sessions[u.ID] != nil {
		return fmt.Errorf("user %s is there twice", u.ID)
	}
	faults.Device(func(online bool) {
		_ = client.SetOnline(online, timeline.ByFault) // a session that is over has no network
	})
	d.sessions[u.ID] = client
	d.order = append(d.order, u.ID)
	d.wg.Go(func() {
		if err := client.Run(ctx); err != nil {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.failed = append(d.failed, fmt.Errorf("session %s: %w", u.ID, err))
		}
	})
	return nil
}

// tokens is the token source of a user, with its faults. A static token is signed
// now.
func (d *Driver) tokens(u scenario.User, faults *session.Faults) session.TokenSource {
	ttl := cmp.Or(u.TokenTTL, tokenTTL)
	if u.Token == "static" {
		return session.StaticSource{Raw: token.Raw(d.server.Token(u.ID, ttl))}
	}
	return faults.Source(session.FuncSource{Name: "provider", Func: func(context.Context) (string, error) {
		return d.server.Token(u.ID, ttl), nil
	}})
}

// Close disconnects the sessions, then stops the coordinator, and returns when
// everything that they started has ended. The error is what went wrong inside.
func (d *Driver) Close() error {
	if d.stop == nil {
		return nil
	}
	d.stop(errors.New("the scenario is over"))
	d.wg.Wait()
	for _, rest := range d.doers {
		rest.CloseIdleConnections()
	}
	d.halt()
	d.failed = append(d.failed, <-d.served)
	return errors.Join(d.failed...)
}

// Server is the coordinator, once the scenario has begun.
func (d *Driver) Server() *coordinator.Server { return d.server }

// on finds the session of a user.
func (d *Driver) on(user string, do func(*session.Session) error) error {
	client := d.sessions[user]
	if client == nil {
		return fmt.Errorf("%s has no session", user)
	}
	return do(client)
}

// Connect implements [scenario.Driver].
func (d *Driver) Connect(user string) error { return d.on(user, (*session.Session).Connect) }

// Disconnect implements [scenario.Driver].
func (d *Driver) Disconnect(user string) error { return d.on(user, (*session.Session).Disconnect) }

// Reconnect implements [scenario.Driver].
func (d *Driver) Reconnect(user string) error { return d.on(user, (*session.Session).Reconnect) }

// RefreshToken implements [scenario.Driver].
func (d *Driver) RefreshToken(user string) error {
	return d.on(user, (*session.Session).RefreshToken)
}

// SetOnline implements [scenario.Driver].
func (d *Driver) SetOnline(user string, online bool) error {
	return d.on(user, func(s *session.Session) error { return s.SetOnline(online, timeline.ByUser) })
}

// Ring implements [scenario.Driver]. Who has no session is simulated by the
// coordinator.
func (d *Driver) Ring(from string, to []string, cid string) error {
	kind, id, _ := strings.Cut(cid, ":")
	if client := d.sessions[from]; client != nil {
		return client.Ring(session.RingOptions{Type: kind, ID: id, Members: to})
	}
	_, err := d.server.Ring(from, to, coordinator.RingOptions{Type: kind, ID: id})
	return err
}

// Accept implements [scenario.Driver] as an app does it: by joining.
func (d *Driver) Accept(user, cid string) error {
	return d.on(user, func(s *session.Session) error { return s.Join(cid) })
}

// Reject implements [scenario.Driver].
func (d *Driver) Reject(user, cid, reason string) error {
	return d.on(user, func(s *session.Session) error { return s.Reject(cid, reason) })
}

// Leave implements [scenario.Driver].
func (d *Driver) Leave(user, cid string) error {
	return d.on(user, func(s *session.Session) error { return s.Leave(cid) })
}

// End implements [scenario.Driver].
func (d *Driver) End(user, cid string) error {
	return d.on(user, func(s *session.Session) error { return s.End(cid) })
}
