package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"streamscope/config"
	"streamscope/coordinator"
	"streamscope/internal/fault"
	"streamscope/internal/token"
	"streamscope/internal/wire"
	"streamscope/logsink"
	"streamscope/session"
	"streamscope/timeline"
)

// localScope is the log scope of the embedded coordinator: the official client
// has one called coordinator already.
const localScope = "local-coordinator"

// local is the embedded coordinator of a local session, on a loopback port.
type local struct {
	server *coordinator.Server
	addr   net.Addr
	users  []string
	crew   *crew
	events *timeline.Store
	logger *slog.Logger

	// guarded by mu
	mu    sync.Mutex
	armed map[string]int // hits by fault id
	calls int            // made here
}

// startLocal listens on a free loopback port and serves. It returns when clients
// can connect.
func startLocal(ctx context.Context, cfg config.Local, events *timeline.Store, logger *slog.Logger) (*local, error) {
	ln, err := listenOn(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return serveLocal(ctx, ln, 0, cfg, events, logger), nil
}

// serveLocal serves the local coordinator on a listener, which it closes, with
// a latency for all that it says.
func serveLocal(ctx context.Context, ln net.Listener, latency time.Duration, cfg config.Local, events *timeline.Store, logger *slog.Logger) *local {
	l := &local{
		addr: ln.Addr(), users: cfg.Users, events: events, armed: make(map[string]int),
		logger: logger.With(logsink.Scope(localScope)),
		crew:   newCrew(context.WithoutCancel(ctx)),
	}
	l.server = localServer(cfg)
	l.server.OnEvent, l.server.Logger, l.server.Latency = l.observe, l.logger, latency
	l.crew.start(func() error { return l.server.Serve(l.crew.ctx, ln) })
	return l
}

// localServer is a coordinator with the users and ring times of the settings.
func localServer(cfg config.Local) *coordinator.Server {
	s := &coordinator.Server{RingTimeouts: wire.RingSettings{
		AutoCancelTimeoutMS:   ringMillis(cfg.Ring.AutoCancel),
		IncomingCallTimeoutMS: ringMillis(cfg.Ring.IncomingCall),
		MissedCallTimeoutMS:   ringMillis(cfg.Ring.MissedCall),
	}}
	for _, id := range cfg.Users {
		s.Users = append(s.Users, wire.UserDetails{ID: id, Name: displayName(id)})
	}
	return s
}

// ringMillis is a ring time as the coordinator takes it, for which 0 is the
// default and a negative number is none.
func ringMillis(d time.Duration) int {
	if d == 0 {
		return -1
	}
	return int(d.Milliseconds())
}

// close ends the server and waits for it.
func (l *local) close() error { return l.crew.stop(errQuit) }

// config is what a session of one of the local users connects with.
func (l *local) config(user string, ttl time.Duration) session.Config {
	key, secret := l.server.Credentials()
	return session.Config{
		APIKey:  key,
		BaseURL: "http://" + l.addr.String() + "/video",
		User:    timeline.User{ID: user, Name: displayName(user), Type: timeline.Authenticated},
		Token:   session.SecretSource{Secret: token.Raw(secret), UserID: user, TTL: ttl},

		LocationHintURL: "http://" + l.addr.String() + "/hint",
	}
}

// displayName is the user's name as the demo shows it.
func displayName(id string) string {
	if id == "" || id[0] < 'a' || id[0] > 'z' {
		return id
	}
	return string(id[0]-'a'+'A') + id[1:]
}

// observe is the coordinator's side of the story: everything as log lines, and
// what happens to faults in the timeline.
func (l *local) observe(e coordinator.Event) {
	l.logger.Log(context.Background(), eventLevel(e), e.String())
	switch e.Kind {
	case coordinator.FaultArmed:
		if f, err := fault.Parse(e.Fault); err == nil {
			l.publish(e, timeline.FaultArmed{Fault: shownFault(e.FaultID, f, fault.Coordinator), After: f.After, For: f.For})
		}
	case coordinator.FaultStruck:
		l.mu.Lock()
		l.armed[e.FaultID]++
		l.mu.Unlock()
		l.publish(e, timeline.FaultHit{ID: e.FaultID, Fault: kindOf(e.Fault), Detail: e.UserID})
	case coordinator.FaultOver:
		l.mu.Lock()
		hits := l.armed[e.FaultID]
		delete(l.armed, e.FaultID)
		l.mu.Unlock()
		l.publish(e, timeline.FaultCleared{ID: e.FaultID, Why: e.Reason, Hits: hits})
	}
}

func (l *local) publish(e coordinator.Event, p timeline.Payload) {
	l.events.Append(timeline.Event{Time: e.Time, Session: e.UserID, Payload: p})
}

// kindOf is the fault's kind in its text form.
func kindOf(spec string) string {
	f, err := fault.Parse(spec)
	if err != nil {
		return spec
	}
	return string(f.Kind)
}

// arm switches a fault on at the coordinator; what comes of it is observed.
func (l *local) arm(f fault.Fault) error {
	_, err := l.server.Arm(f)
	return err
}

// peers are the users who can be made to ring and to be rung.
func (l *local) peers(but string) []string {
	var others []string
	for _, user := range l.users {
		if user != but {
			others = append(others, user)
		}
	}
	return others
}

// ring makes a local user ring others.
func (l *local) ring(from string, to ...string) error {
	_, err := l.server.Ring(from, to, coordinator.RingOptions{ID: l.callID(), Video: true})
	return err
}

// callNames name the calls of a local session: a word is easier to follow through
// four panes than a UUID.
var callNames = [...]string{"standup", "lunch", "review", "coffee", "planning", "demo", "retro", "pairing"}

// callID names a new call. The official service rings once for each id, so no
// name comes twice.
func (l *local) callID() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := callNames[l.calls%len(callNames)]
	round := l.calls/len(callNames) + 1
	l.calls++
	if round == 1 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, round)
}

// answers says what a simulated user does about a ring, by the word that the
// menu shows.
func answers(word string) (coordinator.Behaviour, error) {
	const thinking = 1500 * time.Millisecond // long enough to see the ring
	switch word {
	case "":
		return coordinator.Behaviour{}, nil
	case "accepts":
		return coordinator.Behaviour{Answer: coordinator.Accept, After: thinking}, nil
	case "declines":
		return coordinator.Behaviour{Answer: coordinator.Reject, After: thinking, Reason: "decline"}, nil
	case "is busy":
		return coordinator.Behaviour{Answer: coordinator.Busy, After: thinking / 3}, nil
	}
	return coordinator.Behaviour{}, fmt.Errorf("nobody can answer with %q", word)
}

var errNotLocal = errors.New("only the local session has users to ring: start streamscope without an API key")
