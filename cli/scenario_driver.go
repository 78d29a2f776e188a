package cli

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"streamscope/config"
	"streamscope/coordinator"
	"streamscope/internal/fault"
	"streamscope/internal/token"
	"streamscope/scenario"
	"streamscope/session"
	"streamscope/timeline"
)

// network is how the clients of a scenario reach its coordinator.
type network struct {
	listen func(ctx context.Context) (net.Listener, error)
	// dial is nil for the network of the machine.
	dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// latency is how late everything is that the coordinator says.
	latency time.Duration
}

// loopbackNetwork is a free port of this machine.
func loopbackNetwork() network {
	return network{listen: func(ctx context.Context) (net.Listener, error) { return listenOn(ctx, "127.0.0.1:0") }}
}

// scenarioTokenTTL is the life of tokens of users that do not say.
const scenarioTokenTTL = time.Hour

// scenarioDriver carries out a scenario with real sessions of a rig, against a
// coordinator that the rig owns. The runner calls it from one goroutine; the rig
// ends what it starts.
type scenarioDriver struct {
	rig    *rig
	net    network
	random *scenario.Random
	users  []string
}

var _ scenario.Driver = (*scenarioDriver)(nil)

// newScenarioDriver returns a driver of a rig. A rig without a local coordinator
// gets one when the scenario begins.
func newScenarioDriver(r *rig, n network, seed uint64) *scenarioDriver {
	return &scenarioDriver{rig: r, net: n, random: scenario.NewRandom(seed)}
}

// Begin implements [scenario.Driver].
func (d *scenarioDriver) Begin(ctx context.Context, s scenario.Scenario) error {
	if d.rig.local == nil {
		ln, err := d.net.listen(ctx)
		if err != nil {
			return err
		}
		// A scenario expects the times of the official service, whatever the
		// configuration says.
		d.rig.local = serveLocal(ctx, ln, d.net.latency, config.Default().Local, d.rig.events, d.rig.logger)
	}
	for _, u := range s.Users {
		if _, err := d.rig.open(d.config(u)); err != nil {
			return fmt.Errorf("user %s: %w", u.ID, err)
		}
		d.users = append(d.users, u.ID)
	}
	return nil
}

// config is the session of a user, with the options that an app would give it.
func (d *scenarioDriver) config(u scenario.User) session.Config {
	cfg := d.rig.local.config(u.ID, 0)
	cfg.Source, cfg.Token = timeline.SourceLocal, d.tokens(u)
	cfg.Policy, cfg.RejectWhenBusy = timeline.Policy(u.Policy), u.RejectWhenBusy
	cfg.MaxConnectRetries, cfg.ConnectTimeout = u.MaxConnectRetries, u.ConnectTimeout
	cfg.ForgetUserOnFailure, cfg.UnluckyWatchdog = u.ForgetUserOnFailure, u.UnluckyWatchdog
	cfg.Jitter, cfg.NewID = d.random.UpTo, d.random.ID
	cfg.Dialer = &session.WebSocketDialer{DialContext: d.net.dial}
	cfg.REST = &session.HTTPDoer{DialContext: d.net.dial}
	return cfg
}

// tokens is the token source of a user. A static token is signed now.
func (d *scenarioDriver) tokens(u scenario.User) session.TokenSource {
	server, ttl := d.rig.local.server, cmp.Or(u.TokenTTL, scenarioTokenTTL)
	if u.Token == "static" {
		return session.StaticSource{Raw: token.Raw(server.Token(u.ID, ttl))}
	}
	return session.FuncSource{Name: "scenario", Func: func(context.Context) (string, error) {
		return server.Token(u.ID, ttl), nil
	}}
}

// on calls f with the session of a user.
func (d *scenarioDriver) on(user string, f func(*session.Session) error) error {
	s := d.rig.manager.Get(user)
	if s == nil {
		return fmt.Errorf("%s has no session", user)
	}
	return f(s)
}

// Connect implements [scenario.Driver].
func (d *scenarioDriver) Connect(user string) error { return d.on(user, (*session.Session).Connect) }

// Disconnect implements [scenario.Driver].
func (d *scenarioDriver) Disconnect(user string) error {
	return d.on(user, (*session.Session).Disconnect)
}

// Reconnect implements [scenario.Driver].
func (d *scenarioDriver) Reconnect(user string) error {
	return d.on(user, (*session.Session).Reconnect)
}

// RefreshToken implements [scenario.Driver].
func (d *scenarioDriver) RefreshToken(user string) error {
	return d.on(user, (*session.Session).RefreshToken)
}

// SetOnline implements [scenario.Driver].
func (d *scenarioDriver) SetOnline(user string, online bool) error {
	return d.on(user, func(s *session.Session) error { return s.SetOnline(online, timeline.ByUser) })
}

// Arm implements [scenario.Driver]: the coordinator is told once, the ends of the
// sessions one by one.
func (d *scenarioDriver) Arm(f fault.Fault, user string) error {
	if f.Seed == 0 {
		f.Seed = uint64(d.random.UpTo(1<<32)) + 1
	}
	concerned := d.concerned(cmp.Or(f.User, user))
	if site, _ := d.rig.site(d.rig.endsOf(concerned[0]), f); site == fault.Coordinator {
		return d.rig.arm(user, f.String())
	}
	for _, name := range concerned {
		if err := d.rig.arm(name, f.String()); err != nil {
			return err
		}
	}
	return nil
}

// concerned are the users that a fault strikes; an empty name is everybody.
func (d *scenarioDriver) concerned(user string) []string {
	if user == "" {
		return d.users
	}
	return []string{user}
}

// Clear implements [scenario.Driver].
func (d *scenarioDriver) Clear() error {
	for _, user := range d.users {
		d.rig.clearFaults(user)
	}
	return nil
}

// Ring implements [scenario.Driver]. Who has no session is simulated by the
// coordinator.
func (d *scenarioDriver) Ring(from string, to []string, cid string) error {
	kind, id, _ := strings.Cut(cid, ":")
	if s := d.rig.manager.Get(from); s != nil {
		return s.Ring(session.RingOptions{Type: kind, ID: id, Members: to})
	}
	_, err := d.rig.local.server.Ring(from, to, coordinator.RingOptions{Type: kind, ID: id})
	return err
}

// Accept implements [scenario.Driver] as an app does it: by joining.
func (d *scenarioDriver) Accept(user, cid string) error {
	return d.on(user, func(s *session.Session) error { return s.Join(cid) })
}

// Reject implements [scenario.Driver].
func (d *scenarioDriver) Reject(user, cid, reason string) error {
	return d.on(user, func(s *session.Session) error { return s.Reject(cid, reason) })
}

// Leave implements [scenario.Driver].
func (d *scenarioDriver) Leave(user, cid string) error {
	return d.on(user, func(s *session.Session) error { return s.Leave(cid) })
}

// End implements [scenario.Driver].
func (d *scenarioDriver) End(user, cid string) error {
	return d.on(user, func(s *session.Session) error { return s.End(cid) })
}
