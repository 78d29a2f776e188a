package session

import (
	"context"
	"sync/atomic"
	"time"

	"streamscope/internal/token"
	"streamscope/timeline"
)

// Session is one user's connection and its history, across attempts. Make it
// with [New], give it life with [Session.Run]. All methods may be called from
// any goroutine.
//
// A command is handed to the loop and returns; what comes of it appears as
// events. The only error of a command is [ErrClosed], after Run has returned.
// Commands given before Run are kept until it starts, a few dozen at most.
type Session struct {
	cfg   Config
	inbox chan input
	done  chan struct{} // closed when Run returns

	status  atomic.Pointer[Status]
	onWire  atomic.Pointer[token.Raw]
	running atomic.Bool

	// gone is called by the loop when the user has been disconnected; the
	// manager's. Immutable once Run has begun.
	gone func(userID string)
}

// New returns a session that is idle until Run is called and a command comes.
// It refuses what the official client's constructor refuses, in its words.
func New(cfg Config) (*Session, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Session{
		cfg:   cfg,
		inbox: make(chan input, 64),
		done:  make(chan struct{}),
	}
	s.status.Store(&Status{
		Name: cfg.Name, User: cfg.User, State: timeline.StateIdle, Since: time.Now(), Online: true,
		RejectWhenBusy: cfg.RejectWhenBusy, Policy: cfg.Policy, LuckyWatchdog: !cfg.UnluckyWatchdog,
	})
	return s, nil
}

// rename gives a session another name before Run.
func (s *Session) rename(name string) {
	s.cfg.Name = name
	status := *s.status.Load()
	status.Name = name
	s.status.Store(&status)
}

// Name returns the session's name in events and tabs.
func (s *Session) Name() string { return s.cfg.Name }

// Config returns what the session was made of, with every default filled in.
func (s *Session) Config() Config { return s.cfg }

// Status returns what the session is doing now.
func (s *Session) Status() Status { return *s.status.Load() }

// Token returns the token that went on the wire last, or none. It prints as its
// mask; see [token.Raw].
func (s *Session) Token() token.Raw {
	if raw := s.onWire.Load(); raw != nil {
		return *raw
	}
	return ""
}

// Done returns a channel that is closed when Run has returned.
func (s *Session) Done() <-chan struct{} { return s.done }

func (s *Session) post(in input) error {
	select {
	case <-s.done:
		return ErrClosed
	default:
	}
	select {
	case s.inbox <- in:
		return nil
	case <-s.done:
		return ErrClosed
	}
}

// Connect is connectUser with the configured user, and the configured token or
// the one that SetToken put in its place.
func (s *Session) Connect() error {
	return s.post(connectCmd{user: s.cfg.User})
}

// Disconnect is disconnectUser. While a connectUser is still trying it waits for
// that to end, as in the official client (protocol.md 4.6, K14); under policy
// steady it does not.
func (s *Session) Disconnect() error { return s.post(disconnectCmd{}) }

// Reconnect opens a new socket now: it cuts a backoff short, wakes a stalled
// client, and drops a live socket.
func (s *Session) Reconnect() error { return s.post(reconnectCmd{}) }

// RefreshToken asks the token source again. The new token goes on the wire with
// the next request and the next socket.
func (s *Session) RefreshToken() error { return s.post(refreshCmd{}) }

// RenewToken is RefreshToken by the app itself, before a token expires: the
// timeline does not say that the user did it.
func (s *Session) RenewToken() error { return s.post(refreshCmd{renewal: true}) }

// RenewSocket is Reconnect by the app itself, to put a renewed token on the
// wire.
func (s *Session) RenewSocket() error { return s.post(reconnectCmd{renewal: true}) }

// SetOnline tells the session what a browser would tell the official client
// about the device's network, and who caused it.
func (s *Session) SetOnline(online bool, by timeline.Party) error {
	return s.post(onlineCmd{online: online, by: by})
}

// SetRejectWhenBusy switches rejectCallWhenBusy.
func (s *Session) SetRejectWhenBusy(reject bool) error { return s.post(busyCmd{reject: reject}) }

// SetPolicy switches between the official client's behaviour and the repaired
// one.
func (s *Session) SetPolicy(p timeline.Policy) error { return s.post(policyCmd{policy: p}) }

// SetLuckyWatchdog chooses whether the staleness check notices a silent server
// (protocol.md 4.6, K2).
func (s *Session) SetLuckyWatchdog(lucky bool) error { return s.post(luckyCmd{lucky: lucky}) }

// Send puts a text frame of the user's own on the socket, as it is, and marks it
// in the timeline as such.
func (s *Session) Send(text string) error { return s.post(sendCmd{data: []byte(text)}) }

// SetToken replaces the token source. While a user is set it is asked at once.
func (s *Session) SetToken(source TokenSource) error { return s.post(tokenCmd{source: source}) }

// ConnectUser is Connect that waits for the outcome of the whole connectUser:
// nil, the last error as the official client would word it, [ErrClosed], or the
// cause of ctx's end, which does not stop the connecting.
func (s *Session) ConnectUser(ctx context.Context) error {
	return s.await(ctx, func(reply func(error)) input {
		return connectCmd{user: s.cfg.User, reply: reply}
	})
}

// DisconnectUser is Disconnect that waits for its end.
func (s *Session) DisconnectUser(ctx context.Context) error {
	return s.await(ctx, func(reply func(error)) input { return disconnectCmd{reply: reply} })
}

func (s *Session) await(ctx context.Context, command func(reply func(error)) input) error {
	outcome := make(chan error, 1)
	if err := s.post(command(func(err error) { outcome <- err })); err != nil {
		return err
	}
	select {
	case err := <-outcome:
		return err
	case <-s.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// RingOptions is an outgoing ring: getOrCreate with ring (protocol.md 5).
type RingOptions struct {
	// Type and ID name the call. An empty Type means default, an empty ID a new
	// one; the official service rings once for each id.
	Type, ID string
	// Members are the user ids to ring, without the caller.
	Members []string
	Video   bool
	// The ring settings of the call; zero leaves the service's. AutoCancel and
	// Incoming must be given together (protocol.md 7.1).
	AutoCancel, Incoming, Missed time.Duration
}

// Ring creates a call and rings its members.
func (s *Session) Ring(o RingOptions) error { return s.post(callCmd{verb: verbRing, ring: o}) }

// Get is call.get: the state of a call from the server. While connected it also
// puts the call into the client's list and asks for its events.
func (s *Session) Get(cid string) error { return s.post(callCmd{verb: verbGet, cid: cid}) }

// Accept is call.accept: POST accept, and no more. The official client takes the
// call.accepted that follows for an answer on another device and leaves the call;
// to answer a ring, use [Session.Join].
func (s *Session) Accept(cid string) error { return s.post(callCmd{verb: verbAccept, cid: cid}) }

// Join is call.join as far as the coordinator sees it: POST join, then POST
// accept when an incoming ring is answered by it. There is no media.
func (s *Session) Join(cid string) error { return s.post(callCmd{verb: verbJoin, cid: cid}) }

// Reject is call.leave({reject: true, reason}): POST reject while the call rings.
// An empty reason means decline.
func (s *Session) Reject(cid, reason string) error {
	return s.post(callCmd{verb: verbReject, cid: cid, reason: reason})
}

// Leave is call.leave(): a caller who is alone cancels, a callee says nothing.
func (s *Session) Leave(cid string) error { return s.post(callCmd{verb: verbLeave, cid: cid}) }

// End is call.endCall: POST mark_ended.
func (s *Session) End(cid string) error { return s.post(callCmd{verb: verbEnd, cid: cid}) }
